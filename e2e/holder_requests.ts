/**
 * The requests that Alice makes to a tab that holds a share, and their results. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { type PeerId, type Scheme, type SessionError, type Signature, verify } from "../mod.ts";
import type { HolderStage } from "./holder_stage.ts";
import { poll } from "./killed_process.ts";

/** Waits until Alice and Bob have links with the tab. */
export function linked({ alice, bob }: HolderStage, tab: PeerId): Promise<void> {
  return poll("links to the tab", () => [alice, bob].every((node) => node.peers.get(tab)?.link === "up"));
}

/** Alice requests a signature by herself and the tab. @returns The signature, or the codes of the failure. */
export function ask(
  { alice }: HolderStage,
  tab: PeerId,
  message: Uint8Array,
  { wallet = "treasury", scheme = "ed25519", ...remarks }: {
    wallet?: string;
    scheme?: Scheme;
    note?: string;
    reference?: string;
  } = {},
): { result: Promise<Signature | string> } {
  const signers = [alice.self, tab];
  const session = scheme === "ed25519"
    ? alice.sign({ wallet, scheme, message, signers, ...remarks })
    : alice.sign({ wallet, scheme, message, hash: "sha256", signers, ...remarks });
  const codes = ({ code, claims }: SessionError) => [code, ...claims.map(({ code }) => code)].join(": ");
  return { result: (session.result as Promise<Signature>).catch(codes) };
}

/** Fails unless the result is a signature of the message that is valid under the wallet's key. */
export async function isGood(
  { alice }: HolderStage,
  message: Uint8Array,
  result: Signature | string,
  wallet = "treasury",
): Promise<void> {
  assert.ok(typeof result !== "string", `${result}`);
  const key = (await alice.keys()).find((key) => key.wallet === wallet && key.scheme === result.scheme)!;
  assert.ok(verify(key, { message }, result));
}
