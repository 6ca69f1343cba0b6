import assert from "node:assert/strict";
import { InputError, type InputErrorCode } from "../../mod.ts";
import { type Roster, signRoster } from "../../src/cluster/roster/roster.ts";
import { Cluster, type ClusterNode } from "../sim/cluster.ts";

const key = { wallet: "treasury", scheme: "ed25519" } as const;
const text = (words: string) => new TextEncoder().encode(words);

/** Bad input is told by its field and what was found; there is no session, no event, and nothing was written. */
async function refuses(
  { node, events, store }: ClusterNode,
  ask: () => unknown,
  field: string,
  found: RegExp,
): Promise<void> {
  const rows = await contents(store);
  const before = events.length;
  assert.throws(ask, (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.equal(error.field, field);
    assert.match(error.message, found);
    return true;
  });
  assert.equal(events.length, before);
  assert.deepEqual(await contents(store), rows);
  assert.equal(node.self.length > 0, true);
}

async function contents(store: ClusterNode["store"]): Promise<string[]> {
  const names = await store.names("");
  return await Promise.all(names.map(async (name) => `${name} ${(await store.get(name))?.version}`));
}

/** The labels of a request are checked alike, whatever it is for. */
async function refusesLabels(node: ClusterNode, ask: (request: object) => () => unknown): Promise<void> {
  await refuses(
    node,
    ask({ note: "n".repeat(300) }),
    "note",
    /expected at most 256 visible characters, found 300/,
  );
  await refuses(node, ask({ note: "a\nb" }), "note", /expected visible characters, found U\+000A/);
  await refuses(node, ask({ note: "pay \u202eeve" }), "note", /found U\+202E/);
  await refuses(node, ask({ note: " pay" }), "note", /single spaces/);
  await refuses(node, ask({ note: 7 }), "note", /expected text, found number/);
  await refuses(
    node,
    ask({ reference: "r".repeat(65) }),
    "reference",
    /at most 64 visible characters, found 65/,
  );
  await refuses(node, ask({ reference: "a\u200bb" }), "reference", /found U\+200B/);
  await refuses(node, ask({ reference: "e\u0301" }), "reference", /composed Unicode/);
  await refuses(node, ask({ id: "AB".repeat(16) }), "id", /expected 32 lower-case hex digits, found “ABAB/);
  await refuses(node, ask({ id: "ab" }), "id", /found “ab”/);
}

Deno.test("generateKey() refuses what makes no key, and changes nothing", async () => {
  await using cluster = await Cluster.start();
  const alice = cluster.at("alice");
  const ask = (request: object) => () => alice.node.generateKey({ ...key, threshold: 2, ...request });
  const bob = cluster.peer("bob");
  await refuses(alice, ask({ threshold: 1 }), "threshold", /expected 2 to 3, found 1/);
  await refuses(alice, ask({ threshold: 4 }), "threshold", /expected 2 to 3, found 4/);
  await refuses(alice, ask({ threshold: 2.5 }), "threshold", /found 2.5/);
  await refuses(alice, ask({ members: [bob] }), "members", /expected 2 to 16, found 1/);
  await refuses(alice, ask({ members: [bob, bob] }), "members", /twice/);
  await refuses(alice, ask({ members: [bob, "12D3KooWnobody"] }), "members", /found 12D3KooWnobody/);
  await refuses(alice, ask({ wallet: "" }), "wallet", /1 to 64 characters, found 0/);
  await refuses(alice, ask({ wallet: "w".repeat(65) }), "wallet", /found 65/);
  await refuses(alice, ask({ scheme: "p256" }), "scheme", /found p256/);
  await refusesLabels(alice, ask);
  await cluster.clock.until(alice.node.generateKey({ ...key, threshold: 2 }).result);
  await cluster.clock.pass(1_000);
  await refuses(alice, ask({}), "wallet", /“treasury”, which has a key/);
});

Deno.test("sign() refuses what it cannot sign, and changes nothing", async () => {
  await using cluster = await Cluster.start({ consoles: ["console"] });
  const alice = cluster.at("alice");
  await cluster.clock.until(alice.node.generateKey({ ...key, threshold: 2 }).result);
  await cluster.clock.pass(1_000);
  const ask = (request: object) => () => alice.node.sign({ ...key, message: text("hi"), ...request });
  const [bob, carol] = [cluster.peer("bob"), cluster.peer("carol")];
  await refuses(alice, ask({ wallet: "other" }), "wallet", /found “other”/);
  await refuses(alice, ask({ wallet: "" }), "wallet", /found 0/);
  await refuses(
    alice,
    ask({ message: new Uint8Array(65_537) }),
    "message",
    /at most 65536 bytes, found 65537/,
  );
  await refuses(alice, ask({ message: "hi" }), "message", /expected bytes, found a string$/);
  await refusesLabels(alice, ask);
  await refuses(alice, ask({ signers: [bob] }), "signers", /expected 2, found 1/);
  await refuses(alice, ask({ signers: [bob, bob] }), "signers", /twice/);
  await refuses(alice, ask({ signers: [bob, cluster.peer("console")] }), "signers", /holders/);
  await refuses(alice, ask({ signers: [alice.peer, bob, carol] }), "signers", /expected 2, found 3/);
});

Deno.test("sign() takes every message from 0 to 65,536 bytes, leading zeros included", async () => {
  await using cluster = await Cluster.start();
  const { node } = cluster.at("alice");
  await cluster.clock.until(node.generateKey({ ...key, threshold: 2 }).result);
  for (const message of [text(""), new Uint8Array(32), text("\0\0hi"), new Uint8Array(65_536).fill(7)]) {
    const { bytes } = await cluster.clock.until(node.sign({ ...key, message }).result);
    assert.equal(bytes.length, 64);
  }
});

Deno.test("createNode() refuses a roster with a wrong signature and one without this peer, and takes a newer one from its store", async () => {
  await using cluster = await Cluster.start();
  const { roster, admin } = cluster;
  const bad = { ...roster, signature: roster.signature.with(0, roster.signature[0]! ^ 1) };
  const others = roster.peers.filter(({ name }) => name !== "carol");
  const newer = await signRoster(admin, others, roster);
  cluster.kill("carol");
  const start = async (given: Roster) => {
    cluster.roster = given;
    await cluster.boot("carol");
  };
  const refused = (field: string, found: RegExp) => (error: unknown) =>
    error instanceof InputError && error.field === field && found.test(error.message);
  await assert.rejects(start(bad), refused("roster.signature", /admin key/));
  await assert.rejects(start(newer), refused("roster.peers", /to be one of them/));
  const next = await signRoster(admin, roster.peers, roster);
  await start(next);
  cluster.kill("carol");
  await start(roster);
  assert.equal(cluster.at("carol").node.roster.version, 2);
});

Deno.test("InputError has the kind of what is wrong as its code, for programs", async () => {
  await using cluster = await Cluster.start({ rights: { carol: ["holder"] } });
  const { node } = cluster.at("alice");
  await cluster.clock.until(node.generateKey({ ...key, threshold: 2 }).result);
  const message = text("hi");
  const codeOf = (ask: () => unknown): unknown => {
    try {
      ask();
    } catch (error) {
      return error instanceof InputError ? error.code : error;
    }
    return null;
  };
  const asks: [InputErrorCode, () => unknown][] = [
    ["unknown", () => node.sign({ ...key, wallet: "other", message })],
    ["taken", () => node.generateKey({ ...key, threshold: 2 })],
    ["invalid", () => node.generateKey({ ...key, wallet: "new", threshold: 9 })],
    ["not-permitted", () => cluster.at("carol").node.sign({ ...key, message })],
    ["not-permitted", () => node.invite()],
  ];
  for (const [code, ask] of asks) assert.equal(codeOf(ask), code, String(ask));
  const passphrase = "correct horse battery";
  const file = await node.backup(passphrase);
  const foreign = cluster.at("bob").node.confirmBackup(file, passphrase);
  await assert.rejects(foreign, { name: "InputError", field: "backup", code: "foreign" });
  const wrong = node.confirmBackup(file, "another horse battery");
  await assert.rejects(wrong, { name: "InputError", field: "passphrase", code: "wrong-passphrase" });
  await cluster.clock.until(node.stop());
  assert.equal(codeOf(() => node.sign({ ...key, message })), "wrong-state");
});
