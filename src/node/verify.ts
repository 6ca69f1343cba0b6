/**
 * Verification without a node, and the child keys that anybody can compute from a public key.
 * @module
 */
import type { GroupKey } from "../cluster/keys/group_key.ts";
import type { ItemInput, Signature } from "../schemes/schemes.ts";
import { readItem, schemeIds, verifyingSchemes } from "../schemes/verifying/verifying.ts";
import { InputError } from "../errors.ts";

export { digestOf } from "../crypto/ecdsa/signature.ts";

/**
 * Verifies a signature by the strict rules: no verifier of its scheme rejects what passes here. Never throws.
 *
 * @param key The key; for a signature by a child, the {@linkcode childKey}, or the key with its chain code
 * and the path in `what`. Not the output key of a Taproot output: it is derived here from the `merkleRoot` of
 * `what`.
 * @param what The message, or the input that was given to `sign`.
 * @param signature 64 bytes; for ECDSA also the 65 of its `ethereum` form: r, s and 27 or 28, from which this
 * key must be recovered.
 */
export function verify(
  key: Pick<GroupKey, "scheme" | "publicKey"> & Partial<Pick<GroupKey, "chainCode">>,
  what: Uint8Array | ItemInput,
  signature: Pick<Signature, "scheme" | "bytes">,
): boolean {
  const { scheme, publicKey, chainCode } = key;
  if (!schemeIds.includes(scheme) || signature.scheme !== scheme) return false;
  try {
    const item = readItem(scheme, what instanceof Uint8Array ? { message: what } : what);
    if (chainCode === undefined && item.path.length > 0) return false; // no child without a chain code
    const { payloadOf, verifyAnyForm } = verifyingSchemes[scheme];
    const signing = signingKeyOf({ scheme, publicKey, chainCode: chainCode ?? new Uint8Array(32) }, item);
    if (signing === null) return false;
    return verifyAnyForm(signing, payloadOf(item), signature.bytes);
  } catch (error) {
    if (error instanceof InputError) return false; // no node signs such an input
    throw error;
  }
}

/** The key that the input makes of a key; null if the key is not a point of its curve. */
function signingKeyOf(
  key: Pick<GroupKey, "scheme" | "publicKey" | "chainCode">,
  use: ReturnType<typeof readItem>,
): Uint8Array | null {
  try {
    return verifyingSchemes[key.scheme].verifyingKeyOf(key, use);
  } catch {
    return null;
  }
}

/**
 * The child key that signs when `sign` gets a path: BIP-32 without hardened steps. For ECDSA, any wallet that
 * has the key and its chain code derives the same child. For Ed25519 it is the same formula in the other
 * group, and not SLIP-10, which has hardened children only: no wallet derives these keys from a seed.
 *
 * @param path Indices below 2^31, at most 255.
 * @returns The key, of the length of the parent's, and its chain code, 32 bytes.
 * @throws {InputError} `path`
 */
export function childKey(
  key: Pick<GroupKey, "scheme" | "publicKey" | "chainCode">,
  path: readonly number[],
): Pick<GroupKey, "scheme" | "publicKey" | "chainCode"> {
  const { publicKey, chainCode } = verifyingSchemes[key.scheme].childOf(key, path);
  return { scheme: key.scheme, publicKey, chainCode };
}
