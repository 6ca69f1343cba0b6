/**
 * The outcome of a session, derived from every peer's account of it. Nothing is decided by vote: where accounts differ,
 * the page shows that they differ.
 * @module
 */
import { type Done, type Failure, isTerminal, type SessionEvent } from "../../src/events.ts";
import { firstHand } from "../../src/explain.ts";
import { type FailureCode, failures, keySafety, type PeerId } from "../../src/failure.ts";
import { type Believed, shownAttempt, trimmed, type Viewer } from "./members.ts";
import { type Account, itemCount, type Session } from "./sessions.ts";
import { type Evidence, isInconsistent, isSameFinding, Trust, trustIn } from "./trust.ts";

export interface Summary {
  status: "asking" | "running" | "done" | "failed";
  /** The number of items that are signed; several are a batch. */
  items: number;
  attempt: Believed | null;
  party: readonly PeerId[];
  /** The failure that the card shows. */
  failure: Failure | null;
  /** Members that found the same independently; the author of `failure` first. */
  agree: readonly PeerId[];
  /** Members that only pass on another member's finding. */
  relayed: readonly { peer: PeerId; from: readonly PeerId[] }[];
  /** The end of the session as each member reports it. */
  ends: readonly (Failure | Done)[];
  /** Ends that differ from `failure`. */
  differing: readonly (Failure | Done)[];
  /** Members that have not reported an end. */
  silent: readonly PeerId[];
  /** Whether members accuse different peers, each with evidence. */
  disputed: boolean;
  /** Whether somebody is known to have cheated, however the session ended. */
  caught: boolean;
  /** Whether the failure is an accusation without evidence. */
  wordOnly: boolean;
  /** Whether the failure is an accusation with signed messages that this page has not checked, or cannot check. */
  unchecked: boolean;
  /** Members that told others something else than they report here. */
  inconsistent: readonly PeerId[];
  /** The duration, by the clock of one peer, from its first event to its last. */
  took: { ms: number; by: PeerId } | null;
  /** The time of the end or of the latest event, by the clock of the peer that reports it. */
  at: number | null;
  /** The result's hash, if everybody who finished reports the same. */
  resultHash: string | null;
}

/** Whether the accusation is not proven to this page. */
export function isUnproven({ disputed, wordOnly, unchecked }: Summary): boolean {
  return disputed || wordOnly || unchecked;
}

export function terminal(account: Account): Done | Failure | null {
  const last = account.events.at(-1);
  return last && isTerminal(last) ? last : null;
}

const isFailure = (event: SessionEvent): event is Failure => event.type === "failed";

export function summarize(session: Session, viewer: Viewer): Summary {
  const attempt = shownAttempt(session, viewer);
  const party = attempt?.party ?? [];
  const accounts = [...(attempt?.accounts.values() ?? [])];
  const ends = endsOf(accounts, attempt).map((end) => isFailure(end) ? trimmed(end, party, viewer) : end);
  const reported = ends.filter(isFailure);
  const evidence: Evidence = { self: viewer.self, scheme: session.scheme, reported, proofs: session.proofs };
  const failure = mostTrusted(evidence, attempt?.rounds ?? []) ??
    (ends.length > 0 ? null : rejection(session, viewer.self));
  const trust = failure ? trustIn(failure, evidence) : Trust.none;
  const relayed = failure ? reported.flatMap((other) => relay(other, failure, reported)) : [];
  const finished = ends.filter((end): end is Done => end.type === "done");
  const hashes = new Set(finished.map(({ resultHash }) => resultHash));
  const status = statusOf(session, attempt, { failure, finished, party });
  const shown = status === "done" ? finished[0] ?? null : failure;
  const first = shown && accounts.find(({ peer }) => peer === shown.peer)?.events[0];
  return {
    status,
    items: itemCount(session, viewer.self),
    attempt,
    party,
    failure,
    agree: failure ? agreeing(failure, reported) : [],
    relayed,
    ends,
    differing: failure
      ? ends.filter((end) =>
        !(isFailure(end) && (isSameFinding(end, failure) || isEcho(end, failure))) &&
        !relayed.some(({ peer }) => peer === end.peer)
      )
      : hashes.size > 1
      ? finished
      : [],
    silent: party.filter((peer) => !ends.some((end) => end.peer === peer)),
    disputed: accusedBy(evidence, trust).size > 1,
    caught: trust >= Trust.found,
    inconsistent: reported.filter((one) => isInconsistent(one, reported)).map(({ peer }) => peer),
    unchecked: trust === Trust.unchecked,
    wordOnly: failure !== null && trust === Trust.none && failures[failure.code].names === "culprits",
    took: shown && first ? { ms: shown.at - first.at, by: shown.peer } : null,
    at: shown?.at ?? accounts.at(-1)?.events.at(-1)?.at ?? null,
    resultHash: hashes.size === 1 ? finished[0]!.resultHash : null,
  };
}

/** The ends that count: those of members and the coordinator; an onlooker's only while none of them has reported one. */
function endsOf(accounts: readonly Account[], attempt: Believed | null): readonly (Done | Failure)[] {
  const insiders = accounts.filter(({ peer }) =>
    attempt?.party.includes(peer) || peer === attempt?.coordinator
  );
  const ends = (of: readonly Account[]) => of.map(terminal).filter((end) => end !== null);
  return ends(insiders).length > 0 ? ends(insiders) : ends(accounts);
}

function agreeing(failure: Failure, reported: readonly Failure[]): readonly PeerId[] {
  const others = reported.filter((other) => other.peer !== failure.peer && isSameFinding(other, failure));
  return [failure.peer, ...others.map(({ peer }) => peer)];
}

/** The different sets of peers that the accusations with this much trust name. */
function accusedBy(evidence: Evidence, trust: Trust): ReadonlySet<string> {
  if (trust < Trust.unchecked) return new Set();
  const equal = evidence.reported.filter((one) => trustIn(one, evidence) === trust);
  return new Set(equal.map(({ culprits }) => culprits.toSorted().join()));
}

/**
 * The most trusted failure. Of several time-outs, the one in the earliest round: later ones may have waited for a peer
 * that was itself waiting. Of equals, the first reported.
 */
function mostTrusted(evidence: Evidence, rounds: readonly string[]): Failure | null {
  let best: Failure | null = null;
  for (const one of evidence.reported) {
    const more = best === null ? 1 : trustIn(one, evidence) - trustIn(best, evidence);
    if (more > 0 || (more === 0 && best && isEarlierWait(one, best, rounds))) best = one;
  }
  return best;
}

/** Whether both failures are waits in vain and `one` waited in an earlier round than `other`. */
function isEarlierWait(one: Failure, other: Failure, rounds: readonly string[]): boolean {
  if (failures[one.code].names !== "missing" || failures[other.code].names !== "missing") return false;
  const phases = ["inviting", "opening", "exchanging", "committing"] as const;
  const place = ({ phase, round }: Failure) =>
    phases.indexOf(phase) + (phase === "exchanging" && round ? rounds.indexOf(round) / rounds.length : 0);
  return place(one) < place(other);
}

/** Whether an accuser's own end only says that the others ended the session, which they did for its accusation. */
function isEcho(end: Failure, { claims }: Failure): boolean {
  return failures[end.code].names === "claims" && firstHand(end.claims).length === 0 &&
    firstHand(claims).some(({ by }) => by === end.peer);
}

/** The peers whose finding `other` only passes on, if `failure` is one of theirs; an echo is no such report. */
function relay(other: Failure, failure: Failure, reported: readonly Failure[]) {
  if (
    isEcho(other, failure) || failures[other.code].names !== "claims" || other === failure ||
    other.claims.length === 0
  ) return [];
  const from = other.claims.map(({ by }) => by);
  const known = other.claims.every(({ by, code }) =>
    reported.some((one) => one.peer === by && (one.code === code || failures[one.code].names === "claims"))
  );
  return known && from.includes(failure.peer) ? [{ peer: other.peer, from }] : [];
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
  return attempt && !attempt.opened && attempt.asking.length > 0 ? "asking" : "running";
}

/** The failure that this page's own node reported, where no peer has reported an end. */
function rejection(session: Session, self: PeerId | null): Failure | null {
  if (session.rejected === null || session.outcome || self === null) return null;
  if (!Object.hasOwn(failures, session.rejected)) return null;
  const code = session.rejected as FailureCode;
  const { id, initiator, kind, wallet, scheme } = session;
  const items = itemCount(session, self);
  return {
    type: "failed",
    ...(items > 1 && { items }),
    id,
    initiator,
    kind,
    wallet,
    scheme,
    code,
    remedy: failures[code].remedy,
    key: keySafety(code, kind),
    culprits: [],
    missing: [],
    claims: [],
    phase: "inviting",
    round: null,
    peer: self,
    attempt: null,
    session: null,
    boot: "",
    seq: 0,
    at: Number.NaN,
  };
}
