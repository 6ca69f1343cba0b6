/**
 * The views of a holder's tab for the page of a browser test. Not a test by itself.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import type { ComponentChild } from "preact";
import { type ApprovalRequest, InvitationError } from "../../../mod.ts";
import type { EntryState } from "../../../web/holder/entry.ts";
import { ApproveDialog } from "../../../web/holder/view/approve.tsx";
import { type EntryActs, EntryPage } from "../../../web/holder/view/entry.tsx";
import { problemOf } from "../../../web/holder/problem.ts";
import { alice, bob, carol, hex, key, peers } from "../events.ts";

const nothing = () => Promise.resolve();
const acts: EntryActs = {
  entry: {
    choose: nothing,
    enrol: nothing,
    giveUp() {},
    startOver: nothing,
    unlock: nothing,
    restore: nothing,
    wantRestore: nothing,
  },
  measure: () => Promise.resolve(null),
  follow() {},
};

const text = new TextEncoder().encode("Pay 5 EUR to Carol.\nFor lunch.");
const signing: ApprovalRequest = {
  kind: "sign",
  keyId: key.session,
  id: hex("a90c", 32),
  messageHash: sha256(text),
  wallet: "treasury",
  scheme: "ed25519",
  initiator: bob,
  note: "Payroll of November",
  reference: "invoice 7",
  message: text,
  digest: null,
  hash: null,
  path: [],
  options: {},
  publicKey: new Uint8Array(33),
  party: [alice, carol],
  expires: Date.now() + 240_000,
};
const long = new TextEncoder().encode("A line of a contract that goes on and on. ".repeat(140));
const questions: Record<string, ApprovalRequest> = {
  text: signing,
  long: { ...signing, message: long, messageHash: sha256(long) },
  digest: {
    ...signing,
    scheme: "ecdsa",
    message: null,
    messageHash: null,
    digest: new Uint8Array(32).fill(0xa5),
    hash: "keccak256",
  },
};

const kept = { peer: alice, name: "Ada", lock: "passphrase" } as const;
const doors: Record<string, EntryState> = {
  welcome: { at: "welcome", problem: null },
  words: { at: "asking", words: ["hard", "peasant", "hello", "robust"] },
  wrong: {
    at: "unlock",
    kept,
    admitted: true,
    busy: false,
    problem: { field: "passphrase", text: "That is not the passphrase." },
  },
  declined: {
    at: "enrol",
    name: "Ada",
    busy: false,
    problem: problemOf(new InvitationError("declined", "was declined")),
  },
};

/** @param query Such as `ask=text` or `door=wrong`. @returns Null for any other query. */
export function holderView(query: URLSearchParams): ComponentChild {
  const question = questions[query.get("ask") ?? ""];
  if (question) {
    return (
      <ApproveDialog asks={[{ id: 1, request: question }]} peers={peers} keys={[key]} onAnswer={() => {}} />
    );
  }
  const state = doors[query.get("door") ?? ""];
  return state ? <EntryPage state={state} acts={acts} /> : null;
}
