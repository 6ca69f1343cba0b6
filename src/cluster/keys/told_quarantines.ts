/**
 * Pairs that other peers have quarantined, as each tells of its own: all of them when it is met, and each change by an
 * event. They are shown, and nothing is decided on them. They are in memory only: whoever comes back asks again.
 * @module
 */
import * as v from "valibot";
import { bytes, peerId, record, uint, walletName } from "../../crypto/codec.ts";
import type { Curve, QuarantineEvent } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { maxToldQuarantines } from "../../limits.ts";
import type { Quarantine } from "./frozen.ts";
import { type IsMember, keepOnly, type OfMembers } from "../records/of_members.ts";

const quarantineRecord = record("quorate/1/quarantine", {
  wallet: walletName,
  curve: v.picklist(["ed25519", "secp256k1"] satisfies Curve[]),
  key: bytes(32),
  other: peerId,
  at: uint,
});

/** As it is told to who asks; whose it is, the channel says. */
export function encodeQuarantine({ key, wallet, curve, other, at }: Quarantine): Uint8Array {
  return quarantineRecord.encode({ wallet, curve, key: Uint8Array.fromHex(key), other, at });
}

/** @throws If it is none. */
export function decodeQuarantine(encoded: Uint8Array, by: PeerId): Quarantine {
  const { key, ...rest } = quarantineRecord.decode(encoded);
  return { ...rest, key: key.toHex(), by };
}

export class ToldQuarantines implements OfMembers {
  readonly #told = new Map<PeerId, readonly Quarantine[]>();

  /** All that a peer has at this moment. */
  take(by: PeerId, all: readonly Quarantine[]): void {
    if (all.length > 0) this.#told.set(by, all.slice(0, maxToldQuarantines));
    else this.#told.delete(by);
  }

  /** A peer has quarantined a pair of its own, or released it. */
  heard({ peer, pair, wallet, curve, key, at, state }: QuarantineEvent): void {
    const other = pair.find((one) => one !== peer);
    if (!pair.includes(peer) || other === undefined) return;
    const rest = (this.#told.get(peer) ?? []).filter((one) => one.key !== key || one.other !== other);
    this.take(peer, state === "released" ? rest : [...rest, { wallet, curve, key, by: peer, other, at }]);
  }

  keepOnly(isMember: IsMember): void {
    keepOnly(this.#told, isMember);
  }

  all(): Quarantine[] {
    return [...this.#told.values()].flat();
  }
}
