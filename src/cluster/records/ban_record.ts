/**
 * The record of a ban: two peers that must not use a key together any more. The peer that found it signs it
 * for others.
 * @module
 */
import * as v from "valibot";
import { bytes, peerId, record, uint, walletName } from "../../crypto/codec.ts";
import type { Scheme, SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { schemeIds } from "../../schemes/schemes.ts";

/** A pair of peers that must not use a key together any more. */
export interface Ban {
  /** The wallet's name. */
  wallet: string;
  /** The scheme of its key. */
  scheme: Scheme;
  /** The epoch of the key. */
  epoch: number;
  /** The id of the key: the session that made it. */
  keyId: SessionId;
  /** The peer that found it. */
  by: PeerId;
  /** The peer whose message failed the check. */
  other: PeerId;
  /** Wall time of the finding, ms since 1970. */
  at: number;
}

export const banRecord = record("quorate/3/ban", {
  wallet: walletName,
  scheme: v.picklist(schemeIds),
  epoch: uint,
  keyId: bytes(32),
  other: peerId,
  at: uint,
  /** The session in which the check failed. */
  session: bytes(32),
});
export type BanRow = ReturnType<typeof banRecord.decode>;

/** The ban in a row. @param by The peer that found it. */
export function banOf({ session: _session, keyId, ...rest }: BanRow, by: PeerId): Ban {
  return { ...rest, keyId: keyId.toHex(), by };
}
