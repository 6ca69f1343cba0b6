/**
 * Keys as programs see them: a key of the group, and a key that is unfinished.
 * @module
 */
import type { KeyState, SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { isCertified, type KeyRow } from "../../keystore/key_rows.ts";
import type { KeyName } from "../records/key_name.ts";
import type { PastEpoch } from "./epochs/epochs.ts";

/** A key of the group. All of it is public, and the same at every peer, except `state`, `held` and `paused`. */
export interface GroupKey extends KeyName {
  /** 32 bytes on Curve25519; 33 on secp256k1, compressed. */
  publicKey: Uint8Array;
  /** The number of members that sign. */
  threshold: number;
  /** The members, in the order of their identifiers 1..n. */
  members: readonly PeerId[];
  /** 32 bytes, from which child keys are derived. */
  chainCode: Uint8Array;
  /**
   * The verifying share of each member, in the order of `members`: it checks that member's signature shares.
   */
  verifyingShares: readonly Uint8Array[];
  /** Counts resharings; 1 for a fresh key. */
  epoch: number;
  /** The epochs before, the first one first; none for a fresh key. */
  past: readonly PastEpoch[];
  /**
   * `pending` until all members have confirmed the key; `frozen` while this node refuses to sign with it; `retired`
   * once a later epoch is known, and no session uses this one any more.
   */
  state: Exclude<KeyState, "given-up" | "gone" | "erased">;
  /**
   * Whether this node holds a share. A member may hold none: its disk was set back, or its operator has
   * erased it.
   */
  held: boolean;
  /** True if this node takes part in no resharing of it for now, after some in which somebody cheated. */
  paused: boolean;
  /** The session that made the key: its id. */
  session: SessionId;
}

/** A key that may never become active, of which this node keeps a share. */
export interface UnfinishedKey extends KeyName {
  /** The session that was to make the key. */
  session: SessionId;
}

/** The facts about a key that its row does not have. */
export interface Standing {
  /** Whether this node refuses to sign with it. */
  readonly frozen?: boolean;
  /** Whether a later epoch is known. */
  readonly retired?: boolean;
  /** True if this node takes part in no resharing of it for now. */
  readonly paused?: boolean;
  readonly past?: readonly PastEpoch[];
}

/** The key of a row. */
export function groupKey(
  { key, session, state, share }: Pick<KeyRow, "key" | "session" | "state" | "share">,
  { frozen = false, retired = false, paused = false, past = [] }: Standing = {},
): GroupKey {
  const { wallet, scheme, publicKey, chainCode, threshold, members, epoch, verifyingShares } = key!;
  return {
    wallet,
    scheme,
    publicKey,
    threshold,
    members,
    chainCode,
    verifyingShares,
    epoch,
    past,
    state: retired ? "retired" : isCertified({ state }) ? (frozen ? "frozen" : "active") : "pending",
    held: share.length > 0,
    paused,
    session: session.toHex(),
  };
}
