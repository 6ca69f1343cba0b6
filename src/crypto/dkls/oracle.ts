/**
 * Random oracles with long outputs: SHA-256 of an input under a prefix gives a ChaCha20 key, and its stream
 * (nonce 0, counter from 0) is the output. The prefix is itself the hash of a tag and of everything that the
 * oracle is bound to, so that the oracles of different uses are independent.
 * @module
 */
import { chacha20 } from "@noble/ciphers/chacha.js";
import { hash } from "../codec.ts";

const zeros = new Uint8Array(16384);
const nonce = new Uint8Array(12);

/** Overwrites `out` (a multiple of 4 bytes, at most 16,384) with the stream of `key`, 32 bytes. */
export function stream(key: Uint8Array, out: Uint8Array): Uint8Array {
  return chacha20(key, nonce, zeros.subarray(0, out.length), out);
}

/** The first `length` bytes of the oracle's output for a tag and its parts. */
export function expand(length: number, tag: string, ...parts: readonly (Uint8Array | number)[]): Uint8Array {
  const key = hash(tag, ...parts);
  const out = stream(key, new Uint8Array(length));
  key.fill(0);
  return out;
}
