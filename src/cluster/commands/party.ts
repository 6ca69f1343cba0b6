/**
 * Who is asked: those to whom a link is up, who hold the key, and who have not refused.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { SessionError } from "../../errors.ts";
import type { Claim, PeerId } from "../../failure.ts";
import { maxParties } from "../../limits.ts";
import type { Bans } from "../keys/bans.ts";
import type { Command, KeyName } from "../records/command.ts";
import { findParty, type Pair } from "../records/party_search.ts";
import type { Context } from "../context.ts";
import type { Frozen } from "../keys/frozen.ts";
import type { History } from "../rollback/history.ts";
import type { Keys } from "../keys/keys.ts";
import type { LinkKeys } from "../links/link_keys.ts";

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

/** What was heard when parties were proposed for one command. */
export interface Refusals {
  /** Who is not asked again, and what it said. */
  readonly peers: Map<PeerId, Claim | null>;
  /** Who says that it does not sign together with whom. */
  readonly apart: Claim[];
}

/** How ready a key is, as seen from here. */
export function readiness(
  { self, lacking, linked, locked, members, threshold, banned, quarantined }: {
    self: PeerId;
    /** Members that hold no share, by their own word. */
    lacking: ReadonlySet<PeerId>;
    linked(peer: PeerId): boolean;
    /** By its own word. */
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
  const mine = ready.includes(self) ? 1 + others.filter((peer) => !apart.includes(peer)).length : 0;
  const quorate = Math.max(mine, others.length) >= threshold;
  return { quorate, ready, missing, banned: [...banned], quarantined: [...quarantined] };
}

export interface Choice {
  context: Pick<Context, "identity" | "random">;
  keys: Keys;
  links: LinkKeys;
  bans: Bans;
  frozen: Frozen;
  history: History;
  command: Command;
  refusals: Refusals;
}

/**
 * A sorted party for a command, this node in it.
 *
 * @throws {SessionError} `unknown-wallet`, `wallet-busy`, `key-frozen`, `store-failed`, `peer-banned`,
 * `pair-quarantined`, `restored`, `not-enough-peers`, `declined`.
 */
export function chooseParty(
  { context, keys, links, bans, frozen, history, command, refusals }: Choice,
): PeerId[] {
  const self = context.identity.peer;
  const up = (peer: PeerId) => peer === self || links.has(peer);
  if (command.kind === "generate") {
    history.check(command.members, null);
    return complete(command.members, up);
  }
  const row = keys.own(command satisfies KeyName);
  if (!row) throw new SessionError("unknown-wallet");
  if (!equal(row.session, command.key)) throw new SessionError("epoch-mismatch");
  if (row.state === "pending") throw new SessionError("wallet-busy");
  const key = row.session.toHex();
  if (frozen.has(key)) throw new SessionError("key-frozen");
  bans.check(row);
  history.check(command.signers, row);
  const { members, threshold } = row.key!;
  if (command.signers.length > 0) {
    if (command.signers.length !== threshold) throw new SessionError("session-mismatch");
    if (command.signers.some((peer) => bans.has(key, peer))) throw new SessionError("peer-banned");
    if (command.signers.some((peer) => frozen.has(key, peer))) throw new SessionError("pair-quarantined");
    return complete(command.signers, up);
  }
  const linked = members.filter((peer) => peer !== self && up(peer) && !refusals.peers.has(peer));
  const ready = linked.filter((peer) => !history.rollbacks.back(peer));
  if (linked.length + 1 >= threshold && ready.length + 1 < threshold) history.check(linked, row);
  if (ready.length + 1 < threshold) throw tooFew(members.filter((peer) => !up(peer)), refusals.peers);
  const rest = shuffled(ready, context.random);
  const draw = (apart: readonly Pair[]) => findParty(rest, threshold, apart, [self])?.sort();
  const banned = bans.of(key).map((other) => [self, other] as const);
  const mine = [...banned, ...frozen.quarantined(key).map((other) => [self, other] as const)];
  const told = refusals.apart.flatMap(({ by, peers }) => peers.map((other) => [by, other] as const));
  const party = draw([...mine, ...told]);
  if (party) return party;
  // In its own voice a node says only what it has found itself.
  if (!draw(banned)) throw new SessionError("peer-banned");
  if (!draw(mine)) throw new SessionError("pair-quarantined");
  throw new SessionError("declined", { claims: refusals.apart.slice(0, maxParties) });
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

/** In an order that any other is as likely as: so that work and faults spread. */
function shuffled(peers: readonly PeerId[], random: Context["random"]): PeerId[] {
  const rest = [...peers];
  return peers.map(() => rest.splice(random(1)[0]! % rest.length, 1)[0]!);
}
