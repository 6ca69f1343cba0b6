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
};

/** The fields of the form. */
export interface Typed {
  format: Format;
  text: string;
  file: Uint8Array | null;
  hash: HashChoice;
  /** The root of the scripts of the Taproot output that signs, in hex, may be empty; null if none signs. */
  root?: string | null;
}

/** @returns The bytes, or a sentence about what is wrong with them. */
export function messageBytes(
  format: Exclude<Format, "digest">,
  typed: string,
  file: Uint8Array | null,
): Uint8Array | string {
  if (format === "file") {
    if (!file) return "Choose a file.";
    if (file.length > maxMessage) return tooLong(file.length);
    return file;
  }
  if (format === "text") {
    const bytes = new TextEncoder().encode(typed);
    if (bytes.length > maxMessage) return tooLong(bytes.length);
    return bytes;
  }
  return hexBytes(typed) ?? "Hex consists of pairs of the digits 0 to 9 and a to f.";
}

const tooLong = (bytes: number) =>
  `The message is too long: ${bytes.toLocaleString("en")} bytes; at most ${
    maxMessage.toLocaleString("en")
  } are allowed.`;

function hexBytes(typed: string): Uint8Array | null {
  const digits = typed.replace(/\s|^0x/g, "");
  return /^(?:[0-9a-f]{2})*$/i.test(digits) ? Uint8Array.fromHex(digits) : null;
}

/** @returns The input, or a sentence about what is wrong with it. */
export function inputOf(scheme: Scheme, { format, text, file, hash }: Typed): SignInput | string {
  if (format === "digest") {
    const digest = hexBytes(text);
    return digest?.length === 32 && hash !== "none"
      ? { digest, hash }
      : `A digest has 64 hex digits${digest ? `; this one has ${2 * digest.length}` : ""}.`;
  }
  const message = messageBytes(format, text, file);
  if (typeof message === "string") return message;
  return hash !== "none" && schemeTexts[scheme].hashes.includes(hash) ? { message, hash } : { message };
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
