/**
 * An identity in a file: plain and readable by its owner only, or encrypted with age to a passphrase.
 * @module
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { armor, Decrypter, Encrypter } from "age-encryption";
import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { platform, stdin } from "node:process";
import { normalPassphrase } from "../text/passphrase.ts";
import { InputError } from "../errors.ts";
import { codeOf, isCode } from "../platform/system_errors.ts";
import type { Identity, Random } from "../ports.ts";
import { unlessAborted } from "../platform/signals.ts";
import { newIdentity } from "./identity.ts";
import { readKeyText, writeKeyText } from "./key_text.ts";

/**
 * The most bytes of a key file. It has 400, or 800 if locked: a file a hundred times as long is something
 * else.
 */
const maxKeyFile = 64 * 1024;

/** The options of locking a key file. */
export interface KeyFileOptions {
  /**
   * Any text that is not empty. It is normalised, so that it opens on systems that compose characters
   * differently.
   */
  passphrase?: string;
  /** Ends the waiting. If it aborts before the file is written, none is. */
  signal?: AbortSignal;
}

/** The options of reading a key file. */
export interface ReadKeyFileOptions extends KeyFileOptions {
  /** Receives a sentence for a person if somebody else can read the file too; default: none. */
  warn?: (sentence: string) => void;
}

/**
 * Makes a new identity and writes it to a new file at `path`, for its owner only (0600). With a passphrase it
 * is an armored age file (scrypt, work factor 18: about 2 s, here and whenever it is opened).
 *
 * @returns The identity, once it is on the disk.
 * @throws {InputError} `identity`, if there is a file already, or none can be written. The signal's reason, if it aborts.
 */
export function createKeyFile(
  path: string,
  { passphrase, signal, random }: KeyFileOptions & { random: Random },
): Promise<Identity> {
  return unlessAborted(signal, async () => {
    const identity = await newIdentity(random);
    const text = await keyFileText(identity, { passphrase });
    signal?.throwIfAborted();
    await writeNew("identity", path, text);
    return identity;
  });
}

/** The content of a key file for an existing identity: secret. */
export async function keyFileText(
  identity: Identity,
  { passphrase }: { passphrase?: string | undefined },
): Promise<Uint8Array> {
  const text = await writeKeyText(identity);
  return new TextEncoder().encode(passphrase === undefined ? text : await lock(text, passphrase));
}

/**
 * The identity in the key file at `path`, which may be a pipe (`/dev/stdin`). Nothing is written.
 *
 * @throws {InputError} `identity`, if the file cannot be read, its permissions are too wide, the passphrase
 * is wrong, missing or needless, or a line is damaged. The signal's reason, if it aborts.
 */
export function keyFile(path: string, options: ReadKeyFileOptions = {}): Promise<Identity> {
  return unlessAborted(options.signal, () => identityIn(path, options));
}

async function identityIn(
  path: string,
  { passphrase, warn = () => {} }: ReadKeyFileOptions,
): Promise<Identity> {
  const { content, mode } = await read(path);
  const text = new TextDecoder().decode(content);
  const armored = text.trimStart().startsWith("-----BEGIN AGE ENCRYPTED FILE-----");
  const locked = armored || text.startsWith("age-encryption.org/v1\n");
  checkMode(path, mode, { locked, warn });
  if (!locked && passphrase === undefined) return await readKeyText(text, path);
  if (!locked) {
    throw new InputError("identity", `expected ${path} to be locked with a passphrase, found it open`);
  }
  if (passphrase === undefined) {
    throw new InputError("identity", `expected the passphrase of ${path}, found none`);
  }
  return await readKeyText(await unlock(path, armored ? text : content, passphrase), path);
}

async function lock(text: string, passphrase: string): Promise<string> {
  if (passphrase === "") throw new InputError("identity", "expected a passphrase, found an empty one");
  const encrypter = new Encrypter();
  encrypter.setPassphrase(normalPassphrase(passphrase));
  return armor.encode(await encrypter.encrypt(text));
}

/**
 * The text of a locked key file. A wrong passphrase and a damaged header are one error: age cannot
 * distinguish them.
 */
async function unlock(path: string, locked: string | Uint8Array, passphrase: string): Promise<string> {
  try {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(normalPassphrase(passphrase));
    return await decrypter.decrypt(typeof locked === "string" ? armor.decode(locked) : locked, "text");
  } catch (cause) {
    const problem = `expected the passphrase of ${path}, found a wrong one (or the file is damaged)`;
    throw new InputError("identity", problem, { cause, code: "wrong-passphrase" });
  }
}

/**
 * Writes a new file for its owner only (0600), and resolves when it is on the disk.
 *
 * @throws {InputError} `field`, if there is a file already, or it cannot be written; then nothing is left
 * behind.
 */
export async function writeNew(field: string, path: string, content: Uint8Array): Promise<void> {
  try {
    await write(path, content);
  } catch (cause) {
    const found = isCode(cause, "ENOENT") ? "no directory for it" : reasonOf(cause);
    const code = isCode(cause, "EEXIST") ? "taken" : "unreadable";
    throw new InputError(field, `expected to make ${path}, found ${found}`, { cause, code });
  }
}

async function write(path: string, content: Uint8Array): Promise<void> {
  await using file = await opened(path, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
    if (platform !== "win32") {
      await using directory = await opened(dirname(path), "r");
      await directory.sync();
    }
  } catch (cause) {
    await rm(path);
    throw cause;
  }
}

/** Opens a file, which is closed at the end of its scope: older versions of Node have no disposable handles. */
async function opened(path: string, flags: string, mode?: number): Promise<FileHandle & AsyncDisposable> {
  const file = await open(path, flags, mode);
  return Object.assign(file, { [Symbol.asyncDispose]: () => file.close() });
}

/** The permission bits by which the group or others may write. */
const othersWrite = 0o022;
/** All permission bits of the group and of others. */
const others = 0o077;

/**
 * Checks a key file's permissions. Only its owner may write it. A locked file may be readable by others, who
 * would still have to guess its passphrase. A plain one may be readable by its group if nobody at all may
 * write it (0440): that is how a secret is mounted for a container that runs as another user.
 *
 * @throws {InputError} `identity`
 */
function checkMode(
  path: string,
  mode: number | null,
  { locked, warn }: { locked: boolean; warn: (sentence: string) => void },
): void {
  if (mode === null || (mode & others) === 0) return;
  const mounted = (mode & 0o777) === 0o440;
  if ((mode & othersWrite) !== 0 || (!locked && !mounted)) {
    const can = (mode & othersWrite) !== 0 ? "write" : "read";
    throw new InputError(
      "identity",
      `expected a key file at ${path}, found one that others can ${can}: run chmod 600 ${path}`,
      { code: "not-permitted" },
    );
  }
  const who = (mode & 0o007) === 0 ? "its group" : "everyone on this machine";
  warn(`${path} can be read by ${who}${locked ? "; it is locked with a passphrase" : ""}`);
}

/** The content at `path`, and its permission bits, which are null for a pipe. @throws {InputError} */
async function read(path: string): Promise<{ content: Uint8Array; mode: number | null }> {
  const wrong = (found: string, cause?: unknown) =>
    new InputError("identity", `expected a key file at ${path}, found ${found}`, {
      cause,
      code: "unreadable",
    });
  try {
    // Deno opens this by its path only with all permissions.
    if (path === "/dev/stdin") return { content: await whole(stdin), mode: null };
    await using file = await opened(path, "r");
    const stat = await file.stat();
    const piped = stat.isFIFO() || stat.isSocket();
    if (!stat.isFile() && !piped) throw wrong("something that is no file");
    if (stat.size > maxKeyFile) throw wrong(`${stat.size} bytes`);
    return {
      content: await whole(file.createReadStream({ autoClose: false })),
      mode: piped ? null : stat.mode,
    };
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw wrong(cause === tooLong ? `more than ${maxKeyFile} bytes` : reasonOf(cause), cause);
  }
}

const tooLong = new Error(`Cannot read a key file: it has more than ${maxKeyFile} bytes`);

/** The whole content of a stream. @throws {Error} `tooLong` */
async function whole(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxKeyFile) throw tooLong;
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}

const reasons = new Map([
  ["EEXIST", "that something is there already"],
  ["ENOENT", "nothing there"],
  ["ENOTDIR", "a file in its path where a directory should be"],
  ["ENOSPC", "no space left on the disk"],
  ["EACCES", "that access is denied"],
  ["EPERM", "that access is denied"],
]);

const reasonOf = (cause: unknown) =>
  reasons.get(codeOf(cause) ?? "") ?? (cause instanceof Error ? cause.message : String(cause));
