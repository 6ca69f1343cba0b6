/**
 * The two groups of prime order that keys belong to, behind one interface: scalars are bigints below the
 * order, elements are points of noble. Every decoded value is safe to compute with.
 *
 * JavaScript cannot erase a bigint: code that holds a secret scalar drops it as soon as it can, and
 * overwrites bytes.
 * @module
 */
import { type CurvePoint, type CurvePointCons, mulAddUnsafe } from "@noble/curves/abstract/curve.js";
import { mapHashToField } from "@noble/curves/abstract/modular.js";
import { ed25519 as ed25519Curve } from "@noble/curves/ed25519.js";
import { schnorr } from "@noble/curves/secp256k1.js";
import { bytesToNumberBE } from "@noble/curves/utils.js";
import type { Random } from "../ports.ts";
import { KnownPoint } from "./known_points.ts";

/** The curves of these groups. */
export type Curve = "ed25519" | "secp256k1";

/** A point of noble, on either curve. */
// deno-lint-ignore no-explicit-any -- the type of coordinates is internal to noble
export interface Element extends CurvePoint<any, Element> {}

/** A group of prime order with its encodings. */
export interface Group {
  readonly curve: Curve;
  /** Bytes of an encoded element: 32 (ed25519) or 33 (secp256k1, compressed). A scalar has 32. */
  readonly elementLength: number;
  readonly order: bigint;
  readonly zero: Element;
  /**
   * Reads an element as RFC 9591 §3.1 demands: canonical, on the curve, of prime order, not the identity.
   *
   * @throws {Error} On anything else.
   */
  decodeElement(bytes: Uint8Array): Element;
  /** Writes an element. @throws {Error} If it is the identity, which no message may contain. */
  encodeElement(element: Element): Uint8Array;
  /**
   * Reads 32 bytes (ed25519: little-endian; secp256k1: big-endian). 0 is allowed.
   *
   * @throws {Error} Unless below the order.
   */
  decodeScalar(bytes: Uint8Array): bigint;
  /** Writes a scalar, 32 bytes. */
  encodeScalar(scalar: bigint): Uint8Array;
  /**
   * A uniform scalar from 1 to order - 1, out of 48 random bytes: its bias is below 2^-128 (FIPS 186-5
   * §A.2.1).
   */
  randomScalar(random: Random): bigint;
  /** A number modulo the order. */
  reduce(number: bigint): bigint;
  /**
   * A hash of 32 bytes as a scalar. On ed25519 it is not uniform, but no value has a probability over 17 in
   * 2^256; a challenge needs no more.
   */
  hashToScalar(hash: Uint8Array): bigint;
  /** scalar · G for a secret scalar. As constant in time as bigints allow. */
  multiplyBase(scalar: bigint): Element;
  /** The sum of public elements. */
  sum(elements: readonly Element[]): Element;
  /** The sum of scalars[i] · elements[i], all of them public: not constant in time. */
  combine(elements: readonly Element[], scalars: readonly bigint[]): Element;
}

function group(
  curve: Curve,
  Point: CurvePointCons<Element>,
  elementLength: number,
  read: (bytes: Uint8Array) => Element = (bytes) => Point.fromBytes(bytes),
): Group {
  const { Fn } = Point;
  const order = Fn.ORDER;
  return {
    curve,
    elementLength,
    order,
    zero: Point.ZERO,
    decodeElement(bytes) {
      // The length first: noble would also read uncompressed points of secp256k1.
      if (bytes.length !== elementLength) {
        throw new RangeError(
          `Cannot decode element: expected ${elementLength} bytes, got ${bytes.length}`,
        );
      }
      const element = read(bytes);
      if (element.is0() || !element.isTorsionFree()) {
        throw new RangeError("Cannot decode element: it is the identity, or not of prime order");
      }
      return element;
    },
    encodeElement(element) {
      if (element.is0()) throw new RangeError("Cannot encode element: it is the identity");
      return element.toBytes();
    },
    decodeScalar: (bytes) => Fn.fromBytes(bytes),
    encodeScalar: (scalar) => Fn.toBytes(scalar),
    randomScalar(random) {
      const wide = random(48);
      const narrow = mapHashToField(wide, order, Fn.isLE);
      const scalar = Fn.fromBytes(narrow);
      wide.fill(0);
      narrow.fill(0);
      return scalar;
    },
    reduce: (number) => Fn.create(number),
    hashToScalar: (hash) => Fn.create(bytesToNumberBE(hash)),
    multiplyBase: (scalar) => scalar === 0n ? Point.ZERO : Point.BASE.multiply(scalar), // noble throws on 0
    sum: (elements) => elements.reduce((total, element) => total.add(element), Point.ZERO),
    combine: (elements, scalars) => mulAddUnsafe(Point, [...elements], [...scalars]),
  };
}

/** The groups by the name of their curve. */
export const groups: Readonly<Record<Curve, Group>> = {
  ed25519: group("ed25519", ed25519Curve.Point, 32, (bytes) => KnownPoint.fromBytes(bytes)),
  secp256k1: group("secp256k1", schnorr.Point, 33), // the points are ECDSA's too
};
