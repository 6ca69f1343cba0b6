/**
 * The record of an order: a signed command, or a signed invite, with the message beside it. The signature
 * covers the message's SHA-256, so that a command can be checked later without the message, which only
 * members receive.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesUpTo, equal, record } from "../../crypto/codec.ts";
import { maxCommandFrame, maxMessage } from "../../limits.ts";
import type { Identity } from "../../ports.ts";
import { readSigned } from "../../session/signed.ts";
import { type Command, commandRecord, type Order } from "./command.ts";

/** One frame: the signed record, and the message whose hash it has (empty if there is none). */
export const orderRecord = record("quorate/3/order", {
  signed: bytesUpTo(maxCommandFrame),
  message: bytesUpTo(maxMessage),
});

/** The hash of a message in its command: SHA-256, 32 bytes. */
export const messageHashOf = (message: Uint8Array): Uint8Array => sha256(message);

/** Whether a command was signed for this message. */
export function isMessageOf({ messageHash }: Pick<Command, "messageHash">, message: Uint8Array): boolean {
  return messageHash.length === 0 ? message.length === 0 : equal(messageHash, messageHashOf(message));
}

/** Reads a frame with a command; null if it does not decode, or if its signature or its message is wrong. */
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
