/**
 * Points of Curve25519 that were read before, and what was found out about them. Whether a point is of prime order takes
 * ten times as long to say as to read it, and a signature's commitments are read again at each step of it.
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import type { EdwardsPoint } from "@noble/curves/abstract/edwards.js";

/** Points kept: commitments of sixteen signers in eight signatures at once, and a few keys. 100 kB. */
const kept = 512;

const read = new Map<string, EdwardsPoint>();
const torsionFree = new WeakSet<EdwardsPoint>();

/**
 * noble's point, read once: the same bytes give the same object, and its order is looked at once. Bytes that are no
 * point are not kept, nor is it kept that a point is of another order. For public points only.
 */
export class KnownPoint extends ed25519.Point {
  /** Reads 32 bytes as RFC 8032 §5.1.3 demands. @throws {Error} */
  static override fromBytes(bytes: Uint8Array): KnownPoint {
    const name = bytes.toHex();
    const known = read.get(name);
    if (known !== undefined) return known;
    const { X, Y, Z, T } = ed25519.Point.fromBytes(bytes);
    const point = new KnownPoint(X, Y, Z, T);
    read.set(name, point);
    if (read.size > kept) read.delete(read.keys().next().value!);
    return point;
  }

  override isTorsionFree(): boolean {
    if (torsionFree.has(this)) return true;
    const found = super.isTorsionFree();
    if (found) torsionFree.add(this);
    return found;
  }
}
