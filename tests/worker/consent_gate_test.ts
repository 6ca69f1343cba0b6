import assert from "node:assert/strict";
import { type Command, commandRecord, type Order } from "../../src/cluster/records/command.ts";
import { Consents } from "../../src/cluster/commands/consent.ts";
import { messageHashOf } from "../../src/cluster/records/order.ts";
import { groups } from "../../src/crypto/group.ts";
import type { Consent, Outcome, RunIo, Task, Vault } from "../../src/ports.ts";
import { sign } from "../../src/session/signed.ts";
import { consentGate } from "../../src/worker/consent_gate.ts";
import { VirtualClock } from "../sim/clock.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";

const message = new TextEncoder().encode("pay 5 to Carol");
const keyId = new Uint8Array(32).fill(7);
const none = new Uint8Array();

/** A vault that says each of `rounds` and is done. */
const speaking = (ran: Task[]): Vault => ({
  rounds: () => ["commit", "share"],
  verify: () => true,
  close: () => Promise.resolve(),
  run(task, io): Promise<Outcome> {
    ran.push(task);
    for (const round of said) io.wire.send("b", round, none, "all");
    return Promise.resolve({ kind: "sign", signature: none });
  },
});
let said: string[] = [];

const io: RunIo = {
  wire: { self: "a", party: ["a", "b"], send() {}, verify: () => Promise.resolve(true) },
  listen() {},
  progress() {},
  ban: () => Promise.resolve(),
  signal: new AbortController().signal,
};

const task = (changes: Partial<Task & { kind: "sign" }> = {}): Task => ({
  kind: "sign",
  session: new Uint8Array(32),
  self: "a",
  party: ["a", "b"],
  scheme: "ed25519",
  wallet: "treasury",
  roundMs: 1,
  keyId,
  share: none,
  key: {
    scheme: "ed25519",
    publicKey: groups.ed25519.encodeElement(groups.ed25519.multiplyBase(1n)),
    chainCode: new Uint8Array(32),
  } as (Task & { kind: "sign" })["key"],
  pairs: new Map(),
  path: [1],
  options: new Uint8Array(),
  message,
  ...changes,
});

async function consents(): Promise<{ consents: Consents; order: Order }> {
  const clock = new VirtualClock();
  const identity = await nobleIdentity(seededRandom("guarded"));
  const command: Command = {
    id: new Uint8Array(16),
    cluster: "c",
    kind: "sign",
    wallet: "treasury",
    scheme: "ed25519",
    keyId,
    epoch: 1,
    threshold: 0,
    members: [],
    signers: [],
    messageHash: messageHashOf(message),
    digest: none,
    hash: "none",
    path: [1],
    options: new Uint8Array(),
    note: "",
    reference: "",
    coordinators: ["a"],
    created: clock.now(),
    expires: clock.now() + 60_000,
  };
  const order = { command: await sign(identity, commandRecord, command), message };
  const stopping = new AbortController().signal;
  return { consents: new Consents({ clock, self: "a", approval: "roster", stopping }), order };
}

async function consent(): Promise<Consent> {
  const { consents: all, order } = await consents();
  return await all.given({ ...order, party: ["a", "b"], key: null }, {
    asking() {},
    waiting: new AbortController().signal,
  });
}

const runs = (vault: ReturnType<typeof consentGate>, what: Task, given: Consent) =>
  vault.prepare(what, given).run(io).then(() => "ran", (error) => error.code);

Deno.test("consentGate() runs nothing but what its consent is for: key, child, options, payload, wallet, scheme, kind", async () => {
  const ran: Task[] = [];
  const vault = consentGate(speaking(ran));
  said = ["commit"];
  const given = await consent();
  const others: Partial<Task & { kind: "sign" }>[] = [
    { keyId: new Uint8Array(32) },
    { path: [] },
    { path: [2] },
    { options: new Uint8Array(1) },
    { message: Uint8Array.of(...message, 0) },
    { wallet: "payroll" },
    { scheme: "ecdsa" },
  ];
  for (const other of others) {
    assert.equal(await runs(vault, task(other), given), "internal", JSON.stringify(other));
  }
  const { kind: _kind, ...common } = task() as Task & { kind: "sign" };
  const generating: Task = { ...common, kind: "generate", threshold: 2, epoch: 1 };
  assert.equal(await runs(vault, generating, given), "internal");
  assert.deepEqual(ran, []);
  assert.equal(await runs(vault, task(), given), "ran");
});

Deno.test("consentGate() spends a consent when a share has left, and not before", async () => {
  const ran: Task[] = [];
  const vault = consentGate(speaking(ran));
  const given = await consent();
  said = ["commit", "commit/all"];
  assert.equal(await runs(vault, task(), given), "ran");
  assert.equal(await runs(vault, task(), given), "ran", "no share has left yet");
  said = ["commit", "share"];
  assert.equal(await runs(vault, task(), given), "ran");
  assert.equal(await runs(vault, task(), given), "internal", "it is spent");
  assert.equal(ran.length, 3);
});

Deno.test("consentGate() lets one run at a time use a consent", async () => {
  const gate = Promise.withResolvers<Outcome>();
  const vault = consentGate({ ...speaking([]), run: () => gate.promise });
  const given = await consent();
  const first = runs(vault, task(), given);
  assert.equal(await runs(vault, task(), given), "internal");
  gate.resolve({ kind: "sign", signature: none });
  assert.equal(await first, "ran");
});

Deno.test("Consents: what is asked for here is consented to until the call that asks is over", async () => {
  const { consents: all, order } = await consents();
  const waiting = new AbortController().signal;
  const vault = consentGate(speaking([]));
  const own = all.own(order);
  const given = await all.given({ ...order, party: ["a", "b"], key: null }, { asking() {}, waiting });
  own[Symbol.dispose]();
  assert.equal(await runs(vault, task(), given), "internal");
});
