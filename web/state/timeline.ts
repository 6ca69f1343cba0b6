/**
 * The grid of a session, party × round: each cell has a word and a glyph. Pure.
 * @module
 */
import type { Failure, RoundEvent, SessionEvent } from "../../src/events.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { trimmed, type Viewer } from "./members.ts";
import { rosterOrder } from "../text/names.ts";
import type { Account, Session } from "./sessions.ts";
import { type Summary, terminal } from "./summary.ts";

export type Tone = "ok" | "bad" | "quiet" | "wait" | "none";
export interface Cell {
  tone: Tone;
  glyph: string;
  word: string;
}
export interface Row {
  peer: PeerId;
  /** Empty for a holder that does not take part. */
  cells: readonly Cell[];
}
export interface Grid {
  columns: readonly string[];
  rows: readonly Row[];
}

const done: Cell = { tone: "ok", glyph: "✓", word: "done" };
const working: Cell = { tone: "wait", glyph: "…", word: "under way" };
const later: Cell = { tone: "none", glyph: "·", word: "not yet" };
const stopped: Cell = { tone: "none", glyph: "–", word: "not reached" };
const halfway: Cell = { tone: "none", glyph: "–", word: "stopped here" };
const person: Cell = { tone: "wait", glyph: "?", word: "being asked" };
const silent: Cell = { tone: "quiet", glyph: "◌", word: "no answer" };

/** The word in the cell of a peer that was caught. */
const caught: Partial<Record<FailureCode, string>> = {
  "malformed-message": "does not decode",
  "unexpected-round": "out of turn",
  "equivocation": "two versions",
  "invalid-commitment": "not as committed",
  "invalid-proof": "no proof",
  "invalid-dealt-share": "wrong share",
  "invalid-signature-share": "does not verify",
  "invalid-confirmation": "another outcome",
  "invalid-multiplication": "check failed",
};
/** The word in the cell of a missing peer; otherwise “no answer”. */
const absent: Partial<Record<FailureCode, string>> = {
  "peer-left": "left",
  "link-lost": "link broke",
  "wallet-pending": "not confirmed",
};

/** @param options.holders Everybody with a share of the key, so that holders outside the party are shown too. */
export function grid(
  session: Session,
  summary: Summary,
  { holders, viewer }: { holders: readonly PeerId[]; viewer: Viewer },
): Grid {
  const { attempt, party } = summary;
  const rounds = attempt?.rounds ?? [];
  const votes = session.kind === "sign" ? [] : ["votes"];
  const columns = ["invite", "open", ...rounds, ...votes];
  const accounts = attempt?.accounts ?? new Map<PeerId, Account>();
  const events = [...accounts.values()].flatMap(({ events }) => events);
  const fails = [...accounts.values()].map(terminal).filter((end): end is Failure => end?.type === "failed")
    .map((failure) => trimmed(failure, party, viewer));
  const over = summary.status === "done" || summary.status === "failed";
  const reported: Reported = { events, fails, over, summary };
  const others = rosterOrder(holders, viewer.peers).filter((peer) => !party.includes(peer));
  return {
    columns,
    rows: [
      ...rosterOrder(party, viewer.peers).map((peer) => ({
        peer,
        cells: columns.map((column) => cell(peer, column, rounds, reported)),
      })),
      ...(party.length > 0 ? others.map((peer) => ({ peer, cells: [] })) : []),
    ],
  };
}

/** Everything that was reported of the session. */
interface Reported {
  events: readonly SessionEvent[];
  fails: readonly Failure[];
  over: boolean;
  summary: Summary;
}

function cell(peer: PeerId, column: string, rounds: readonly string[], reported: Reported): Cell {
  const { events, over, summary: { attempt, status } } = reported;
  const own = events.filter((event) => event.peer === peer);
  if (column === "invite") {
    if (attempt?.opened) return done;
    return blame(peer, null, reported) ??
      (attempt?.asking.includes(peer) ? person : over ? stopped : working);
  }
  if (column === "open") {
    if (own.some(({ type }) => type === "opened")) return done;
    const heard = events.some((event) => event.type === "heard" && event.from === peer);
    return heard ? done : blame(peer, null, reported) ?? (over ? stopped : attempt?.opened ? working : later);
  }
  if (!rounds.includes(column)) return votes(peer, own, reported);
  const blamed = blame(peer, column, reported);
  if (blamed) return blamed;
  const entered = own.filter((event): event is RoundEvent =>
    event.type === "round" && event.round === column
  );
  // A peer that has finished a round has received every message of it.
  const sent = events.some((event) =>
    (event.type === "heard" && event.round === column && event.from === peer) ||
    (event.type === "round" && event.round === column && event.state === "done")
  );
  if (sent || hasPassed(peer, column, rounds, reported)) return done;
  if (over) return status === "done" ? done : entered.length > 0 ? halfway : stopped;
  return entered.length > 0 ? working : later;
}

/** Whether the peer is in a later round, so that it has finished this one. */
function hasPassed(peer: PeerId, column: string, rounds: readonly string[], { events }: Reported): boolean {
  const later = rounds.slice(rounds.indexOf(column) + 1);
  return events.some((event) =>
    (event.type === "done" && event.peer === peer) ||
    (event.type === "heard" && event.from === peer && later.includes(event.round)) ||
    (event.type === "round" && event.peer === peer && later.includes(event.round)) ||
    (event.type === "phase" && event.peer === peer && event.phase === "committing")
  );
}

function votes(peer: PeerId, own: readonly SessionEvent[], reported: Reported): Cell {
  if (own.some(({ type }) => type === "done")) return done;
  const named = blame(peer, "votes", reported);
  if (named) return named;
  const pending = own.some((event) => event.type === "failed" && event.code === "wallet-pending");
  if (pending) return { tone: "wait", glyph: "◐", word: "on disk" };
  const begun = own.some((event) => event.type === "phase" && event.phase === "committing");
  return reported.over ? stopped : begun ? working : later;
}

/** The cell for what others found of this peer in this column; the failure on the card goes first. */
function blame(peer: PeerId, column: string | null, { fails, summary }: Reported): Cell | null {
  const ordered = summary.failure ? [summary.failure, ...fails] : fails;
  for (const failure of ordered) {
    const { code, culprits, missing, phase, round } = failure;
    const failedIn = phase === "committing" ? "votes" : round;
    if (failedIn !== column) continue;
    // An unproven accusation is not painted as a finding.
    const unproven = summary.wordOnly || summary.unchecked;
    if (culprits.includes(peer) && !(unproven && failure.peer === summary.failure?.peer)) {
      if (summary.agree.includes(failure.peer) || summary.disputed) {
        return { tone: "bad", glyph: "✗", word: spoiltWord(failure) ?? caught[code] ?? "caught" };
      }
    }
    if (missing.includes(peer)) return { ...silent, word: absent[code] ?? silent.word };
  }
  return null;
}

/**
 * The word for one spoilt item of a batch, or for several; null if it is not known which they are, or which of
 * several culprits has spoilt them.
 */
function spoiltWord({ items, spoilt = [], culprits }: Failure): string | null {
  if (items === undefined || spoilt.length === 0 || culprits.length > 1) return null;
  if (spoilt.length >= items) return "all items are wrong";
  return spoilt.length === 1 ? `item ${spoilt[0]! + 1} is wrong` : `${spoilt.length} items are wrong`;
}

/** The round that a running session waits in, and the peers that it waits for; null if it waits for none. */
export function waitingFor(summary: Summary, self: PeerId | null) {
  const accounts = [...(summary.attempt?.accounts.values() ?? [])].filter(({ peer }) =>
    summary.party.includes(peer) || peer === self
  );
  for (const { peer, events } of accounts) {
    const begun = events.findLast((event): event is RoundEvent =>
      event.type === "round" && event.state === "begun"
    );
    if (!begun || terminal({ peer, events })) continue;
    const ended = events.some((event) =>
      event.type === "round" && event.state === "done" && event.round === begun.round
    );
    if (ended) continue;
    const heard = new Set(
      events.flatMap((event) => event.type === "heard" && event.round === begun.round ? [event.from] : []),
    );
    const missing = summary.party.filter((other) => other !== peer && !heard.has(other));
    return { round: begun.round, by: peer, missing, ms: begun.deadline - begun.at };
  }
  return null;
}
