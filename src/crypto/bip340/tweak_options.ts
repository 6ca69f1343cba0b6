/**
 * The encoding of what Taproot makes of a key before it signs, as a command carries it.
 * @module
 */
import * as v from "valibot";
import { bytesUpTo, record } from "../codec.ts";

/** `merkleRoot`: null, 0 bytes or 32, as in `KeyTweaks`. At most 63 bytes in all. */
export const tweakOptions = record("quorate/1/bip340/options", {
  merkleRoot: v.nullable(
    v.pipe(bytesUpTo(32), v.check(({ length }) => length === 0 || length === 32, "expected 0 or 32 bytes")),
  ),
});
