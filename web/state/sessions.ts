/**
 * Sessions as the page knows them: by command, then by attempt, then by the peer that reports. Pure.
 *
 * Gossip arrives late, twice and out of order, so an account is a sorted list of events; everything else is derived.
 * @module
 */
import {
  type CommandId,
  isTerminal,
  type Scheme,
  type SessionEvent,
  type SessionId,
} from "../../src/events.ts";
import { commandKey } from "../../src/cluster/records/command.ts";
import type { Kind, PeerId } from "../../src/failure.ts";
import type { Remarks } from "../text/remarks.ts";
import type { ItemInput, Proof, Signature } from "../node/node_port.ts";

/** The page's id of a session, 48 hex digits: two initiators may choose the same command id. See `commandKey`. */
export type SessionKey = string;

/** The page's id for the session of one initiator's command. */
export function sessionKey({ initiator, id }: Pick<Session, "initiator" | "id">): SessionKey {
  return commandKey(initiator, Uint8Array.fromHex(id));
}

/** One peer's report of one attempt. */
export interface Account {
  peer: PeerId;
  /** In the peer's order; nothing after a terminal event. */
  events: readonly SessionEvent[];
}

/** All reports of one attempt, by every peer that may be a member: `members.ts` decides which of them count. */
export interface Attempt {
  /** Empty for events before the first invite. */
  attempt: string;
  accounts: ReadonlyMap<PeerId, Account>;
  /** The time of the first event that this page received, ms on its own clock. */
  since: number;
}

/** A request of this page, kept so that it can be repeated. */
export interface OwnRequest {
  /** The id of the key, if its name was not enough. */
  keyId?: SessionId;
  /** The items to sign, in order; several are a batch. */
  items?: readonly ItemInput[];
  signers?: readonly PeerId[];
  threshold?: number;
  members?: readonly PeerId[];
  /** The members of a key that take no part in its resharing. */
  gone?: readonly PeerId[];
  note?: string;
  reference?: string;
  /** The failed session that this request follows, and the peers left out since. */
  after?: { session: SessionKey; without: readonly PeerId[] };
}

/** The result of a request of this page. */
export interface Outcome {
  /** The signatures of its items, in order; none of a key generation or a resharing. */
  signatures: readonly Signature[];
  /** The result of this page's own check; null while it runs. */
  verified: Verdict | null;
}

/** The result of the check of all signatures of a request. */
export interface Verdict {
  /** `unsupported`: the browser does not support the scheme. */
  is: "verified" | "wrong" | "unsupported";
  /** The items with a wrong signature, from 0. */
  wrong: readonly number[];
}

export interface Session {
  key: SessionKey;
  id: CommandId;
  initiator: PeerId;
  kind: Kind;
  wallet: string | null;
  scheme: Scheme | null;
  request: OwnRequest | null;
  outcome: Outcome | null;
  /** The code with which this page's own node rejected the request. */
  rejected: string | null;
  /** Whether it ended here while this browser had no network. */
  offline?: boolean;
  /** The results of this page's checks of evidence, by the peer whose evidence it is. */
  proofs: ReadonlyMap<PeerId, Proof | "looking">;
  attempts: ReadonlyMap<string, Attempt>;
}

const eventsPerAccount = 400; // 32 peers × 8 rounds of `heard` and the events around them: the bound for a peer that floods
const attemptsKept = 4;
const accountsKept = 40; // the largest party, the coordinator, and some outsiders

export function newSession(
  from: Pick<Session, "id" | "initiator" | "kind" | "wallet" | "scheme">,
): Session {
  const { id, initiator, kind, wallet, scheme } = from;
  const none = { request: null, outcome: null, rejected: null };
  const key = sessionKey(from);
  return { key, id, initiator, kind, wallet, scheme, ...none, proofs: new Map(), attempts: new Map() };
}

/**
 * The remarks of a session: those of this page's own request, or else those in the event with which this
 * page's own node began it. An event of another peer has none.
 */
export function remarksOn(
  { request, attempts }: Pick<Session, "request" | "attempts">,
  self: PeerId | null,
): Remarks {
  if (request) return request;
  const own = [...attempts.values()].flatMap(({ accounts }) => accounts.get(self ?? "")?.events ?? []);
  return own.find((event) => event.type === "began") ?? {};
}

/**
 * The number of items that a session signs: of this page's own request, or else as the event states with
 * which a peer began it, this page's own node first. 1 if nobody states a number.
 */
export function itemCount(
  { request, attempts }: Pick<Session, "request" | "attempts">,
  self: PeerId | null,
): number {
  if (request?.items) return request.items.length;
  const accounts = [...attempts.values()].flatMap(({ accounts }) => [...accounts.values()]);
  const ordered = [
    ...accounts.filter(({ peer }) => peer === self),
    ...accounts.filter(({ peer }) => peer !== self),
  ];
  const began = ordered.flatMap(({ events }) => events).find(({ type }) => type === "began");
  return began?.type === "began" ? began.items ?? 1 : 1;
}

/** An account with an event in its place. A duplicate, or an event after the end, changes nothing. */
export function insert(account: Account, event: SessionEvent, boots: readonly string[]): Account {
  const place = (of: SessionEvent) => boots.indexOf(of.boot) * 2 ** 40 + of.seq;
  const here = place(event);
  let at = account.events.length;
  while (at > 0 && place(account.events[at - 1]!) > here) at--;
  const before = account.events[at - 1];
  if (before && (place(before) === here || isTerminal(before))) return account;
  if (account.events.length >= eventsPerAccount && !isTerminal(event)) return account;
  const after = isTerminal(event) ? [] : account.events.slice(at);
  return { ...account, events: [...account.events.slice(0, at), event, ...after] };
}

/** Adds an event that {@linkcode acceptsEvent} accepted. */
export function addToSession(
  session: Session,
  event: SessionEvent,
  { boots, now }: { boots: readonly string[]; now: number },
): Session {
  const name = event.attempt ?? "";
  const old = session.attempts.get(name) ?? { attempt: name, accounts: new Map(), since: now };
  if (!old.accounts.has(event.peer) && old.accounts.size >= accountsKept) return session;
  const account = insert(old.accounts.get(event.peer) ?? { peer: event.peer, events: [] }, event, boots);
  const attempts = new Map(session.attempts);
  attempts.set(name, { ...old, accounts: new Map(old.accounts).set(event.peer, account) });
  while (attempts.size > attemptsKept) {
    const others = [...attempts.values()].filter((one) => one.attempt !== name);
    const least = others.reduce((a, b) => b.accounts.size < a.accounts.size ? b : a);
    attempts.delete(least.attempt);
  }
  return { ...session, attempts };
}
