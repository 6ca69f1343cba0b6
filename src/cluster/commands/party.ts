/**
 * The choice of a party: holders of the key that have a link to this node and have not declined.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { SessionError } from "../../errors.ts";
import type { Claim, PeerId } from "../../failure.ts";
import { maxParties } from "../../limits.ts";
import { resharingParty } from "../../protocol/dealing.ts";
import type { Bans } from "../keys/bans.ts";
import type { Command } from "../records/command.ts";
import type { KeyName } from "../records/key_name.ts";
import { findParty, type Pair } from "./party_search.ts";
import type { Context } from "../events/event_context.ts";
import type { Frozen } from "../keys/frozen.ts";
import type { StoreHistory } from "../rollback/store_history.ts";
import type { Keys } from "../keys/keys.ts";
import type { LinkKeys } from "../links/link_keys.ts";
import type { Exclusions } from "./coordinator/exclusions.ts";

/** Whether a key could be used at this moment, before anyone is asked. */
export interface Readiness {
  /** Enough holders are ready. */
  quorate: boolean;
  /** Holders that could sign now. */
  ready: PeerId[];
  /** Holders that cannot be reached, whose shares are locked, or that hold no share any more. */
  missing: PeerId[];
  /** Peers that this node must not use the key with. */
  banned: PeerId[];
  /** Peers that this node does not use the key with until its operator says so. */
  quarantined: PeerId[];
}

/** The readiness of a key, as seen from this node. */
export function readiness(
  { self, lacking, linked, locked, members, threshold, banned, quarantined }: {
    self: PeerId;
    /** Members that hold no share, by their own report. */
    lacking: ReadonlySet<PeerId>;
    linked(peer: PeerId): boolean;
    /** Whether its shares are locked, by its own report. */
    locked(peer: PeerId): boolean;
    members: readonly PeerId[];
    threshold: number;
    banned: readonly PeerId[];
    quarantined: readonly PeerId[];
  },
): Readiness {
  const ready = members.filter((peer) =>
    !lacking.has(peer) && !locked(peer) && (peer === self || linked(peer))
  );
  const missing = members.filter((peer) => !ready.includes(peer));
  const others = ready.filter((peer) => peer !== self);
  const apart = [...banned, ...quarantined];
  const withSelf = ready.includes(self) ? 1 + others.filter((peer) => !apart.includes(peer)).length : 0;
  const quorate = Math.max(withSelf, others.length) >= threshold;
  return { quorate, ready, missing, banned: [...banned], quarantined: [...quarantined] };
}

export interface Choice {
  context: Pick<Context, "identity" | "random">;
  keys: Keys;
  links: LinkKeys;
  bans: Bans;
  frozen: Frozen;
  storeHistory: StoreHistory;
  command: Command;
  exclusions: Exclusions;
}

/**
 * A sorted party for a command, this node in it.
 *
 * @throws {SessionError} `unknown-wallet`, `wallet-busy`, `key-frozen`, `store-failed`, `peer-banned`,
 * `pair-quarantined`, `restored`, `not-enough-peers`, `declined`.
 */
export function chooseParty(
  { context, keys, links, bans, frozen, storeHistory, command, exclusions }: Choice,
): PeerId[] {
  const self = context.identity.peer;
  const up = (peer: PeerId) => peer === self || links.has(peer);
  if (command.kind === "generate") {
    storeHistory.check(command.members, null);
    return complete(command.members, up);
  }
  if (command.kind === "reshare") return resharers(keys, command, up);
  keys.epochs.checkCurrent(command.keyId.toHex());
  const row = keys.own(command satisfies KeyName);
  if (!row) throw new SessionError("unknown-wallet");
  if (!equal(row.session, command.keyId)) throw new SessionError("epoch-mismatch");
  if (row.state === "pending") throw new SessionError("wallet-busy");
  if (row.key!.epoch !== command.epoch) throw new SessionError("epoch-mismatch");
  const key = row.session.toHex();
  if (frozen.has(key)) throw new SessionError("key-frozen");
  bans.check(row);
  storeHistory.check(command.signers, row);
  const { members, threshold } = row.key!;
  if (command.signers.length > 0) {
    if (command.signers.length !== threshold) throw new SessionError("session-mismatch");
    const banned = bans.of(key);
    if (command.signers.some((peer) => banned.includes(peer))) throw new SessionError("peer-banned");
    if (command.signers.some((peer) => frozen.has(key, peer))) throw new SessionError("pair-quarantined");
    return complete(command.signers, up);
  }
  const linked = members.filter((peer) => peer !== self && up(peer) && !exclusions.peers.has(peer));
  const ready = linked.filter((peer) => !storeHistory.rollbacks.isRolledBack(peer));
  if (linked.length + 1 >= threshold && ready.length + 1 < threshold) storeHistory.check(linked, row);
  if (ready.length + 1 < threshold) throw tooFew(members.filter((peer) => !up(peer)), exclusions.peers);
  const rest = shuffled(ready, context.random);
  const draw = (apart: readonly Pair[]) => findParty(rest, threshold, apart, [self])?.sort();
  const banned = bans.of(key).map((other) => [self, other] as const);
  const own = [...banned, ...frozen.quarantined(key).map((other) => [self, other] as const)];
  const reported = exclusions.pairs.flatMap(({ by, peers }) => peers.map((other) => [by, other] as const));
  const party = draw([...own, ...reported]);
  if (party) return party;
  // A node reports as its own failure only what it has found itself.
  if (!draw(banned)) throw new SessionError("peer-banned");
  if (!draw(own)) throw new SessionError("pair-quarantined");
  throw new SessionError("declined", { claims: exclusions.pairs.slice(0, maxParties) });
}

/** The party of a resharing: everyone whom it concerns. @throws {SessionError} */
function resharers(
  keys: Keys,
  { keyId, epoch, members: recipients, gone }: Command,
  up: (peer: PeerId) => boolean,
): PeerId[] {
  const row = keys.certified(keyId.toHex());
  if (!row) throw new SessionError("unknown-wallet");
  if (row.key!.epoch !== epoch || keys.epochs.isRetired(keyId.toHex())) {
    throw new SessionError("epoch-mismatch");
  }
  return complete(resharingParty(row.key!, { recipients, gone }), up);
}

/** @throws {SessionError} `not-enough-peers` unless all are there. */
function complete(peers: readonly PeerId[], up: (peer: PeerId) => boolean): PeerId[] {
  const missing = peers.filter((peer) => !up(peer));
  if (missing.length > 0) throw new SessionError("not-enough-peers", { missing });
  return [...peers];
}

function tooFew(down: readonly PeerId[], excluded: ReadonlyMap<PeerId, Claim | null>): SessionError {
  const claims = [...excluded.values()].filter((claim) => claim !== null) as Claim[];
  if (claims.length > 0) return new SessionError("declined", { claims });
  return new SessionError("not-enough-peers", { missing: [...new Set([...down, ...excluded.keys()])] });
}

/** A uniformly random order, to spread load and failures. */
function shuffled(peers: readonly PeerId[], random: Context["random"]): PeerId[] {
  const rest = [...peers];
  return peers.map(() => rest.splice(random(1)[0]! % rest.length, 1)[0]!);
}
