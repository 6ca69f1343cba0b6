/**
 * A signed command, or a signed invite, with the message beside it: the signature holds the message's SHA-256, so that
 * who checks a command later need not be shown what was signed. The message goes to members only.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesUpTo, equal, record } from "../../crypto/codec.ts";
import { maxCommandFrame, maxMessage } from "../../limits.ts";
import type { Identity } from "../../ports.ts";
import { readSigned } from "../../session/signed.ts";
import { type Command, commandRecord, type Order } from "./command.ts";

/** One frame: what is signed, and the message that it holds the hash of (empty where there is none). */
export const orderRecord = record("quorate/2/order", {
  signed: bytesUpTo(maxCommandFrame),
  message: bytesUpTo(maxMessage),
});

/** What a command says of its message: SHA-256, 32 bytes. */
export const messageHashOf = (message: Uint8Array): Uint8Array => sha256(message);

/** Whether this is the message that a command was signed for. */
export function isMessageOf({ messageHash }: Pick<Command, "messageHash">, message: Uint8Array): boolean {
  return messageHash.length === 0 ? message.length === 0 : equal(messageHash, messageHashOf(message));
}

/** Reads a frame with a command; null if it does not decode, or its signature or its message is not the one. */
export async function readOrder(
  identity: Pick<Identity, "verify">,
  frame: Uint8Array,
): Promise<Order | null> {
  const read = decodeOrder(frame);
  const command = read && await readSigned(identity, commandRecord, read.signed);
  return read && command && isMessageOf(command.value, read.message)
    ? { command, message: read.message }
    : null;
}

/** The two parts of a frame, unchecked; null if it does not decode. */
export function decodeOrder(frame: Uint8Array): ReturnType<typeof orderRecord.decode> | null {
  try {
    return orderRecord.decode(frame);
  } catch {
    return null; // the caller warns
  }
}
