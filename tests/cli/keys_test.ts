import assert from "node:assert/strict";
import { Bans } from "../../src/cluster/keys/bans.ts";
import { Frozen } from "../../src/cluster/keys/frozen.ts";
import { formatRoster, signRoster } from "../../src/cluster/roster/roster.ts";
import type { Curve } from "../../src/events.ts";
import { createKeyFile } from "../../src/identity/key_file.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { type KeyRow, writeRow } from "../../src/keystore/key_rows.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { quorate } from "./program.ts";

// The key with the scalar 1: its addresses are in BIP 173, and in many a tutorial.
const generator = Uint8Array.fromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
const secret = "AGE-SECRET-SHARE";

/** A stopped node's folder: Alice, Bob and Carol, of whom Carol has left the roster. */
async function stopped({ twin = false } = {}) {
  const dir = await Deno.makeTempDir();
  const alice = await createKeyFile(`${dir}/identity.age`, { random: platformRandom });
  const [bob, carol, admin] = [
    await newIdentity(platformRandom),
    await newIdentity(platformRandom),
    await newIdentity(platformRandom),
  ];
  const entry = (name: string, peer: string) => ({ name, peer, addresses: [], rights: ["holder" as const] });
  const roster = await signRoster(admin, [entry("Alice", alice.peer), entry("Bob", bob.peer)], null);
  await Deno.writeTextFile(`${dir}/roster.json`, formatRoster(roster));
  const config = `${dir}/node.json`;
  const whole = {
    identity: `${dir}/identity.age`,
    roster: `${dir}/roster.json`,
    store: `${dir}/shares.db`,
    listen: [],
    approve: "roster",
  };
  await Deno.writeTextFile(config, JSON.stringify(whole));

  const store = sqliteStore(whole.store);
  const rows = sealedRecords(
    store,
    await openDataKey(store, alice.secrets(), platformRandom),
    platformRandom,
  );
  const members = [alice.peer, bob.peer, carol.peer];
  async function key(wallet: string, curve: Curve, fill: number, state: "active" | "pending") {
    const publicKey = curve === "secp256k1" ? generator : generator.slice(1);
    const row: KeyRow = {
      state,
      session: new Uint8Array(32).fill(fill),
      key: {
        ...{ wallet, curve, members, publicKey, epoch: 1, threshold: 2 },
        verifyingShares: members.map(() => publicKey),
        chainCode: new Uint8Array(32),
      },
      transcript: new Uint8Array(32),
      share: new TextEncoder().encode(secret),
      opens: [],
      votes: [],
      nos: [],
      at: 0,
      preimage: new Uint8Array(),
    };
    assert.ok(await writeRow(rows, null, row));
    return row;
  }
  const treasury = await key("treasury", "secp256k1", 1, "active");
  await key("treasury", "ed25519", 2, "active");
  if (twin) await key("treasury", "secp256k1", 4, "active");
  await key("savings", "secp256k1", 3, "pending");
  const stopping = new AbortController().signal;
  const bans = await Bans.open({ rows, clock: platformClock, self: alice.peer, stopping });
  await bans.add(treasury, bob.peer, new Uint8Array(32).fill(9));
  const frozen = await Frozen.open(rows);
  const failed = { named: null, others: [bob.peer, carol.peer] };
  const session = treasury.session.toHex();
  for (let i = 0; i < 3; i++) await frozen.failed(session, platformClock.now(), failed);
  for (let i = 0; i < 3; i++) {
    await frozen.failed(session, platformClock.now(), { named: carol.peer, others: [carol.peer] });
  }
  await store.close();
  return { dir, config, whole, members };
}

Deno.test("quorate keys list shows each key, its members by name, its addresses and failures, and no secret", async () => {
  const { dir, config, members } = await stopped();
  const text = await quorate("keys", "list", config);
  assert.equal(text.code, 0, text.sentence);
  assert.match(text.out, /^savings, secp256k1: pending, 2 of 3 sign, epoch 1$/m);
  assert.match(text.out, /^treasury, secp256k1: frozen, 2 of 3 sign, epoch 1$/m);
  assert.match(text.out, /^ {2}bitcoin {5}bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4$/m);
  assert.match(text.out, new RegExp(`^ {2}banned {6}Bob \\(${members[1]}\\)$`, "m"));
  assert.match(text.out, new RegExp(`^ {2}quarantined ${members[2]}$`, "m"));
  assert.match(text.out, new RegExp(`^ {2}member 3 {4}${members[2]}$`, "m"));

  const { out } = await quorate("keys", "list", config, "--json");
  const { keys, damaged } = JSON.parse(out);
  assert.deepEqual(damaged, []);
  const names = [["savings", "secp256k1"], ["treasury", "ed25519"], ["treasury", "secp256k1"]];
  assert.deepEqual(keys.map((key: { wallet: string; curve: string }) => [key.wallet, key.curve]), names);
  assert.equal(keys[1].addresses, null);
  assert.deepEqual(keys[2], {
    ...{ wallet: "treasury", curve: "secp256k1", epoch: 1, state: "frozen", threshold: 2 },
    members: members.map((peer, i) => ({ peer, name: ["Alice", "Bob", null][i] })),
    session: "01".repeat(32),
    publicKey: generator.toHex(),
    addresses: {
      bitcoin: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
      ethereum: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
    },
    failures: 6,
    banned: [{ peer: members[1], name: "Bob" }],
    quarantined: [{ peer: members[2], name: null }],
  });
  for (const said of [text.out, out]) {
    assert.doesNotMatch(said, new RegExp(`${secret}|${new TextEncoder().encode(secret).toHex()}|AGE-SECRET`));
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys bans says with whom a key must not be used, and since when", async () => {
  const { dir, config, members, whole } = await stopped();
  const { bans } = JSON.parse((await quorate("keys", "bans", config, "--json")).out);
  const [{ at, ...ban }] = bans;
  assert.deepEqual(ban, {
    ...{ wallet: "treasury", curve: "secp256k1", epoch: 1 },
    other: { peer: members[1], name: "Bob" },
  });
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000, at);
  const { out } = await quorate("keys", "bans", config);
  assert.equal(out, `treasury, secp256k1: never again with Bob (${members[1]}), since ${at}`);

  const store = sqliteStore(whole.store);
  const [row] = await store.names("ban/");
  const { version, sealed } = (await store.get(row!))!;
  assert.ok(await store.swap(row!, version, sealed.with(30, sealed[30]! ^ 1)));
  await store.close();
  const after = JSON.parse((await quorate("keys", "bans", config, "--json")).out);
  assert.deepEqual(after, { bans: [], damaged: [row] });
  assert.equal((await quorate("keys", "bans", config)).out, `${row}: damaged`, "that is not “no bans”");
  assert.match((await quorate("keys", "list", config)).out, new RegExp(`^${row}: damaged$`, "m"));
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys unfreeze lets a frozen key be used again, once", async () => {
  const { dir, config } = await stopped();
  const unfrozen = await quorate("keys", "unfreeze", config, "treasury", "secp256k1");
  assert.equal(unfrozen.code, 0, unfrozen.sentence);
  const { keys } = JSON.parse((await quorate("keys", "list", config, "--json")).out);
  assert.deepEqual([keys[2].state, keys[2].failures], ["active", 3]);
  assert.equal(keys[2].quarantined.length, 1, "a quarantine too");
  assert.equal(keys[2].banned.length, 1, "a ban stays");
  const again = await quorate("keys", "unfreeze", config, "treasury", "secp256k1");
  assert.deepEqual([again.code, again.sentence], [
    2,
    "wallet: expected a frozen key, found “treasury” active",
  ]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys unfreeze wants the session where two keys have one name, and list shows it", async () => {
  const { dir, config } = await stopped({ twin: true });
  const [mine, twin] = ["01".repeat(32), "04".repeat(32)];
  const { out } = await quorate("keys", "list", config);
  for (const session of [mine, twin]) assert.match(out, new RegExp(`^ {2}session {5}${session}$`, "m"));
  const unfreeze = (...more: string[]) =>
    quorate("keys", "unfreeze", config, "treasury", "secp256k1", ...more);
  const bare = await unfreeze();
  assert.match(bare.sentence, /^key: expected the session of one key “treasury”/);
  for (const session of [mine, twin]) assert.ok(bare.sentence.includes(session!), bare.sentence);
  assert.match(
    (await unfreeze("--key", twin!)).sentence,
    /^wallet: expected a frozen key, found “treasury” active/,
  );
  assert.equal((await unfreeze("--key", mine!)).code, 0);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys unfreeze --peer releases a quarantined pair, by name or id, once, and nothing else", async () => {
  const { dir, config, members } = await stopped();
  const unfreeze = (peer: string) =>
    quorate("keys", "unfreeze", config, "treasury", "secp256k1", "--peer", peer);
  assert.match((await unfreeze("Bob")).sentence, /^peer: expected a quarantined one \(12D3.*\), found Bob$/);
  const { code, out, sentence } = await unfreeze(members[2]!);
  assert.equal(code, 0, sentence);
  assert.equal(out, `treasury, secp256k1: used with ${members[2]} from the node's next start on`);
  const { keys } = JSON.parse((await quorate("keys", "list", config, "--json")).out);
  assert.deepEqual([keys[2].state, keys[2].quarantined, keys[2].failures], ["frozen", [], 3]);
  assert.match(
    (await unfreeze(members[2]!)).sentence,
    /^peer: expected a quarantined one \(none\), found 12D3/,
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys give-up frees the name of a pending key and keeps its share, and erase erases it", async () => {
  const { dir, config } = await stopped();
  const listed = async () => JSON.parse((await quorate("keys", "list", config, "--json")).out).keys;
  const early = await quorate("keys", "erase", config, "03".repeat(32));
  assert.match(early.sentence, /expected that of a key that was given up/);
  const active = await quorate("keys", "give-up", config, "treasury", "ed25519");
  assert.match(active.sentence, /expected a pending key, found “treasury” active/);
  const given = await quorate("keys", "give-up", config, "savings", "secp256k1");
  assert.match(given.out, /^savings, secp256k1: given up/, given.sentence);
  const [{ state, session }] = await listed();
  assert.deepEqual([state, session], ["given-up", "03".repeat(32)]);
  const erased = await quorate("keys", "erase", config, session);
  assert.match(erased.out, /erased/, erased.sentence);
  assert.deepEqual((await listed()).map(({ wallet }: { wallet: string }) => wallet), [
    "treasury",
    "treasury",
  ]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys says in one sentence what is wrong, and makes and changes nothing", async () => {
  const { dir, config, whole } = await stopped();
  const other = async (name: string, changes: object) => {
    await Deno.writeTextFile(`${dir}/${name}`, JSON.stringify({ ...whole, ...changes }));
    return `${dir}/${name}`;
  };
  const refuses = async (args: string[], sentence: RegExp) => {
    const { code, sentence: said, out } = await quorate("keys", ...args);
    assert.match(said, sentence);
    assert.deepEqual([code, said.split("\n").length, out], [2, 1, ""]);
  };
  await refuses(
    ["list", await other("none.json", { store: `${dir}/none.db` })],
    /^store: .*found none at .*none\.db$/,
  );
  await assert.rejects(Deno.stat(`${dir}/none.db`), Deno.errors.NotFound);
  await sqliteStore(`${dir}/empty.db`).close();
  await refuses(["bans", await other("empty.json", { store: `${dir}/empty.db` })], /^store: .*an empty one/);
  await createKeyFile(`${dir}/bob.age`, { random: platformRandom });
  await refuses(
    ["list", await other("bob.json", { identity: `${dir}/bob.age` })],
    /^identity: expected age1.*, found age1/,
  );
  await refuses(
    ["unfreeze", config, "payroll", "secp256k1"],
    /^wallet: expected a key of this store .*found “payroll” on secp256k1$/,
  );
  await refuses(["unfreeze", config, "treasury", "ed25519"], /^wallet: expected a frozen key/);

  const running = sqliteStore(whole.store);
  await running.claim!();
  await refuses(
    ["unfreeze", config, "treasury", "secp256k1"],
    /^store: expected a stopped node's, found .* in use/,
  );
  await running.close();
  const { keys } = JSON.parse((await quorate("keys", "list", config, "--json")).out);
  assert.equal(keys[2].state, "frozen", "nothing was changed");
  await Deno.remove(dir, { recursive: true });
});
