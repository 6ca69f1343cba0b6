/**
 * What this code uses of JavaScript's library and browsers of the floor lack, added where it is missing. Every entry
 * point imports this first: other modules rely on it as soon as they load.
 *
 * | added                                     | in Safari since | Firefox | Chromium |
 * | ----------------------------------------- | --------------- | ------- | -------- |
 * | `Symbol.dispose`, `Symbol.asyncDispose`   | not yet         | 141     | 134      |
 * | `Uint8Array.fromHex`, its `toHex`         | 18.2            | 133     | 140      |
 *
 * @module
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

function add(to: object, name: PropertyKey, value: unknown, how: PropertyDescriptor = {}): void {
  if (!(name in to)) Object.defineProperty(to, name, { value, ...how });
}

for (const name of ["dispose", "asyncDispose"]) add(Symbol, name, Symbol(`Symbol.${name}`));

const method = { writable: true, configurable: true };
add(Uint8Array, "fromHex", fromHex, method);
add(Uint8Array.prototype, "toHex", toHex, method);

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  try {
    return hexToBytes(text) as Uint8Array<ArrayBuffer>;
  } catch {
    // The digits may be a secret: the library's own words, which quote some, go no further.
    throw new SyntaxError("Cannot read hex: expected two digits for each byte");
  }
}

function toHex(this: Uint8Array): string {
  return bytesToHex(this);
}
