import { p2tr, TEST_NETWORK } from "@scure/btc-signer";
import { npubEncode } from "nostr-tools/nip19";
import assert from "node:assert/strict";
import { Bans } from "../../src/cluster/keys/bans.ts";
import { FailedResharings } from "../../src/cluster/keys/epochs/failed_resharings.ts";
import { Frozen } from "../../src/cluster/keys/frozen.ts";
import type { ListedKey } from "../../src/cli/key_list.ts";
import { formatRoster, signRoster } from "../../src/cluster/roster/roster.ts";
import type { Scheme } from "../../src/events.ts";
import { createKeyFile } from "../../src/identity/key_file.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { type KeyRow, type Parent, writeRow } from "../../src/keystore/key_rows.ts";
import { failedResharings } from "../../src/limits.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { quorate } from "./program.ts";
import { Running } from "./running.ts";

// The key with the scalar 1: its addresses are in BIP 173, and in many a tutorial.
const generator = Uint8Array.fromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
const secret = "AGE-SECRET-SHARE";

/** A stopped node's folder: Alice, Bob and Carol, of whom Carol has left the roster. */
async function stopped({ twin = false, taproot = false, dealt = false } = {}) {
  const dir = await Deno.makeTempDir();
  const alice = await createKeyFile(`${dir}/identity.age`, { random: platformRandom });
  const [bob, carol] = [await newIdentity(platformRandom), await newIdentity(platformRandom)];
  const admin = await createKeyFile(`${dir}/admin.age`, { random: platformRandom });
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
  const stopping = new AbortController().signal;
  const bans = await Bans.open({ rows, clock: platformClock, self: alice.peer, stopping });
  /** @param dealt For an epoch after the first one: the epoch before, and its own members and number. */
  async function key(
    wallet: string,
    scheme: Scheme,
    fill: number,
    state: "active" | "pending" | "known",
    { parent = null, epoch = 1, to = members }: { parent?: Parent | null; epoch?: number; to?: string[] } =
      {},
  ) {
    const members = to;
    const publicKey = scheme === "ed25519" ? generator.slice(1) : generator;
    const row: KeyRow = {
      state,
      session: new Uint8Array(32).fill(fill),
      key: {
        ...{ wallet, scheme, members, publicKey, epoch, threshold: 2 },
        verifyingShares: members.map(() => publicKey),
        chainCode: new Uint8Array(32),
      },
      transcript: new Uint8Array(32),
      share: state === "known" ? new Uint8Array() : new TextEncoder().encode(secret),
      opens: [],
      votes: [],
      nos: [],
      at: 0,
      preimage: new Uint8Array(),
      parent,
      releases: [],
    };
    assert.ok(await writeRow(rows, null, row));
    return row;
  }
  const treasury = await key("treasury", "ecdsa", 1, "active");
  await key("treasury", "ed25519", 2, "active");
  if (taproot) await key("notes", "bip340", 5, "pending");
  if (twin) await key("treasury", "ecdsa", 4, "active");
  await key("savings", "ecdsa", 3, "pending");
  if (dealt) {
    const dave = (await newIdentity(platformRandom)).peer;
    const after = ({ session }: KeyRow) => ({ session, vote: new Uint8Array(32) });
    // Epoch 1 of “house” was with Carol, epoch 2 with Dave, and Alice has erased the first.
    const first = await key("house", "ed25519", 11, "known");
    const to = [alice.peer, bob.peer, dave];
    await key("house", "ed25519", 12, "active", { parent: after(first), epoch: 2, to });
    await bans.add(first, bob.peer, new Uint8Array(32).fill(9));
    // Alice has left “office”, and still has her share of epoch 1; “yacht” was forked.
    const left = await key("office", "ecdsa", 13, "active");
    await key("office", "ecdsa", 14, "known", { parent: after(left), epoch: 2, to: [bob.peer, dave] });
    const forked = await key("yacht", "ed25519", 15, "active");
    await key("yacht", "ed25519", 16, "active", { parent: after(forked), epoch: 2 });
    await key("yacht", "ed25519", 17, "known", { parent: after(forked), epoch: 2, to: [bob.peer, dave] });
  }
  await bans.add(treasury, bob.peer, new Uint8Array(32).fill(9));
  const frozen = await Frozen.open(rows);
  const failed = { named: null, others: [bob.peer, carol.peer] };
  const session = treasury.session.toHex();
  for (let i = 0; i < 3; i++) await frozen.failed(session, platformClock.now(), failed);
  for (let i = 0; i < 3; i++) {
    await frozen.failed(session, platformClock.now(), { named: carol.peer, others: [carol.peer] });
  }
  const resharings = await FailedResharings.open(rows);
  const cheatedIn = dealt ? ["0c".repeat(32), "0e".repeat(32)] : [];
  for (const id of cheatedIn) {
    for (let i = 0; i < failedResharings; i++) await resharings.add(id, platformClock.now());
  }
  await store.close();
  return { dir, config, whole, members };
}

Deno.test("quorate keys list shows each key, its members by name, its addresses and failures, and no secret", async () => {
  const { dir, config, members } = await stopped();
  const text = await quorate("keys", "list", config);
  assert.equal(text.code, 0, text.sentence);
  assert.match(text.out, /^savings, ecdsa: pending, 2 of 3 sign, epoch 1$/m);
  assert.match(text.out, /^treasury, ecdsa: frozen, 2 of 3 sign, epoch 1$/m);
  assert.match(text.out, /^ {2}bitcoin {5}bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4$/m);
  assert.match(text.out, new RegExp(`^ {2}banned {6}Bob \\(${members[1]}\\)$`, "m"));
  assert.match(text.out, new RegExp(`^ {2}quarantined ${members[2]}$`, "m"));
  assert.match(text.out, new RegExp(`^ {2}member 3 {4}${members[2]}$`, "m"));

  const { out } = await quorate("keys", "list", config, "--json");
  const { keys, damaged } = JSON.parse(out);
  assert.deepEqual(damaged, []);
  const names = [["savings", "ecdsa"], ["treasury", "ecdsa"], ["treasury", "ed25519"]];
  assert.deepEqual(keys.map((key: { wallet: string; scheme: string }) => [key.wallet, key.scheme]), names);
  assert.deepEqual(Object.keys(keys[2].addresses), ["solana"]);
  assert.deepEqual(keys[1], {
    ...{
      wallet: "treasury",
      scheme: "ecdsa",
      chainCode: "00".repeat(32),
      epoch: 1,
      state: "frozen",
      threshold: 2,
    },
    ...{ held: true, paused: false, past: [], forks: [] },
    members: members.map((peer, i) => ({ peer, name: ["Alice", "Bob", null][i] })),
    session: "01".repeat(32),
    publicKey: generator.toHex(),
    addresses: {
      bitcoin: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
      testnet: "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
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

Deno.test("quorate keys list shows a key in its latest epoch, and of those before who has erased, bans as history, and forks", async () => {
  const { dir, config, members } = await stopped({ dealt: true });
  const { out, code, sentence } = await quorate("keys", "list", config);
  assert.equal(code, 0, sentence);
  const house = part(out, "house, ed25519");
  assert.match(house, /^house, ed25519: active, 2 of 3 sign, epoch 2$/m);
  const others = `Bob, ${members[2]}`;
  const epoch = `epoch 1: erased by 1 of 3; ${others} have not said so`;
  assert.match(house, new RegExp(`^  ${epoch} \\(2 of Alice, ${others}\\)$`, "m"));
  assert.match(house, new RegExp(`^  banned then Bob \\(${members[1]}\\)$`, "m"), "as history");
  assert.doesNotMatch(house, /^ {2}banned {6}/m, "the new epoch began without");

  const office = part(out, "office, ecdsa");
  assert.match(office, /^office, ecdsa: active, 2 of 2 sign, epoch 2, no share here$/m);
  assert.match(office, /^ {2}epoch 1: erased by 0 of 3; .* have not said so; the share is still here \(/m);

  const [yacht, fork] = out.split("yacht, ed25519: ").slice(1) as [string, string];
  assert.match(yacht, new RegExp(`was dealt into ${"11".repeat(32)} as well`));
  assert.match(fork, new RegExp(`was dealt into ${"10".repeat(32)} as well`));

  const { keys } = JSON.parse((await quorate("keys", "list", config, "--json")).out);
  const [listed] = keys.filter(({ wallet }: { wallet: string }) => wallet === "house");
  assert.deepEqual(listed.past, [{
    ...{ epoch: 1, session: "0b".repeat(32), threshold: 2, held: false },
    members: members.map((peer, i) => ({ peer, name: ["Alice", "Bob", null][i] })),
    erased: [{ peer: members[0], name: "Alice" }],
    banned: [{ peer: members[1], name: "Bob" }],
  }]);
  await Deno.remove(dir, { recursive: true });
});

/** The lines about the first key with this name. */
function part(out: string, name: string): string {
  const begin = out.indexOf(`${name}: `);
  const end = out.slice(begin).search(/\n\S/);
  return end < 0 ? out.slice(begin) : out.slice(begin, begin + end);
}

Deno.test("quorate keys list and roster remove name the keys of a peer that has left the roster, and how to deal them anew", async () => {
  const { dir, config, members } = await stopped();
  const { out } = await quorate("keys", "list", config);
  const carol = members[2];
  const lines = [
    `treasury, ecdsa, 2 of 3: ${carol} is a member, and no holder of the roster`,
    `  Nodes with the new roster take part in nothing with ${carol}; one that is away does until it gets that roster. ` +
    `${carol} keeps its share: with that of one other member it is the whole key, until these have dealt the key anew ` +
    "and erased theirs.",
    `  quorate keys reshare treasury --scheme ecdsa --members Alice,Bob --threshold 2 --config ${config}`,
  ];
  assert.ok(out.includes(lines.join("\n")), out);
  assert.doesNotMatch(out, /^savings, ecdsa, /m, "a pending key cannot be dealt anew");

  const [roster, admin] = [`${dir}/roster.json`, `${dir}/admin.age`];
  await Deno.copyFile(roster, `${dir}/other.json`);
  const remove = (out: string, ...more: string[]) =>
    quorate("roster", "remove", "Bob", "--admin", admin, "--out", out, ...more);
  const removed = await remove(roster, "--config", config);
  assert.equal(removed.code, 0, removed.sentence);
  assert.match(
    removed.out,
    new RegExp(`^version 2: Alice\ntreasury, ecdsa, 2 of 3: Bob, ${carol} are members, and no`),
  );
  assert.match(removed.out, /^ {2}Fewer holders are left than sign with it, so it cannot be dealt anew: /m);
  const bare = await remove(`${dir}/other.json`);
  assert.deepEqual([bare.code, bare.out], [0, "version 2: Alice"]);
  assert.match(
    bare.sentence,
    /^Bob keeps its shares\. `quorate keys list node\.json` at a holder prints the keys/,
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys list shows a key for BIP-340 with its Taproot addresses and its npub, and give-up takes its scheme", async () => {
  const { dir, config } = await stopped({ taproot: true });
  const { out } = await quorate("keys", "list", config, "--json");
  const listed = JSON.parse(out).keys.find(({ wallet }: { wallet: string }) => wallet === "notes");
  const x = generator.slice(1);
  const addresses = {
    bitcoin: p2tr(x).address,
    testnet: p2tr(x, undefined, TEST_NETWORK).address,
    nostr: npubEncode(x.toHex()),
  };
  assert.deepEqual([listed.scheme, listed.publicKey], ["bip340", generator.toHex()]);
  assert.deepEqual(listed.addresses, addresses);
  const text = (await quorate("keys", "list", config)).out;
  assert.match(text, /^notes, bip340: pending, 2 of 3 sign, epoch 1$/m);
  for (const [network, address] of Object.entries(addresses)) {
    assert.match(text, new RegExp(`^ {2}${network} +${address}$`, "m"));
  }
  const givenUp = await quorate("keys", "give-up", config, "notes", "bip340");
  assert.equal(givenUp.code, 0, givenUp.sentence);
  assert.match((await quorate("keys", "list", config)).out, /^notes, bip340: given-up,/m);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys bans says with whom a key must not be used, and since when", async () => {
  const { dir, config, members, whole } = await stopped();
  const { bans } = JSON.parse((await quorate("keys", "bans", config, "--json")).out);
  const [{ at, ...ban }] = bans;
  assert.deepEqual(ban, {
    ...{ wallet: "treasury", scheme: "ecdsa", epoch: 1 },
    other: { peer: members[1], name: "Bob" },
  });
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000, at);
  const { out } = await quorate("keys", "bans", config);
  assert.equal(out, `treasury, ecdsa: never again with Bob (${members[1]}), since ${at}`);

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
  const unfrozen = await quorate("keys", "unfreeze", config, "treasury", "ecdsa");
  assert.equal(unfrozen.code, 0, unfrozen.sentence);
  const { keys } = JSON.parse((await quorate("keys", "list", config, "--json")).out);
  assert.deepEqual([keys[1].state, keys[1].failures], ["active", 3]);
  assert.equal(keys[1].quarantined.length, 1, "a quarantine too");
  assert.equal(keys[1].banned.length, 1, "a ban stays");
  const again = await quorate("keys", "unfreeze", config, "treasury", "ecdsa");
  assert.deepEqual([again.code, again.sentence], [
    2,
    "wallet: expected a frozen key, found “treasury” active",
  ]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys list shows that the resharing of a key is paused, and unfreeze lets a stopped node go on, once", async () => {
  const { dir, config } = await stopped({ dealt: true });
  const paused = async () => {
    const { keys } = JSON.parse((await quorate("keys", "list", config, "--json")).out);
    return keys.filter((key: ListedKey) => key.paused).map(({ wallet }: ListedKey) => wallet);
  };
  const { out } = await quorate("keys", "list", config);
  assert.match(part(out, "house, ed25519"), /^ {2}paused {6}its resharing, after some in which somebody/m);
  assert.deepEqual(await paused(), ["house", "office"]);
  const unfrozen = await quorate("keys", "unfreeze", config, "house", "ed25519");
  assert.deepEqual(
    [unfrozen.code, unfrozen.out],
    [0, "house, ed25519: used and reshared again from the node's next start on"],
    unfrozen.sentence,
  );
  // Alice holds no share of “office” any more, and would be asked all the same.
  assert.equal((await quorate("keys", "unfreeze", config, "office", "ecdsa")).code, 0);
  assert.deepEqual(await paused(), []);
  const again = await quorate("keys", "unfreeze", config, "house", "ed25519");
  assert.deepEqual([again.code, again.sentence], [2, "wallet: expected a frozen key, found “house” active"]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate keys unfreeze wants the session where two keys have one name, and list shows it", async () => {
  const { dir, config } = await stopped({ twin: true });
  const [mine, twin] = ["01".repeat(32), "04".repeat(32)];
  const { out } = await quorate("keys", "list", config);
  for (const session of [mine, twin]) assert.match(out, new RegExp(`^ {2}session {5}${session}$`, "m"));
  const unfreeze = (...more: string[]) => quorate("keys", "unfreeze", config, "treasury", "ecdsa", ...more);
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
  const unfreeze = (peer: string) => quorate("keys", "unfreeze", config, "treasury", "ecdsa", "--peer", peer);
  assert.match((await unfreeze("Bob")).sentence, /^peer: expected a quarantined one \(12D3.*\), found Bob$/);
  const { code, out, sentence } = await unfreeze(members[2]!);
  assert.equal(code, 0, sentence);
  assert.equal(out, `treasury, ecdsa: used with ${members[2]} from the node's next start on`);
  const { keys } = JSON.parse((await quorate("keys", "list", config, "--json")).out);
  assert.deepEqual([keys[1].state, keys[1].quarantined, keys[1].failures], ["frozen", [], 3]);
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
  const given = await quorate("keys", "give-up", config, "savings", "ecdsa");
  assert.match(given.out, /^savings, ecdsa: given up/, given.sentence);
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

Deno.test("quorate keys erase erases a key that was given up at a running node too, and nothing else", async () => {
  const { dir, config } = await stopped();
  const session = "03".repeat(32);
  await using node = new Running("run", config);
  await node.says(/"up"/);
  const erase = () => quorate("keys", "erase", config, session, "--json");
  const early = await erase();
  assert.deepEqual([early.code, early.out], [2, ""]);
  assert.match(early.sentence, /^session: expected that of a key that was given up, found 0303/);
  assert.equal((await quorate("keys", "give-up", config, "savings", "ecdsa")).code, 0);
  const erased = await erase();
  assert.deepEqual(
    [erased.code, erased.out],
    [0, JSON.stringify({ erased: session }, null, 2)],
    erased.sentence,
  );
  assert.equal(await node.ends("SIGTERM"), 0);
  const { keys } = JSON.parse((await quorate("keys", "list", config, "--json")).out);
  assert.deepEqual(keys.map(({ wallet }: { wallet: string }) => wallet), ["treasury", "treasury"]);
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
    ["unfreeze", config, "payroll", "ecdsa"],
    /^wallet: expected a key of this store .*found “payroll” for ecdsa$/,
  );
  await refuses(["unfreeze", config, "treasury", "ed25519"], /^wallet: expected a frozen key/);

  const running = sqliteStore(whole.store);
  await running.claim!();
  await refuses(
    ["unfreeze", config, "treasury", "ecdsa"],
    /^node: expected the node that uses .*shares\.db to answer at .*shares\.db\.sock, found that it does not/,
  );
  await running.close();
  const { keys } = JSON.parse((await quorate("keys", "list", config, "--json")).out);
  assert.equal(keys[1].state, "frozen", "nothing was changed");
  await Deno.remove(dir, { recursive: true });
});
