/**
 * What a protocol sees of the network: named rounds, typed messages, one verb.
 * @module
 */
import type { Codec } from "../crypto/codec.ts";
import type { FailureCode, PeerId } from "../failure.ts";

export type { Codec };

/** One round: how it travels and what it carries. */
export interface Round<T> {
  readonly delivery: "broadcast" | "reliable" | "direct";
  readonly codec: Codec<T>;
  /** Of a direct round: the part of its messages that everyone must hear alike. */
  readonly common?: Common<T>;
}
/** A part of direct messages that travels once more beside them, to all, as a reliable round does. */
export interface Common<T> {
  /** The part, encoded. */
  of(message: T): Uint8Array;
  /** @throws {TypeError} If it is no such part. */
  decode(bytes: Uint8Array): unknown;
}
/** Rounds in the order in which they are run. */
// deno-lint-ignore no-explicit-any -- a record of rounds of different types
export type Rounds = Record<string, Round<any>>;
export type MessageOf<R> = R extends Round<infer T> ? T : never;

/** Everyone gets the same bytes, as far as the sender is honest. */
export function broadcast<T>(codec: Codec<T>): Round<T> {
  return { delivery: "broadcast", codec };
}
/** Everyone gets the same bytes, or the session fails and names the liar: each passes on what it heard, signed. */
export function reliable<T>(codec: Codec<T>): Round<T> {
  return { delivery: "reliable", codec };
}
/** Each peer gets its own message, which no one else can read. */
export function direct<T>(codec: Codec<T>): Round<T> {
  return { delivery: "direct", codec };
}
/** The same, but for a part that everyone gets alike, or the session fails and names the liar. */
export function directWith<T>(codec: Codec<T>, common: Common<T>): Round<T> {
  return { delivery: "direct", codec, common };
}

/** Under which name what a round has for all travels beside its messages; null if it has nothing of the kind. */
export function commonName(rounds: Rounds, round: string): string | null {
  return rounds[round]?.common ? `${round}/all` : null;
}

/**
 * The name of the broadcast that round `index` must echo: the previous reliable round, or the shared part of the
 * previous direct round; null if there is none. With two parties an echo catches nobody, but it says what an answer was
 * an answer to: without it, an accuser could show other messages of its own than the accused had received.
 */
export function echoedIn(rounds: Rounds, index: number): string | null {
  const before = Object.keys(rounds)[index - 1];
  if (before === undefined) return null;
  return rounds[before]!.delivery === "reliable" ? before : commonName(rounds, before);
}

/** Reads what travels under a name: a round's messages, or their common part. Null if nothing does. */
export function readerOf(rounds: Rounds, name: string): ((payload: Uint8Array) => unknown) | null {
  if (Object.hasOwn(rounds, name)) return rounds[name]!.codec.decode; // a peer's text may be `constructor`
  const round = Object.keys(rounds).find((round) => commonName(rounds, round) === name);
  return round === undefined ? null : rounds[round]!.common!.decode;
}

/** A check of one message that names its sender when it fails. */
export interface Check<T> {
  /** What a failed check is called: one of the codes that name culprits. */
  readonly code: FailureCode;
  /**
   * Whether the message that `from` sent to `to` is right. In a direct round it is also asked about messages between
   * others, when someone publishes one as evidence.
   */
  passes(message: T, from: PeerId, to: PeerId): boolean;
}

/** One run's view of its peers. */
export interface Net<P extends Rounds> {
  readonly self: PeerId;
  /** Everyone taking part, this node included, in the order all agree on. */
  readonly party: readonly PeerId[];
  /**
   * Sends mine, waits for everyone's, checks each, returns all, mine among them, in the order of the party.
   *
   * All messages that fail `check` are found before it throws, so that every cheater is named. The echo of an earlier
   * reliable round is compared before any check.
   *
   * @throws {SessionError} `round-timeout`, `peer-left`, `malformed-message`, `unexpected-round`, `equivocation`, the
   * code of `check`, or whatever the session was ended with.
   */
  exchange<R extends keyof P & string>(
    round: R,
    mine: MessageOf<P[R]> | ((to: PeerId) => MessageOf<P[R]>),
    check?: Check<MessageOf<P[R]>>,
  ): Promise<ReadonlyMap<PeerId, MessageOf<P[R]>>>;
}
