/**
 * The shapes of DKLs23's messages: the lengths and allowed contents of their parts. Decoders need no more, so
 * code that only decodes messages does not load the arithmetic.
 * @module
 */
import { baseOts, checkBits, checkInputs, choiceBits, columnWords, width } from "./dkls_parameters.ts";
import { groups } from "./group.ts";

const group = groups.secp256k1;

/** The order of the group, q. */
export const order = group.order;

/** Bytes of a scalar. */
export const scalarBytes = 32;

/** Bytes of a point, compressed. */
export const pointBytes = group.elementLength;

/** Bytes of the base OT receiver's points: φ_0 and φ_1, 128 times, 8,448 bytes. */
export const chooseBytes = baseOts * 2 * pointBytes;

/** Bytes of u in the `Extension` of `items` multiplications: 8,192 each, and 2,048. */
export function columnsBytes(items: number): number {
  return baseOts * columnWords(items) * 4;
}

/** Bytes of the other parts of an `Extension`: 16 and 2,048. */
export const extensionBytes = { choiceCheck: checkBits / 8, columnChecks: baseOts * checkBits / 8 } as const;

/** Bytes of the parts of a `Correction`, for one multiplication: 65,536, 64 and 32. */
export const correctionBytes = {
  corrections: choiceBits * width * scalarBytes,
  responses: checkInputs * scalarBytes,
  digest: 32,
} as const;

/** Scalar `index` of an array, not reduced: in a key stream it may be the order or more. */
export function scalarAt(view: DataView, index: number): bigint {
  const o = index * scalarBytes;
  return (view.getBigUint64(o) << 192n) | (view.getBigUint64(o + 8) << 128n) |
    (view.getBigUint64(o + 16) << 64n) | view.getBigUint64(o + 24);
}

/**
 * Whether all scalars in `bytes` are below the order. They are public: this stops at the first that is not.
 */
export function canonical(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i * scalarBytes < bytes.length; i++) {
    // The first word decides for all but one scalar in 2^32.
    if (view.getUint32(i * scalarBytes) === 0xffffffff && scalarAt(view, i) >= order) return false;
  }
  return true;
}

/** Whether `points` are the 256 encoded elements of a base OT receiver. Takes about 10 ms. */
export function arePoints(points: Uint8Array): boolean {
  if (points.length !== chooseBytes) return false;
  try {
    for (let o = 0; o < chooseBytes; o += pointBytes) group.decodeElement(points.subarray(o, o + pointBytes));
    return true;
  } catch {
    return false;
  }
}
