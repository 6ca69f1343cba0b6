/**
 * The views of a tab that holds shares, as a test's page shows them. Not a test by itself.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import type { ComponentChild } from "preact";
import { type ApprovalRequest, InvitationError } from "../../mod.ts";
import type { DoorState } from "../../web/holder/door.ts";
import { ApproveDialog } from "../../web/holder/view/approve.tsx";
import { type DoorActs, DoorPage } from "../../web/holder/view/door.tsx";
import { problemOf } from "../../web/holder/problem.ts";
import { alice, bob, carol, hex, key, peers } from "./events.ts";

const nothing = () => Promise.resolve();
const acts: DoorActs = {
  choose: nothing,
  enrol: nothing,
  giveUp() {},
  startOver: nothing,
  measure: () => Promise.resolve(null),
  unlock: nothing,
  restore: nothing,
  wantRestore: nothing,
  follow() {},
};

const text = new TextEncoder().encode("Pay 5 EUR to Carol.\nFor lunch.");
const signing: ApprovalRequest = {
  kind: "sign",
  key: key.session,
  id: hex("a90c", 32),
  messageHash: sha256(text),
  wallet: "treasury",
  curve: "ed25519",
  initiator: bob,
  message: text,
  digest: null,
  hash: null,
  path: [],
  party: [alice, carol],
  expires: Date.now() + 240_000,
};
const long = new TextEncoder().encode("A line of a contract that goes on and on. ".repeat(140));
const questions: Record<string, ApprovalRequest> = {
  text: signing,
  long: { ...signing, message: long, messageHash: sha256(long) },
  digest: {
    ...signing,
    curve: "secp256k1",
    message: null,
    messageHash: null,
    digest: new Uint8Array(32).fill(0xa5),
    hash: "keccak256",
  },
};

const kept = { peer: alice, name: "Ada", lock: "passphrase" } as const;
const doors: Record<string, DoorState> = {
  welcome: { at: "welcome", problem: null },
  words: { at: "asking", words: ["hard", "peasant", "hello", "robust"] },
  wrong: {
    at: "unlock",
    kept,
    stranger: false,
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

/** @param query `ask=text`, `door=wrong`. @returns Null if it asks for something else. */
export function holderView(query: URLSearchParams): ComponentChild {
  const question = questions[query.get("ask") ?? ""];
  if (question) {
    return (
      <ApproveDialog asks={[{ id: 1, request: question }]} peers={peers} keys={[key]} onAnswer={() => {}} />
    );
  }
  const state = doors[query.get("door") ?? ""];
  return state ? <DoorPage state={state} acts={acts} /> : null;
}
