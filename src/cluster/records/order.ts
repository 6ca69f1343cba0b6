/**
 * The record of an order: a signed command, or a signed invite, with the command's items beside it.
 * @module
 */
import { bytesUpTo, record } from "../../crypto/codec.ts";
import { maxCommandFrame, maxItemsBytes } from "../../limits.ts";
import type { Identity } from "../../ports.ts";
import type { SignItem } from "../../schemes/scheme.ts";
import { readSigned } from "../../session/signed.ts";
import { commandRecord, type Order } from "./command.ts";
import { areItemsOf, decodeItems, encodeItems } from "./items.ts";

const orderRecord = record("quorate/4/order", {
  signed: bytesUpTo(maxCommandFrame),
  items: bytesUpTo(maxItemsBytes),
});

/** The two parts of a frame. */
interface OrderParts {
  /** The signed command, or the signed invite with it. */
  readonly signed: Uint8Array;
  /** The items whose hash the command has. */
  readonly items: readonly SignItem[];
}

/** One frame. */
export const encodeOrder = ({ signed, items }: OrderParts): Uint8Array =>
  orderRecord.encode({ signed, items: encodeItems(items) });

/** Reads a frame with a command; null if it does not decode, or if its signature or its items are wrong. */
export async function readOrder(
  identity: Pick<Identity, "verify">,
  frame: Uint8Array,
): Promise<Order | null> {
  const read = decodeOrder(frame);
  const command = read && await readSigned(identity, commandRecord, read.signed);
  return read && command && areItemsOf(command.value, read.items) ? { command, items: read.items } : null;
}

/** The two parts of a frame, unchecked; null if it does not decode. */
export function decodeOrder(frame: Uint8Array): OrderParts | null {
  try {
    const { signed, items } = orderRecord.decode(frame);
    return { signed, items: decodeItems(items) };
  } catch {
    return null; // the caller warns
  }
}
