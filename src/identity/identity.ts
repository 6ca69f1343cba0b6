/**
 * The identity of a node: its peer key and its storage key, as one object.
 * @module
 */
import { isStorageKey, storageKeyOf } from "../crypto/age/storage_key.ts";
import { InputError } from "../errors.ts";
import type { Identity, IdentitySecrets, Random } from "../ports.ts";
import { peerKey, peerVerifier } from "./peer_key.ts";

/**
 * The identity with these secrets, which are copied.
 *
 * @throws {InputError} `peerSeed` or `storageKey`, if it is not of its form. The message does not quote it.
 */
export async function identityFrom({ peerSeed, storageKey }: IdentitySecrets): Promise<Identity> {
  if (!isStorageKey(storageKey)) {
    throw new InputError("storageKey", "expected AGE-SECRET-KEY-1…, found something else");
  }
  if (!(peerSeed instanceof Uint8Array)) {
    throw new InputError("peerSeed", "expected 32 bytes, found something else");
  }
  const seed = peerSeed.slice();
  const { peer, sign } = await peerKey(seed);
  return {
    peer,
    sign,
    verify: peerVerifier(),
    secrets: () => ({ peerSeed: seed.slice(), storageKey }),
  };
}

/** A new identity: both keys are 32 bytes of `random`. */
export function newIdentity(random: Random): Promise<Identity> {
  const storageKey = storageKeyOf(random(32));
  return identityFrom({ peerSeed: random(32), storageKey });
}
