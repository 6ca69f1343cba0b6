/**
 * What is to be signed, as a person who decides can read it: never something that looks like another thing. Pure.
 * @module
 */
import type { ApprovalRequest, SigningRequest } from "../../mod.ts";
import { visible } from "../../src/text/visible.ts";

/** One thing to read. */
export interface Shown {
  /** What it is. */
  label: string;
  text: string;
  /** Whether `text` is the thing itself, and short enough to be read here; its lines end with “\n”. */
  plain: boolean;
  /** Whether it is the thing itself, and so long that it is read only by who wants to. */
  long?: true;
}

/** More than that is not read in passing, bytes of a text. Of what is no text no more is shown. */
const longest = 2_000;

const hashNames: Readonly<Record<string, string>> = { sha256: "SHA-256", keccak256: "Keccak-256" };

/**
 * The message as text if it is nothing but lines of visible text, else as hex; the SHA-256 of all of it, however much of it is
 * shown; then the digest, if one is signed.
 */
export function shownRequest(request: ApprovalRequest): Shown[] {
  if (request.kind === "generate") {
    const { threshold, party } = request;
    return [{ label: "How many sign", text: `${threshold} of ${party.length}`, plain: true }];
  }
  return shownSigning(request);
}

/** Whether a person reads all that is asked for at once: nothing is left out or far down, and nothing stands for bytes. */
export function isReadable(request: ApprovalRequest): boolean {
  if (request.kind === "generate") return true;
  const { message } = request;
  return message !== null && (message.length === 0 || shownMessage(message).plain);
}

function shownSigning({ message, messageHash, digest, hash, path }: SigningRequest): Shown[] {
  const all: Shown[] = [];
  if (message !== null) all.push(shownMessage(message));
  if (messageHash !== null) {
    all.push({ label: "SHA-256 of the whole message", text: messageHash.toHex(), plain: false });
  }
  if (digest !== null) {
    const said = message === null ? ", as whoever asks says; its message is not shown to this tab" : "";
    const name = hash === null ? "" : ` (${hashNames[hash] ?? hash}${said})`;
    all.push({ label: `Digest${name}`, text: digest.toHex(), plain: false });
  }
  if (path.length > 0) all.push({ label: "Child key", text: `m/${path.join("/")}`, plain: true });
  return all;
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

/** The lines of text that these bytes are, or null if there is anything in it that is not seen as it is. */
function plainText(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.split("\n").every((line) => visible(line) === line) ? text : null;
  } catch {
    return null; // no text at all
  }
}
