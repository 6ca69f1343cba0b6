/**
 * Diffie-Hellman on secp256k1 for the base OTs. The result is the x coordinate of scalar · element only,
 * because a native implementation gives no more.
 * @module
 */
import { groups } from "../group.ts";

/** A Diffie-Hellman function: one secret for many elements. */
export interface DiffieHellman {
  /**
   * @param secret A scalar from 1 to the order - 1, 32 bytes.
   * @returns A function from an encoded element, 33 bytes, not the identity, to the x coordinate of secret ·
   * element, 32 bytes.
   */
  (secret: Uint8Array): (element: Uint8Array) => Uint8Array;
}

/** The portable implementation: noble's multiplication, as constant in time as bigints allow. */
export const portableDiffieHellman: DiffieHellman = (secret) => {
  const { decodeScalar, decodeElement, encodeElement } = groups.secp256k1;
  const scalar = decodeScalar(secret);
  return (element) => encodeElement(decodeElement(element).multiply(scalar)).slice(1);
};

/** The used part of `node:crypto`'s `ECDH`. */
export interface NativeEcdh {
  setPrivateKey(secret: Uint8Array): void;
  computeSecret(element: Uint8Array): Uint8Array;
}

/** The type of `node:crypto`'s function. */
export type CreateEcdh = (curve: "secp256k1") => NativeEcdh;

/**
 * The native implementation, by OpenSSL or the runtime's own code. In Deno it is about eight times as fast.
 *
 * @param createECDH The function of `node:crypto`. It is injected because browsers have none.
 */
export function nativeDiffieHellman(createECDH: CreateEcdh): DiffieHellman {
  return (secret) => {
    const ecdh = createECDH("secp256k1");
    ecdh.setPrivateKey(secret);
    return (element) => Uint8Array.from(ecdh.computeSecret(element));
  };
}

/** The used part of `node:crypto`. */
export interface NativeCurves {
  createECDH: CreateEcdh;
  getCurves(): string[];
}

/** The native implementation, unless there is none, or it lacks the curve, as Bun's does. */
export function fastestDiffieHellman(native: NativeCurves | undefined): DiffieHellman {
  if (!native?.getCurves().includes("secp256k1")) return portableDiffieHellman;
  return nativeDiffieHellman((curve) => native.createECDH(curve));
}
