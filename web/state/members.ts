/**
 * The rules for whose events count in a session. Any peer in the roster can gossip anything; the page believes members
 * about their own session, and only the coordinator before the session is opened. Pure.
 * @module
 */
import type { Failure, Opened, Proposed, SessionEvent, SessionId } from "../../src/events.ts";
import { failures, type PeerId } from "../../src/failure.ts";
import { maxSessionParty } from "../../src/limits.ts";
import type { PeerStatus } from "../node/node_port.ts";
import type { Account, Attempt, Session } from "./sessions.ts";

const roundsShown = 12; // the longest protocol has six
const longestRound = 24;

/** This page's own node and the peers that it knows. */
export interface Viewer {
  self: PeerId | null;
  peers: ReadonlyMap<PeerId, Pick<PeerStatus, "rights">>;
}

function isHolder(peer: PeerId, { peers }: Viewer): boolean {
  return peers.get(peer)?.rights.includes("holder") ?? false;
}

function isParty(party: readonly PeerId[], viewer: Viewer): boolean {
  return party.length > 0 && party.length <= maxSessionParty && new Set(party).size === party.length &&
    party.every((peer) => isHolder(peer, viewer));
}

/** Whether the page keeps this event. */
export function acceptsEvent(event: SessionEvent, viewer: Viewer): boolean {
  if (event.type === "failed" && !Object.hasOwn(failures, event.code)) return false;
  if (event.type === "proposed" || event.type === "opened") {
    if (!isParty(event.party, viewer)) return false;
  }
  if (event.type === "opened") {
    const { rounds } = event;
    if (rounds.length > roundsShown || rounds.some((round) => round.length > longestRound)) return false;
  }
  return event.peer === viewer.self || isHolder(event.peer, viewer);
}

/** The part of an attempt that the page believes. */
export interface Believed {
  attempt: string;
  since: number;
  coordinator: PeerId | null;
  /** Empty until a peer that the page believes has named it. */
  party: readonly PeerId[];
  session: SessionId | null;
  opened: boolean;
  rounds: readonly string[];
  /** Peers whose person is being asked for approval. */
  asking: readonly PeerId[];
  /** The accounts of members, of the coordinator, and of this page's own node. */
  accounts: ReadonlyMap<PeerId, Account>;
}

const partyId = (party: readonly PeerId[]) => [...party].sort().join(" ");
const isOpened = (event: SessionEvent): event is Opened => event.type === "opened";
const isProposed = (event: SessionEvent): event is Proposed => event.type === "proposed";

/**
 * The party of an attempt and the accounts that count. An opening counts if its author is in the party that it names; of
 * several openings, the one that most of its own members report. The count decides who takes part, never who is to blame.
 */
export function believe({ attempt, since, accounts }: Attempt, { self }: Viewer): Believed {
  const openings = [...accounts.values()].flatMap((account) => account.events.filter(isOpened).slice(0, 1));
  const proposals = [...accounts.values()].flatMap((account) =>
    account.events.filter(isProposed).slice(0, 1)
  );
  const reported = openings.filter((event) => event.party.includes(event.peer));
  const supporters = (event: Opened) =>
    reported.filter((other) => partyId(other.party) === partyId(event.party)).length;
  const opening = reported.reduce<Opened | null>(
    (best, event) => !best || supporters(event) > supporters(best) ? event : best,
    null,
  );
  const party = opening?.party ?? proposals[0]?.party ?? [];
  const proposal = proposals.find((event) => partyId(event.party) === partyId(party));
  const first = [...accounts.keys()].find((peer) => peer !== self) ?? self;
  const coordinator = proposal?.peer ?? (opening ? null : first);
  const counts = (peer: PeerId) => peer === self || peer === coordinator || (opening && party.includes(peer));
  return {
    attempt,
    since,
    coordinator,
    party,
    session: opening?.session ?? null,
    opened: opening !== null,
    rounds: opening?.rounds ?? [],
    asking: [...accounts.values()].filter(({ peer }) => counts(peer)).flatMap(({ events }) =>
      events.flatMap((event) => event.type === "asking" ? [event.other] : [])
    ),
    accounts: new Map([...accounts].filter(([peer]) => counts(peer))),
  };
}

/** The attempt to show: the one that most members report as opened; of equals, the latest. */
export function shownAttempt(session: Session, viewer: Viewer): Believed | null {
  let best: Believed | null = null;
  let most = -2;
  for (const attempt of session.attempts.values()) {
    const one = believe(attempt, viewer);
    const opened = [...one.accounts.values()].filter((account) => account.events.some(isOpened)).length;
    const reports = attempt.attempt === "" ? -1 : opened;
    if (reports >= most) [best, most] = [one, reports];
  }
  return best;
}

/** A failure without the peers that have no part in the session, and without accusations of its own author. */
export function trimmed(failure: Failure, party: readonly PeerId[], viewer: Viewer): Failure {
  const known = (peers: readonly PeerId[]) =>
    [...new Set(peers)].filter((peer) => party.includes(peer) || isHolder(peer, viewer));
  return {
    ...failure,
    culprits: [...new Set(failure.culprits)].filter((peer) => party.includes(peer) && peer !== failure.peer),
    // A peer whose own person did not answer reports itself as missing.
    missing: known(failure.missing).filter((peer) => peer !== failure.peer || failure.code === "unanswered"),
    claims: failure.claims
      .filter(({ by, code }) => (party.includes(by) || isHolder(by, viewer)) && Object.hasOwn(failures, code))
      .slice(0, maxSessionParty)
      .map((claim) => ({ ...claim, peers: known(claim.peers) })),
  };
}
