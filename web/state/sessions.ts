/**
 * Sessions as the page knows them: by command, then by attempt, then by whose view it is. Pure.
 *
 * Batches of gossip come late, twice and out of order, so a view is its events, sorted; everything else is derived.
 * @module
 */
import { type CommandId, type Curve, isTerminal, type SessionEvent } from "../../src/events.ts";
import { commandKey } from "../../src/cluster/records/command.ts";
import type { Kind, PeerId } from "../../src/failure.ts";
import type { Proof, Signature, SignInput } from "../node/node_port.ts";

/** What a session is known by here, 32 hex digits: two initiators may have chosen one id. See `commandKey`. */
export type SessionKey = string;

/** The key of the session of one initiator's command. */
export function sessionKey({ initiator, id }: Pick<Session, "initiator" | "id">): SessionKey {
  return commandKey(initiator, Uint8Array.fromHex(id));
}

/** One peer's account of one attempt. */
export interface View {
  peer: PeerId;
  /** In that peer's order; nothing after a terminal event. */
  events: readonly SessionEvent[];
}

/** All that was told of one attempt, by whoever may be a member: `members.ts` says who is believed. */
export interface Attempt {
  /** Empty for what was said before there was an invite. */
  attempt: string;
  views: ReadonlyMap<PeerId, View>;
  /** When this page first heard of it, ms on its own clock. */
  since: number;
}

/** What this page asked for, so that it can ask again. */
export interface Asked {
  /** What was to be signed, and by which child: the path's indices. */
  input?: SignInput;
  path?: readonly number[];
  signers?: readonly PeerId[];
  threshold?: number;
  members?: readonly PeerId[];
  /** The failed command that this one follows, and who was left out. */
  after?: { session: SessionKey; without: readonly PeerId[] };
}

/** What came back to this page by stream. */
export interface Outcome {
  signature: Signature | null;
  /** What this page's own check says; null while it is looking. */
  verified: "verified" | "wrong" | "unsupported" | null;
}

export interface Session {
  key: SessionKey;
  id: CommandId;
  initiator: PeerId;
  kind: Kind;
  wallet: string | null;
  curve: Curve | null;
  asked: Asked | null;
  outcome: Outcome | null;
  /** This page's own node gave up, and this is the code. */
  rejected: string | null;
  /** It ended here while this browser had no network. */
  offline?: boolean;
  /** What this page found when it checked somebody's evidence: by whose it is. */
  proofs: ReadonlyMap<PeerId, Proof | "looking">;
  attempts: ReadonlyMap<string, Attempt>;
}

const eventsPerView = 200; // 16 parties × 5 rounds of `heard` and their frame; a liar gets no more
const attemptsKept = 4;
const viewsKept = 24; // the largest party, the coordinator, and some who have no business here

export function newSession(
  from: Pick<Session, "id" | "initiator" | "kind" | "wallet" | "curve">,
): Session {
  const { id, initiator, kind, wallet, curve } = from;
  const none = { asked: null, outcome: null, rejected: null };
  const key = sessionKey(from);
  return { key, id, initiator, kind, wallet, curve, ...none, proofs: new Map(), attempts: new Map() };
}

/** Puts an event at its place in its peer's view. Twice the same, and anything after the end, changes nothing. */
export function insert(view: View, event: SessionEvent, boots: readonly string[]): View {
  const place = (of: SessionEvent) => boots.indexOf(of.boot) * 2 ** 40 + of.seq;
  const here = place(event);
  let at = view.events.length;
  while (at > 0 && place(view.events[at - 1]!) > here) at--;
  const before = view.events[at - 1];
  if (before && (place(before) === here || isTerminal(before))) return view;
  if (view.events.length >= eventsPerView && !isTerminal(event)) return view;
  const after = isTerminal(event) ? [] : view.events.slice(at);
  return { ...view, events: [...view.events.slice(0, at), event, ...after] };
}

/** Adds an event that {@linkcode mayTell} let through. */
export function addToSession(
  session: Session,
  event: SessionEvent,
  { boots, now }: { boots: readonly string[]; now: number },
): Session {
  const name = event.attempt ?? "";
  const old = session.attempts.get(name) ?? { attempt: name, views: new Map(), since: now };
  if (!old.views.has(event.peer) && old.views.size >= viewsKept) return session;
  const view = insert(old.views.get(event.peer) ?? { peer: event.peer, events: [] }, event, boots);
  const attempts = new Map(session.attempts);
  attempts.set(name, { ...old, views: new Map(old.views).set(event.peer, view) });
  while (attempts.size > attemptsKept) {
    const others = [...attempts.values()].filter((one) => one.attempt !== name);
    const least = others.reduce((a, b) => b.views.size < a.views.size ? b : a);
    attempts.delete(least.attempt);
  }
  return { ...session, attempts };
}
