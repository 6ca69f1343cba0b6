/**
 * What a node tells: gives every item its place in this node's view, keeps each session's story, counts warnings
 * instead of repeating them, and hands everything to whoever listens.
 * @module
 */
import {
  type Common,
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
} from "../events.ts";
import {
  type ClockDifference,
  failures,
  keySafety,
  type PeerId,
  type SessionError,
  type WarningCode,
} from "../failure.ts";
import { Feed } from "../feed.ts";
import { warningWindow } from "../limits.ts";
import type { Clock } from "../ports.ts";
import type { EventBody } from "../session/plan.ts";
import { Clocks } from "./clocks.ts";

/** Items of the whole node kept for readers that come later, and that a reader may be behind. */
const nodeMemory = { history: 1024, behind: 4096 };
/** A session's own items are few; this is 16 parties × 16 rounds, twice. */
const sessionMemory = { history: 512, behind: 512 };
/** Stories of ended sessions that are kept. */
const storiesKept = 1024;

export type SessionFacts = Omit<Common, keyof View>;
type WithoutView<E> = E extends View ? Omit<E, keyof View> : never;
/** An item as a part of the node makes it. */
export type Told = WithoutView<Exclude<NodeEvent, SessionEvent>>;

const isSessionEvent = (item: { type: string }): item is SessionEvent => "attempt" in item;

/** One session's story as this node tells it, or as its coordinator does where this node is not in it. */
export class Story {
  readonly feed = new Feed<SessionEvent>(sessionMemory);
  ended = false;

  add(event: SessionEvent): void {
    if (this.ended) return;
    this.feed.publish(event);
    if (!isTerminal(event)) return;
    this.ended = true;
    this.feed.close();
  }
}

export class Teller {
  readonly peer: PeerId;
  readonly boot: string;
  readonly all = new Feed<NodeEvent>(nodeMemory);
  readonly #clock: Clock;
  readonly #clocks: Clocks;
  readonly #stories = new Map<string, Story>();
  readonly #counts = new Map<string, { warning: Omit<Warning, keyof View>; timer: Disposable }>();
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  #seq = 0;

  constructor({ peer, boot, clock }: { peer: PeerId; boot: string; clock: Clock }) {
    this.peer = peer;
    this.boot = boot;
    this.#clock = clock;
    this.#clocks = new Clocks(clock);
  }

  /** Told of every item of this node's own view, as it happens. */
  listen(listener: (event: NodeEvent) => void): void {
    this.#listeners.add(listener);
  }

  #own<E>(body: E): E & View {
    return { ...body, peer: this.peer, boot: this.boot, seq: this.#seq++, at: this.#clock.now() };
  }

  #publish(event: NodeEvent): void {
    this.all.publish(event);
    for (const listener of this.#listeners) listener(event);
  }

  tell(body: Told): void {
    this.#publish(this.#own(body) as NodeEvent);
  }

  /** The story of a command; begun if there is none. */
  story(id: string): Story {
    const old = this.#stories.get(id);
    if (old) return old;
    const story = new Story();
    this.#stories.set(id, story);
    if (this.#stories.size > storiesKept) {
      const [oldest] = [...this.#stories].find(([, { ended }]) => ended) ?? [null];
      if (oldest !== null) this.#stories.delete(oldest);
    }
    return story;
  }

  storyOf(id: string): Story | undefined {
    return this.#stories.get(id);
  }

  /** An event of a session that this node takes part in. */
  session(facts: SessionFacts, body: EventBody): SessionEvent {
    if (isTerminal(body)) this.#countedOf(facts.session);
    const event = this.#own({ ...facts, ...body, ...this.#aboutClocks(body) }) as SessionEvent;
    this.story(facts.id).add(event);
    this.#publish(event);
    return event;
  }

  /** A failure for somebody's time says whose clock is how far off. */
  #aboutClocks(body: EventBody): { clocks?: ClockDifference[] } {
    if (body.type !== "failed") return {};
    const codes = [body.code, ...body.claims.map(({ code }) => code)];
    return codes.includes("clock-skew") ? { clocks: this.#clocks.off() } : {};
  }

  /** A peer has told its wall time, ms. */
  time(peer: PeerId, time: number): void {
    const seconds = this.#clocks.heard(peer, time);
    if (seconds !== null) this.warn("clock-difference", peer, undefined, seconds);
  }

  /** A key has changed its state here. @param session The one that made it. */
  key(
    { wallet, curve, epoch }: Pick<KeyEvent, "wallet" | "curve" | "epoch">,
    session: SessionId,
    state: KeyState,
    { held = true }: { held?: boolean } = {},
  ): void {
    const lacks = held ? {} : { held: false as const };
    this.tell({ type: "key", wallet, curve, epoch, session, state, ...lacks });
  }

  /** This node does not use a key with another for now, or does again. */
  quarantine(
    { wallet, curve }: Pick<KeyEvent, "wallet" | "curve">,
    other: PeerId,
    state: QuarantineEvent["state"],
  ): void {
    this.tell({ type: "quarantine", wallet, curve, pair: [this.peer, other], state });
  }

  /** The one terminal event of what failed before it could run. */
  failed(
    facts: SessionFacts,
    { code, culprits, missing, claims }: Pick<SessionError, "code" | "culprits" | "missing" | "claims">,
    phase: "inviting" | "opening",
  ): void {
    this.session(facts, {
      type: "failed",
      code,
      remedy: failures[code].remedy,
      key: keySafety(code, facts.kind),
      phase,
      round: null,
      culprits,
      missing,
      claims,
    });
  }

  /** Something odd that ends nothing. The first is told at once; those that follow within a second as one. */
  warn(code: WarningCode, via: PeerId | null, facts?: SessionFacts, seconds?: number): void {
    const none = { id: null, attempt: null, session: null, kind: null, wallet: null, curve: null };
    const key = `${facts?.session ?? facts?.id} ${via} ${code}`;
    const counted = this.#counts.get(key);
    if (counted) return void counted.warning.count++;
    const warning = {
      ...(facts ?? none),
      type: "warning" as const,
      code,
      via,
      count: 1,
      ...seconds === undefined ? {} : { seconds },
    };
    this.#tellWarning(warning);
    warning.count = 0;
    const timer = this.#clock.timer(warningWindow, () => this.#flush(key));
    this.#counts.set(key, { warning, timer });
  }

  #tellWarning(warning: Omit<Warning, keyof View>): void {
    const event = this.#own({ ...warning });
    if (warning.id !== null) this.#stories.get(warning.id)?.add(event);
    this.#publish(event);
  }

  #flush(key: string): void {
    const counted = this.#counts.get(key);
    if (!counted) return;
    counted.timer[Symbol.dispose]();
    this.#counts.delete(key);
    if (counted.warning.count > 0) this.#tellWarning(counted.warning);
  }

  #countedOf(session: string | null): void {
    if (session === null) return;
    for (const [key, { warning }] of [...this.#counts]) if (warning.session === session) this.#flush(key);
  }

  /** What another peer tells of itself. It is shown, and nothing is decided on it. */
  hearsay(event: NodeEvent): void {
    this.all.publish(event);
  }

  events(replay = 0): ReadableStream<NodeEvent> {
    return this.all.stream((item): item is NodeEvent => item !== null, { replay });
  }

  faults(replay = 0): ReadableStream<NodeEvent> {
    return this.all.stream((item): item is NodeEvent => isFault(item), { replay });
  }

  /** Tells what is still being counted, and ends every stream. */
  close(): void {
    for (const key of [...this.#counts.keys()]) this.#flush(key);
    for (const story of this.#stories.values()) story.feed.close();
    this.all.close();
  }
}

export { isSessionEvent };
