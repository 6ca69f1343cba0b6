/**
 * The interface of a signature scheme with secrets: making keys and signing with them. Only `worker/` may
 * import it.
 * @module
 */
import type { DiffieHellman } from "../crypto/dkls/diffie_hellman.ts";
import type { PeerId } from "../failure.ts";
import type { PublicKeyPackage, Random } from "../ports.ts";
import type { GeneratedKey } from "../protocol/generate.ts";
import type { Net, Rounds } from "../protocol/rounds.ts";
import type { KeyUse } from "./scheme.ts";
import type { StoredScheme } from "./stored/stored_scheme.ts";

/** A net that keeps the messages it has received as evidence. */
export interface ShowingNet<P extends Rounds> extends Net<P> {
  /** The encoded signed envelopes of these peers, from the rounds that went to all. */
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

/** A key generation. */
export interface Generating {
  /** 32 bytes. */
  session: Uint8Array;
  threshold: number;
}

/** A signature. */
export interface Signing<Pair> extends KeyUse {
  /** 32 bytes. */
  session: Uint8Array;
  key: PublicKeyPackage;
  /** A secret scalar, 32 bytes; the vault wipes it. */
  share: Uint8Array;
  /** This holder's end of its pair with each other signer; the vault disposes of each. */
  pairs: ReadonlyMap<PeerId, Pair>;
  /** {@linkcode SignatureScheme.payloadOf}. */
  payload: Uint8Array;
}

/** One signature scheme, with secrets. */
export interface SecretScheme<Pair extends Disposable = Disposable> extends StoredScheme<Pair> {
  /**
   * Makes a key together with the party.
   *
   * @returns The share and the pairs are the caller's to wipe.
   * @throws {SessionError}
   */
  generate(run: ProtocolRun, task: Generating): Promise<GeneratedKey & { pairs: ReadonlyMap<PeerId, Pair> }>;
  /** Signs together with the party. @returns 64 bytes. @throws {SessionError} */
  sign(run: ProtocolRun, task: Signing<Pair>): Promise<Uint8Array>;
}
