/**
 * The views of a holder's tab for the page of a browser test. Not a test by itself.
 * @module
 */
import type { ComponentChild } from "preact";
import { type ApprovalRequest, InvitationError } from "../../../mod.ts";
import type { EntryState } from "../../../web/holder/entry.ts";
import { ApproveDialog } from "../../../web/holder/view/approve.tsx";
import { type EntryActs, EntryPage } from "../../../web/holder/view/entry.tsx";
import { problemOf } from "../../../web/holder/problem.ts";
import { alice, bob, carol, hex, key, me, peers } from "../events.ts";
import { hostile } from "../hostile_stories.ts";
import { bytes, requestFor, reshareRequest } from "./requests.ts";

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

const part = {
  id: hex("a90c", 32),
  keyId: key.session,
  initiator: bob,
  note: "Payroll of November",
  reference: "invoice 7",
  party: [alice, carol],
  expires: Date.now() + 240_000,
};
const long = bytes("A line of a contract that goes on and on. ".repeat(140));
const digest = { digest: new Uint8Array(32).fill(0xa5), hash: "keccak256" } as const;
const payments = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    message: bytes(`Pay ${5 + (i * 37) % 900} EUR to account DE${String(7_000_000 + i * 7_919)}.`),
  }));
const questions: Record<string, ApprovalRequest> = {
  text: requestFor([{ message: bytes("Pay 5 EUR to Carol.\nFor lunch.") }], part),
  long: requestFor([{ message: long }], part),
  digest: requestFor([digest], { ...part, scheme: "ecdsa" }),
  batch: requestFor(payments(3), part),
  "batch of 256": requestFor(payments(256), part),
  "batch of digests": requestFor([digest, digest, { ...digest, path: [0, 5] }], { ...part, scheme: "ecdsa" }),
  reshare: reshareRequest({
    ...part,
    scheme: "ed25519",
    before: { threshold: 3, members: [alice, bob, carol] },
    members: [alice, bob, me],
    dealers: [alice, bob],
    gone: [carol],
    refusals: [
      { kind: "ban", by: alice, other: bob },
      { kind: "ban", by: bob, other: carol },
      { kind: "quarantine", by: carol, other: bob },
    ],
    frozen: true,
    note: "Carol's laptop is lost",
  }),
  "hostile batch": requestFor(
    Array.from({ length: 256 }, (_, i) => ({ message: bytes(hostile[i % hostile.length]!.repeat(3)) })),
    part,
  ),
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
      <ApproveDialog
        asks={[{ id: 1, request: question }]}
        peers={peers}
        self={alice}
        keys={[key]}
        onAnswer={() => {}}
      />
    );
  }
  const state = doors[query.get("door") ?? ""];
  return state ? <EntryPage state={state} acts={acts} /> : null;
}
