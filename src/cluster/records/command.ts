/**
 * The record of a command, by which an initiator asks the cluster for a key or a signature. Every field is
 * signed.
 * @module
 */
import * as v from "valibot";
import { maxDepth } from "../../crypto/bip32.ts";
import { bytes, bytesUpTo, hash, list, peerId, record, text, uint } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import { maxNote, maxOptions, maxParties, maxReference } from "../../limits.ts";
import { schemeIds } from "../../schemes/schemes.ts";
import type { Signed } from "../../session/signed.ts";

export const commandRecord = record("quorate/4/command", {
  /** 16 random bytes; in hex, the id of the handle and of every event. */
  id: bytes(16),
  cluster: peerId,
  kind: v.picklist(["generate", "sign"]),
  wallet: text(64),
  scheme: v.picklist(schemeIds),
  /** The id of the key that signs: the session that made it, 32 bytes; empty for a key generation. */
  keyId: bytesUpTo(32),
  /** The epoch of that key, as the initiator knows it; 0 for a key generation. */
  epoch: uint,
  /** The threshold of the new key; 0 for a signature. */
  threshold: uint,
  /** The members of the new key, sorted; empty for a signature. */
  members: list(peerId, maxParties),
  /** The members that are to sign, sorted; empty if any ready members may. */
  signers: list(peerId, maxParties),
  /** SHA-256 of the message, which is sent beside the command; empty if there is no message. */
  messageHash: bytesUpTo(32),
  /** A digest instead of a message, for ECDSA: 32 bytes. */
  digest: bytesUpTo(32),
  /** The hash function that made the digest, or that makes it from the message. */
  hash: v.picklist(["none", "sha256", "sha256d", "keccak256"]),
  /** The path of the child that signs; empty for the key itself. */
  path: list(uint, maxDepth),
  /** The options of the scheme, in its own encoding; empty for a key generation, or a scheme without options. */
  options: bytesUpTo(maxOptions),
  /** The reason for the command, in the initiator's own words: see `remarks.ts`. Empty if it gives none. */
  note: text(maxNote),
  /** The application's own id of what it asks for: see `remarks.ts`. Empty if it gives none. */
  reference: text(maxReference),
  /** Holders, each once: the first one carries the command out, and no other does. */
  coordinators: v.pipe(list(peerId, maxParties), v.minLength(1)),
  /** Wall time of the initiator, ms since 1970. */
  created: uint,
  expires: uint,
});

export type Command = ReturnType<typeof commandRecord.decode>;

/** The peer that carries a command out. */
export const coordinatorOf = ({ coordinators }: Pick<Command, "coordinators">): PeerId => coordinators[0]!;

/**
 * The key by which a node knows a command, 32 hex digits. Initiators choose the ids, and other peers may
 * learn an id before its command is carried out: the same id in another initiator's command is another
 * command.
 */
export function commandKey(initiator: PeerId, id: Uint8Array): string {
  return hash("quorate/3/command-key", initiator, id).subarray(0, 16).toHex();
}

/**
 * The hash of every field of a command. If one initiator uses an id for two contents, only one is carried
 * out.
 */
export function contentOf(command: Command): Uint8Array {
  return hash("quorate/3/command-content", commandRecord.encode(command));
}

/** A signed command, and beside it the message to sign. */
export interface Order {
  readonly command: Signed<Command>;
  /** 0 to 65,536 bytes; also empty for a key generation, or if only a digest is known. */
  readonly message: Uint8Array;
}
