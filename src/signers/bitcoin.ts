/**
 * The signing of PSBTs (BIP-174, BIP-371) by a cluster: P2WPKH with a key for `ecdsa`, and P2TR by the key
 * path with one for `bip340`. A PSBT is bytes, so that any library makes and finishes it.
 * @module
 */
import { toDer } from "../crypto/ecdsa/der.ts";
import { childKey } from "../node/verify.ts";
import { readPsbt, sighashOf, spendsOf } from "./psbt_inputs.ts";
import { type SignerOptions, type SigningKey, type SigningNode, signingWith } from "./signing.ts";

export type { SignerOptions, SigningKey, SigningNode };

/**
 * Signs all inputs of a PSBT that a key or its children can spend: one command, one approval, one session.
 * Holders that are asked read the hashes and the `note`, which should say what is paid to whom.
 *
 * The child of an input is the one that a derivation in the PSBT names beside the key's fingerprint, or else
 * the one at `path` of the options. Inputs of others, and final ones, stay as they are. A signature signs all
 * inputs and all outputs: an input that wants another kind is refused.
 *
 * @returns The PSBT with the signatures, ready to be finished.
 * @throws {InputError} `psbt`, if it cannot be read, or there is nothing in it to sign; `scheme` or `path`.
 * @throws {SessionError} As `sign`: then no input is signed.
 */
export async function signPsbt(
  node: SigningNode,
  key: SigningKey,
  psbt: Uint8Array,
  options: SignerOptions = {},
): Promise<Uint8Array> {
  const transaction = readPsbt(psbt);
  const spends = spendsOf(transaction, key, options.path ?? []);
  const hashes = spends.map((spend) => sighashOf(transaction, spend));
  if (key.scheme === "ecdsa") {
    const { sign } = signingWith(node, key, "ecdsa", options);
    const items = spends.map(({ path }, i) => ({ path, digest: hashes[i]!, hash: "sha256d" as const }));
    for (const [i, { bytes }] of (await sign(items)).entries()) {
      const { index, path, sighash } = spends[i]!;
      const { publicKey } = childKey(key, path);
      const der = toDer({ compact: bytes, recovery: 0 }); // of what is verified, whatever else the client says
      transaction.updateInput(index, { partialSig: [[publicKey, Uint8Array.of(...der, sighash)]] }, true);
    }
  } else {
    const { sign } = signingWith(node, key, "bip340", options);
    const items = spends.map(({ path, merkleRoot }, i) => ({ path, merkleRoot, message: hashes[i]! }));
    for (const [i, { bytes }] of (await sign(items)).entries()) {
      const { index, sighash } = spends[i]!;
      const tapKeySig = sighash === 0 ? bytes : Uint8Array.of(...bytes, sighash); // BIP-341
      transaction.updateInput(index, { tapKeySig }, true);
    }
  }
  return transaction.toPSBT();
}
