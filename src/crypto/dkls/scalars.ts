/**
 * Scalars of secp256k1 in long arrays: 32 bytes each, big-endian, read and written four words at a time. Sums of
 * products are reduced once, at their end. Everything here that chooses, chooses by mask.
 * @module
 */
import { groups } from "../group.ts";

/** The order of the group, q. */
export const order = groups.secp256k1.order;

/** Bytes of a scalar. */
export const scalarBytes = 32;

/** Scalars in one array. */
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

/** Scalar `index`, as it is written: it may be the order or more where the array is a key stream. */
export function scalarAt(view: DataView, index: number): bigint {
  const o = index * scalarBytes;
  return (view.getBigUint64(o) << 192n) | (view.getBigUint64(o + 8) << 128n) |
    (view.getBigUint64(o + 16) << 64n) | view.getBigUint64(o + 24);
}

/** Writes a number below 2^256. */
export function setScalar(view: DataView, index: number, scalar: bigint): void {
  const o = index * scalarBytes;
  view.setBigUint64(o, scalar >> 192n);
  view.setBigUint64(o + 8, BigInt.asUintN(64, scalar >> 128n));
  view.setBigUint64(o + 16, BigInt.asUintN(64, scalar >> 64n));
  view.setBigUint64(o + 24, BigInt.asUintN(64, scalar));
}

/** Whether each of the scalars in `bytes` is below the order. They are public: this stops at the first that is not. */
export function canonical(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i * scalarBytes < bytes.length; i++) {
    // All but one in 2^32 are decided by their first word.
    if (view.getUint32(i * scalarBytes) === 0xffffffff && scalarAt(view, i) >= order) return false;
  }
  return true;
}

const orderWords = (() => {
  const one = scalars(1);
  setScalar(one.view, 0, order);
  return one.words;
})();

/**
 * Copies scalar `from` of `source` into scalar `to` of `target` if `mask` is all ones; if it is 0, writes the order
 * instead, which is 0 too, but as long as any other: a bigint made of it takes as long to add.
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
