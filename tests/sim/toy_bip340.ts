/**
 * The BIP-340 of the toy vault: the rounds and checks are the toy's, and the signature is a real one of the
 * key that the real code makes of its use. Nothing is hidden from a holder: the verifying shares are the
 * shares.
 * @module
 */
import { schnorr } from "@noble/curves/secp256k1.js";
import { tweakedShare, untweaked, withEvenY } from "../../src/crypto/bip340/key_tweak.ts";
import type { SigningItem, Task } from "../../src/ports.ts";
import { tweakedFor } from "../../src/schemes/bip340.ts";
import { secretOf, toyPublicKey } from "./toy_ecdsa.ts";
import { interpolate, mod, scalarOf } from "./toy_field.ts";

/** The key with an even y whose secret is this number, or its negative. */
export function toyEvenKey(sum: bigint): { publicKey: Uint8Array; secret: Uint8Array } {
  const secret = secretOf(sum);
  const even = withEvenY(untweaked(toyPublicKey(secret)));
  return { publicKey: even.point.toBytes(), secret: tweakedShare(secret, even) };
}

/** 64 bytes. */
export function toySignBip340(
  { key }: Task & { kind: "sign" },
  { path, options, payload }: SigningItem,
): Uint8Array {
  const identifiers = key.members.map((_, i) => BigInt(i + 1)).slice(0, key.threshold);
  const parts = identifiers.map((identifier, i) =>
    interpolate(identifiers, identifier) * scalarOf(key.verifyingShares[i]!)
  );
  const { secret } = toyEvenKey(mod(parts.reduce((sum, part) => sum + part, 0n)));
  return schnorr.sign(payload, tweakedShare(secret, tweakedFor(key, { path, options })), new Uint8Array(32));
}
