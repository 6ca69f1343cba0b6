/**
 * The interface of a signature scheme for whoever holds shares: how keys are made and used, and what of them lies on a
 * disk. Only `worker/` and `keystore/` may import it.
 * @module
 */
import type { DiffieHellman } from "../crypto/dkls/diffie_hellman.ts";
import type { PairOf } from "../crypto/dkls/pair.ts";
import type { PeerId } from "../failure.ts";
import type { PublicKeyPackage, Random } from "../ports.ts";
import type { GeneratedKey } from "../protocol/generate.ts";
import type { Net, Rounds } from "../protocol/rounds.ts";

export type { PairOf };

/** A net that can show what it has received. */
export interface ShowingNet<P extends Rounds> extends Net<P> {
  /** Encoded signed envelopes of these peers, of rounds that went to all. */
  evidence(culprits: readonly PeerId[]): Uint8Array[];
}

/** What a vault lends to one run of a protocol. */
export interface Lent {
  /** Joins the protocol's rounds to the session's messages. Called once. */
  open<P extends Rounds>(rounds: P): ShowingNet<P>;
  random: Random;
  diffieHellman: DiffieHellman;
  /** Lets this thread receive what came meanwhile. @throws {SessionError} If the run has been ended. */
  pause(): Promise<void>;
  /** The part of a long computation that is done, 0 to 1. */
  worked(done: number): void;
  /** Bans these peers from this key. Resolves when it is durable. */
  ban(peers: readonly PeerId[]): Promise<void>;
}

/** A key generation. */
export interface Generating {
  /** 32 bytes. */
  session: Uint8Array;
  threshold: number;
}

/** A signature. */
export interface Signing<Pair> {
  /** 32 bytes. */
  session: Uint8Array;
  key: PublicKeyPackage;
  /** A secret scalar, 32 bytes; the vault wipes it. */
  share: Uint8Array;
  /** This holder's end of its pair with each other signer; the vault disposes of each. */
  pairs: ReadonlyMap<PeerId, Pair>;
  /** Non-hardened indices of the child that signs; empty for the key itself. */
  path: readonly number[];
  /** {@linkcode SignatureScheme.payloadOf}. */
  payload: Uint8Array;
}

/** How the state of a pair is written and read. */
export interface PairCodec<Pair> {
  /** The caller wipes what it gets. */
  encode(of: PairOf, pair: Pair): Uint8Array;
  /** @throws {Error} If it does not decode, or is bound to anything else. */
  decode(of: PairOf, encoded: Uint8Array): Pair;
}

/** One signature scheme, for whoever holds shares. */
export interface SecretScheme<Pair extends Disposable = Disposable> {
  /**
   * Makes a key together with the party.
   *
   * @returns The share and the pairs are the caller's to wipe.
   * @throws {SessionError}
   */
  generate(lent: Lent, task: Generating): Promise<GeneratedKey & { pairs: ReadonlyMap<PeerId, Pair> }>;
  /** Signs together with the party. @returns 64 bytes. @throws {SessionError} */
  sign(lent: Lent, task: Signing<Pair>): Promise<Uint8Array>;
  /** share · G: what a share on a disk is held against. @throws {Error} If it is no scalar, or 0. */
  verifyingShareOf(share: Uint8Array): Uint8Array;
  /** How the state of a pair lies on a disk; null where there is none. */
  readonly pairs: PairCodec<Pair> | null;
}
