/**
 * Children of a key that its public half is enough for: BIP-32's CKDpub along a path of non-hardened indices, as one
 * number that every share adds to itself. Since the Lagrange coefficients of any quorum add up to 1, shares s_i + δ are
 * shares of key + δ, and no peer has to talk to another.
 *
 * On secp256k1 this is BIP-32. On Ed25519 it is not SLIP-10, which knows hardened children only (they need the secret
 * key in one place), nor BIP32-Ed25519: it is the same formula over the other group, as mpcium's `ckdutil` has it. A key
 * is hashed as SEC1 would compress it, 02 or 03 for the parity of y and then x, big-endian, and I_L is reduced by the
 * order. No wallet derives these addresses from a seed; who has the public key and the chain code can compute them.
 * @module
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToNumberBE, numberToBytesBE } from "@noble/curves/utils.js";
import { InputError } from "../errors.ts";
import type { PublicKeyPackage } from "../ports.ts";
import { type Element, groups } from "./group.ts";

/** From here on an index is hardened. */
export const hardened = 2 ** 31;

/** BIP-32 counts depth in one byte. */
export const maxDepth = 255;

/** A child, as everyone can compute it. */
export interface Child {
  /** Of the length of the parent's. */
  readonly publicKey: Uint8Array;
  /** 32 bytes. */
  readonly chainCode: Uint8Array;
  /** δ: child = parent + δ · G. Public. */
  readonly tweak: bigint;
}

/**
 * Follows `path` from a key. An empty path gives the key itself.
 *
 * @throws {InputError} If an index is hardened, no index at all, or one of the 2^-127 that have no child; or if the
 * path is longer than {@linkcode maxDepth}.
 */
export function childOf(
  { curve, publicKey, chainCode }: Pick<PublicKeyPackage, "curve" | "publicKey" | "chainCode">,
  path: readonly number[],
): Child {
  const group = groups[curve];
  if (path.length > maxDepth) throw new InputError("path", `expected at most ${maxDepth} steps`);
  let element = group.decodeElement(publicKey);
  let tweak = 0n;
  for (const [at, index] of path.entries()) {
    if (!Number.isInteger(index) || index < 0 || index >= hardened) {
      throw new InputError("path", `expected non-hardened indices, found ${index} in step ${at + 1}`);
    }
    const input = new Uint8Array(37);
    input.set(compressed(element));
    new DataView(input.buffer).setUint32(33, index);
    const output = hmac(sha512, chainCode, input);
    const left = bytesToNumberBE(output.subarray(0, 32));
    // BIP-32 skips I_L ≥ n; on Ed25519 every I_L is reduced.
    if (curve === "secp256k1" && left >= group.order) {
      throw new InputError("path", `step ${at + 1} has no child`);
    }
    const step = group.reduce(left);
    element = element.add(group.multiplyBase(step));
    if (element.is0()) throw new InputError("path", `step ${at + 1} has no child`);
    tweak = group.reduce(tweak + step);
    chainCode = output.slice(32);
  }
  return { publicKey: group.encodeElement(element), chainCode, tweak };
}

/** SEC1 §2.3.3, 33 bytes, for a point of either curve. */
function compressed(element: Element): Uint8Array {
  const { x, y } = element.toAffine() as { x: bigint; y: bigint };
  return Uint8Array.of(2 + Number(y & 1n), ...numberToBytesBE(x, 32));
}

/** A secret share of the child: share + δ, 32 bytes. The caller wipes it. */
export function tweakShare(
  { curve }: Pick<PublicKeyPackage, "curve">,
  share: Uint8Array,
  { tweak }: Pick<Child, "tweak">,
): Uint8Array {
  const group = groups[curve];
  return group.encodeScalar(group.reduce(group.decodeScalar(share) + tweak));
}

/** Every member's verifying share of the child: V_i + δ · G. */
export function tweakVerifyingShares(
  { curve, verifyingShares }: Pick<PublicKeyPackage, "curve" | "verifyingShares">,
  { tweak }: Pick<Child, "tweak">,
): Uint8Array[] {
  const group = groups[curve];
  const step = group.multiplyBase(tweak);
  return verifyingShares.map((share) => group.encodeElement(group.decodeElement(share).add(step)));
}
