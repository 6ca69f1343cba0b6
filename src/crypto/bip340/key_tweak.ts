/**
 * Tweaks of a group key on secp256k1 for signatures by BIP-340, by the rules of BIP-445 ("Tweaking the
 * Threshold Public Key"), which are BIP-327's. A plain tweak adds t · G to the point as it is; BIP-32 derives
 * children with it. An x-only tweak first takes the point with the same x and an even y; BIP-341 commits to
 * scripts with it. Tweaks follow one another in any order.
 *
 * The point after any number of tweaks is ±key + tweak · G. Since the Lagrange coefficients of any quorum add
 * up to 1, the numbers ±share + tweak are shares of its secret: no peer has to talk to another, and FROST
 * signs with them as with any other shares.
 * @module
 */
import { type Element, groups } from "../group.ts";

const group = groups.secp256k1;

/** A group key after its tweaks; all of it is public. BIP-445 calls it the tweak context (Q, gacc, tacc). */
export interface TweakedKey {
  /** Q = ±key + tweak · G. */
  readonly point: Element;
  /** True if the sign is minus (gacc = -1). */
  readonly negated: boolean;
  /** tacc, from 0 to the order - 1. */
  readonly tweak: bigint;
}

/**
 * A key before its first tweak.
 *
 * @param publicKey 33 bytes, of either parity.
 * @throws {Error} If it is no point.
 */
export function untweaked(publicKey: Uint8Array): TweakedKey {
  return { point: group.decodeElement(publicKey), negated: false, tweak: 0n };
}

/**
 * Q + t · G.
 *
 * @param by t, from 0 to the order - 1.
 * @throws {RangeError} If t is out of range, or nothing is left of the key.
 */
export function plainTweak({ point, negated, tweak }: TweakedKey, by: bigint): TweakedKey {
  if (by < 0n || by >= group.order) {
    throw new RangeError("Cannot tweak key: the tweak is not below the order");
  }
  const tweaked = point.add(group.multiplyBase(by));
  if (tweaked.is0()) throw new RangeError("Cannot tweak key: the result is the identity");
  return { point: tweaked, negated, tweak: group.reduce(tweak + by) };
}

/**
 * The one of Q and -Q that has an even y. The last step before signing, since BIP-340 verifies under that
 * one.
 */
export function withEvenY(key: TweakedKey): TweakedKey {
  if (!hasOddY(key)) return key;
  return { point: key.point.negate(), negated: !key.negated, tweak: group.reduce(-key.tweak) };
}

/** The point with Q's x and an even y, plus t · G. The arguments and errors are {@linkcode plainTweak}'s. */
export function xOnlyTweak(key: TweakedKey, by: bigint): TweakedKey {
  return plainTweak(withEvenY(key), by);
}

/** True if Q has an odd y. */
export function hasOddY({ point }: TweakedKey): boolean {
  return (point.toAffine() as { y: bigint }).y % 2n === 1n;
}

/** Q, compressed, 33 bytes. */
export function tweakedPublicKey({ point }: TweakedKey): Uint8Array {
  return group.encodeElement(point);
}

/** A secret share of the tweaked key: ±share + tweak, 32 bytes. The caller wipes it. */
export function tweakedShare(share: Uint8Array, { negated, tweak }: TweakedKey): Uint8Array {
  const scalar = group.decodeScalar(share);
  return group.encodeScalar(group.reduce((negated ? -scalar : scalar) + tweak));
}

/** Every member's verifying share of the tweaked key, 33 bytes each: ±V_i + tweak · G. */
export function tweakedVerifyingShares(
  verifyingShares: readonly Uint8Array[],
  { negated, tweak }: TweakedKey,
): Uint8Array[] {
  const step = group.multiplyBase(tweak);
  return verifyingShares.map((encoded) => {
    const share = group.decodeElement(encoded);
    return group.encodeElement((negated ? share.negate() : share).add(step));
  });
}
