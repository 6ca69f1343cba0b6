/**
 * The sessions under way at a node, and how each can be silenced and ended.
 * @module
 */
import { equal } from "../../../crypto/codec.ts";
import type { SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import type { Clock } from "../../../ports.ts";
import { pause } from "../../../session/deadline.ts";

/** A session under way. */
export class RunningSession {
  /** Whether its command counts as carried out by this session. */
  isCounted = false;
  readonly party: readonly PeerId[];
  /** The multiplications that it makes with others, which take memory: none for a scheme without pairs. */
  readonly multiplications: number;
  /** The row of the key that it signs with; null until that is known. */
  key: KeyRow | null = null;
  /**
   * The session's result is withheld until this promise resolves: another session is writing a ban that ends
   * this one.
   */
  untilBanIsDurable: Promise<unknown> = Promise.resolve();
  readonly #end = new AbortController();
  readonly #silence = new AbortController();

  constructor(party: readonly PeerId[], multiplications: number) {
    this.party = party;
    this.multiplications = multiplications;
  }

  /** Aborted when the session must end. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Aborted when the protocol may send no further message; what it has sent before runs out. */
  get silenced(): AbortSignal {
    return this.#silence.signal;
  }

  end(reason: SessionError): void {
    this.#end.abort(reason);
  }

  silence(): void {
    this.#silence.abort();
  }
}

/** All sessions under way, by the hex of their ids. */
export class RunningSessions {
  readonly #clock: Clock;
  readonly #running = new Map<string, RunningSession>();
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#running.size;
  }

  /** The multiplications of all of them. */
  get multiplications(): number {
    return [...this.#running.values()].reduce((sum, { multiplications }) => sum + multiplications, 0);
  }

  has(session: Uint8Array): boolean {
    return this.#running.has(session.toHex());
  }

  add(session: Uint8Array, running: RunningSession): void {
    this.#running.set(session.toHex(), running);
  }

  delete(session: Uint8Array): void {
    this.#running.delete(session.toHex());
    if (this.#running.size === 0) { for (const wake of [...this.#waiting]) wake(); }
  }

  /** The sessions that sign with a key. */
  signingWith({ session }: KeyRow): RunningSession[] {
    return [...this.#running.values()].filter(({ key }) => key !== null && equal(key.session, session));
  }

  /** Ends every session. */
  end(reason: SessionError): void {
    for (const running of this.#running.values()) running.end(reason);
  }

  /** Resolves when no session runs any more, or after `ms`. */
  async idle(ms: number): Promise<void> {
    if (this.#running.size === 0) return;
    const done = new AbortController();
    const wake = () => done.abort();
    this.#waiting.add(wake);
    await pause(this.#clock, ms, done.signal);
    this.#waiting.delete(wake);
  }
}
