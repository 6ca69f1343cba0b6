/**
 * The soundness of keys on a disk or in a backup: every key is checked before it counts as restored.
 * @module
 */
import type { PeerId } from "../failure.ts";
import type { Identity } from "../ports.ts";
import { certified } from "./vote_signatures.ts";
import type { KeyRow } from "./key_rows.ts";
import { schemes } from "../schemes/schemes.ts";
import { storedSchemes } from "../schemes/stored/stored.ts";
import { openPair } from "./pair_record.ts";
import { openShare } from "./share_record.ts";

/**
 * Whether the row of a key is sound: its share opens and gives the verifying share of its peer, and, if it is
 * active, all its members have signed the key. Returns false instead of throwing.
 */
export async function isSound(
  identity: Pick<Identity, "peer" | "verify">,
  storageKey: string,
  row: KeyRow,
): Promise<boolean> {
  if (["opened", "no", "released", "gone", "known"].includes(row.state)) return true; // there is no share, and none is expected
  if (row.key === null || !row.key.members.includes(identity.peer)) return false;
  try {
    const { key, session } = row;
    using _share = await openShare(storageKey, { peer: identity.peer, key, session }, row.share);
  } catch {
    return false; // share-corrupt, and nothing else
  }
  return row.state !== "active" || await certified(identity, row);
}

/**
 * The other members of the pairs that this member needs to sign: all others, or none if it has no share or the scheme
 * has no pairs.
 */
export function pairsOf(self: PeerId, { key, share }: KeyRow): PeerId[] {
  const hasPairs = key !== null && share.length > 0 && schemes[key.scheme].pairwise;
  return hasPairs ? key.members.filter((peer) => peer !== self) : [];
}

/** Whether the sealed state of a pair opens, and belongs to this key. Returns false instead of throwing. */
export async function isSoundPair(
  self: PeerId,
  storageKey: string,
  { key }: KeyRow,
  other: PeerId,
  sealed: Uint8Array,
): Promise<boolean> {
  const codec = key && storedSchemes[key.scheme].pairs;
  if (!codec) return false;
  const { wallet, epoch, publicKey } = key;
  try {
    using _pair = await openPair(codec, storageKey, { wallet, epoch, publicKey, self, other }, sealed);
    return true;
  } catch {
    return false; // share-corrupt, and nothing else
  }
}
