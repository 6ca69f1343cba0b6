/**
 * The interface of a signature scheme with secrets: making keys and signing with them. Only `worker/` may
 * import it.
 * @module
 */
import type { DiffieHellman } from "../crypto/dkls/diffie_hellman.ts";
import type { PeerId } from "../failure.ts";
import type { PublicKeyPackage, Random, SigningItem } from "../ports.ts";
import type { Agreed, Drawn as DrawnFor } from "../protocol/drawn.ts";
import type { DealTask, DealtKey } from "../protocol/deal.ts";
import type { Net, Rounds } from "../protocol/rounds.ts";
import type { StoredScheme } from "./stored/stored_scheme.ts";

export type { Agreed };

/** A net that keeps the messages it has received as evidence. */
export interface ShowingNet<P extends Rounds> extends Net<P> {
  /**
   * The encoded signed envelopes of these peers, from the rounds that went to all; none before the first
   * exchange.
   */
  evidence(culprits: readonly PeerId[]): Uint8Array[];
}

/** One run of a protocol, with the effects that the vault injects. */
export interface ProtocolRun {
  /** Connects the protocol's rounds to the session's messages. Called once. */
  open<P extends Rounds>(rounds: P): ShowingNet<P>;
  random: Random;
  diffieHellman: DiffieHellman;
  /** Gives way to messages that have arrived. @throws {SessionError} If the run has been ended. */
  pause(): Promise<void>;
  /** Reports the part of a long computation that is done, 0 to 1. */
  report(done: number): void;
  /** Bans the pairs with these peers from this key. Resolves when the bans are durable. */
  ban(peers: readonly PeerId[]): Promise<void>;
}

/** A dealing, a generation or a resharing, before its session has an id. */
export type DealingTask = Omit<DealTask, "suite">;

/** A signature, before its session has an id. */
export interface Signing {
  /** The hash of the signed invite, 32 bytes. */
  attempt: Uint8Array;
  self: PeerId;
  party: readonly PeerId[];
  key: PublicKeyPackage;
  /** A secret scalar, 32 bytes; the vault wipes it after it has disposed of what was drawn. */
  share: Uint8Array;
  /** 1 to 256. */
  items: readonly SigningItem[];
  random: Random;
}

/**
 * The drawn secrets of one run, and the first round that the accept carries. `run` opens a net for the same
 * party, and throws a `SessionError`.
 */
export type Drawn<Result, Input = Agreed> = DrawnFor<ProtocolRun, Result, Input>;

/** This holder's end of its pair with each other member of the party; empty for a scheme without pairs. */
export interface WithPairs<Pair> {
  /** The vault disposes of each. */
  pairs: ReadonlyMap<PeerId, Pair>;
}

/** One signature scheme, with secrets. */
export interface SecretScheme<Pair extends Disposable = Disposable> extends StoredScheme<Pair> {
  /**
   * Draws this peer's part in a dealing. `run` makes the key, or deals it anew; its share and pairs are the
   * caller's to wipe.
   *
   * @throws {InputError} For a task that makes no key.
   */
  drawKey(task: DealingTask): Drawn<DealtKey & WithPairs<Pair>>;
  /**
   * Draws this member's nonces. `run` signs all items, and returns 64 bytes for each, in order.
   *
   * @throws {InputError} For a task that makes no signature.
   */
  drawSignatures(task: Signing): Drawn<readonly Uint8Array[], Agreed & WithPairs<Pair>>;
}
