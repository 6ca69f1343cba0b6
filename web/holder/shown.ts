/**
 * The input of a request as its person can read it: nothing that looks like something else. Pure.
 * @module
 */
import type { ApprovalRequest, RequestedItem, SigningRequest } from "../../mod.ts";
import { digestOf } from "../../src/node/verify.ts";
import { visible } from "../../src/text/visible.ts";
import { schemeTexts } from "../text/schemes.ts";

/** One part to read. */
export interface Shown {
  label: string;
  text: string;
  /** Whether `text` is the input itself and short enough to read here; its lines end with “\n”. */
  plain: boolean;
  /** Whether it is the input itself, but too long to be read in passing. */
  long?: true;
}

/** The longest text that is read in passing, in bytes; of other data no more than this is shown. */
const longest = 2_000;

/** The most items that are read in passing. */
const mostItems = 16;

const hashNames: Readonly<Record<string, string>> = {
  sha256: "SHA-256",
  keccak256: "Keccak-256",
  other: "made by another hash, which is not known here",
};

/** One item to read, in parts. */
export interface ShownItem {
  /** The message, or else the digest. */
  content: Shown;
  /** The hashes of the message. */
  hashes: readonly Shown[];
  /** The hash, and the key that signs: often the same for all items of a batch. */
  facts: readonly Shown[];
}

/** A request with several items. */
export interface ShownBatch {
  /** The facts that all items have in common. */
  common: readonly Shown[];
  /** The items in their order, with the other facts. */
  items: readonly ShownItem[];
}

/**
 * The parts to read of a request for a new key, or for one signature: of a batch, those of its first item. A resharing
 * has none here: see `shown_reshare.ts`.
 */
export function shownRequest(request: ApprovalRequest): Shown[] {
  if (request.kind === "generate") {
    const { threshold, party } = request;
    return [{ label: "How many sign", text: `${threshold} of ${party.length}`, plain: true }];
  }
  if (request.kind === "reshare") return [];
  return request.items.slice(0, 1).map((item) => shownItem(request, item)).flatMap(
    ({ content, hashes, facts }) => [content, ...hashes, ...facts],
  );
}

/** The parts to read of a request for several signatures; null for any other. */
export function shownBatch(request: ApprovalRequest): ShownBatch | null {
  if (request.kind !== "sign" || request.items.length < 2) return null;
  const items = request.items.map((item) => shownItem(request, item));
  const has = ({ facts }: ShownItem, { label, text }: Shown) =>
    facts.some((fact) => fact.label === label && fact.text === text);
  const common = items[0]!.facts.filter((fact) => items.every((item) => has(item, fact)));
  const own = ({ facts }: ShownItem) =>
    facts.filter((fact) => !common.some((one) => one.label === fact.label));
  return { common, items: items.map((item) => ({ ...item, facts: own(item) })) };
}

/** The word for the items of a batch. */
export function itemsWord({ items }: SigningRequest): "messages" | "digests" | "items" {
  if (items.every(({ message }) => message !== null)) return "messages";
  return items.every(({ message }) => message === null) ? "digests" : "items";
}

/**
 * The ease with which a request is read. `plain`: all of it at once. `long`: all of it, but it is long, or it
 * has many items. `unreadable`: something is shown as bytes, in part, or not at all.
 */
export function readingOf(request: ApprovalRequest): "plain" | "long" | "unreadable" {
  if (request.kind !== "sign") return "plain";
  const messages = request.items.map(({ message }) => message);
  let bytes = 0;
  for (const message of messages) {
    if (message === null) return "unreadable";
    bytes += message.length;
    if (message.length > 0 && plainText(message) === null) return "unreadable";
  }
  return bytes <= longest && messages.length <= mostItems ? "plain" : "long";
}

/** Whether the whole request can be read at once: nothing is left out or far down, and nothing is shown as bytes. */
export const isReadable = (request: ApprovalRequest): boolean => readingOf(request) === "plain";

/**
 * One item: the message as text if it consists of visible lines, else as hex; the SHA-256 of the whole message; then
 * the digest, if one is signed.
 */
function shownItem({ scheme }: SigningRequest, item: RequestedItem): ShownItem {
  const { message, digest, hash, path, options, publicKey } = item;
  const hashes: Shown[] = [];
  if (message !== null) {
    const text = digestOf("sha256", message).toHex();
    hashes.push({ label: "SHA-256 of the whole message", text, plain: false });
  }
  if (digest !== null) {
    const claimed = message === null
      ? ", by the word of whoever asks; this tab was not given the message"
      : "";
    const name = hash === null ? "" : ` (${hashNames[hash] ?? hash}${claimed})`;
    hashes.push({ label: `Digest${name}`, text: digest.toHex(), plain: false });
  }
  const facts: Shown[] = [];
  if (schemeTexts[scheme].hashes.includes("none")) {
    const what = hash === null ? "the message as it is" : `the ${hashNames[hash] ?? hash} of the message`;
    facts.push({ label: "What is signed", text: what, plain: true });
  }
  if (path.length > 0) facts.push({ label: "Child key", text: `m/${path.join("/")}`, plain: true });
  const lines = schemeTexts[scheme].options(options, publicKey).map((line) => ({ ...line, plain: true }));
  const [digestAlone = nothing, ...rest] = hashes;
  return message === null
    ? { content: digestAlone, hashes: rest, facts: [...facts, ...lines] }
    : { content: shownMessage(message), hashes, facts: [...facts, ...lines] };
}

/** The content of an item with neither message nor digest, which no node passes on. */
const nothing: Shown = { label: "Message", text: "nothing was shown to this tab", plain: false };

function shownMessage(message: Uint8Array): Shown {
  const { length } = message;
  if (length === 0) return { label: "Message", text: "(empty)", plain: false };
  const text = plainText(message);
  if (text !== null) {
    const lines = text.split("\n").length;
    const label = lines === 1 ? "Message" : `Message, ${lines} lines`;
    return length <= longest
      ? { label, text, plain: true }
      : { label: `${label}, ${length.toLocaleString("en")} bytes`, text, plain: false, long: true };
  }
  const whole = length <= longest ? "" : `, the first ${longest} of ${length} bytes`;
  return { label: `Message in hex${whole}`, text: message.subarray(0, longest).toHex(), plain: false };
}

/** The bytes as lines of text, or null if any character would not be seen as it is. */
function plainText(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.split("\n").every((line) => visible(line) === line) ? text : null;
  } catch {
    return null; // not text
  }
}
