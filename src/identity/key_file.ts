/**
 * An identity in a file: plain, readable by its owner only, or locked with a passphrase in age's own way.
 * @module
 */
import { armor, Decrypter, Encrypter } from "age-encryption";
import { dirname } from "node:path";
import { normalPassphrase } from "../text/passphrase.ts";
import { InputError } from "../errors.ts";
import type { Identity, Random } from "../ports.ts";
import { newIdentity } from "./identity.ts";
import { readKeyText, writeKeyText } from "./key_text.ts";

/** A key file is 400 bytes, locked 800; what is a hundred times as long is something else. */
const maxKeyFile = 64 * 1024;

/** How a key file is locked. */
export interface KeyFileOptions {
  /** Of any length but none; normalised before use, so that it opens however a system composes its characters. */
  passphrase?: string;
}

/** How a key file is read. */
export interface ReadKeyFileOptions extends KeyFileOptions {
  /** Told, in a sentence, of a file that is read although somebody else can read it too; default: nobody. */
  warn?: (sentence: string) => void;
}

/**
 * Makes a new identity and writes it down at `path`, for its owner only (0600) and never over anything. With a
 * passphrase the text is an armored age file (scrypt, work factor 18: about 2 s, here and whenever it is opened).
 *
 * @returns The identity, once it is on the disk.
 * @throws {InputError} `identity`, if something is there already, or nothing can be written there.
 */
export async function createKeyFile(
  path: string,
  { passphrase, random }: KeyFileOptions & { random: Random },
): Promise<Identity> {
  const identity = await newIdentity(random);
  await writeNew("identity", path, await keyFileText(identity, { passphrase }));
  return identity;
}

/** What {@linkcode createKeyFile} writes, of an identity that there is. It is secret. */
export async function keyFileText(
  identity: Identity,
  { passphrase }: { passphrase?: string | undefined },
): Promise<Uint8Array> {
  const text = await writeKeyText(identity);
  return new TextEncoder().encode(passphrase === undefined ? text : await lock(text, passphrase));
}

/**
 * The identity in the key file at `path`, or in what comes through a pipe there (`/dev/stdin`). Nothing is written.
 *
 * @throws {InputError} `identity`, if the file cannot be read, others can read or write it who must not, the passphrase
 * is wrong, missing or needless, or a line is damaged.
 */
export async function keyFile(
  path: string,
  { passphrase, warn = () => {} }: ReadKeyFileOptions = {},
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

/** Says the same of a wrong passphrase and of a damaged file: age cannot tell them apart in its header. */
async function unlock(path: string, locked: string | Uint8Array, passphrase: string): Promise<string> {
  try {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(normalPassphrase(passphrase));
    return await decrypter.decrypt(typeof locked === "string" ? armor.decode(locked) : locked, "text");
  } catch (cause) {
    const problem = `expected the passphrase of ${path}, found a wrong one (or the file is damaged)`;
    throw new InputError("identity", problem, { cause });
  }
}

/**
 * Writes a new file for its owner only (0600), and resolves when it is on the disk.
 *
 * @throws {InputError} `field`, if there is something already, or it cannot be written; then nothing is left behind.
 */
export async function writeNew(field: string, path: string, content: Uint8Array): Promise<void> {
  try {
    await write(path, content);
  } catch (cause) {
    const found = cause instanceof Deno.errors.NotFound ? "no directory for it" : reasonOf(cause);
    throw new InputError(field, `expected to make ${path}, found ${found}`, { cause });
  }
}

async function write(path: string, content: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  try {
    for (let written = 0; written < content.length;) written += await file.write(content.subarray(written));
    await file.sync();
    if (Deno.build.os !== "windows") {
      using directory = await Deno.open(dirname(path));
      await directory.sync();
    }
  } catch (cause) {
    await Deno.remove(path);
    throw cause;
  }
}

/** Permission bits of group and others: whoever has one of them may write. */
const othersWrite = 0o022;
/** Whoever has one of them may do anything at all. */
const others = 0o077;

/**
 * Who may be able to read a key file beside its owner. Nobody else may write one. A locked one may be read by others,
 * who would still have to guess its passphrase. An open one may be read by its group if nobody at all may write it
 * (0440): that is how a secret is mounted for a container that runs as another user than its owner.
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
    );
  }
  const who = (mode & 0o007) === 0 ? "its group" : "everyone on this machine";
  warn(`${path} can be read by ${who}${locked ? "; it is locked with a passphrase" : ""}`);
}

/** What there is at `path`, and its permission bits: null where there are none, as of a pipe. @throws {InputError} */
async function read(path: string): Promise<{ content: Uint8Array; mode: number | null }> {
  const wrong = (found: string, cause?: unknown) =>
    new InputError("identity", `expected a key file at ${path}, found ${found}`, { cause });
  try {
    if (path === "/dev/stdin") { // which Deno opens by its path for whoever may do anything, and for nobody else
      const content = await atMost(Deno.stdin, maxKeyFile);
      if (content === null) throw wrong(`more than ${maxKeyFile} bytes`);
      return { content, mode: null };
    }
    using file = await Deno.open(path);
    const { isFile, isFifo, isSocket, size, mode } = await file.stat();
    const piped = isFifo === true || isSocket === true;
    if (!isFile && !piped) throw wrong("something that is no file");
    if (size > maxKeyFile) throw wrong(`${size} bytes`);
    const content = await atMost(file, maxKeyFile);
    if (content === null) throw wrong(`more than ${maxKeyFile} bytes`);
    return { content, mode: piped ? null : mode };
  } catch (cause) {
    throw cause instanceof InputError ? cause : wrong(reasonOf(cause), cause);
  }
}

/** All that is in a file, or null if that is more than `most` bytes: of a pipe nobody knows before. */
async function atMost(file: Pick<Deno.FsFile, "read">, most: number): Promise<Uint8Array | null> {
  const content = new Uint8Array(most + 1);
  for (let length = 0; length <= most;) {
    const read = await file.read(content.subarray(length));
    if (read === null) return content.slice(0, length);
    length += read;
  }
  return null;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.AlreadyExists) return "that something is there already";
  if (cause instanceof Deno.errors.NotFound) return "nothing there";
  if (cause instanceof Deno.errors.PermissionDenied) return "that access is denied";
  return cause instanceof Error ? cause.message : String(cause);
}
