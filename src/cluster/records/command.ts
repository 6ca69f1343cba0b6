/**
 * The record of a command, by which an initiator asks the cluster for a key or a signature. Every field is
 * signed.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, hash, list, peerId, record, text, uint } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import { maxItems, maxNote, maxParties, maxReference } from "../../limits.ts";
import type { SignItem } from "../../schemes/scheme.ts";
import { schemeIds } from "../../schemes/schemes.ts";
import type { Signed } from "../../session/signed.ts";

export const commandRecord = record("quorate/6/command", {
  /** 16 random bytes; in hex, the id of the handle and of every event. */
  id: bytes(16),
  cluster: peerId,
  kind: v.picklist(["generate", "sign", "reshare"]),
  wallet: text(64),
  scheme: v.picklist(schemeIds),
  /** The id of the key that signs, or is dealt anew: the session that made it, 32 bytes; empty for a key generation. */
  keyId: bytesUpTo(32),
  /** The epoch of that key, as the initiator knows it; 0 for a key generation. */
  epoch: uint,
  /** The threshold of the new key, or of its new epoch; 0 for a signature. */
  threshold: uint,
  /** The members of the new key, or of its new epoch, sorted; empty for a signature. */
  members: list(peerId, maxParties),
  /** The holders that deal the key anew, as many as its threshold, sorted; empty if nothing is dealt anew. */
  dealers: list(peerId, maxParties),
  /** The holders that take no part in that, sorted: lost, or not to be asked. Everyone else of the old epoch does. */
  gone: list(peerId, maxParties),
  /** The members that are to sign, sorted; empty if any ready members may. */
  signers: list(peerId, maxParties),
  /** The number of items to sign, 1 to 256; 0 for any other command. */
  itemCount: v.pipe(uint, v.maxValue(maxItems)),
  /** The hash of the items, 32 bytes, which are sent beside the command: see `items.ts`; empty for a key generation. */
  itemsHash: bytesUpTo(32),
  /** The reason for the command, in the initiator's own words: see `remarks.ts`. Empty if it gives none. */
  note: text(maxNote),
  /** The application's own id of what it asks for: see `remarks.ts`. Empty if it gives none. */
  reference: text(maxReference),
  /** Holders, each once: the first one carries the command out; if it is gone before its go, the next. */
  coordinators: v.pipe(list(peerId, maxParties), v.minLength(1)),
  /** Wall time of the initiator, ms since 1970. */
  created: uint,
  expires: uint,
});

export type Command = ReturnType<typeof commandRecord.decode>;

/** The length of the key of a command, bytes. */
export const commandKeyLength = 24;

/**
 * The key by which a node knows a command, 48 hex digits, of which all commands of one initiator share the first 16.
 * Initiators choose the ids, and other peers may learn an id before its command is carried out: the same id in another
 * initiator's command is another command.
 */
export function commandKey(initiator: PeerId, id: Uint8Array): string {
  const [whose, which] = [
    hash("quorate/1/command-initiator", initiator),
    hash("quorate/4/command-key", initiator, id),
  ];
  return whose.subarray(0, 8).toHex() + which.subarray(0, 16).toHex();
}

/** The hash of a command as it was signed, 32 bytes: asked for anew under its id, it is another order. */
export function orderKey({ encoded }: Pick<Signed<Command>, "encoded">): Uint8Array {
  return hash("quorate/1/order-key", encoded);
}

/**
 * The hash of what a command asks for, 32 bytes: an id stands for one content, whenever and however often it is
 * asked for. Not in it: the id; when it was asked and until when; which holders coordinate, and whose shares deal a
 * key anew, which a node chooses anew each time.
 */
export function contentOf(command: Command): Uint8Array {
  const { cluster, kind, wallet, scheme, keyId, epoch, threshold, itemCount, itemsHash } = command;
  const { members, gone, signers, note, reference } = command;
  const lists = [members, gone, signers].flatMap((peers) => [peers.length, ...peers]);
  const key = [wallet, scheme, keyId, epoch, threshold];
  const hashed = [cluster, kind, ...key, ...lists, itemCount, itemsHash, note, reference];
  return hash("quorate/4/command-content", ...hashed);
}

/** A signed command, and beside it what it wants signed. */
export interface Order {
  readonly command: Signed<Command>;
  /** 1 to 256; none for any other command. */
  readonly items: readonly SignItem[];
}
