/**
 * From what was typed to what is asked to be signed. Pure.
 * @module
 */
import type { Curve } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { maxMessage } from "../../src/limits.ts";
import { findParty } from "../../src/cluster/records/party_search.ts";
import { freeParty, mayMeet, type Restraint } from "../state/forbidden_pairs.ts";
import type { DigestHash, GroupKey, SignInput } from "./node_port.ts";

export type Format = "text" | "hex" | "file" | "digest";

export const hashNames: Record<DigestHash, string> = {
  sha256: "SHA-256",
  sha256d: "double SHA-256 (Bitcoin)",
  keccak256: "Keccak-256 (Ethereum)",
};

/** What was typed and chosen. */
export interface Typed {
  format: Format;
  text: string;
  file: Uint8Array | null;
  hash: DigestHash;
}

/** @returns The bytes, or what is wrong with what was typed. */
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
  return hexBytes(typed) ?? "Hex is written in pairs of the digits 0 to 9 and a to f.";
}

const tooLong = (bytes: number) =>
  `The message is too long: ${bytes.toLocaleString("en")} bytes, of at most ${
    maxMessage.toLocaleString("en")
  }.`;

function hexBytes(typed: string): Uint8Array | null {
  const digits = typed.replace(/\s|^0x/g, "");
  return /^(?:[0-9a-f]{2})*$/i.test(digits) ? Uint8Array.fromHex(digits) : null;
}

/** @returns What to sign, or what is wrong with it. */
export function inputOf(curve: Curve, { format, text, file, hash }: Typed): SignInput | string {
  if (format === "digest") {
    const digest = hexBytes(text);
    return digest?.length === 32
      ? { digest, hash }
      : `A digest is written in 64 hex digits${digest ? `; these are ${2 * digest.length}` : ""}.`;
  }
  const message = messageBytes(format, text, file);
  if (typeof message === "string") return message;
  return curve === "secp256k1" ? { message, hash } : { message };
}

/** `0/5`, also `m/0/5`; empty is the key itself. @returns The indices, or what is wrong with the path. */
export function pathOf(typed: string): readonly number[] | string {
  const text = typed.trim().replace(/^m(\/|$)/, "");
  if (text === "") return [];
  const steps = text.split("/");
  const wrong = steps.find((step) => !/^\d{1,10}$/.test(step) || Number(step) >= 2 ** 31);
  if (wrong === undefined) return steps.map(Number);
  return /['hH]$/.test(wrong)
    ? `“${wrong}” is hardened. Nobody holds the whole key, so no one can derive that child.`
    : `Write the path as numbers with slashes between them, such as 0/5; “${wrong}” is none.`;
}

/**
 * Who is asked to sign: whom somebody picked; else a party with whoever is armed, or one that may, where some must not
 * meet; else null, and the cluster draws.
 */
export function signersFor(
  key: Pick<GroupKey, "members" | "threshold">,
  { picked, armed, ready, restraint }: {
    picked: readonly PeerId[] | null;
    armed: PeerId | null;
    ready: readonly PeerId[];
    restraint: Restraint;
  },
): readonly PeerId[] | null {
  if (picked) return picked;
  if (armed && key.members.includes(armed)) {
    const order = [armed, ...key.members.filter((peer) => peer !== armed)];
    const party = findParty(
      order.filter((peer) => !restraint.frozen.includes(peer)),
      key.threshold,
      restraint.apart,
    );
    if (party?.includes(armed)) return party;
  }
  const free = freeParty(key, restraint, ready);
  return free === "any" ? null : free;
}

/** Whether `peer` could join those who are picked. */
export function mayJoin(peer: PeerId, picked: readonly PeerId[], restraint: Restraint): boolean {
  return picked.includes(peer) || mayMeet([...picked, peer], restraint);
}
