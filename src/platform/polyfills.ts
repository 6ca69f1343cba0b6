/**
 * The parts of JavaScript's library that this code uses and the oldest supported browsers lack. Every entry
 * point imports this file first, because other modules rely on it as soon as they load.
 *
 * | added                                     | in Safari since | Firefox | Chromium |
 * | ----------------------------------------- | --------------- | ------- | -------- |
 * | `Symbol.dispose`, `Symbol.asyncDispose`   | not yet         | 141     | 134      |
 * | `Uint8Array.fromHex`, its `toHex`         | 18.2            | 133     | 140      |
 *
 * In the npm package each script calls `hex.ts` instead, and imports `symbols.ts` if it uses the symbols.
 *
 * @module
 */
import "./symbols.ts";
import { addMissing } from "./add_missing.ts";
import { fromHex, toHex } from "./hex.ts";

const method = { writable: true, configurable: true };
addMissing(Uint8Array, "fromHex", fromHex, method);
addMissing(Uint8Array.prototype, "toHex", bytesToHex, method);

function bytesToHex(this: Uint8Array): string {
  return toHex(this);
}
