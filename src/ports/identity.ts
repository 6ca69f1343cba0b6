/**
 * The ports to the two keys of a peer, and to files locked with a passphrase.
 * @module
 */
import type { PeerId } from "../failure.ts";

/** The identity of a node: its peer key, and the key that opens its records. */
export interface Identity {
  /** The peer id of the Ed25519 key. */
  readonly peer: PeerId;
  /** Ed25519 over `message`: 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** Whether `signature` is `peer`'s over `message`. False, never an error, for bytes of any other shape. */
  verify(peer: PeerId, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** The secrets themselves, for the transport and the vault only. */
  secrets(): IdentitySecrets;
}

/** The two secret keys of a peer. */
export interface IdentitySecrets {
  /** The Ed25519 seed of the peer key, 32 bytes. */
  peerSeed: Uint8Array;
  /** The age identity that opens this node's records: `AGE-SECRET-KEY-1…`. */
  storageKey: string;
}

/**
 * Locks and opens files with passphrases, in the format age (age-encryption.org/v1, scrypt). That takes about
 * a second on purpose, so a busy thread leaves it to another one.
 */
export interface Passphrases {
  /** @param workFactor The work factor of scrypt, log2 N. */
  seal(
    plain: ReadableStream<Uint8Array>,
    passphrase: string,
    workFactor: number,
  ): Promise<ReadableStream<Uint8Array>>;
  /**
   * @returns Null if the file does not open: age cannot distinguish a wrong passphrase from a damaged header.
   * If the rest is damaged, the stream fails.
   */
  open(file: ReadableStream<Uint8Array>, passphrase: string): Promise<ReadableStream<Uint8Array> | null>;
}
