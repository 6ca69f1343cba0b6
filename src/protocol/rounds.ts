/**
 * The network as a protocol sees it: named rounds, typed messages, and one operation,
 * {@linkcode Net.exchange}.
 * @module
 */
import type { Codec } from "../crypto/codec.ts";
import type { FailureCode, PeerId } from "../failure.ts";

export type { Codec };

/** The worth to others, once the run has failed, of a message that was for one peer. */
export type AfterFailure = "secret" | "worthless";

/** One round: how it travels and what it carries. */
export interface Round<T> {
  readonly delivery: "broadcast" | "reliable" | "direct";
  readonly codec: Codec<T>;
  /**
   * `worthless` where every secret of the run ends with it: then a wrong message that was for one peer is shown to
   * all as evidence, whatever was wrong. A `secret` one is shown only if it fails a check that opens it.
   */
  readonly afterFailure: AfterFailure;
}
/** The rounds of a protocol, in the order in which they run. */
// deno-lint-ignore no-explicit-any -- a record of rounds of different types
export type Rounds = Record<string, Round<any>>;
export type MessageOf<R> = R extends Round<infer T> ? T : never;

/** A round whose message is the same for everyone if its sender is honest. */
export function broadcast<T>(codec: Codec<T>, afterFailure: AfterFailure = "secret"): Round<T> {
  return { delivery: "broadcast", codec, afterFailure };
}
/**
 * A round whose message is the same for everyone, or the session fails and names the sender: in the next
 * round each peer forwards the signed statements that it received.
 */
export function reliable<T>(codec: Codec<T>, afterFailure: AfterFailure = "secret"): Round<T> {
  return { delivery: "reliable", codec, afterFailure };
}
/** A round in which each peer gets a message of its own that nobody else can read. */
export function direct<T>(codec: Codec<T>, afterFailure: AfterFailure = "secret"): Round<T> {
  return { delivery: "direct", codec, afterFailure };
}

/** Whether a message of this round that was for one peer may be shown to all. False for an unknown round. */
export function isWorthless(rounds: Rounds, name: string): boolean {
  return Object.hasOwn(rounds, name) && rounds[name]!.afterFailure === "worthless";
}

/**
 * The name of the round that round `index` must echo: the previous one, if it is reliable; null otherwise.
 * With two parties an echo catches nobody, but it fixes which messages the author had received: without it, an
 * accuser could show different messages of its own.
 */
export function echoedIn(rounds: Rounds, index: number): string | null {
  const before = Object.keys(rounds)[index - 1];
  return before !== undefined && rounds[before]!.delivery === "reliable" ? before : null;
}

/** The decoder of a round's messages. Null if there is no round of that name. */
export function readerOf(rounds: Rounds, name: string): ((payload: Uint8Array) => unknown) | null {
  return Object.hasOwn(rounds, name) ? rounds[name]!.codec.decode : null; // a peer's text may be `constructor`
}

/** A check of one message that names its sender when it fails. */
export interface Check<T> {
  /** The failure if a message does not pass: one of the codes that name culprits. */
  readonly code: FailureCode;
  /**
   * Set if a message that fails this check is opened: shown to all, though it was for one peer and the round's
   * messages are secret. Only for a check that no right message fails, at anybody.
   */
  readonly opens?: true;
  /**
   * Whether the message that `from` sent to `to` is right. In a direct round it is also called for messages
   * between others, when one of them is published as evidence.
   */
  passes(message: T, from: PeerId, to: PeerId): boolean;
}

/** The network, as one run of a protocol sees it. */
export interface Net<P extends Rounds> {
  readonly self: PeerId;
  /** Everyone taking part, this node included, in the order all agree on. */
  readonly party: readonly PeerId[];
  /**
   * Sends this peer's message, waits for everyone else's and checks each.
   *
   * A check is made of all messages before the next check, and before it throws: every peer that fails it is
   * named. The echo of an earlier reliable round is compared before any check.
   *
   * @param message The same for everyone, or a function of the recipient, which is also called for this peer
   * itself.
   * @returns Everyone's message, this peer's own included, in the order of the party.
   * @throws {SessionError} `round-timeout`, `peer-left`, `malformed-message`, `unexpected-round`,
   * `equivocation`, the code of a check, or the error that the session was ended with.
   */
  exchange<R extends keyof P & string>(
    round: R,
    message: MessageOf<P[R]> | ((to: PeerId) => MessageOf<P[R]>),
    ...checks: readonly Check<MessageOf<P[R]>>[]
  ): Promise<ReadonlyMap<PeerId, MessageOf<P[R]>>>;
}

/**
 * The messages of a direct round, by recipient.
 *
 * {@linkcode Net.exchange} also asks for this peer's own message. Nobody reads that one: it is the first
 * other's.
 */
export function toEach<T>(
  { self, party }: Pick<Net<Rounds>, "self" | "party">,
  messageFor: (to: PeerId) => T,
) {
  const first = party.find((peer) => peer !== self)!;
  return (to: PeerId): T => messageFor(to === self ? first : to);
}
