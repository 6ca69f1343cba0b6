/**
 * The input of a request as its person can read it: nothing that looks like something else. Pure.
 * @module
 */
import type { ApprovalRequest, SigningRequest } from "../../mod.ts";
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

const hashNames: Readonly<Record<string, string>> = { sha256: "SHA-256", keccak256: "Keccak-256" };

/**
 * The parts to read: the message as text if it consists of visible lines, else as hex; the SHA-256 of the whole message;
 * then the digest, if one is signed.
 */
export function shownRequest(request: ApprovalRequest): Shown[] {
  if (request.kind === "generate") {
    const { threshold, party } = request;
    return [{ label: "How many sign", text: `${threshold} of ${party.length}`, plain: true }];
  }
  return shownSigning(request);
}

/** Whether the whole request can be read at once: nothing is left out or far down, and nothing is shown as bytes. */
export function isReadable(request: ApprovalRequest): boolean {
  if (request.kind === "generate") return true;
  const { message } = request;
  return message !== null && (message.length === 0 || shownMessage(message).plain);
}

function shownSigning(request: SigningRequest): Shown[] {
  const { scheme, message, messageHash, digest, hash, path, options, publicKey } = request;
  const all: Shown[] = [];
  if (message !== null) all.push(shownMessage(message));
  if (messageHash !== null) {
    all.push({ label: "SHA-256 of the whole message", text: messageHash.toHex(), plain: false });
  }
  if (digest !== null) {
    const claimed = message === null
      ? ", by the word of whoever asks; this tab was not given the message"
      : "";
    const name = hash === null ? "" : ` (${hashNames[hash] ?? hash}${claimed})`;
    all.push({ label: `Digest${name}`, text: digest.toHex(), plain: false });
  }
  if (schemeTexts[scheme].hashes.includes("none")) {
    const what = hash === null ? "the message as it is" : `the ${hashNames[hash] ?? hash} of the message`;
    all.push({ label: "What is signed", text: what, plain: true });
  }
  if (path.length > 0) all.push({ label: "Child key", text: `m/${path.join("/")}`, plain: true });
  const lines = schemeTexts[scheme].options(options, publicKey);
  return [...all, ...lines.map((line) => ({ ...line, plain: true }))];
}

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
