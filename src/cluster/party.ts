/**
 * Who is asked: those to whom a link is up, who hold the key, and who have not refused.
 * @module
 */
import { type Claim, type PeerId, SessionError } from "../failure.ts";
import type { Command, KeyName } from "./command.ts";
import type { Context } from "./context.ts";
import type { Keys } from "./keys.ts";
import type { Links } from "./link.ts";

/** Whether a key could be used at this moment, before anyone is asked. */
export interface Readiness {
  /** Enough holders are ready. */
  quorate: boolean;
  /** Holders that could sign now. */
  ready: PeerId[];
  /** Holders that cannot be reached. */
  missing: PeerId[];
  /** Peers that this node must not use the key with. */
  banned: PeerId[];
}

/** How ready a key is, as seen from here. */
export function readiness(
  { self, linked, members, threshold }: {
    self: PeerId;
    linked(peer: PeerId): boolean;
    members: readonly PeerId[];
    threshold: number;
  },
): Readiness {
  const ready = members.filter((peer) => peer === self || linked(peer));
  const missing = members.filter((peer) => !ready.includes(peer));
  return { quorate: ready.length >= threshold, ready, missing, banned: [] };
}

export interface Choice {
  context: Pick<Context, "identity" | "random">;
  keys: Keys;
  links: Links;
  command: Command;
  /** Who was asked before, and what it said. */
  excluded: ReadonlyMap<PeerId, Claim | null>;
}

/**
 * A sorted party for a command, this node in it.
 *
 * @throws {SessionError} `unknown-wallet`, `wallet-busy`, `not-enough-peers`, `declined`.
 */
export function chooseParty({ context, keys, links, command, excluded }: Choice): PeerId[] {
  const self = context.identity.peer;
  const up = (peer: PeerId) => peer === self || links.current(peer) !== null;
  if (command.kind === "generate") return complete(command.members, up);
  const row = keys.own(command satisfies KeyName);
  if (!row) throw new SessionError("unknown-wallet");
  if (row.state === "pending") throw new SessionError("wallet-busy");
  const { members, threshold } = row.key!;
  if (command.signers.length > 0) {
    if (command.signers.length !== threshold) throw new SessionError("session-mismatch");
    return complete(command.signers, up);
  }
  const ready = members.filter((peer) => peer !== self && up(peer) && !excluded.has(peer));
  if (ready.length + 1 < threshold) throw tooFew(members.filter((peer) => !up(peer)), excluded);
  return [self, ...drawn(ready, threshold - 1, context.random)].sort();
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

/** `count` of `peers`, any of them as likely: so that work and faults spread. */
function drawn(peers: readonly PeerId[], count: number, random: Context["random"]): PeerId[] {
  const rest = [...peers];
  return Array.from({ length: count }, () => rest.splice(random(1)[0]! % rest.length, 1)[0]!);
}
