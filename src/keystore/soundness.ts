/**
 * Whether what lies on a disk, or in a backup, is what it says: asked of every key before it counts as restored.
 * @module
 */
import type { PeerId } from "../failure.ts";
import type { Identity } from "../ports.ts";
import { certified, type KeyRow } from "./key_rows.ts";
import { openPair } from "./pair_record.ts";
import { openShare } from "./share_record.ts";

/**
 * Whether a key's row is sound: its share opens and gives the verifying share of its peer, and, if it is active, all its
 * members have signed the key. False, never an error.
 */
export async function isSound(
  identity: Pick<Identity, "peer" | "verify">,
  storageKey: string,
  row: KeyRow,
): Promise<boolean> {
  if (["opened", "no", "gone"].includes(row.state)) return true; // there is no share, and none is expected
  if (row.key === null || !row.key.members.includes(identity.peer)) return false;
  try {
    using _share = await openShare(storageKey, { peer: identity.peer, key: row.key }, row.share);
  } catch {
    return false; // share-corrupt, and nothing else
  }
  return row.state !== "active" || await certified(identity, row);
}

/** The other members with whom this one keeps something to sign with: on secp256k1 all, on ed25519 none. */
export function pairsOf(self: PeerId, { key }: KeyRow): PeerId[] {
  return key?.curve === "secp256k1" ? key.members.filter((peer) => peer !== self) : [];
}

/** Whether the sealed state of a pair opens, and belongs to this key. False, never an error. */
export async function isSoundPair(
  self: PeerId,
  storageKey: string,
  { key }: KeyRow,
  other: PeerId,
  sealed: Uint8Array,
): Promise<boolean> {
  if (key === null) return false;
  const { wallet, epoch, publicKey } = key;
  try {
    using _pair = await openPair(storageKey, { wallet, epoch, publicKey, self, other }, sealed);
    return true;
  } catch {
    return false; // share-corrupt, and nothing else
  }
}
