/**
 * Diffie-Hellman on secp256k1 as the base OT needs it: the x coordinate of scalar · element, and nothing else of it, so
 * that a native implementation (which gives no more) and noble agree with each other.
 * @module
 */
import { groups } from "../group.ts";

/** One secret, used for many elements. */
export interface DiffieHellman {
  /**
   * @param secret A scalar from 1 to the order - 1, 32 bytes.
   * @returns A function from an encoded element, 33 bytes, not the identity, to the x coordinate of secret · element,
   * 32 bytes.
   */
  (secret: Uint8Array): (element: Uint8Array) => Uint8Array;
}

/** Anywhere: noble's multiplication, as constant in time as bigints are. */
export const portableDiffieHellman: DiffieHellman = (secret) => {
  const { decodeScalar, decodeElement, encodeElement } = groups.secp256k1;
  const scalar = decodeScalar(secret);
  return (element) => encodeElement(decodeElement(element).multiply(scalar)).slice(1);
};

/** What is used of `node:crypto`'s `ECDH`. */
export interface NativeEcdh {
  setPrivateKey(secret: Uint8Array): void;
  computeSecret(element: Uint8Array): Uint8Array;
}

/**
 * By OpenSSL or what stands in for it, in Deno about eight times as fast.
 *
 * @param createECDH `node:crypto`'s; injected, since a browser has none.
 */
export function nativeDiffieHellman(createECDH: (curve: "secp256k1") => NativeEcdh): DiffieHellman {
  return (secret) => {
    const ecdh = createECDH("secp256k1");
    ecdh.setPrivateKey(secret);
    return (element) => Uint8Array.from(ecdh.computeSecret(element));
  };
}
