/**
 * The input to sign, from what a person typed or chose. Pure.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { maxMessage } from "../../src/limits.ts";
import type { SignInput } from "../node/node_port.ts";
import { type HashChoice, schemeTexts } from "./schemes.ts";

export type Format = "text" | "hex" | "file" | "digest";

export const hashNames: Record<HashChoice, string> = {
  none: "none: the message as it is",
  sha256: "SHA-256",
  sha256d: "double SHA-256 (Bitcoin)",
  keccak256: "Keccak-256 (Ethereum)",
  other: "another hash, which is not known here",
};

/** The fields of the form. All messages have one format and one hash. */
export interface Typed {
  format: Format;
  /** The typed messages, in order; not used for files. */
  texts: readonly string[];
  /** The chosen files, in order. */
  files: readonly Uint8Array[];
  hash: HashChoice;
  /** The root of the scripts of the Taproot output that signs, in hex, may be empty; null if none signs. */
  root?: string | null;
}

/** A sentence about a wrong input, and its item, from 0; null if it is about all of them. */
export interface Wrong {
  item: number | null;
  sentence: string;
}

/** @returns The bytes, or a sentence about what is wrong with them. */
export function messageBytes(
  format: Exclude<Format, "digest">,
  typed: string | Uint8Array,
): Uint8Array | string {
  const bytes = typed instanceof Uint8Array
    ? typed
    : format === "hex"
    ? hexBytes(typed)
    : new TextEncoder().encode(typed);
  if (bytes === null) return "Hex consists of pairs of the digits 0 to 9 and a to f.";
  return bytes.length > maxMessage ? tooLong(bytes.length) : bytes;
}

const tooLong = (bytes: number) =>
  `The message is too long: ${bytes.toLocaleString("en")} bytes; at most ${
    maxMessage.toLocaleString("en")
  } are allowed.`;

const tooLongTogether = (bytes: number) =>
  `The messages are too long: ${bytes.toLocaleString("en")} bytes together; at most ${
    maxMessage.toLocaleString("en")
  } are allowed.`;

function hexBytes(typed: string): Uint8Array | null {
  const digits = typed.replace(/\s|^0x/g, "");
  return /^(?:[0-9a-f]{2})*$/i.test(digits) ? Uint8Array.fromHex(digits) : null;
}

/** @returns The inputs of all messages, in order, or what is wrong. */
export function inputsOf(scheme: Scheme, typed: Typed): SignInput[] | Wrong {
  const all: readonly (string | Uint8Array)[] = typed.format === "file" ? typed.files : typed.texts;
  if (all.length === 0) return { item: null, sentence: "Choose a file." };
  const inputs: SignInput[] = [];
  for (const [item, one] of all.entries()) {
    if (all.length > 1 && one === "") {
      return { item, sentence: `${wordFor(typed)} ${item + 1} is empty: fill it in, or remove it.` };
    }
    const input = inputOf(scheme, typed, one);
    if (typeof input === "string") {
      return all.length === 1
        ? { item, sentence: input }
        : { item, sentence: `${wordFor(typed)} ${item + 1}: ${input}` };
    }
    inputs.push(input);
  }
  const bytes = inputs.reduce((sum, { message }) => sum + (message?.length ?? 0), 0);
  return bytes > maxMessage ? { item: null, sentence: tooLongTogether(bytes) } : inputs;
}

/** The word for one of the inputs. */
export const wordFor = ({ format }: Pick<Typed, "format">): "File" | "Digest" | "Message" =>
  format === "file" ? "File" : format === "digest" ? "Digest" : "Message";

/** @returns The input, or a sentence about what is wrong with it. */
function inputOf(
  scheme: Scheme,
  { format, hash }: Pick<Typed, "format" | "hash">,
  typed: string | Uint8Array,
): SignInput | string {
  if (format === "digest") {
    const digest = typeof typed === "string" ? hexBytes(typed) : typed;
    return digest?.length === 32 && hash !== "none"
      ? { digest, hash }
      : `A digest has 64 hex digits${digest ? `; this one has ${2 * digest.length}` : ""}.`;
  }
  const message = messageBytes(format, typed);
  if (typeof message === "string") return message;
  const usable = hash !== "none" && hash !== "other" && schemeTexts[scheme].hashes.includes(hash);
  return usable ? { message, hash } : { message };
}

/**
 * The root of a Taproot output's scripts, of no bytes if nothing was typed; null if no output signs.
 *
 * @returns The root, or a sentence about what is wrong with it.
 */
export function rootOf(scheme: Scheme, { root = null }: Pick<Typed, "root">): Uint8Array | null | string {
  if (root === null || !schemeTexts[scheme].outputs) return null;
  const bytes = hexBytes(root);
  if (bytes?.length === 0 || bytes?.length === 32) return bytes;
  return `A Merkle root has 64 hex digits, or is left out${
    bytes ? `; this one has ${2 * bytes.length}` : ""
  }.`;
}

/**
 * The path of a child key: `0/5` or `m/0/5`; empty for the key itself.
 *
 * @returns The indices, or a sentence about what is wrong with the path.
 */
export function pathOf(typed: string): readonly number[] | string {
  const text = typed.trim().replace(/^m(\/|$)/, "");
  if (text === "") return [];
  const steps = text.split("/");
  const wrong = steps.find((step) => !/^\d{1,10}$/.test(step) || Number(step) >= 2 ** 31);
  if (wrong === undefined) return steps.map(Number);
  return /['hH]$/.test(wrong)
    ? `“${wrong}” is hardened. Only the whole key can derive such a child, and nobody holds the whole key.`
    : `Write the path as numbers below 2,147,483,648 with slashes between them, such as 0/5, not “${wrong}”.`;
}
