/**
 * The record of a command: what an initiator asks of the cluster, every field of it signed.
 * @module
 */
import * as v from "valibot";
import { maxDepth } from "../../crypto/bip32.ts";
import { bytes, bytesUpTo, hash, list, peerId, record, text, uint } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import { maxParties } from "../../limits.ts";
import { schemeIds } from "../../schemes/schemes.ts";
import type { Signed } from "../../session/signed.ts";

export const commandRecord = record("quorate/3/command", {
  /** 16 random bytes; in hex the id of the handle and of every event. */
  id: bytes(16),
  cluster: peerId,
  kind: v.picklist(["generate", "sign"]),
  wallet: text(64),
  scheme: v.picklist(schemeIds),
  /** The id of the key that signs: the session that made it, 32 bytes; empty for a key generation. */
  keyId: bytesUpTo(32),
  /** For a key generation; 0 otherwise. */
  threshold: uint,
  /** For a key generation, sorted; empty otherwise. */
  members: list(peerId, maxParties),
  /** The members that are to sign, sorted; empty: any that are ready. */
  signers: list(peerId, maxParties),
  /** SHA-256 of the message, which travels beside the command; empty where there is no message. */
  messageHash: bytesUpTo(32),
  /** A digest instead of a message, for ECDSA: 32 bytes. */
  digest: bytesUpTo(32),
  /** The hash function that made the digest, or makes it of the message. */
  hash: v.picklist(["none", "sha256", "sha256d", "keccak256"]),
  /** The path of the child that signs; empty for the key itself. */
  path: list(uint, maxDepth),
  coordinator: peerId,
  /** Wall time of the initiator, ms. */
  created: uint,
  expires: uint,
});

export type Command = ReturnType<typeof commandRecord.decode>;

/**
 * The key by which a node knows a command, 32 hex digits. An initiator chooses its ids, and others learn them while
 * people think: so the same id in another initiator's command is another command.
 */
export function commandKey(initiator: PeerId, id: Uint8Array): string {
  return hash("quorate/3/command-key", initiator, id).subarray(0, 16).toHex();
}

/** The hash of every field of a command. One id of one initiator may have two contents; only one is carried out. */
export function contentOf(command: Command): Uint8Array {
  return hash("quorate/3/command-content", commandRecord.encode(command));
}

/** A signed command, and the message that is to be signed, which travels beside it. */
export interface Order {
  readonly command: Signed<Command>;
  /** 0 to 65,536 bytes; empty also for a key generation, or where only a digest is known. */
  readonly message: Uint8Array;
}
