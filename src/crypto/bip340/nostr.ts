/**
 * Nostr's names for keys of BIP-340 (NIP-19), and the events that they sign (NIP-01).
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { InputError } from "../../errors.ts";
import { verifyBip340 } from "./signature.ts";

/** An event before it is signed. The names are NIP-01's. */
export interface NostrEventTemplate {
  /** Seconds since 1970, a whole number. */
  readonly created_at: number;
  /** 0 to 65,535. */
  readonly kind: number;
  /** Each at least one string long. */
  readonly tags: readonly (readonly string[])[];
  /** Text, which most kinds show as it is. */
  readonly content: string;
}

/** A signed event, ready for JSON. Bytes are in lower-case hexadecimal. */
export interface NostrEvent extends NostrEventTemplate {
  /** {@linkcode nostrEventId}, 32 bytes. */
  readonly id: string;
  /** x, 32 bytes. */
  readonly pubkey: string;
  /** BIP-340, over the id's 32 bytes; 64 bytes. */
  readonly sig: string;
}

/**
 * A public key as Nostr shows it (NIP-19): 63 characters.
 *
 * @param publicKey Compressed, 33 bytes, or x alone, 32.
 * @throws {InputError} `publicKey`
 */
export function npubOf(publicKey: Uint8Array): string {
  return bech32.encodeFromBytes("npub", xOf(publicKey));
}

/**
 * An event as it is hashed: `[0, pubkey, created_at, kind, tags, content]` in JSON without spaces, in UTF-8
 * (NIP-01). Its SHA-256 is the event's id: give it to `sign` with the hash `sha256`, so that holders read the
 * event. `JSON.stringify` writes it as NIP-01 wants it, except for the control characters that NIP-01 leaves
 * as they are and every JSON encoder escapes. An event with one of those, or with half a surrogate pair, has
 * no id that all agree on, and is refused.
 *
 * @param publicKey Compressed, 33 bytes, or x alone, 32.
 * @throws {InputError} `publicKey`, or the field of the event.
 */
export function nostrEventMessage(publicKey: Uint8Array, event: NostrEventTemplate): Uint8Array {
  const x = xOf(publicKey);
  checkEvent(event);
  const { created_at, kind, tags, content } = event;
  const serialized = JSON.stringify([0, x.toHex(), created_at, kind, tags, content]);
  return new TextEncoder().encode(serialized);
}

/**
 * The id of an event, 32 bytes, which is also what its signature signs: the SHA-256 of {@linkcode
 * nostrEventMessage}, whose arguments and errors it has.
 */
export function nostrEventId(publicKey: Uint8Array, event: NostrEventTemplate): Uint8Array {
  return sha256(nostrEventMessage(publicKey, event));
}

/**
 * An event with its signature, ready for a relay (NIP-01).
 *
 * @param publicKey Compressed, 33 bytes, or x alone, 32.
 * @param signature Over {@linkcode nostrEventId}, by the key itself: no Taproot output of it; 64 bytes.
 * @throws {InputError} `signature`, if it does not verify; `publicKey`, or the field of the event.
 */
export function nostrEvent(
  publicKey: Uint8Array,
  template: NostrEventTemplate,
  signature: Uint8Array,
): NostrEvent {
  const { created_at, kind, tags, content } = template;
  const x = xOf(publicKey);
  const id = nostrEventId(x, template);
  if (!verifyBip340(x, id, signature)) {
    throw new InputError("signature", "expected one of this event by this key, found another");
  }
  return { id: id.toHex(), pubkey: x.toHex(), created_at, kind, tags, content, sig: signature.toHex() };
}

/** x of a key, 32 bytes. @throws {InputError} `publicKey` */
function xOf(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length === 33 && (publicKey[0] === 2 || publicKey[0] === 3)) return publicKey.subarray(1);
  if (publicKey.length === 32) return publicKey;
  throw new InputError("publicKey", `expected 32 bytes, or 33 compressed, found ${publicKey.length}`);
}

// NIP-01 gives an escape to 08, 09, 0A, 0C and 0D.
// deno-lint-ignore no-control-regex -- the expression looks for them
const disputed = /[\u0000-\u0007\u000b\u000e-\u001f]/;

function checkText(field: string, text: unknown): void {
  if (typeof text !== "string") throw new InputError(field, `expected text, found ${typeof text}`);
  const found = disputed.exec(text);
  if (found !== null) {
    const code = found[0].charCodeAt(0).toString(16).padStart(4, "0");
    throw new InputError(field, `expected no control characters, found U+${code.toUpperCase()}`);
  }
  if (!text.isWellFormed()) {
    throw new InputError(field, "expected whole characters, found half a surrogate pair");
  }
}

function checkEvent({ created_at, kind, tags, content }: NostrEventTemplate): void {
  if (!Number.isSafeInteger(created_at) || created_at < 0) {
    throw new InputError("created_at", `expected whole seconds since 1970, found ${created_at}`);
  }
  if (!Number.isInteger(kind) || kind < 0 || kind > 65_535) {
    throw new InputError("kind", `expected 0 to 65535, found ${kind}`);
  }
  if (!Array.isArray(tags)) throw new InputError("tags", `expected a list, found ${typeof tags}`);
  for (const [at, tag] of tags.entries()) {
    if (!Array.isArray(tag) || tag.length === 0) {
      throw new InputError(`tags[${at}]`, "expected a list of at least one text");
    }
    for (const text of tag) checkText(`tags[${at}]`, text);
  }
  checkText("content", content);
}
