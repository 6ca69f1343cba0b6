import assert from "node:assert/strict";
import { formatRoster, type RosterPeer, signRoster } from "../../src/cluster/roster/roster.ts";
import { leaverLines } from "../../src/cli/leavers.ts";
import { erasedSentence } from "../../src/cli/past_epochs.ts";
import { commandsFor, reshareCommand, sharedKeys } from "../../src/cli/reshare_command.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { createKeyFile } from "../../src/identity/key_file.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import { quorate } from "./program.ts";

const entry = (name: string, peer = name): RosterPeer => ({ name, peer, addresses: [], rights: ["holder"] });
const key = {
  wallet: "treasury",
  scheme: "ecdsa",
  threshold: 2,
  members: ["Alice", "Bob", "Carol"],
} as const;

Deno.test("reshareCommand() names those that stay, in words that a shell takes as they are, and none if they are too few", () => {
  const command = (peers: RosterPeer[], more: Partial<typeof key> = {}) =>
    reshareCommand({ ...key, ...more }, { peers }, "node.json");
  assert.equal(
    command([entry("Alice"), entry("Bob")]),
    "quorate keys reshare treasury --scheme ecdsa --members Alice,Bob --threshold 2 --config node.json",
  );
  const odd = [entry("Ada, Ltd", "Alice"), entry("Bob's phone", "Bob")];
  assert.match(command(odd)!, /--members 'Alice,Bob'\\''s phone' /, "a name with a comma: the id");
  const observer: RosterPeer = { ...entry("Bob"), rights: ["observer"] };
  assert.equal(command([entry("Alice"), observer]), null, "one holder cannot deal for two");
});

Deno.test("commandsFor() gives a newcomer a share of each key, among its members that are holders still, if they are enough", () => {
  const roster = { peers: [entry("Alice"), entry("Bob"), entry("Dave")] };
  const keys = [key, { ...key, wallet: "savings", members: ["Alice", "Dave"] }, {
    ...key,
    wallet: "old",
    members: ["Alice", "Carol"],
  }];
  assert.deepEqual(commandsFor("Dave", keys, { roster, config: "node.json" }), [
    "quorate keys reshare treasury --scheme ecdsa --members Alice,Bob,Dave --threshold 2 --config node.json",
  ]);
  const names = Array.from({ length: 16 }, (_, i) => `P${i}`);
  const full = { ...key, members: names };
  const everyone = { peers: [...names, "Dave"].map((name) => entry(name)) };
  assert.deepEqual(
    commandsFor("Dave", [full], { roster: everyone, config: "node.json" }),
    [],
    "16 are the most",
  );
});

Deno.test("sharedKeys() has the ids of keys that share their name, and commands name them", () => {
  const all = ["01", "02"].map((session) => ({ ...key, session }));
  const roster = { peers: [entry("Alice"), entry("Bob")] };
  assert.deepEqual(sharedKeys(all).map(({ keyId }) => keyId), ["01", "02"]);
  assert.match(
    reshareCommand(sharedKeys(all)[1]!, roster, "node.json")!,
    / --scheme ecdsa --key 02 --members /,
  );
  const alone = [all[0]!, { ...all[1]!, wallet: "savings" }];
  assert.deepEqual(sharedKeys(alone).map(({ keyId }) => keyId), [undefined, undefined]);
});

Deno.test("leaverLines() say until when, and with what, a peer that has left could still take part", () => {
  const about = { roster: { peers: [entry("Alice"), entry("Bob"), entry("Dave")] }, config: "node.json" };
  const lines = (
    threshold: number,
    members: readonly string[],
  ) => [...leaverLines({ ...key, threshold, members }, { ...about, nameOf: (peer) => peer })];
  assert.deepEqual(lines(2, ["Alice", "Bob"]), [], "nobody has left");
  const [first, until, command] = lines(3, ["Alice", "Bob", "Carol", "Dave"]);
  assert.equal(first, "treasury, ecdsa, 3 of 4: Carol is a member, and no holder of the roster");
  assert.match(
    until!,
    /one that is away does until it gets that roster\. Carol keeps its share: with those of 2 other members/,
  );
  assert.match(
    command!,
    /^ {2}quorate keys reshare treasury .* --members Alice,Bob,Dave --threshold 3 /,
  );
});

Deno.test("erasedSentence() says how many have erased a past epoch, and who has not said so", () => {
  const [alice, bob, carol] = ["Alice", "Bob", null].map((name, i) => ({ name, peer: `peer ${i}` }));
  const members = [alice!, bob!, carol!];
  const said = (erased: typeof members) => erasedSentence({ epoch: 1, members, erased });
  assert.equal(said(members), "epoch 1: erased by 3 of 3");
  assert.equal(said([alice!, bob!]), "epoch 1: erased by 2 of 3; peer 2 has not said so");
  assert.equal(said([bob!]), "epoch 1: erased by 1 of 3; Alice, peer 2 have not said so");
});

Deno.test("quorate keys reshare says in one sentence what is wrong with its input", async () => {
  const dir = await Deno.makeTempDir();
  const { peer } = await createKeyFile(`${dir}/identity.age`, { random: platformRandom });
  const [bob, other] = [await newIdentity(platformRandom), await newIdentity(platformRandom)];
  const peers: RosterPeer[] = [
    { ...entry("Client", peer), rights: ["manager"] },
    entry("Bob", bob.peer),
    entry("Carol", other.peer),
  ];
  const roster = await signRoster(await newIdentity(platformRandom), peers, null);
  await Deno.writeTextFile(`${dir}/roster.json`, formatRoster(roster));
  const files = { identity: `${dir}/identity.age`, roster: `${dir}/roster.json`, store: `${dir}/client.db` };
  await Deno.writeTextFile(`${dir}/node.json`, JSON.stringify({ ...files, listen: [] }));
  const wrong: [Record<string, string>, RegExp][] = [
    [{ threshold: "two" }, /^threshold: expected a number, found “two”$/],
    [{ members: "Bob,Zoe" }, /^members: expected Client, Bob, Carol, found “Zoe”$/],
    [{ gone: "Zoe" }, /^gone: expected .* found “Zoe”$/],
    [{ scheme: "rsa" }, /^scheme: /],
    [{ wait: "soon" }, /^wait: /],
    [{}, /(^|\n)wallet: expected one with a key for ecdsa, found “treasury”$/],
  ];
  const right = { scheme: "ecdsa", threshold: "2", members: `${bob.peer},${other.peer}`, wait: "1" };
  for (const [changes, sentence] of wrong) {
    const args = Object.entries({ ...right, ...changes }).flatMap(([name, value]) => [`--${name}`, value]);
    const ended = await quorate("keys", "reshare", "treasury", ...args, "--config", `${dir}/node.json`);
    assert.deepEqual([ended.code, ended.out], [2, ""], ended.sentence);
    assert.match(ended.sentence, sentence);
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate run takes managers in its rule beside initiators, and nothing else", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/roster.json`, "{}");
  const run = async (approve: unknown) => {
    const files = { identity: `${dir}/none.age`, roster: `${dir}/roster.json`, store: `${dir}/shares.db` };
    await Deno.writeTextFile(`${dir}/node.json`, JSON.stringify({ ...files, listen: [], approve }));
    return (await quorate("run", `${dir}/node.json`)).sentence;
  };
  const peers = { treasury: ["12D3KooW"] };
  assert.match(
    await run({ initiators: peers, managers: peers }),
    /^identity: /,
    "the configuration is right",
  );
  assert.match(await run({ initiators: peers, dealers: peers }), /^config\.approve/);
  assert.match(await run({ managers: peers }), /^config\.approve/);
  await Deno.remove(dir, { recursive: true });
});
