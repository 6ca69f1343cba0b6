/**
 * A ban as it is kept and told: who must not use which key with whom any more, signed by who found it where it is told.
 * @module
 */
import * as v from "valibot";
import { bytes, peerId, record, uint, walletName } from "../../crypto/codec.ts";
import type { Curve, SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";

/** A pair that must not use a key together any more. */
export interface Ban {
  /** The wallet's name. */
  wallet: string;
  /** The curve of its key. */
  curve: Curve;
  /** Of the key. */
  epoch: number;
  /** The session that made the key. */
  key: SessionId;
  /** The peer that found it. */
  by: PeerId;
  /** The peer whose message failed the check. */
  other: PeerId;
  /** Wall time of the finding, ms since 1970. */
  at: number;
}

export const banRecord = record("quorate/1/ban", {
  wallet: walletName,
  curve: v.picklist(["ed25519", "secp256k1"] satisfies Curve[]),
  epoch: uint,
  key: bytes(32),
  other: peerId,
  at: uint,
  /** In which the check failed. */
  session: bytes(32),
});
export type BanRow = ReturnType<typeof banRecord.decode>;

/** A row as `by`'s ban. */
export function banOf({ session: _session, key, ...rest }: BanRow, by: PeerId): Ban {
  return { ...rest, key: key.toHex(), by };
}
