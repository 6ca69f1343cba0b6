/**
 * The control socket of a node: a Unix socket beside its store, `shares.db.sock`.
 * @module
 */
import type { Stats } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { InputError } from "../../errors.ts";
import { ifThere } from "../../platform/system_errors.ts";

/** The longest path of a Unix socket, bytes: `sun_path` has 104 on macOS and BSD, 108 on Linux, one of them a zero. */
const maxSocketPath = 103;

/** The mode bits of a group and of others. */
const notTheOwners = 0o077;

/** The path of the socket of the node that uses the store at `store`, whichever way the path leads there. */
export async function socketPath(store: string): Promise<string> {
  const there = await ifThere(realpath(store));
  return `${there ?? resolve(store)}.sock`;
}

/**
 * The same path as the system takes it: relative to the working directory if that is shorter.
 *
 * @throws {InputError} `store`, if it is too long for a socket.
 */
export function asAddress(path: string): string {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const near = relative(".", path);
  const address = near !== "" && bytes(near) < bytes(path) ? near : path;
  if (bytes(address) <= maxSocketPath) return address;
  throw new InputError(
    "store",
    `expected a path that leaves room for a socket beside it (${maxSocketPath} bytes), found ${
      bytes(address)
    } bytes: ${path}`,
  );
}

/**
 * True if there is a socket at `path` that only the owner of the store can connect to.
 *
 * @throws {InputError} `control`, if something else is there, or others could connect, or have put it there.
 */
export async function isOwnSocket(path: string, store: string): Promise<boolean> {
  const [found, own] = await Promise.all([ifThere(lstat(path)), ifThere(stat(store))]);
  if (found === null) return false;
  if (!found.isSocket()) {
    throw new InputError("control", `expected a socket, found something else at ${path}`);
  }
  if (own !== null) checkOwner(found, own, path);
  checkMode(found, path);
  return true;
}

/** @throws {InputError} `control`, if a socket belongs to another user than the store beside it. */
export function checkOwner(socket: Pick<Stats, "uid">, store: Pick<Stats, "uid">, path: string): void {
  if (socket.uid === store.uid) return;
  throw new InputError(
    "control",
    `expected a socket of the store's owner (user ${store.uid}), found one of user ${socket.uid} at ${path}`,
  );
}

/** @throws {InputError} `control`, if others than the owner can connect to a socket. */
export function checkMode({ mode }: Pick<Stats, "mode">, path: string): void {
  if ((mode & notTheOwners) === 0) return;
  const found = (mode & 0o777).toString(8).padStart(4, "0");
  throw new InputError("control", `expected a socket for its owner only (0600), found ${found} at ${path}`);
}
