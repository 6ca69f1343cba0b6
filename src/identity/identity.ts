/**
 * The identity of a node: its peer key and its storage key, as one object.
 * @module
 */
import { bech32 } from "@scure/base";
import { InputError } from "../errors.ts";
import type { Identity, IdentitySecrets, Random } from "../ports.ts";
import { peerKey, peerVerifier } from "./peer_key.ts";

const storageKeyPrefix = "age-secret-key-";

/**
 * The identity with these secrets, which are copied.
 *
 * @throws {InputError} `peerSeed` or `storageKey`, if it is not of its form. The message does not quote it.
 */
export async function identityFrom({ peerSeed, storageKey }: IdentitySecrets): Promise<Identity> {
  if (!isStorageKey(storageKey)) {
    throw new InputError("storageKey", "expected AGE-SECRET-KEY-1…, found something else");
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
  const storageKey = bech32.encodeFromBytes(storageKeyPrefix, random(32)).toUpperCase();
  return identityFrom({ peerSeed: random(32), storageKey });
}

/** Whether a text is an age identity (age-encryption.org/v1, X25519): Bech32 of 32 bytes, in capitals. */
function isStorageKey(text: string): boolean {
  if (text !== text.toUpperCase()) return false;
  try {
    const { prefix, bytes } = bech32.decodeToBytes(text);
    return prefix.toLowerCase() === storageKeyPrefix && bytes.length === 32;
  } catch {
    return false; // the error may quote the key
  }
}
