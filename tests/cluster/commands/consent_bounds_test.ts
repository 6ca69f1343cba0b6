import assert from "node:assert/strict";
import { type Command, commandRecord, type Order } from "../../../src/cluster/records/command.ts";
import { Consents } from "../../../src/cluster/commands/consent.ts";
import type { ApprovalRequest, Approve } from "../../../src/cluster/commands/consent/approval.ts";
import { itemFacts } from "../../../src/cluster/records/items.ts";
import { itemOf } from "../../../src/schemes/schemes.ts";
import { clockSkew, maxAnswersPerInitiator, maxTimesAsked, withdrawAfter } from "../../../src/limits.ts";
import { groups } from "../../../src/crypto/group.ts";
import type { Identity, PublicKeyPackage } from "../../../src/ports.ts";
import { sign } from "../../../src/session/signed.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";

const items = [itemOf("ed25519", { message: new TextEncoder().encode("pay 5 to Carol") })];
const life = 60_000;
const point = groups.ed25519.encodeElement(groups.ed25519.multiplyBase(5n));
const key: PublicKeyPackage = {
  wallet: "treasury",
  scheme: "ed25519",
  epoch: 1,
  threshold: 2,
  members: ["c", "me"],
  publicKey: point,
  verifyingShares: [point, point],
  chainCode: new Uint8Array(32),
};

function start(approve: (request: ApprovalRequest) => ReturnType<Approve>) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const consents = new Consents({
    clock,
    self: "me",
    approval: (request) => {
      asked.push(request.id);
      return approve(request);
    },
    stopping: new AbortController().signal,
  });
  const order = async (by: Identity, id: number, changes: Partial<Command> = {}): Promise<Order> => {
    const command: Command = {
      ...{
        kind: "sign",
        cluster: "c",
        wallet: "treasury",
        scheme: "ed25519",
        note: "",
        reference: "",
        coordinators: ["c"],
      },
      ...{
        threshold: 0,
        members: [],
        dealers: [],
        gone: [],
        signers: [],
        keyId: new Uint8Array(32),
        epoch: 1,
      },
      id: new Uint8Array(16).fill(id % 256).fill(id >> 8, 8),
      ...itemFacts(items),
      created: clock.now(),
      expires: clock.now() + life,
      ...changes,
    };
    return { command: await sign(by, commandRecord, command), items };
  };
  /** Proposes a command and waits for `ms`. @returns What came of it. */
  const propose = async (order: Order, ms = 1_000): Promise<string> => {
    const waiting = new AbortController();
    const given = consents.given({ ...order, party: ["c", "me"], key, refusals: [], frozen: false }, {
      asking() {},
      waiting: waiting.signal,
    }).then(() => "yes", (error) => error.code);
    await clock.pass(ms);
    waiting.abort();
    return await clock.until(given);
  };
  return { clock, asked, order, propose };
}

Deno.test("Consents ask about one command three times at most, however often its coordinator gives up and comes back", async () => {
  const { clock, asked, order, propose } = start(() => new Promise(() => {}));
  const eve = await nobleIdentity(seededRandom("eve"));
  const [one, two] = [await order(eve, 1), await order(eve, 2)];
  const said: string[] = [];
  for (let i = 0; i < maxTimesAsked + 3; i++) {
    said.push(await propose(one));
    await clock.pass(withdrawAfter + 100); // its question is withdrawn
  }
  assert.equal(asked.length, maxTimesAsked);
  assert.deepEqual(new Set(said), new Set(["unanswered"]));
  await propose(two);
  assert.equal(asked.length, maxTimesAsked + 1, "another command has a count of its own");
});

Deno.test("Consents keep so many answers to one initiator, and are asked by the others all the same", async () => {
  const { clock, asked, order, propose } = start(({ id }) =>
    Promise.resolve(id.startsWith("00") ? "decline" : "accept")
  );
  const eve = await nobleIdentity(seededRandom("eve"));
  const mallory = await nobleIdentity(seededRandom("mallory"));
  for (let id = 0; id < maxAnswersPerInitiator; id++) {
    assert.equal(await propose(await order(eve, id), 10), id % 256 === 0 ? "declined" : "yes");
  }
  const last = await order(eve, maxAnswersPerInitiator + 1);
  assert.equal(await propose(last, 10), "overloaded");
  assert.equal(asked.length, maxAnswersPerInitiator, "nobody is asked what would not be kept");
  assert.equal(await propose(await order(mallory, 1), 10), "yes");
  await clock.pass(life + clockSkew + 1_000);
  assert.equal(await propose(await order(eve, 1), 10), "yes", "what can no longer be let in is forgotten");
});

Deno.test("Consents ask again about a command whose note, reference or coordinators are others: the answer was to all of it", async () => {
  const { asked, order, propose } = start(() => Promise.resolve("accept"));
  const eve = await nobleIdentity(seededRandom("eve"));
  const differing = [
    {},
    { note: "rent" },
    { note: "Rent" },
    { note: "rent", reference: "7" },
    { coordinators: ["c", "d"] },
    { epoch: 2 },
  ];
  const orders = await Promise.all(differing.map((changes) => order(eve, 1, changes)));
  for (const [i, one] of orders.entries()) {
    assert.equal(await propose(one, 10), "yes");
    assert.equal(asked.length, i + 1, JSON.stringify(differing[i]));
  }
  for (const one of orders) assert.equal(await propose(one, 10), "yes");
  assert.equal(asked.length, orders.length, "nobody is asked twice about the same");
});
