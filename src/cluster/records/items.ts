/**
 * The items of a command: what it wants signed, in order. They travel beside the command, which has their
 * number and their hash, so that a command can be checked later without them, and only members receive them.
 * @module
 */
import * as v from "valibot";
import { maxDepth } from "../../crypto/bip32.ts";
import { bytesUpTo, equal, hash, list, record, uint } from "../../crypto/codec.ts";
import { InputError } from "../../errors.ts";
import type { Scheme } from "../../events.ts";
import { maxItems, maxItemsBytes, maxMessage, maxOptions, maxSteps } from "../../limits.ts";
import type { SignItem } from "../../schemes/scheme.ts";
import { checkItem, type ItemInput, itemOf } from "../../schemes/schemes.ts";
import type { Command } from "./command.ts";

const itemRecord = record("quorate/1/item", {
  /** The message, or nothing beside a digest. */
  message: bytesUpTo(maxMessage),
  /** A digest instead of a message, for ECDSA: 32 bytes. */
  digest: bytesUpTo(32),
  /** The hash function that made the digest, or that makes it from the message. */
  hash: v.picklist(["none", "sha256", "sha256d", "keccak256", "other"]),
  /** The path of the child that signs; empty for the key itself. */
  path: list(uint, maxDepth),
  /** The options of the scheme, in its own encoding; empty for a scheme without options. */
  options: bytesUpTo(maxOptions),
});

const itemsRecord = record("quorate/1/items", { items: list(bytesUpTo(maxItemsBytes), maxItems) });

/** The items as they travel; empty for none. */
export function encodeItems(items: readonly SignItem[]): Uint8Array {
  if (items.length === 0) return new Uint8Array();
  return itemsRecord.encode({
    items: items.map((item) => itemRecord.encode({ ...item, path: [...item.path] })),
  });
}

/** Reads items. @throws {TypeError} If they do not decode. */
export function decodeItems(encoded: Uint8Array): SignItem[] {
  return encoded.length === 0 ? [] : itemsRecord.decode(encoded).items.map(itemRecord.decode);
}

/** The number and the hash of items, as their command has them. */
export function itemFacts(items: readonly SignItem[]): Pick<Command, "itemCount" | "itemsHash"> {
  const itemsHash = items.length === 0 ? new Uint8Array() : hash("quorate/1/items-hash", encodeItems(items));
  return { itemCount: items.length, itemsHash };
}

/** Compares items with the number and the hash in a command. */
export function areItemsOf(command: Command, items: readonly SignItem[]): boolean {
  const { itemCount, itemsHash } = itemFacts(items);
  return command.itemCount === itemCount && equal(command.itemsHash, itemsHash);
}

/** Checks the items of a command from anybody. @throws {InputError} Naming the item, and its field. */
export function checkItems(scheme: Scheme, items: readonly SignItem[]): void {
  if (items.length < 1 || items.length > maxItems) {
    throw new InputError("items", `expected 1 to ${maxItems}, found ${items.length}`);
  }
  for (const [i, item] of items.entries()) ofItem(i, () => checkItem(scheme, item));
  const bytes = items.reduce((sum, { message }) => sum + message.length, 0);
  if (bytes > maxMessage) {
    throw new InputError(
      "items",
      `expected at most ${maxMessage} bytes of messages together, found ${bytes}`,
    );
  }
  const steps = items.reduce((sum, { path }) => sum + path.length, 0);
  if (steps > maxSteps) {
    throw new InputError("items", `expected at most ${maxSteps} steps in all paths together, found ${steps}`);
  }
  const { length } = encodeItems(items);
  if (length > maxItemsBytes) {
    throw new InputError("items", `expected at most ${maxItemsBytes} bytes when encoded, found ${length}`);
  }
}

/** Puts the inputs of a batch into items, and checks them. @throws {InputError} Naming the item, and its field. */
export function itemsOf(scheme: Scheme, inputs: readonly ItemInput[]): SignItem[] {
  if (!Array.isArray(inputs)) throw new InputError("items", "expected a list, found something else");
  const items = inputs.map((input, i) => ofItem(i, () => itemOf(scheme, input)));
  checkItems(scheme, items);
  return items;
}

/** Names the item in an error about one of its fields. */
function ofItem<T>(i: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { field, message, code } = error;
    throw new InputError(`items[${i}].${field}`, message.slice(`${field}: `.length), { cause: error, code });
  }
}
