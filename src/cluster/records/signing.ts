/**
 * What is asked to be signed, and the signature as whoever asked gets it.
 * @module
 */
import { childOf, hardened, maxDepth } from "../../crypto/bip32.ts";
import {
  type DigestHash,
  digestOf,
  digestScalar,
  recoveryOf,
  toDer,
  toEthereum,
} from "../../crypto/ecdsa_signature.ts";
import type { Curve } from "../../events.ts";
import { InputError, SessionError } from "../../errors.ts";
import { maxMessage } from "../../limits.ts";
import type { PublicKeyPackage } from "../../ports.ts";

/** What is to be signed. A message says more than its digest: a policy can read it. */
export type SignInput =
  /**
   * A message, 0 to 65,536 bytes. Ed25519 signs it as it is; for ECDSA `hash` makes the digest, by default `sha256`.
   */
  | { message: Uint8Array; hash?: DigestHash; digest?: undefined }
  /** ECDSA only: a digest, 32 bytes, not zero and below the order, and what made it. */
  | { digest: Uint8Array; hash: DigestHash; message?: undefined };

/** A signature that verified under the key before it got here. */
export type Signature =
  | {
    curve: "ed25519";
    /** RFC 8032, 64 bytes. */
    bytes: Uint8Array;
    /** What it verifies under: the key, or its child; 32 bytes. */
    publicKey: Uint8Array;
  }
  | {
    curve: "secp256k1";
    /** r and s, big-endian, s at most half the order: 64 bytes. */
    bytes: Uint8Array;
    /** Which of the points with this r was meant, 0 to 3. */
    recovery: number;
    /** Strict DER (BIP 66), 8 to 72 bytes. */
    der: Uint8Array;
    /** r, s and 27 + recovery, 65 bytes, as `ecrecover` reads them; null for the 2^-127 that have none. */
    ethereum: Uint8Array | null;
    /** What was signed, 32 bytes. */
    digest: Uint8Array;
    /** What it verifies under: the key, or its child; 33 bytes. */
    publicKey: Uint8Array;
  };

/** The same in the fields of a command; what does not apply is empty, or `none`. */
interface Asked {
  message: Uint8Array;
  digest: Uint8Array;
  hash: DigestHash | "none";
  path: number[];
}
const hashes: readonly string[] = ["sha256", "sha256d", "keccak256"] satisfies DigestHash[];

/** Puts an input into the fields of a command. @throws {InputError} Naming the field and what was found. */
export function askedOf(curve: Curve, input: SignInput & { path?: readonly number[] }): Asked {
  const { message, digest, hash } = input;
  const path = [...input.path ?? []];
  const none = new Uint8Array();
  if (digest === undefined) {
    if (!(message instanceof Uint8Array) || message.length > maxMessage) {
      const found = message?.length ?? "none";
      throw new InputError("message", `expected at most ${maxMessage} bytes, found ${found}`);
    }
    const fallback = curve === "secp256k1" ? "sha256" as const : "none" as const;
    const asked = { message: message.slice(), digest: none, hash: hash ?? fallback, path } satisfies Asked;
    checkAsked(curve, asked);
    return asked;
  }
  if (message !== undefined) throw new InputError("digest", "expected a message or a digest, found both");
  // In a command an empty one stands for none: it would sign the digest of the empty message.
  if (digest.length === 0) throw new InputError("digest", "expected 32 bytes, found 0");
  const asked = {
    message: none,
    digest: Uint8Array.from(digest),
    hash: hash ?? "none",
    path,
  } satisfies Asked;
  checkAsked(curve, asked);
  return asked;
}

/** @throws {InputError} If a command's fields do not say one thing to sign with a key of that curve. */
export function checkAsked(curve: Curve, { message, digest, hash, path }: Asked): void {
  if (curve === "ed25519") {
    if (hash !== "none") throw new InputError("hash", `expected none for ed25519, found ${hash}`);
    if (digest.length > 0) throw new InputError("digest", "expected a message for ed25519, found a digest");
  } else {
    if (!hashes.includes(hash)) {
      throw new InputError("hash", `expected one of ${hashes.join(", ")}, found ${String(hash)}`);
    }
    if (digest.length > 0 && message.length > 0) {
      throw new InputError("digest", "expected a message or a digest, found both");
    }
    if (digestScalar(digestOfAsked({ message, digest, hash })) === null) {
      throw new InputError("digest", "expected 32 bytes that are not zero and below the order of secp256k1");
    }
  }
  if (path.length > maxDepth) {
    throw new InputError("path", `expected at most ${maxDepth} steps, found ${path.length}`);
  }
  const wrong = path.findIndex((index) => !Number.isInteger(index) || index < 0 || index >= hardened);
  if (wrong >= 0) {
    throw new InputError("path", `expected non-hardened indices, found ${path[wrong]} in step ${wrong + 1}`);
  }
}

function digestOfAsked({ message, digest, hash }: Omit<Asked, "path">): Uint8Array {
  return digest.length > 0 ? digest : digestOf(hash as DigestHash, message);
}

/** What a protocol signs for a command: ed25519: the message; secp256k1: its digest, 32 bytes. */
export function payloadOf(command: { curve: Curve } & Omit<Asked, "path">): Uint8Array {
  return command.curve === "ed25519" ? command.message : digestOfAsked(command);
}

/** The key that a command signs with: itself, or its child. */
export function signingKey(
  key: Pick<PublicKeyPackage, "curve" | "publicKey" | "chainCode">,
  path: readonly number[],
): Pick<PublicKeyPackage, "curve" | "publicKey"> {
  return path.length === 0 ? key : { curve: key.curve, publicKey: childOf(key, path).publicKey };
}

/**
 * A verified signature in all its forms.
 *
 * @param payload {@linkcode payloadOf}.
 * @param bytes 64 bytes.
 * @throws {SessionError} `internal` if the key cannot be recovered: it did not verify.
 */
export function signatureOf(
  { curve, publicKey }: Pick<PublicKeyPackage, "curve" | "publicKey">,
  payload: Uint8Array,
  bytes: Uint8Array,
): Signature {
  if (curve === "ed25519") return { curve, bytes, publicKey };
  const recovery = recoveryOf(publicKey, payload, bytes);
  if (recovery === null) throw new SessionError("internal");
  const signature = { compact: bytes, recovery };
  const ethereum = recovery > 1 ? null : toEthereum(signature);
  return { curve, bytes, recovery, der: toDer(signature), ethereum, digest: payload, publicKey };
}
