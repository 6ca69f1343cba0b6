/**
 * Hex, for runtimes whose `Uint8Array` has none.
 * @module
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** The bytes of lower- or upper-case hex. @throws {SyntaxError} Without the digits, which may be secret. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  try {
    return hexToBytes(text) as Uint8Array<ArrayBuffer>;
  } catch {
    // The library's error quotes some digits, so it is replaced.
    throw new SyntaxError("Cannot read hex: expected two digits for each byte");
  }
}

/** Lower-case hex. @throws {TypeError} If these are no bytes. */
export const toHex = (bytes: Uint8Array): string => bytesToHex(bytes);

/** The same of bytes that there may be: `bytes?.toHex()`. */
export const optionalHex = (bytes: Uint8Array | null | undefined): string | undefined =>
  bytes ? toHex(bytes) : undefined;
