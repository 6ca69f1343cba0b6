/**
 * An identity in a file: plain, readable by its owner only, or locked with a passphrase in age's own way.
 * @module
 */
import { armor, Decrypter, Encrypter } from "age-encryption";
import { dirname } from "node:path";
import { InputError } from "../failure.ts";
import type { Identity, Random } from "../ports.ts";
import { newIdentity } from "./identity.ts";
import { readKeyText, writeKeyText } from "./key_text.ts";

/** A key file is 400 bytes, locked 800; what is a hundred times as long is something else. */
const maxKeyFile = 64 * 1024;

/** How a key file is locked. */
export interface KeyFileOptions {
  /** Of any length but none. */
  passphrase?: string;
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
 * The identity in the key file at `path`. Nothing is written.
 *
 * @throws {InputError} `identity`, if the file cannot be read, others can read it too, the passphrase is wrong,
 * missing or needless, or a line is damaged.
 */
export async function keyFile(path: string, { passphrase }: KeyFileOptions = {}): Promise<Identity> {
  const content = await read(path);
  const text = new TextDecoder().decode(content);
  const armored = text.trimStart().startsWith("-----BEGIN AGE ENCRYPTED FILE-----");
  const locked = armored || text.startsWith("age-encryption.org/v1\n");
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
  encrypter.setPassphrase(passphrase);
  return armor.encode(await encrypter.encrypt(text));
}

/** Says the same of a wrong passphrase and of a damaged file: age cannot tell them apart in its header. */
async function unlock(path: string, locked: string | Uint8Array, passphrase: string): Promise<string> {
  try {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase);
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

/** @throws {InputError} */
async function read(path: string): Promise<Uint8Array> {
  const wrong = (found: string, cause?: unknown) =>
    new InputError("identity", `expected a key file at ${path}, found ${found}`, { cause });
  try {
    using file = await Deno.open(path);
    const { isFile, size, mode } = await file.stat();
    if (!isFile) throw wrong("something that is no file");
    if (size > maxKeyFile) throw wrong(`${size} bytes`);
    if (mode !== null && (mode & 0o077) !== 0) {
      throw wrong(`one that others can read: run chmod 600 ${path}`);
    }
    return new Uint8Array(await new Response(file.readable).arrayBuffer());
  } catch (cause) {
    throw cause instanceof InputError ? cause : wrong(reasonOf(cause), cause);
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.AlreadyExists) return "that something is there already";
  if (cause instanceof Deno.errors.NotFound) return "nothing there";
  if (cause instanceof Deno.errors.PermissionDenied) return "that access is denied";
  return cause instanceof Error ? cause.message : String(cause);
}
