/**
 * What a session came to, out of everybody's views. No vote is taken: where views differ, they are shown to differ.
 * @module
 */
import { type Done, type Failure, isTerminal, type SessionEvent } from "../../src/events.ts";
import { firstHand } from "../../src/explain.ts";
import { checkableBy, type Claim, type FailureCode, failures, type PeerId } from "../../src/failure.ts";
import { type Believed, type Company, current, trimmed } from "./members.ts";
import type { Session, View } from "./sessions.ts";

export interface Summary {
  status: "asking" | "running" | "done" | "failed";
  attempt: Believed | null;
  party: readonly PeerId[];
  /** The finding that the card tells. */
  failure: Failure | null;
  /** Members that found the same, each by itself; the failure's own reporter first. */
  agree: readonly PeerId[];
  /** Members that only pass on what another found. */
  relayed: readonly { peer: PeerId; from: readonly PeerId[] }[];
  /** How it ended, as each member tells. */
  ends: readonly (Failure | Done)[];
  /** Members that say something else. */
  differing: readonly (Failure | Done)[];
  /** Members that have not said how it ended. */
  silent: readonly PeerId[];
  /** Members accuse different peers, each with something to show. */
  disputed: boolean;
  /** Somebody was shown to have cheated, however it ended. */
  caught: boolean;
  /** An accusation that came without anything to check it by. */
  wordOnly: boolean;
  /** An accusation that rests on signed messages which this page has not checked, or cannot. */
  unchecked: boolean;
  /** Members that told others something else than they tell here. */
  belied: readonly PeerId[];
  /** By one peer's clock, from its first event to its last. */
  took: { ms: number; by: PeerId } | null;
  /** When it ended, or last moved, on the clock of the peer that says so. */
  at: number | null;
  /** Hash that all who finished agree on. */
  resultHash: string | null;
}

export function terminal(view: View): Done | Failure | null {
  const last = view.events.at(-1);
  return last && isTerminal(last) ? last : null;
}

const isFailure = (event: SessionEvent): event is Failure => event.type === "failed";
/** What a failure says. Who says what is a part of it: two who were told of it by different peers say two things. */
const finding = ({ code, culprits, missing, claims }: Failure) =>
  JSON.stringify([code, [...culprits].sort(), [...missing].sort(), firstHand(claims).map(claimText).sort()]);
const claimText = ({ by, code, peers }: Claim) => JSON.stringify([by, code, [...peers].sort()]);

const uncheckedWeight = 2.5;

interface Scale {
  self: PeerId | null;
  found: readonly Failure[];
  proofs: Session["proofs"];
}

/**
 * How much a failure stands by itself: 4 what this page has checked, 3 an accusation that only its author could check,
 * or that several found, 2.5 one that rests on signed messages which this page has not checked, 2 silence and trouble of
 * one's own, 1 hearsay, 0.5 the bare news that somebody else ended it, 0 an accusation that brings nothing that holds,
 * and what its own author told otherwise.
 */
function weight(failure: Failure, { self, found, proofs }: Scale): number {
  const { names } = failures[failure.code];
  if (names === "claims") return firstHand(failure.claims).length > 0 ? 1 : 0.5;
  if (names !== "culprits") return belied(failure, found) ? 0 : 2;
  const proof = proofs.get(failure.peer);
  if (failure.culprits.length === 0 || proof === "not-proven") return 0;
  if (failure.peer === self || proof === "proven") return 4;
  const several = found.filter((other) => finding(other) === finding(failure)).length > 1;
  if (several || checkableBy(failure) !== "anyone") return 3;
  return failure.evidence === undefined ? 0 : uncheckedWeight;
}

/** Whether others were told something else by this one than it tells here. */
function belied({ peer, code }: Failure, found: readonly Failure[]): boolean {
  return found.some(({ claims }) => claims.some((claim) => claim.by === peer && claim.code !== code));
}

export function summarize(session: Session, company: Company): Summary {
  const attempt = current(session, company);
  const party = attempt?.party ?? [];
  const views = [...(attempt?.views.values() ?? [])];
  // An onlooker's account counts only while no member has said anything: it adds nothing of its own.
  const insiders = views.filter(({ peer }) => party.includes(peer) || peer === attempt?.coordinator);
  const ends = (of: readonly View[]) => of.map(terminal).filter((end) => end !== null);
  const told = ends(insiders).length > 0 ? ends(insiders) : ends(views);
  const terminals = told.map((end) => isFailure(end) ? trimmed(end, party, company) : end);
  const found = terminals.filter(isFailure);
  const scale: Scale = { self: company.self, found, proofs: session.proofs };
  const failure = pick(scale, attempt?.rounds ?? []) ??
    (terminals.length ? null : rejection(session, company.self));
  const key = failure && finding(failure);
  const agree = found.filter((other) => finding(other) === key).map(({ peer }) => peer);
  const relayed = failure ? found.flatMap((other) => relay(other, failure, found)) : [];
  const finished = terminals.filter((end): end is Done => end.type === "done");
  const hashes = new Set(finished.map(({ resultHash }) => resultHash));
  const top = failure ? weight(failure, scale) : 0;
  const accused = new Set(
    found.filter((one) => top >= uncheckedWeight && weight(one, scale) === top).map((one) =>
      [...one.culprits].sort().join()
    ),
  );
  const status = statusOf(session, attempt, { failure, finished, party });
  const shown = status === "done" ? finished[0] ?? null : failure;
  const from = shown && views.find(({ peer }) => peer === shown.peer);
  const first = from?.events[0];
  return {
    status,
    attempt,
    party,
    failure,
    agree: failure ? [failure.peer, ...agree.filter((peer) => peer !== failure.peer)] : [],
    relayed,
    ends: terminals,
    differing: failure
      ? terminals.filter((end) =>
        !(isFailure(end) && (finding(end) === key || isEcho(end, failure))) &&
        !relayed.some(({ peer }) => peer === end.peer)
      )
      : hashes.size > 1
      ? finished
      : [],
    silent: party.filter((peer) => !terminals.some((end) => end.peer === peer)),
    disputed: accused.size > 1,
    caught: top >= 3,
    belied: found.filter((one) => belied(one, found)).map(({ peer }) => peer),
    unchecked: top === uncheckedWeight,
    wordOnly: failure !== null && top === 0 && failures[failure.code].names === "culprits",
    took: shown && first ? { ms: shown.at - first.at, by: shown.peer } : null,
    at: shown?.at ?? views.at(-1)?.events.at(-1)?.at ?? null,
    resultHash: hashes.size === 1 ? finished[0]!.resultHash : null,
  };
}

/**
 * The weightiest finding. Of those who waited in vain, whoever did so in the earliest round: the others may have waited
 * for somebody who was waiting too. Of equals, the first that came.
 */
function pick(scale: Scale, rounds: readonly string[]): Failure | null {
  let best: Failure | null = null;
  for (const one of scale.found) {
    const more = best === null ? 1 : weight(one, scale) - weight(best, scale);
    if (more > 0 || (more === 0 && best && isNearer(one, best, rounds))) best = one;
  }
  return best;
}

/** Whether `one` waited in vain, as `other` did, at an earlier place of the session. */
function isNearer(one: Failure, other: Failure, rounds: readonly string[]): boolean {
  if (failures[one.code].names !== "missing" || failures[other.code].names !== "missing") return false;
  const phases = ["inviting", "opening", "exchanging", "committing"] as const;
  const place = ({ phase, round }: Failure) =>
    phases.indexOf(phase) + (phase === "exchanging" && round ? rounds.indexOf(round) / rounds.length : 0);
  return place(one) < place(other);
}

/** Whether an accuser's own end says no more than that the others ended it, which they did for its accusation. */
function isEcho(end: Failure, { claims }: Failure): boolean {
  return failures[end.code].names === "claims" && firstHand(end.claims).length === 0 &&
    firstHand(claims).some(({ by }) => by === end.peer);
}

/** Whether `other` is nothing but the news of what someone else found. Who is named has no part in telling it. */
function relay(other: Failure, failure: Failure, found: readonly Failure[]) {
  if (
    isEcho(other, failure) || failures[other.code].names !== "claims" || other === failure ||
    other.claims.length === 0
  ) return [];
  const from = other.claims.map(({ by }) => by);
  const heard = other.claims.every(({ by, code }) =>
    found.some((one) => one.peer === by && (one.code === code || failures[one.code].names === "claims"))
  );
  return heard && from.includes(failure.peer) ? [{ peer: other.peer, from }] : [];
}

function statusOf(
  session: Session,
  attempt: Believed | null,
  { failure, finished, party }: {
    failure: Failure | null;
    finished: readonly Done[];
    party: readonly PeerId[];
  },
): Summary["status"] {
  if (session.outcome) return "done";
  if (failure) return "failed";
  const enough = session.kind === "sign" ? 1 : party.length;
  if (finished.length > 0 && finished.length >= enough) return "done";
  return attempt?.opened ? "running" : attempt && attempt.asking.length > 0 ? "asking" : "running";
}

/** What this page's own node said, where no peer has said anything. */
function rejection(session: Session, self: PeerId | null): Failure | null {
  if (session.rejected === null || session.outcome || self === null) return null;
  if (!Object.hasOwn(failures, session.rejected)) return null;
  const code = session.rejected as FailureCode;
  const { id, initiator, kind, wallet, curve } = session;
  const { remedy, key } = failures[code];
  const safety = kind === "generate" && key === "safe" ? "no-key" : key;
  const nobody = { culprits: [], missing: [], claims: [], round: null, phase: "inviting" } as const;
  const nowhere = { attempt: null, session: null, boot: "", seq: 0, at: Number.NaN } as const;
  return {
    type: "failed",
    id,
    initiator,
    kind,
    wallet,
    curve,
    code,
    remedy,
    key: safety,
    peer: self,
    ...nobody,
    ...nowhere,
  };
}
