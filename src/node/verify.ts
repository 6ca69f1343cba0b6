/**
 * Verifying, for who has a key and a signature and no node; and the keys and addresses that everyone can compute.
 * @module
 */
import type { GroupKey } from "../cluster/keys/keys.ts";
import { askedOf, payloadOf, type Signature, type SignInput } from "../cluster/records/signing.ts";
import { childOf } from "../crypto/bip32.ts";
import { verifyEthereum } from "../crypto/ecdsa_signature.ts";
import { verifySignature } from "../crypto/verify.ts";
import { InputError } from "../errors.ts";

export { bitcoinAddress, ethereumAddress } from "../crypto/address.ts";

/**
 * Whether `signature` is one over `what` under `key`, by the strict rules. Never throws.
 *
 * @param key For a signature of a child: {@linkcode childKey} of it.
 * @param what A message, or what was asked to be signed.
 * @param signature 64 bytes; of ECDSA also the 65 that `sign` gives as `ethereum`: r, s and 27 or 28, which must recover
 * this key.
 */
export function verify(
  key: Pick<GroupKey, "curve" | "publicKey">,
  what: Uint8Array | SignInput,
  signature: Pick<Signature, "curve" | "bytes">,
): boolean {
  const { curve, publicKey } = key;
  if (signature.curve !== curve) return false;
  try {
    const asked = askedOf(curve, what instanceof Uint8Array ? { message: what } : what);
    const payload = payloadOf({ curve, ...asked });
    const { bytes } = signature;
    return curve === "secp256k1" && bytes.length === 65
      ? verifyEthereum(publicKey, payload, bytes)
      : verifySignature(curve, publicKey, payload, bytes);
  } catch (error) {
    if (error instanceof InputError) return false; // nobody signs that
    throw error;
  }
}

/**
 * The key of a child that signs when `sign` is given a path: BIP-32 without hardened steps. On secp256k1 any wallet that
 * has the key and its chain code comes to the same. On Ed25519 it is the same formula over the other group, which is not
 * SLIP-10 (that knows hardened children only): no wallet derives these keys from a seed.
 *
 * @param path Indices below 2^31, at most 255.
 * @returns The key, of the length of the parent's, and its chain code, 32 bytes.
 * @throws {InputError} `path`
 */
export function childKey(
  key: Pick<GroupKey, "curve" | "publicKey" | "chainCode">,
  path: readonly number[],
): Pick<GroupKey, "curve" | "publicKey" | "chainCode"> {
  const { publicKey, chainCode } = childOf(key, path);
  return { curve: key.curve, publicKey, chainCode };
}
