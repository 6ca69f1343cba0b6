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
} from "../../events.ts";
import type { SessionError } from "../../errors.ts";
import { type ClockDifference, failures, keySafety, type PeerId, type WarningCode } from "../../failure.ts";
import { Feed } from "./feed.ts";
import { warningWindow } from "../../limits.ts";
import type { Clock } from "../../ports.ts";
import type { EventBody } from "../../session/plan.ts";
import { Clocks } from "./clocks.ts";

/** Items of the whole node kept for readers that come later, and that a reader may be behind. */
const nodeMemory = { history: 1024, behind: 4096 };
/** A session's own items are few; this is 16 parties × 16 rounds, twice. */
const sessionMemory = { history: 512, behind: 512 };
/** Stories of ended sessions that are kept. */
const storiesKept = 1024;

/** What every event of a session says of it, and by what its story is kept, which no event says. */
export type SessionFacts = Omit<Common, keyof View> & {
  /** Of a command what it is known by (`commandKey`): two initiators may have chosen one id. Of a link its id. */
  story: string;
};
type WithoutView<E> = E extends View ? Omit<E, keyof View> : never;
/** An item as a part of the node makes it. */
export type Told = WithoutView<Exclude<NodeEvent, SessionEvent>>;

const isSessionEvent = (item: { type: string }): item is SessionEvent => "attempt" in item;

/** One session's story as this node tells it, or as its coordinator does where this node is not in it. */
export class Story {
  /** Of the command or the link, 32 hex digits. */
  readonly id: string;
  readonly feed = new Feed<SessionEvent>(sessionMemory);
  ended = false;

  constructor(id: string) {
    this.id = id;
  }

  add(event: SessionEvent): void {
    if (this.ended) return;
    this.feed.publish(event);
    if (!isTerminal(event)) return;
    this.ended = true;
    this.feed.close();
  }
}

/** A warning that comes again within its window. */
interface Counted {
  warning: Omit<Warning, keyof View>;
  /** Of whose story it is; null for none. */
  story: string | null;
  timer: Disposable;
}

export class EventLog {
  readonly peer: PeerId;
  readonly boot: string;
  readonly all = new Feed<NodeEvent>(nodeMemory);
  readonly #clock: Clock;
  readonly #clocks: Clocks;
  /** By `SessionFacts.story`. */
  readonly #stories = new Map<string, Story>();
  readonly #counts = new Map<string, Counted>();
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

  /** The story of a command or a link; begun if there is none. */
  story({ story: key, id }: Pick<SessionFacts, "story" | "id">): Story {
    const old = this.#stories.get(key);
    if (old) return old;
    const story = new Story(id);
    this.#stories.set(key, story);
    if (this.#stories.size > storiesKept) {
      const [oldest] = [...this.#stories].find(([, { ended }]) => ended) ?? [null];
      if (oldest !== null) this.#stories.delete(oldest);
    }
    return story;
  }

  /** @param key See `SessionFacts.story`. */
  storyOf(key: string): Story | undefined {
    return this.#stories.get(key);
  }

  /** The first story with that id: whoever knows the initiator asks by both. */
  storyWithId(id: string): Story | undefined {
    return [...this.#stories.values()].find((story) => story.id === id);
  }

  /** An event of a session that this node takes part in. */
  session(facts: SessionFacts, body: EventBody): SessionEvent {
    if (isTerminal(body)) this.#countedOf(facts.session);
    const { story: _key, ...shown } = facts;
    const event = this.#own({ ...shown, ...body, ...this.#aboutClocks(body) }) as SessionEvent;
    this.story(facts).add(event);
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

  /** This node does not use a key with another for now, or does again. @param key The session that made it. */
  quarantine(
    { wallet, curve }: Pick<KeyEvent, "wallet" | "curve">,
    key: SessionId,
    other: PeerId,
    state: QuarantineEvent["state"],
  ): void {
    this.tell({ type: "quarantine", wallet, curve, key, pair: [this.peer, other], state });
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
    const none = {
      story: null,
      id: null,
      initiator: null,
      attempt: null,
      session: null,
      kind: null,
      wallet: null,
      curve: null,
    };
    const { story, ...about } = facts ?? none;
    const key = `${facts?.session ?? story} ${via} ${code}`;
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
    const counted = { warning, story, timer };
    this.#tellWarning(counted);
    warning.count = 0;
    this.#counts.set(key, counted);
  }

  #tellWarning({ warning, story }: Counted): void {
    const event = this.#own({ ...warning });
    if (story !== null) this.#stories.get(story)?.add(event);
    this.#publish(event);
  }

  #flush(key: string): void {
    const counted = this.#counts.get(key);
    if (!counted) return;
    counted.timer[Symbol.dispose]();
    this.#counts.delete(key);
    if (counted.warning.count > 0) this.#tellWarning(counted);
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
