/**
 * Encodings that every decoder has to refuse, by curve. Not a test by itself.
 * @module
 */
import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type Group, groups } from "../../src/crypto/group.ts";
import type { Curve } from "../../src/events.ts";

export interface BadBytes {
  what: string;
  bytes: Uint8Array;
}

const p25519 = 2n ** 255n - 19n;
const little = (number: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 0xffn));
const big = (number: bigint) => little(number).reverse();
const secpField = secp256k1.Point.Fp.ORDER;
const onSecp = secp256k1.Point.BASE.multiply(5n);

/** The eight points whose order divides the cofactor, and each of them added to an honest point. */
const torsion: BadBytes[] = ED25519_TORSION_SUBGROUP.flatMap((hex, i) => {
  const low = ed25519.Point.fromHex(hex);
  const dirty = ed25519.Point.BASE.multiply(3n).add(low);
  const both = [{ what: `torsion point ${i}`, bytes: low.toBytes() }];
  return low.is0() ? both : [...both, { what: `a point plus torsion point ${i}`, bytes: dirty.toBytes() }];
});

function offCurve(): Uint8Array {
  for (let y = 2n;; y++) {
    try {
      ed25519.Point.fromBytes(little(y));
    } catch {
      return little(y);
    }
  }
}
function offSecp(): Uint8Array {
  for (let x = 5n;; x++) {
    const bytes = Uint8Array.of(2, ...big(x));
    try {
      secp256k1.Point.fromBytes(bytes);
    } catch {
      return bytes;
    }
  }
}

export const badElements: Record<Curve, BadBytes[]> = {
  ed25519: [
    { what: "the identity", bytes: ed25519.Point.ZERO.toBytes() },
    { what: "the identity with its sign set", bytes: little(1n + (1n << 255n)) },
    { what: "y = p + 1, the identity again", bytes: little(p25519 + 1n) },
    { what: "y = p + 3, not canonical", bytes: little(p25519 + 3n) },
    { what: "y = 2^255 - 1", bytes: little(2n ** 255n - 1n) },
    { what: "a point off the curve", bytes: offCurve() },
    ...torsion,
    { what: "31 bytes", bytes: ed25519.Point.BASE.toBytes().subarray(1) },
    { what: "33 bytes", bytes: Uint8Array.of(...ed25519.Point.BASE.toBytes(), 0) },
    { what: "nothing", bytes: new Uint8Array() },
  ],
  secp256k1: [
    { what: "the identity, one byte", bytes: Uint8Array.of(0) },
    { what: "the identity, padded", bytes: new Uint8Array(33) },
    { what: "x = p, not canonical", bytes: Uint8Array.of(2, ...big(secpField)) },
    { what: "x = p + 1", bytes: Uint8Array.of(2, ...big(secpField + 1n)) },
    { what: "a point off the curve", bytes: offSecp() },
    { what: "uncompressed", bytes: onSecp.toBytes(false) },
    { what: "hybrid", bytes: Uint8Array.of(6, ...onSecp.toBytes(false).subarray(1)) },
    { what: "hybrid prefix, compressed", bytes: Uint8Array.of(6, ...onSecp.toBytes().subarray(1)) },
    { what: "32 bytes", bytes: onSecp.toBytes().subarray(1) },
    { what: "34 bytes", bytes: Uint8Array.of(...onSecp.toBytes(), 0) },
    { what: "nothing", bytes: new Uint8Array() },
  ],
};

export function badScalars({ curve, order }: Group): BadBytes[] {
  const write = curve === "ed25519" ? little : big;
  return [
    { what: "the order", bytes: write(order) },
    { what: "the order + 1", bytes: write(order + 1n) },
    { what: "2^256 - 1", bytes: new Uint8Array(32).fill(255) },
    { what: "31 bytes", bytes: new Uint8Array(31).fill(1) },
    { what: "33 bytes", bytes: new Uint8Array(33) },
    { what: "nothing", bytes: new Uint8Array() },
  ];
}

export const bothCurves: readonly Group[] = [groups.ed25519, groups.secp256k1];
