/**
 * The checks of what is asked to be signed that all schemes share.
 * @module
 */
import { hardened, maxDepth } from "../crypto/bip32.ts";
import type { ClaimedHash } from "../crypto/ecdsa/signature.ts";
import { InputError } from "../errors.ts";
import { maxMessage } from "../limits.ts";
import type { MessageFields, SignFields } from "./scheme.ts";

/** The input of a caller, before it is checked against the scheme. */
export interface UncheckedInput {
  message?: Uint8Array | undefined;
  digest?: Uint8Array | undefined;
  hash?: ClaimedHash | undefined;
  /** Only BIP-340 has one, and reads it itself. */
  merkleRoot?: unknown;
}

/**
 * Puts a message or a digest into the fields of a command.
 *
 * @param usualHash The `hash` of a message that comes without one.
 * @throws {InputError} `message`, `digest` or `merkleRoot`
 */
export function toFields(
  { message, digest, hash, merkleRoot }: UncheckedInput,
  usualHash: MessageFields["hash"],
): MessageFields {
  const none = new Uint8Array();
  if (merkleRoot !== undefined && merkleRoot !== null) {
    throw new InputError("merkleRoot", "expected none for a key of this scheme, found one");
  }
  if (digest === undefined) {
    checkBytes("message", message);
    if (message.length > maxMessage) {
      throw new InputError("message", `expected at most ${maxMessage} bytes, found ${message.length}`);
    }
    return { message: message.slice(), digest: none, hash: hash ?? usualHash };
  }
  if (message !== undefined) throw new InputError("digest", "expected a message or a digest, found both");
  checkBytes("digest", digest);
  // In a command an empty one stands for none: it would sign the digest of the empty message.
  if (digest.length === 0) throw new InputError("digest", "expected 32 bytes, found 0");
  return { message: none, digest: Uint8Array.from(digest), hash: hash ?? "none" };
}

/** @throws {InputError} `field`, if it is not a `Uint8Array`, for example text. */
function checkBytes(field: string, found: unknown): asserts found is Uint8Array {
  if (found instanceof Uint8Array) return;
  const kind = found === undefined || found === null
    ? "none"
    : `${typeof found === "object" ? "an" : "a"} ${typeof found}`;
  throw new InputError(field, `expected bytes, found ${kind}`);
}

/** @throws {InputError} `options`, unless there are none. */
export function checkNoOptions({ options }: Pick<SignFields, "options">): void {
  if (options.length > 0) throw new InputError("options", `expected none, found ${options.length} bytes`);
}

/** @throws {InputError} `path`, unless it is at most 255 non-hardened indices. */
export function checkPath(path: readonly number[]): void {
  if (path.length > maxDepth) {
    throw new InputError("path", `expected at most ${maxDepth} steps, found ${path.length}`);
  }
  const wrong = path.findIndex((index) => !Number.isInteger(index) || index < 0 || index >= hardened);
  if (wrong >= 0) {
    throw new InputError("path", `expected non-hardened indices, found ${path[wrong]} in step ${wrong + 1}`);
  }
}
