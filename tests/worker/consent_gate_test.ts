import assert from "node:assert/strict";
import { type Command, commandRecord, type Order } from "../../src/cluster/records/command.ts";
import { Consents } from "../../src/cluster/commands/consent.ts";
import { itemFacts } from "../../src/cluster/records/items.ts";
import { groups } from "../../src/crypto/group.ts";
import type { Agreed, Consent, Outcome, RunIo, Task, Vault } from "../../src/ports.ts";
import { sign } from "../../src/session/signed.ts";
import { consentGate } from "../../src/worker/consent_gate.ts";
import { VirtualClock } from "../sim/clock.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";

const message = new TextEncoder().encode("pay 5 to Carol");
const keyId = new Uint8Array(32).fill(7);
const none = new Uint8Array();
const items: Order["items"] = [1, 2].map((index) => ({
  message: Uint8Array.of(...message, index),
  digest: none,
  hash: "none",
  path: [index],
  options: none,
}));
/** The same as the task has them. */
const signed = items.map(({ message: payload, path, options }) => ({ path, options, payload }));
/** The same with a change to the second. */
const changed = (change: Partial<typeof signed[number]>) => [signed[0]!, { ...signed[1]!, ...change }];

/** A vault whose runs say each of `said` and are done. */
const speaking = (drawn: Task[], run?: () => Promise<Outcome>): Vault => ({
  rounds: () => ["share"],
  isFirstRound: () => true,
  verify: () => true,
  close: () => Promise.resolve(),
  draw(task) {
    drawn.push(task);
    return Promise.resolve({
      firstRound: none,
      run: run ?? ((_agreed: Agreed, io: RunIo): Promise<Outcome> => {
        for (const round of said) io.wire.send("b", round, none, "all");
        return Promise.resolve({ kind: "sign", signatures: [none, none] });
      }),
      [Symbol.dispose]() {},
    });
  },
});
let said: string[] = [];
const agreed = { session: new Uint8Array(32), firstRound: new Map(), pairs: new Map() };

const io: RunIo = {
  wire: { self: "a", party: ["a", "b"], send() {}, verify: () => Promise.resolve(true) },
  listen() {},
  progress() {},
  ban: () => Promise.resolve(),
  signal: new AbortController().signal,
};

const task = (changes: Partial<Task & { kind: "sign" }> = {}): Task => ({
  kind: "sign",
  attempt: new Uint8Array(32),
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
  items: signed,
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
    dealers: [],
    gone: [],
    signers: [],
    ...itemFacts(items),
    note: "",
    reference: "",
    coordinators: ["a"],
    created: clock.now(),
    expires: clock.now() + 60_000,
  };
  const order = { command: await sign(identity, commandRecord, command), items };
  const stopping = new AbortController().signal;
  return { consents: new Consents({ clock, self: "a", approval: "roster", stopping }), order };
}

async function consent(): Promise<Consent> {
  const { consents: all, order } = await consents();
  return await all.given({ ...order, party: ["a", "b"], key: null, refusals: [], frozen: false }, {
    asking() {},
    waiting: new AbortController().signal,
  });
}

type Gate = ReturnType<typeof consentGate>;
const draws = (vault: Gate, what: Task, given: Consent) =>
  vault.draw(what, given).then(() => "drawn", (error) => error.code);
const runs = (vault: Gate, what: Task, given: Consent) =>
  vault.draw(what, given).then((drawn) => drawn.run(agreed, io)).then(() => "ran", (error) => error.code);

Deno.test("consentGate() draws nothing but what its consent is for: key, every item in order, wallet, scheme, kind", async () => {
  const drawn: Task[] = [];
  const vault = consentGate(speaking(drawn));
  const given = await consent();
  const others: Partial<Task & { kind: "sign" }>[] = [
    { keyId: new Uint8Array(32) },
    { items: changed({ path: [] }) },
    { items: changed({ path: [3] }) },
    { items: changed({ options: new Uint8Array(1) }) },
    { items: changed({ payload: message }) },
    { items: [] },
    { items: signed.slice(0, 1) },
    { items: signed.toReversed() },
    { items: [...signed, signed[1]!] },
    { wallet: "payroll" },
    { scheme: "ecdsa" },
  ];
  for (const other of others) {
    assert.equal(await draws(vault, task(other), given), "internal", JSON.stringify(other));
  }
  const { kind: _kind, ...common } = task() as Task & { kind: "sign" };
  const generating: Task = { ...common, kind: "generate", threshold: 2, epoch: 1 };
  assert.equal(await draws(vault, generating, given), "internal");
  assert.deepEqual(drawn, []);
  assert.equal(await draws(vault, task(), given), "drawn");
  said = [];
  assert.equal(await runs(vault, task(), given), "ran");
});

Deno.test("consentGate() spends a consent with the first message of a protocol, and not before", async () => {
  const drawn: Task[] = [];
  const vault = consentGate(speaking(drawn));
  const given = await consent();
  said = [];
  assert.equal(await runs(vault, task(), given), "ran");
  assert.equal(await runs(vault, task(), given), "ran", "nothing has left yet");
  const before = await vault.draw(task(), given);
  said = ["share"];
  assert.equal(await runs(vault, task(), given), "ran");
  assert.equal(await runs(vault, task(), given), "internal", "it is spent");
  assert.equal(drawn.length, 4, "nothing is drawn for a consent that is spent");
  const late = await before.run(agreed, io).then(() => "ran", (error) => error.code);
  assert.equal(late, "internal", "what was drawn before it was spent does not run");
});

Deno.test("consentGate() lets one run at a time use a consent", async () => {
  const gate = Promise.withResolvers<Outcome>();
  const vault = consentGate(speaking([], () => gate.promise));
  const given = await consent();
  const first = runs(vault, task(), given);
  assert.equal(await runs(vault, task(), given), "internal");
  gate.resolve({ kind: "sign", signatures: [none, none] });
  assert.equal(await first, "ran");
});

Deno.test("consentGate() lets out a signature of each item that verifies, and no other number of them", async () => {
  const good = new Uint8Array(64).fill(1), bad = new Uint8Array(64).fill(2);
  for (
    const [signatures, end] of [
      [[good, good], "ran"],
      [[good, bad], "result-rejected"],
      [[bad, good], "result-rejected"],
      [[good], "result-rejected"],
      [[good, good, good], "result-rejected"],
      [[], "result-rejected"],
    ] as const
  ) {
    const vault = speaking([], () => Promise.resolve({ kind: "sign", signatures }));
    const checked = {
      ...vault,
      verify: (_key: unknown, _payload: unknown, found: Uint8Array) => found === good,
    };
    assert.equal(await runs(consentGate(checked), task(), await consent()), end);
  }
});

Deno.test("Consents: what is asked for here is consented to until the call that asks is over", async () => {
  const { consents: all, order } = await consents();
  const waiting = new AbortController().signal;
  const vault = consentGate(speaking([]));
  const own = all.own(order);
  const given = await all.given({ ...order, party: ["a", "b"], key: null, refusals: [], frozen: false }, {
    asking() {},
    waiting,
  });
  own[Symbol.dispose]();
  assert.equal(await runs(vault, task(), given), "internal");
});
