/**
 * A cache of points of Curve25519 and of the check of their order. That check takes ten times as long as
 * reading a point, and a signature's commitments are read again at each of its steps.
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import type { EdwardsPoint } from "@noble/curves/abstract/edwards.js";

/**
 * The most points kept: commitments of sixteen signers in eight signatures at once, and a few keys. 100 kB.
 */
const pointsKept = 512;

const read = new Map<string, EdwardsPoint>();
const torsionFree = new WeakSet<EdwardsPoint>();

/**
 * A point of noble that is read once: the same bytes give the same object, and its order is checked once.
 * Bytes that are no point are not kept, and neither is the result that a point has another order. For public
 * points only.
 */
export class KnownPoint extends ed25519.Point {
  /** Reads 32 bytes by RFC 8032 §5.1.3. @throws {Error} If they are not a point. */
  static override fromBytes(bytes: Uint8Array): KnownPoint {
    const name = bytes.toHex();
    const known = read.get(name);
    if (known !== undefined) return known;
    const { X, Y, Z, T } = ed25519.Point.fromBytes(bytes);
    const point = new KnownPoint(X, Y, Z, T);
    read.set(name, point);
    if (read.size > pointsKept) read.delete(read.keys().next().value!);
    return point;
  }

  /**
   * Notes that this thread has computed a point itself, as a multiple of the base point by a scalar that is not
   * 0: such a point is of prime order. Never for bytes that came from elsewhere.
   *
   * @param bytes Its encoding, 32 bytes.
   */
  static computed(bytes: Uint8Array): void {
    torsionFree.add(KnownPoint.fromBytes(bytes));
  }

  override isTorsionFree(): boolean {
    if (torsionFree.has(this)) return true;
    const found = super.isTorsionFree();
    if (found) torsionFree.add(this);
    return found;
  }
}
