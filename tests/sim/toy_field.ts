/**
 * The numbers below 2^61 - 1, and how they travel: in 32 bytes, little-endian, as the scalars of Ed25519 do.
 * @module
 */
import * as v from "valibot";
import { bytes } from "../../src/crypto/codec.ts";
import type { Random } from "../../src/ports.ts";

const prime = 2n ** 61n - 1n;

export const mod = (n: bigint): bigint => ((n % prime) + prime) % prime;

export const scalarOf = (encoded: Uint8Array): bigint =>
  new DataView(encoded.buffer, encoded.byteOffset).getBigUint64(0, true);

/** 32 bytes. */
export function encode(n: bigint): Uint8Array {
  const out = new Uint8Array(32);
  new DataView(out.buffer).setBigUint64(0, mod(n), true);
  return out;
}

/** A number on the wire. */
export const scalar = v.pipe(
  bytes(32),
  v.check(
    (b) => scalarOf(b) < prime && b.subarray(8).every((byte) => byte === 0),
    "expected a number below the prime",
  ),
);

/** What a hash, or any bytes, are among the numbers. */
export const toScalar = (hash: Uint8Array): bigint => mod(scalarOf(hash));

/** From 1 on. */
export const randomScalar = (random: Random): bigint => 1n + toScalar(random(8)) % (prime - 1n);

const inverse = (n: bigint): bigint => {
  let [result, base, exponent] = [1n, mod(n), prime - 2n];
  for (; exponent > 0n; exponent >>= 1n, base = mod(base * base)) {
    if (exponent & 1n) result = mod(result * base);
  }
  return result;
};

/** The weight of `x` among `all` when a polynomial is evaluated at 0. */
export function interpolate(all: readonly bigint[], x: bigint): bigint {
  const others = all.filter((other) => other !== x);
  const [above, below] = others.reduce(([a, b], other) => [mod(a * other), mod(b * (other - x))], [1n, 1n]);
  return mod(above * inverse(below));
}
