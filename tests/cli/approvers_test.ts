import assert from "node:assert/strict";
import { type Approver, Approvers, type Asked, type Decision } from "../../src/cli/approval/approvers.ts";
import { commandApprover } from "../../src/cli/approval/command_approver.ts";
import { requestJson } from "../../src/cli/approval/request_json.ts";
import { linesOf } from "../../src/cli/approval/request_text.ts";
import { terminalApprover } from "../../src/cli/approval/terminal_approver.ts";
import type { ApprovalRequest } from "../../src/cluster/commands/consent/approval.ts";
import { rest, terminal } from "./terminal.ts";

const common = {
  id: "00112233445566778899aabbccddeeff",
  wallet: "treasury",
  scheme: "ed25519",
  initiator: "p1",
  note: "",
  reference: "",
  party: ["p1", "p2"],
  expires: 1_800_000_000_000,
} as const;
const generate: ApprovalRequest = { kind: "generate", ...common, threshold: 2 };
const nameOf = (peer: string) => ({ p1: "Alice", p2: "Bob", p3: "Carol" })[peer] ?? peer;

/** Somebody who is asked, and whose decision a test makes. */
function somebody() {
  const asked: { asked: Asked; signal: AbortSignal; decide: (decision: Decision | null) => void }[] = [];
  const approver: Approver = {
    ask(about, { signal }) {
      const { promise, resolve } = Promise.withResolvers<Decision | null>();
      asked.push({ asked: about, signal, decide: resolve });
      return promise;
    },
  };
  return { approver, asked };
}

Deno.test("Approvers: everybody is asked, the first decision counts, and the others are told that it is over", async () => {
  for (const decision of ["accept", "decline"] as const) {
    const approvers = new Approvers();
    const [here, there] = [somebody(), somebody()];
    approvers.add(here.approver);
    approvers.add(there.approver);
    const { signal } = new AbortController();
    const decided = approvers.approval(nameOf)(generate, { signal });
    assert.deepEqual([here.asked.length, there.asked.length], [1, 1]);
    assert.equal(here.asked[0]!.asked.request, generate);
    assert.equal(here.asked[0]!.asked.nameOf("p1"), "Alice");
    here.asked[0]!.decide(null); // nobody is there
    await rest();
    assert.equal(there.asked[0]!.signal.aborted, false);
    there.asked[0]!.decide(decision);
    assert.equal(await decided, decision);
    assert.ok(here.asked[0]!.signal.aborted && there.asked[0]!.signal.aborted);
  }
});

Deno.test("Approvers: whoever comes later is asked about what is open, and whoever has left is not asked", async () => {
  const approvers = new Approvers();
  const [here, later] = [somebody(), somebody()];
  const gone = approvers.add(here.approver);
  gone[Symbol.dispose]();
  const approve = approvers.approval(nameOf);
  const decided = approve(generate, { signal: new AbortController().signal });
  assert.equal(here.asked.length, 0);
  approvers.add(later.approver);
  later.asked[0]!.decide("accept");
  assert.equal(await decided, "accept");
  const last = somebody();
  approvers.add(last.approver);
  assert.equal(last.asked.length, 0, "nothing is open");
});

Deno.test("Approvers: without a decision there is none when the request is over, and everybody is told", async () => {
  const approvers = new Approvers();
  const [here, late] = [somebody(), somebody()];
  approvers.add(here.approver);
  const over = new AbortController();
  let settled = false;
  approvers.approval(nameOf)(generate, { signal: over.signal }).finally(() => settled = true);
  over.abort();
  assert.ok(here.asked[0]!.signal.aborted);
  await rest();
  assert.equal(settled, false, "neither a yes nor a no: the node says unanswered");
  approvers.add(late.approver);
  assert.equal(late.asked.length, 0);
  here.asked[0]!.decide(null); // as the port has it; so nothing of the test is left waiting
});

Deno.test("Approvers: an approver that fails is not taken for an answer", async () => {
  const approvers = new Approvers();
  approvers.add({ ask: () => Promise.reject(new Error("broken")) });
  const decided = approvers.approval(nameOf)(generate, { signal: new AbortController().signal });
  await assert.rejects(decided, /broken/);
});

const bytes = (...all: number[]) => new Uint8Array(all);

Deno.test("terminalApprover() takes a yes with the code of the question, and no other", async () => {
  const { questions, said, type, close, settle } = terminal();
  let drawn = 0;
  const { ask } = terminalApprover(questions, (length) => new Uint8Array(length).fill(++drawn));
  settle();
  const { signal } = new AbortController();
  const about = { request: generate, nameOf };
  const first = ask(about, { signal });
  const second = ask(about, { signal });
  await rest();
  for (const typed of ["yes", "y", "", "yes 0202", "0101", "yes 0011", "yes 01"]) await type(typed);
  await rest();
  assert.equal(said.filter((text) => text === "Type “yes 0101” to take part, or “no”.").length, 7);
  await type("  YES  0101 ");
  assert.equal(await first, "accept");
  await rest();
  await type("yes 0101"); // typed for the one before
  await rest();
  assert.equal(said.at(-1), "Type “yes 0202” to take part, or “no”.");
  await type("no");
  assert.equal(await second, "decline");
  const left = new AbortController();
  const third = ask(about, { signal: left.signal });
  await rest();
  left.abort();
  assert.equal(await third, null);
  assert.equal(said.at(-1), "Nobody waits for an answer about 0303 any more.");
  const fourth = ask(about, { signal });
  await rest();
  await close();
  assert.equal(await fourth, null, "nobody is there");
});

Deno.test("commandApprover() takes the terminal's answer; where nobody is there it declines, and says what to do", async () => {
  const notes: string[] = [];
  const by = (terminal: Approver | null) =>
    commandApprover({ terminal, config: "bob/node.json", note: (lines) => notes.push(lines) });
  const about = { request: generate, nameOf };
  const { signal } = new AbortController();
  for (const decision of ["accept", "decline"] as const) {
    const { approver, asked } = somebody();
    const decided = by(approver).ask(about, { signal });
    asked[0]!.decide(decision);
    assert.equal(await decided, decision);
  }
  assert.deepEqual(notes, [], "a person has answered");
  assert.equal(await by(null).ask(about, { signal }), "decline");
  const { approver, asked } = somebody();
  const ended = by(approver).ask(about, { signal });
  asked[0]!.decide(null); // the end of its input
  assert.equal(await ended, "decline");
  assert.equal(notes.length, 2);
  assert.match(
    notes[0]!,
    /^Alice \(p1\) asks to make the key “treasury”, ed25519\nDeclined: bob\/node\.json /,
  );
  assert.match(notes[1]!, /quorate run bob\/node\.json\): then quorate approve bob\/node\.json /);
  const over = somebody();
  const aborted = new AbortController();
  const late = by(over.approver).ask(about, { signal: aborted.signal });
  aborted.abort();
  over.asked[0]!.decide(null);
  assert.equal(await late, null, "nobody waits: neither a yes nor a no");
  assert.equal(notes.length, 2);
});

const text = (request: ApprovalRequest) => [...linesOf({ request, nameOf })].join("\n");

Deno.test("linesOf() shows all of a signing request, and nothing in it can imitate a line or hide", () => {
  const message = new TextEncoder().encode("pay\n  taking part    nobody \u202e");
  const publicKey = new Uint8Array(32).fill(7);
  const item = { message, digest: null, hash: null, path: [], options: {}, publicKey };
  const hashed = {
    ...item,
    message: bytes(0xff, 0),
    digest: new Uint8Array(32),
    hash: "sha256" as const,
    path: [0, 7],
  };
  const digest = { ...hashed, message: null, options: { merkleRoot: bytes(1, 2) } };
  const shown = text({
    ...{
      kind: "sign",
      ...common,
      keyId: "ab",
      note: "Rent \u202e",
      reference: "7",
      wallet: "treas\u200bury",
    },
    items: [item, hashed, digest, { ...digest, hash: "other" as const, options: {} }],
  });
  assert.equal(
    shown,
    `Alice (p1) asks for a signature with “treas‹200B›ury”, ed25519
  key id         ab
  item 1 of 4
    message      “pay‹000A›  taking part    nobody ‹202E›” (31 bytes)
    public key   ${"07".repeat(32)}
  item 2 of 4
    message      ff00 (hex, 2 bytes)
    digest       ${"00".repeat(32)} (sha256)
    path         0/7
    public key   ${"07".repeat(32)}
  item 3 of 4
    message      not shown by the initiator: only its digest is
    digest       ${"00".repeat(32)} (sha256)
    path         0/7
    merkleRoot   0102
    public key   ${"07".repeat(32)}
  item 4 of 4
    message      not shown by the initiator: only its digest is
    digest       ${"00".repeat(32)} (made by another hash, which is not known here)
    path         0/7
    public key   ${"07".repeat(32)}
  its own words  “Rent ‹202E›”
  its reference  “7”
  taking part    Alice, Bob
  until          2027-01-15T08:00:00.000Z`,
  );
});

const reshare: ApprovalRequest = {
  ...{ kind: "reshare", ...common, keyId: "ab", epoch: 3, threshold: 1 },
  before: { threshold: 2, members: ["p1", "p2"] },
  ...{ members: ["p1", "p3"], dealers: ["p2"], gone: ["p2"] },
  refusals: [{ kind: "ban", by: "p1", other: "p2" }, { kind: "quarantine", by: "p3", other: "p2" }],
  frozen: true,
};

Deno.test("linesOf() and requestJson() show a resharing and a generation with names", () => {
  const shown = text(reshare);
  for (
    const line of [
      "Alice (p1) asks to deal anew the key “treasury”, ed25519",
      "  key id         ab",
      "  epoch 3 now    2 of Alice, Bob",
      "  then           1 of Alice, Carol",
      "  shares used    those of Bob",
      "  without        Bob",
      "  bans that end  Alice refuses Bob",
      "  quarantines    Carol refuses Bob",
      "  ends as well   this node has frozen the key after signatures that did not verify",
    ]
  ) assert.ok(shown.split("\n").includes(line), `${line} in\n${shown}`);
  assert.match(text(generate), /^Alice \(p1\) asks to make the key .*\n {2}signing {8}any 2 of those/);
  const [alice, bob, carol] = ["p1", "p2", "p3"].map((peer) => ({ peer, name: nameOf(peer) }));
  const { id, wallet, scheme, note, reference, expires } = common;
  const shared = { id, wallet, scheme, note, reference, expires, initiator: alice, party: [alice, bob] };
  assert.deepEqual(requestJson({ request: generate, nameOf }), { kind: "generate", ...shared, threshold: 2 });
  assert.deepEqual(requestJson({ request: reshare, nameOf }), {
    ...{ kind: "reshare", ...shared, keyId: "ab", epoch: 3, threshold: 1 },
    before: { threshold: 2, members: [alice, bob] },
    ...{ members: [alice, carol], dealers: [bob], gone: [bob], frozen: true },
    refusals: [{ kind: "ban", by: alice, other: bob }, { kind: "quarantine", by: carol, other: bob }],
  });
});
