/**
 * A message or a digest in a line or two. Pure.
 * @module
 */
import { visible } from "../../src/text/visible.ts";
import type { ItemInput } from "../node/node_port.ts";
import { clean } from "./clean.ts";

/** A message in a line or two: as text if it is text, else as hex. */
export function preview(message: Uint8Array): string {
  if (message.length === 0) return "(empty)";
  const head = message.subarray(0, 256);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(message);
    return clean(visible(text.replaceAll("\n", " ↵ ")), 160);
  } catch {
    return `0x${head.subarray(0, 64).toHex()}${message.length > 64 ? "…" : ""} (${message.length} bytes)`;
  }
}

/** The items of a request in a line: the first message, and the number of the others; null if it is a digest. */
export function aboutItems(items: readonly ItemInput[]): string | null {
  const message = items[0]?.message;
  if (!message) return null;
  return items.length === 1 ? preview(message) : `${preview(message)} and ${items.length - 1} more`;
}
