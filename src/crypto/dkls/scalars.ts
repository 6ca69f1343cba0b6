/**
 * Long arrays of secp256k1 scalars: 32 bytes each, big-endian, read and written four words at a time. Sums of
 * products are reduced once, at their end. Choices are made by masks, not by branches.
 * @module
 */
import { order, scalarBytes } from "../dkls_shapes.ts";

/** An array of scalars. */
export interface Scalars {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Uint32Array;
}

/** An array of `count` zeros. */
export function scalars(count: number): Scalars {
  const bytes = new Uint8Array(count * scalarBytes);
  return { bytes, view: new DataView(bytes.buffer), words: new Uint32Array(bytes.buffer) };
}

/** A copy of `bytes`, 32 for each scalar. */
export function scalarsOf(bytes: Uint8Array): Scalars {
  const copy = scalars(bytes.length / scalarBytes);
  copy.bytes.set(bytes);
  return copy;
}

/** Writes a number below 2^256. */
export function setScalar(view: DataView, index: number, scalar: bigint): void {
  const o = index * scalarBytes;
  view.setBigUint64(o, scalar >> 192n);
  view.setBigUint64(o + 8, BigInt.asUintN(64, scalar >> 128n));
  view.setBigUint64(o + 16, BigInt.asUintN(64, scalar >> 64n));
  view.setBigUint64(o + 24, BigInt.asUintN(64, scalar));
}

const orderWords = (() => {
  const one = scalars(1);
  setScalar(one.view, 0, order);
  return one.words;
})();

/**
 * Copies scalar `from` of `source` into scalar `to` of `target` if `mask` is all ones; if it is 0, writes the
 * order instead. The order stands for 0 too, but is as long as other scalars, so that a bigint of it takes as
 * long to add.
 */
export function copyMasked(
  source: Uint32Array,
  from: number,
  mask: number,
  target: Uint32Array,
  to: number,
): void {
  for (let w = 0; w < 8; w++) {
    target[to * 8 + w] = (source[from * 8 + w]! & mask) | (orderWords[w]! & ~mask);
  }
}
