/**
 * A session as a grid, party × round: each cell a word and a glyph. Pure.
 * @module
 */
import type { Failure, RoundEvent, SessionEvent } from "../../src/events.ts";
import { type FailureCode, failures, type PeerId } from "../../src/failure.ts";
import { type Company, trimmed } from "./members.ts";
import { rosterOrder } from "../text/names.ts";
import type { Session, View } from "./sessions.ts";
import { type Summary, terminal } from "./summary.ts";

export type Tone = "ok" | "bad" | "quiet" | "wait" | "none";
export interface Cell {
  tone: Tone;
  glyph: string;
  word: string;
}
export interface Row {
  peer: PeerId;
  /** Empty for a holder that was not chosen. */
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

/** What a cell says of a peer that was caught. */
const caught: Partial<Record<FailureCode, string>> = {
  "malformed-message": "does not decode",
  "unexpected-round": "not due",
  "equivocation": "two stories",
  "invalid-commitment": "not what was promised",
  "invalid-proof": "no proof",
  "invalid-dealt-share": "wrong share",
  "invalid-signature-share": "does not verify",
  "invalid-confirmation": "another outcome",
  "invalid-multiplication": "check failed",
};
/** What it says of a peer that is not there. */
const absent: Partial<Record<FailureCode, string>> = {
  "peer-left": "left",
  "link-lost": "link broke",
  "wallet-pending": "not confirmed",
};

/** `holders`: everybody that has a share of the key, so that those who were not chosen show too. */
export function grid(
  session: Session,
  summary: Summary,
  { holders, company }: { holders: readonly PeerId[]; company: Company },
): Grid {
  const { attempt, party } = summary;
  const rounds = attempt?.rounds ?? [];
  const votes = session.kind === "sign" ? [] : ["votes"];
  const columns = ["invite", "open", ...rounds, ...votes];
  const views = attempt?.views ?? new Map<PeerId, View>();
  const told = [...views.values()].flatMap(({ events }) => events);
  const fails = [...views.values()].map(terminal).filter((end): end is Failure => end?.type === "failed")
    .map((failure) => trimmed(failure, party, company));
  const over = summary.status === "done" || summary.status === "failed";
  const at: Place = { told, fails, over, summary };
  const others = rosterOrder(holders, company.peers).filter((peer) => !party.includes(peer));
  return {
    columns,
    rows: [
      ...rosterOrder(party, company.peers).map((peer) => ({
        peer,
        cells: columns.map((column) => cell(peer, column, rounds, at)),
      })),
      ...(party.length > 0 ? others.map((peer) => ({ peer, cells: [] })) : []),
    ],
  };
}

interface Place {
  told: readonly SessionEvent[];
  fails: readonly Failure[];
  over: boolean;
  summary: Summary;
}

function cell(peer: PeerId, column: string, rounds: readonly string[], at: Place): Cell {
  const { told, over, summary: { attempt, status } } = at;
  const mine = told.filter((event) => event.peer === peer);
  if (column === "invite") {
    if (attempt?.opened) return done;
    return blame(peer, null, at) ?? (attempt?.asking.includes(peer) ? person : over ? stopped : working);
  }
  if (column === "open") {
    if (mine.some(({ type }) => type === "opened")) return done;
    const heard = told.some((event) => event.type === "heard" && event.from === peer);
    return heard ? done : blame(peer, null, at) ?? (over ? stopped : attempt?.opened ? working : later);
  }
  if (!rounds.includes(column)) return votes(peer, mine, at);
  const blamed = blame(peer, column, at);
  if (blamed) return blamed;
  const own = mine.filter((event): event is RoundEvent => event.type === "round" && event.round === column);
  // Whoever is through with a round has heard everybody in it.
  const sent = told.some((event) =>
    (event.type === "heard" && event.round === column && event.from === peer) ||
    (event.type === "round" && event.round === column && event.state === "done")
  );
  if (sent || passed(peer, column, rounds, at)) return done;
  if (over) return status === "done" ? done : own.length > 0 ? halfway : stopped;
  return own.length > 0 ? working : later;
}

/** Whoever is in a later round has been through this one. */
function passed(peer: PeerId, column: string, rounds: readonly string[], { told }: Place): boolean {
  const later = rounds.slice(rounds.indexOf(column) + 1);
  return told.some((event) =>
    (event.type === "done" && event.peer === peer) ||
    (event.type === "heard" && event.from === peer && later.includes(event.round)) ||
    (event.type === "round" && event.peer === peer && later.includes(event.round)) ||
    (event.type === "phase" && event.peer === peer && event.phase === "committing")
  );
}

function votes(peer: PeerId, mine: readonly SessionEvent[], at: Place): Cell {
  if (mine.some(({ type }) => type === "done")) return done;
  const named = blame(peer, "votes", at);
  if (named) return named;
  const pending = mine.some((event) => event.type === "failed" && event.code === "wallet-pending");
  if (pending) return { tone: "wait", glyph: "◐", word: "on disk" };
  const begun = mine.some((event) => event.type === "phase" && event.phase === "committing");
  return at.over ? stopped : begun ? working : later;
}

/** What others found of this peer at this place. The finding on the card goes before other peers' findings. */
function blame(peer: PeerId, column: string | null, { fails, summary }: Place): Cell | null {
  const ordered = summary.failure ? [summary.failure, ...fails] : fails;
  for (const failure of ordered) {
    const { code, culprits, missing, phase, round } = failure;
    const place = phase === "committing" ? "votes" : round;
    if (place !== column) continue;
    // A mere word against someone is not painted as a finding.
    const mere = summary.wordOnly || summary.unchecked;
    if (culprits.includes(peer) && !(mere && failure.peer === summary.failure?.peer)) {
      if (summary.agree.includes(failure.peer) || summary.disputed) {
        return { tone: "bad", glyph: "✗", word: caught[code] ?? "caught" };
      }
    }
    if (missing.includes(peer)) return { ...silent, word: absent[code] ?? silent.word };
  }
  return null;
}

/** The round that a running session waits in, and for whom. */
export function waitingFor(summary: Summary, self: PeerId | null) {
  const views = [...(summary.attempt?.views.values() ?? [])].filter(({ peer }) =>
    summary.party.includes(peer) || peer === self
  );
  for (const { peer, events } of views) {
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

/** Whether a failure's code is one that accuses. */
export function accuses(failure: Failure): boolean {
  return failures[failure.code].names === "culprits";
}
