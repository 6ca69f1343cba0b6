/**
 * BIP-340 signatures, verified.
 * @module
 */
import { childOf } from "../../crypto/bip32.ts";
import { liftX, verifyBip340, xOnly } from "../../crypto/bip340/signature.ts";
import { tweakedKeyOf } from "../../crypto/bip340/signing_key.ts";
import type { MerkleRoot } from "../../crypto/bip340/taproot.ts";
import { digestOf } from "../../crypto/ecdsa/signature.ts";
import { groups } from "../../crypto/group.ts";
import { InputError } from "../../errors.ts";
import type { Bip340Input, Bip340Options } from "../bip340.ts";
import type { Parent } from "../scheme.ts";
import { toFields } from "../sign_fields.ts";
import type { VerifyingScheme } from "./verifying_scheme.ts";

const group = groups.secp256k1;

/** A copy of a root from a caller. @throws {InputError} `merkleRoot` */
function rootOf(merkleRoot: MerkleRoot | null): MerkleRoot | null {
  if (merkleRoot === null) return null;
  if (!(merkleRoot instanceof Uint8Array) || (merkleRoot.length !== 0 && merkleRoot.length !== 32)) {
    const found = (merkleRoot as MerkleRoot).length ?? "something else";
    throw new InputError("merkleRoot", `expected 0 or 32 bytes, or null, found ${found}`);
  }
  return Uint8Array.from(merkleRoot);
}

/** A key of 33 bytes for one of which x alone is known, 32 bytes. @throws {Error} If no point has this x. */
const whole = (parent: Parent): Parent =>
  parent.publicKey.length === 32 ? { ...parent, publicKey: liftX(parent.publicKey) } : parent;

/** @param publicKey Compressed, 33 bytes, or x alone, 32. */
function verify(publicKey: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean {
  const compressed = publicKey.length === 33 && (publicKey[0] === 2 || publicKey[0] === 3);
  return verifyBip340(compressed ? publicKey.subarray(1) : publicKey, payload, signature);
}

/** BIP-340's verifying half. */
export const bip340Verifying: VerifyingScheme<"bip340", Bip340Input, Bip340Options> = {
  id: "bip340",
  inputOf: ({ merkleRoot = null, ...input }) => ({
    ...toFields(input, "none"),
    options: { merkleRoot: rootOf(merkleRoot) },
  }),
  checkMessage({ hash, digest }) {
    if (hash !== "none" && hash !== "sha256") {
      throw new InputError("hash", `expected none or sha256 for bip340, found ${hash}`);
    }
    if (digest.length > 0) throw new InputError("digest", "expected a message for bip340, found a digest");
  },
  payloadOf: ({ message, hash }) => hash === "none" ? message : digestOf(hash, message),
  verify,
  verifyAnyForm: verify,
  childOf: (parent, path) => childOf(group, parent, path),
  verifyingKeyOf(parent, { path, options: { merkleRoot } }) {
    return xOnly(group.encodeElement(tweakedKeyOf(whole(parent), { path, merkleRoot }).point));
  },
};
