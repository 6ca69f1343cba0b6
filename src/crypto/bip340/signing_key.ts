/**
 * Keys that sign by BIP-340 out of one group key: the key itself, its children (BIP-32), and their Taproot
 * outputs (BIP-341).
 * @module
 */
import { childOf } from "../bip32.ts";
import { hasEvenY } from "./signature.ts";
import type { FrostKey } from "../frost.ts";
import { groups } from "../group.ts";
import {
  plainTweak,
  type TweakedKey,
  tweakedPublicKey,
  tweakedShare,
  tweakedVerifyingShares,
  untweaked,
  withEvenY,
  xOnlyTweak,
} from "./key_tweak.ts";
import { type MerkleRoot, tapTweak } from "./taproot.ts";

/** The tweaks of a group key before it signs. */
export interface KeyTweaks {
  /** Non-hardened indices of a child; empty for the key itself. */
  readonly path: readonly number[];
  /**
   * Makes the child the internal key of a Taproot output, whose output key signs; null where the child signs.
   */
  readonly merkleRoot: MerkleRoot | null;
}

/**
 * The key that signs, with an even y. Steps of the path are plain tweaks: each begins at the point that the
 * step before it left, of whichever parity, so that any wallet with the extended public key finds the child.
 * BIP-341's tweak comes last, and begins at the child's x alone.
 *
 * @param parent `publicKey` 33 bytes, `chainCode` 32.
 * @throws {InputError} `path` or `merkleRoot`
 */
export function tweakedKeyOf(
  parent: { readonly publicKey: Uint8Array; readonly chainCode: Uint8Array },
  { path, merkleRoot }: KeyTweaks,
): TweakedKey {
  const child = plainTweak(untweaked(parent.publicKey), childOf(groups.secp256k1, parent, path).tweak);
  if (merkleRoot === null) return withEvenY(child);
  return withEvenY(xOnlyTweak(child, tapTweak(tweakedPublicKey(child).slice(1), merkleRoot)));
}

/**
 * The key that FROST signs with in place of the group key. RFC 9591 §4.4 hashes a public key into each
 * binding factor, BIP-340 into the challenge; both hash this one, so that nonces are bound to the tweaks as
 * well as to the message.
 */
export function tweakedFrostKey<K extends FrostKey>(key: K, tweaked: TweakedKey): K {
  return {
    ...key,
    publicKey: tweakedPublicKey(tweaked),
    verifyingShares: tweakedVerifyingShares(key.verifyingShares, tweaked),
  };
}

/**
 * A generated key with an even y. If its y is odd, key, share and verifying shares change their sign
 * together, at every member alike. From then on x alone is the key, and children are derived from 02 ‖ x by
 * all.
 *
 * @param made `share` is 32 bytes. A share that changes its sign is wiped here; the caller wipes the one it
 * gets.
 */
export function evenKey<K extends Pick<FrostKey, "publicKey" | "verifyingShares"> & { share: Uint8Array }>(
  made: K,
): K {
  if (hasEvenY(made.publicKey)) return made;
  const even = withEvenY(untweaked(made.publicKey));
  const share = tweakedShare(made.share, even);
  made.share.fill(0);
  return {
    ...made,
    share,
    publicKey: tweakedPublicKey(even),
    verifyingShares: tweakedVerifyingShares(made.verifyingShares, even),
  };
}
