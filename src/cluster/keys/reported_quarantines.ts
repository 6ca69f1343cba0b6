/**
 * The quarantines that other peers report: all of a peer's own when this node connects to it, and each change
 * by an event. They are shown, and nothing is decided on them. They are in memory only: after a restart this
 * node asks again.
 * @module
 */
import * as v from "valibot";
import { bytes, peerId, record, uint, walletName } from "../../crypto/codec.ts";
import type { QuarantineEvent } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { maxReportedQuarantines } from "../../limits.ts";
import { schemeIds } from "../../schemes/schemes.ts";
import { type IsMember, keepOnly, type OfMembers } from "../records/of_members.ts";
import type { Quarantine } from "./frozen.ts";

const quarantineRecord = record("quorate/3/quarantine", {
  wallet: walletName,
  scheme: v.picklist(schemeIds),
  keyId: bytes(32),
  other: peerId,
  at: uint,
});

/** A quarantine as it is sent to a peer that asks. Its author is the sender, which the channel proves. */
export function encodeQuarantine({ keyId, wallet, scheme, other, at }: Quarantine): Uint8Array {
  return quarantineRecord.encode({ wallet, scheme, keyId: Uint8Array.fromHex(keyId), other, at });
}

/** @param by The sender. @throws {TypeError} */
export function decodeQuarantine(encoded: Uint8Array, by: PeerId): Quarantine {
  const { keyId, ...rest } = quarantineRecord.decode(encoded);
  return { ...rest, keyId: keyId.toHex(), by };
}

export class ReportedQuarantines implements OfMembers {
  readonly #reported = new Map<PeerId, readonly Quarantine[]>();

  /** Takes all quarantines that a peer has at this moment. */
  take(by: PeerId, all: readonly Quarantine[]): void {
    if (all.length > 0) this.#reported.set(by, all.slice(0, maxReportedQuarantines));
    else this.#reported.delete(by);
  }

  /** Takes the event of a peer that has quarantined or released a pair of its own. */
  takeEvent({ peer, pair, wallet, scheme, keyId, at, state }: QuarantineEvent): void {
    const other = pair.find((one) => one !== peer);
    if (!pair.includes(peer) || other === undefined) return;
    const rest = (this.#reported.get(peer) ?? []).filter((one) => one.keyId !== keyId || one.other !== other);
    const added = { wallet, scheme, keyId, by: peer, other, at };
    this.take(peer, state === "released" ? rest : [...rest, added]);
  }

  keepOnly(isMember: IsMember): void {
    keepOnly(this.#reported, isMember);
  }

  all(): Quarantine[] {
    return [...this.#reported.values()].flat();
  }
}
