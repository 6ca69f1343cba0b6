/**
 * The attempts that this node knows: those under way, those it has accepted, for as long as their commands could
 * be let in, and the latest of the others.
 *
 * An attempt is accepted once. A member that accepted it twice in one boot has lied: the two accepts prove it, so
 * nobody may lead an honest member to do that.
 * @module
 */
import { clockSkew, maxCommandAge, maxCommandIds } from "../../limits.ts";
import type { Clock } from "../../ports.ts";
import { ExpectedStreams } from "./expected_streams.ts";
import type { PeerId } from "../../failure.ts";

/** Attempts that are remembered though this node has not accepted them. */
const notAcceptedKept = 1_024;

/** An accepted attempt is remembered this long at least, ms by the monotonic clock, whatever the wall clock does. */
const acceptedKeptMs = maxCommandAge + 2 * clockSkew;

/** The times until which an accepted attempt is remembered: both must have passed. */
interface Kept {
  /** By the monotonic clock, ms. */
  readonly monotonic: number;
  /** By the wall clock, ms since 1970. */
  readonly wall: number;
}

export class Attempts {
  readonly #clock: Clock;
  readonly #expected = new Map<string, ExpectedStreams>();
  /** Those under way that are not accepted yet. */
  readonly #begun = new Set<string>();
  readonly #accepted = new Map<string, Kept>();
  readonly #notAccepted = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes that an attempt is under way. @returns False if it is known already, or too many are. */
  begin(attempt: Uint8Array): boolean {
    const key = attempt.toHex();
    this.#forgetOld();
    if (this.knows(attempt) || this.#accepted.size >= maxCommandIds) return false;
    this.#begun.add(key);
    return true;
  }

  knows(attempt: Uint8Array): boolean {
    const key = attempt.toHex();
    return this.#begun.has(key) || this.#expected.has(key) || this.#accepted.has(key) ||
      this.#notAccepted.has(key);
  }

  /**
   * Notes, before an accept leaves, that this node accepts an attempt, and keeps the streams of its party from
   * now on.
   *
   * @param expires The end of its command by the wall clock, ms since 1970.
   */
  accept(attempt: Uint8Array, party: readonly PeerId[], expires: number): void {
    const key = attempt.toHex();
    this.#begun.delete(key);
    this.#expected.set(key, new ExpectedStreams(party));
    const monotonic = this.#clock.monotonic() + acceptedKeptMs;
    this.#accepted.set(key, { monotonic, wall: expires + clockSkew });
  }

  /** The streams that are kept for an attempt; undefined if none are. */
  streams(attempt: Uint8Array): ExpectedStreams | undefined {
    return this.#expected.get(attempt.toHex());
  }

  /** Takes no more streams of an attempt that is over or was given up. */
  end(attempt: Uint8Array): void {
    const key = attempt.toHex();
    this.#expected.get(key)?.drop();
    this.#expected.delete(key);
    if (!this.#begun.delete(key)) return;
    this.#notAccepted.add(key);
    if (this.#notAccepted.size > notAcceptedKept) this.#notAccepted.delete([...this.#notAccepted][0]!);
  }

  /** Drops every stream that is kept. */
  stop(): void {
    for (const streams of this.#expected.values()) streams.drop();
    this.#expected.clear();
  }

  /**
   * Forgets accepted attempts whose commands no clock lets in any more: the oldest, or all if there is no room. One
   * that was accepted while the wall clock was far ahead stays, and keeps no other from being forgotten then.
   */
  #forgetOld(): void {
    const [monotonic, wall] = [this.#clock.monotonic(), this.#clock.now()];
    const full = this.#accepted.size >= maxCommandIds;
    for (const [key, kept] of this.#accepted) {
      if (kept.monotonic <= monotonic && kept.wall <= wall) this.#accepted.delete(key);
      else if (!full) return;
    }
  }
}
