/**
 * Who may tell what about a session. Any peer in the roster can gossip anything; the page believes members about
 * their own session, and before it is opened its coordinator alone. Pure.
 * @module
 */
import type { Failure, Opened, Proposed, SessionEvent, SessionId } from "../../src/events.ts";
import { failures, type PeerId } from "../../src/failure.ts";
import { maxParties } from "../../src/limits.ts";
import type { PeerStatus } from "../node/node_port.ts";
import type { Attempt, Session, View } from "./sessions.ts";

const roundsShown = 12; // the longest protocol has six
const longestRound = 24;

export interface Company {
  self: PeerId | null;
  peers: ReadonlyMap<PeerId, Pick<PeerStatus, "rights">>;
}

function isHolder(peer: PeerId, { peers }: Company): boolean {
  return peers.get(peer)?.rights.includes("holder") ?? false;
}

function isParty(party: readonly PeerId[], company: Company): boolean {
  return party.length > 0 && party.length <= maxParties && new Set(party).size === party.length &&
    party.every((peer) => isHolder(peer, company));
}

/** Whether the page keeps this event at all. */
export function mayTell(event: SessionEvent, company: Company): boolean {
  if (event.type === "failed" && !Object.hasOwn(failures, event.code)) return false;
  if (event.type === "proposed" || event.type === "opened") {
    if (!isParty(event.party, company)) return false;
  }
  if (event.type === "opened") {
    const { rounds } = event;
    if (rounds.length > roundsShown || rounds.some((round) => round.length > longestRound)) return false;
  }
  return event.peer === company.self || isHolder(event.peer, company);
}

/** What the page believes of an attempt. */
export interface Believed {
  attempt: string;
  since: number;
  coordinator: PeerId | null;
  /** Empty until somebody who may has said so. */
  party: readonly PeerId[];
  session: SessionId | null;
  opened: boolean;
  rounds: readonly string[];
  /** Peers at which a person is being asked. */
  asking: readonly PeerId[];
  /** Of members, of the coordinator, and of this page's own node. */
  views: ReadonlyMap<PeerId, View>;
}

const id = (party: readonly PeerId[]) => [...party].sort().join(" ");
const isOpened = (event: SessionEvent): event is Opened => event.type === "opened";
const isProposed = (event: SessionEvent): event is Proposed => event.type === "proposed";

/**
 * Who is in, and who is heard. An opening counts if its author is in the party it names; of several, the one that
 * most of its own members tell. This is about who takes part, never about who is to blame.
 */
export function believe({ attempt, since, views }: Attempt, { self }: Company): Believed {
  const openings = [...views.values()].flatMap((view) => view.events.filter(isOpened).slice(0, 1));
  const proposals = [...views.values()].flatMap((view) => view.events.filter(isProposed).slice(0, 1));
  const told = openings.filter((event) => event.party.includes(event.peer));
  const weight = (event: Opened) => told.filter((other) => id(other.party) === id(event.party)).length;
  const opening = told.reduce<Opened | null>(
    (best, event) => !best || weight(event) > weight(best) ? event : best,
    null,
  );
  const party = opening?.party ?? proposals[0]?.party ?? [];
  const proposal = proposals.find((event) => id(event.party) === id(party));
  const first = [...views.keys()].find((peer) => peer !== self) ?? self;
  const coordinator = proposal?.peer ?? (opening ? null : first);
  const heard = (peer: PeerId) => peer === self || peer === coordinator || (opening && party.includes(peer));
  return {
    attempt,
    since,
    coordinator,
    party,
    session: opening?.session ?? null,
    opened: opening !== null,
    rounds: opening?.rounds ?? [],
    asking: [...views.values()].filter(({ peer }) => heard(peer)).flatMap(({ events }) =>
      events.flatMap((event) => event.type === "asking" ? [event.other] : [])
    ),
    views: new Map([...views].filter(([peer]) => heard(peer))),
  };
}

/** The attempt to show: the one that most members say was opened; of equals, the latest. */
export function current(session: Session, company: Company): Believed | null {
  let best: Believed | null = null;
  let most = -2;
  for (const attempt of session.attempts.values()) {
    const one = believe(attempt, company);
    const opened = [...one.views.values()].filter((view) => view.events.some(isOpened)).length;
    const weight = attempt.attempt === "" ? -1 : opened;
    if (weight >= most) [best, most] = [one, weight];
  }
  return best;
}

/** What a failure says of peers that have no part in it is left out; so is what its author says of itself. */
export function trimmed(failure: Failure, party: readonly PeerId[], company: Company): Failure {
  const known = (peers: readonly PeerId[]) =>
    [...new Set(peers)].filter((peer) => party.includes(peer) || isHolder(peer, company));
  return {
    ...failure,
    culprits: [...new Set(failure.culprits)].filter((peer) => party.includes(peer) && peer !== failure.peer),
    // Whose person did not answer, is among those who say so.
    missing: known(failure.missing).filter((peer) => peer !== failure.peer || failure.code === "unanswered"),
    claims: failure.claims
      .filter(({ by, code }) =>
        (party.includes(by) || isHolder(by, company)) && Object.hasOwn(failures, code)
      )
      .slice(0, maxParties)
      .map((claim) => ({ ...claim, peers: known(claim.peers) })),
  };
}
