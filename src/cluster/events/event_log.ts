/**
 * The event log of a node: it gives every event its number in this node's view, keeps each session's history,
 * merges repeated warnings into one with a count, and passes everything to its listeners.
 * @module
 */
import {
  isFault,
  isTerminal,
  type KeyEvent,
  type KeyState,
  type NodeEvent,
  type QuarantineEvent,
  type SessionEvent,
  type SessionId,
  type View,
  type Warning,
} from "../../events.ts";
import type { SessionError } from "../../errors.ts";
import { type ClockDifference, failures, keySafety, type PeerId, type WarningCode } from "../../failure.ts";
import { Feed } from "./feed.ts";
import { warningWindow } from "../../limits.ts";
import type { Clock } from "../../ports.ts";
import type { EventBody, SessionLog } from "../../session/plan.ts";
import { Clocks } from "./clocks.ts";
import type { SessionFacts } from "./session_facts.ts";

/** The events of the whole node that are kept for later readers, and the most that a reader may be behind. */
const nodeMemory = { history: 1024, behind: 4096 };
/** The same for one session, which has few events: this is 16 parties × 16 rounds, twice. */
const sessionMemory = { history: 512, behind: 512 };
/** The number of histories that are kept of ended sessions. */
const historiesKept = 1024;

type WithoutView<E> = E extends View ? Omit<E, keyof View> : never;
/** An event as a part of the node makes it. */
export type NodeEventBody = WithoutView<Exclude<NodeEvent, SessionEvent>>;

const isSessionEvent = (item: { type: string }): item is SessionEvent => "attempt" in item;

/**
 * The history of one session in this node's view, or in its coordinator's if this node does not take part.
 */
export class SessionHistory {
  /** The id of the command or the link, 32 hex digits. */
  readonly id: string;
  readonly feed: Feed<SessionEvent>;
  /** The phase in which it is, as far as is known: a party that was proposed may open its session unheard. */
  phase: "inviting" | "opening" = "inviting";
  ended = false;

  /** @param view The present place in this node's view. */
  constructor(id: string, view: () => View) {
    this.id = id;
    this.feed = new Feed({ ...sessionMemory, view });
  }

  add(event: SessionEvent): void {
    if (this.ended) return;
    if (event.type === "proposed") this.phase = "opening";
    this.feed.publish(event);
    if (!isTerminal(event)) return;
    this.ended = true;
    this.feed.close();
  }
}

type FailedBefore = Pick<SessionError, "code" | "culprits" | "missing" | "claims">;

/** The terminal event of a session that failed before it could run. */
function failedBefore(
  { kind }: SessionFacts,
  { code, culprits, missing, claims }: FailedBefore,
  phase: "inviting" | "opening",
): EventBody {
  const { remedy } = failures[code];
  const key = keySafety(code, kind);
  return { type: "failed", code, remedy, key, phase, round: null, culprits, missing, claims };
}

/** A warning that is being counted in its window. */
interface CountedWarning {
  warning: Omit<Warning, keyof View>;
  /** The history that it belongs to; null for none. */
  historyKey: string | null;
  timer: Disposable;
}

export class EventLog {
  readonly peer: PeerId;
  readonly boot: string;
  readonly all: Feed<NodeEvent>;
  readonly #clock: Clock;
  readonly #clocks: Clocks;
  /** By `SessionFacts.historyKey`. */
  readonly #histories = new Map<string, SessionHistory>();
  readonly #counts = new Map<string, CountedWarning>();
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  #seq = 0;

  constructor({ peer, boot, clock }: { peer: PeerId; boot: string; clock: Clock }) {
    this.peer = peer;
    this.boot = boot;
    this.#clock = clock;
    this.#clocks = new Clocks(clock);
    this.all = new Feed({ ...nodeMemory, view: this.#view });
  }

  /** Calls `listener` with every event of this node's own view, as it happens. */
  listen(listener: (event: NodeEvent) => void): void {
    this.#listeners.add(listener);
  }

  /** The place of this node's latest event in its view, as of now. */
  readonly #view = (): View => ({
    peer: this.peer,
    boot: this.boot,
    seq: Math.max(0, this.#seq - 1),
    at: this.#clock.now(),
  });

  #own<E>(body: E): E & View {
    return { ...body, peer: this.peer, boot: this.boot, seq: this.#seq++, at: this.#clock.now() };
  }

  #publish(event: NodeEvent): void {
    this.all.publish(event);
    for (const listener of this.#listeners) listener(event);
  }

  emit(body: NodeEventBody): void {
    this.#publish(this.#own(body) as NodeEvent);
  }

  /** The history of a command or a link, which is begun if there is none. */
  history({ historyKey: key, id }: Pick<SessionFacts, "historyKey" | "id">): SessionHistory {
    const old = this.#histories.get(key);
    if (old) return old;
    const history = new SessionHistory(id, this.#view);
    this.#histories.set(key, history);
    if (this.#histories.size > historiesKept) {
      const [oldest] = [...this.#histories].find(([, { ended }]) => ended) ?? [null];
      if (oldest !== null) this.#histories.delete(oldest);
    }
    return history;
  }

  /** A new history of a command that is asked for once more after its end; who reads the former one keeps that. */
  historyAgain(facts: Pick<SessionFacts, "historyKey" | "id">): SessionHistory {
    this.#histories.delete(facts.historyKey);
    return this.history(facts);
  }

  /** @param key See `SessionFacts.historyKey`. */
  historyOf(key: string): SessionHistory | undefined {
    return this.#histories.get(key);
  }

  /**
   * The first history with that id. Ids of different initiators may collide: {@linkcode historyOf} tells them
   * apart.
   */
  historyWithId(id: string): SessionHistory | undefined {
    return [...this.#histories.values()].find((history) => history.id === id);
  }

  /** Emits an event of a session that this node takes part in. */
  emitSession(facts: SessionFacts, body: EventBody): SessionEvent {
    if (isTerminal(body)) this.#flushSession(facts.session);
    const event = this.#sessionEvent(facts, body);
    this.history(facts).add(event);
    this.#publish(event);
    return event;
  }

  #sessionEvent(facts: SessionFacts, body: EventBody): SessionEvent {
    const { historyKey: _key, remarks, items, ...shown } = facts;
    const own = body.type === "began" ? remarks : {};
    const batch = items !== undefined && (body.type === "began" || body.type === "failed") ? { items } : {};
    return this.#own({ ...shown, ...body, ...own, ...batch, ...this.#aboutClocks(body) }) as SessionEvent;
  }

  /** The log of one session, whose facts include its id from now on. @param session 32 bytes. */
  sessionLog(facts: SessionFacts, session: Uint8Array): SessionLog {
    facts.session = session.toHex();
    return {
      emit: (body) => this.emitSession(facts, body),
      warn: (code, via) => this.warn(code, via, facts),
    };
  }

  /** The known clock differences, for a failure that is about time. */
  #aboutClocks(body: EventBody): { clocks?: ClockDifference[] } {
    if (body.type !== "failed") return {};
    const codes = [body.code, ...body.claims.map(({ code }) => code)];
    return codes.includes("clock-skew") ? { clocks: this.#clocks.off() } : {};
  }

  /** Takes a peer's wall time, ms. */
  peerTime(peer: PeerId, time: number): void {
    const seconds = this.#clocks.take(peer, time);
    if (seconds !== null) this.warn("clock-difference", peer, undefined, seconds);
  }

  /** Emits that a key has changed its state here. @param session The session that made the key. */
  emitKey(
    { wallet, scheme, epoch }: Pick<KeyEvent, "wallet" | "scheme" | "epoch">,
    session: SessionId,
    state: KeyState,
    { held = true }: { held?: boolean } = {},
  ): void {
    const lacks = held ? {} : { held: false as const };
    this.emit({ type: "key", wallet, scheme, epoch, session, state, ...lacks });
  }

  /** Emits that this node does not use a key together with `other` for now, or does so again. */
  emitQuarantine(
    { wallet, scheme }: Pick<KeyEvent, "wallet" | "scheme">,
    keyId: SessionId,
    other: PeerId,
    state: QuarantineEvent["state"],
  ): void {
    this.emit({ type: "quarantine", wallet, scheme, keyId, pair: [this.peer, other], state });
  }

  /** Emits the terminal event of a session that failed before it could run. */
  emitFailed(
    facts: SessionFacts,
    error: FailedBefore,
    phase: "inviting" | "opening",
  ): void {
    this.emitSession(facts, failedBefore(facts, error, phase));
  }

  /**
   * The history of a command that this node refuses to begin: its failure, and nothing else. It is not
   * published, because another command has this id: everywhere else it would end that one's session.
   */
  refused(facts: SessionFacts, error: FailedBefore): SessionHistory {
    const history = new SessionHistory(facts.id, this.#view);
    history.add(this.#sessionEvent(facts, failedBefore(facts, error, "inviting")));
    return history;
  }

  /** Emits a warning: the first at once, and those that follow within its window as one. */
  warn(code: WarningCode, via: PeerId | null, facts?: SessionFacts, seconds?: number): void {
    const none = {
      historyKey: null,
      id: null,
      initiator: null,
      attempt: null,
      session: null,
      kind: null,
      wallet: null,
      scheme: null,
      remarks: {},
      items: 0,
    };
    const { historyKey, remarks: _remarks, items: _items, ...about } = facts ?? none;
    const key = `${facts?.session ?? historyKey} ${via} ${code}`;
    const known = this.#counts.get(key);
    if (known) return void known.warning.count++;
    const warning = {
      ...about,
      type: "warning" as const,
      code,
      via,
      count: 1,
      ...seconds === undefined ? {} : { seconds },
    };
    const timer = this.#clock.timer(warningWindow, () => this.#flush(key));
    const counted = { warning, historyKey, timer };
    this.#emitWarning(counted);
    warning.count = 0;
    this.#counts.set(key, counted);
  }

  #emitWarning({ warning, historyKey }: CountedWarning): void {
    const event = this.#own({ ...warning });
    if (historyKey !== null) this.#histories.get(historyKey)?.add(event);
    this.#publish(event);
  }

  #flush(key: string): void {
    const counted = this.#counts.get(key);
    if (!counted) return;
    counted.timer[Symbol.dispose]();
    this.#counts.delete(key);
    if (counted.warning.count > 0) this.#emitWarning(counted);
  }

  #flushSession(session: string | null): void {
    if (session === null) return;
    for (const [key, { warning }] of [...this.#counts]) if (warning.session === session) this.#flush(key);
  }

  /** Publishes an event in another peer's view. It is shown, and decides nothing. */
  emitReported(event: NodeEvent): void {
    this.all.publish(event);
  }

  events(replay = 0): ReadableStream<NodeEvent> {
    return this.all.stream((item): item is NodeEvent => item !== null, { replay });
  }

  faults(replay = 0): ReadableStream<NodeEvent> {
    return this.all.stream((item): item is NodeEvent => isFault(item), { replay });
  }

  /** Emits the warnings that are still being counted, and ends every stream. */
  close(): void {
    for (const key of [...this.#counts.keys()]) this.#flush(key);
    for (const history of this.#histories.values()) history.feed.close();
    this.all.close();
  }
}

export { isSessionEvent };
