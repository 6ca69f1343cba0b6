import assert from "node:assert/strict";
import { formatRoster, parseRoster, signRoster } from "../../src/cluster/roster/roster.ts";
import { createKeyFile, keyFile } from "../../src/identity/key_file.ts";
import { createNode } from "../../src/node/create.ts";
import type { QuorateNode } from "../../src/node/api.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";
import { decryptByHand } from "../identity/age_by_hand.ts";
import { atLast, quorate } from "./program.ts";

const passphrase = "correct horse battery";

/** Two peers on disk, a key of theirs, and what it takes to start them again. */
async function cluster(dir: string) {
  const admin = await createKeyFile(`${dir}/admin.age`, { random: platformRandom });
  const names = ["alice", "bob"];
  const made = await Promise.all(
    names.map((name) => createKeyFile(`${dir}/${name}.age`, { random: platformRandom })),
  );
  const peers = made.map(({ peer }, i) => ({
    peer,
    name: names[i]!,
    addresses: [`/memory/${i}`],
    rights: ["holder", "initiator", "manager"] as const,
  }));
  const roster = await signRoster(admin, peers, null);
  await Deno.writeTextFile(`${dir}/roster.json`, formatRoster(roster));
  await Deno.writeTextFile(`${dir}/passphrase`, `${passphrase}\n`);
  return {
    /** Starts both and uses them. */
    async use<T>(
      act: (alice: QuorateNode, bob: QuorateNode) => Promise<T>,
      bob = "bob",
    ): Promise<T> {
      const network = memoryNetwork({ clock: platformClock });
      const nodes = await Promise.all(["alice", bob].map(async (name) =>
        await createNode({
          approve: "roster",
          identity: await keyFile(`${dir}/${name}.age`),
          roster,
          store: sqliteStore(`${dir}/${name}.db`),
          transport: network.transport(),
        })
      ));
      try {
        return await act(nodes[0]!, nodes[1]!);
      } finally {
        await Promise.all(nodes.map((node) => node.stop()));
      }
    },
  };
}

Deno.test("quorate backup and quorate restore make a peer anew, which signs; and age opens what lies between", async () => {
  const dir = await Deno.makeTempDir();
  const { use } = await cluster(dir);
  const wallet = { wallet: "treasury", scheme: "ed25519" } as const;
  await use(async (alice, bob) => {
    await alice.generateKey({ ...wallet, threshold: 2 }).result;
    for await (const event of bob.events({ replay: 1024 })) {
      if (event.type === "key" && event.peer === bob.self && event.state === "active") return; // at bob's too
    }
  });
  const withFile = ["--passphrase-file", `${dir}/passphrase`];
  const from = ["--identity", `${dir}/bob.age`, "--store", `${dir}/bob.db`];
  const backup = await quorate("backup", ...from, "--out", `${dir}/bob.backup`, ...withFile);
  assert.equal(backup.code, 0, backup.sentence);
  assert.match(backup.out, /bob\.backup: 12D3Koo\w+, 1 key, read back$/);
  assert.equal((await Deno.stat(`${dir}/bob.backup`)).mode! & 0o777, 0o600);
  const plain = new TextDecoder("latin1").decode(await decryptByHand(`${dir}/bob.backup`, passphrase));
  assert.ok(plain.includes("quorate/3/backup"));

  const to = ["--identity", `${dir}/anew.age`, "--store", `${dir}/anew.db`, "--roster", `${dir}/anew.json`];
  const restore = (...more: string[]) =>
    quorate("restore", "--backup", `${dir}/bob.backup`, ...to, ...withFile, ...more);
  const first = await restore();
  assert.deepEqual([first.code, first.out], [0, "restored\ted25519\tepoch 1\ttreasury"], first.sentence);
  assert.deepEqual((await restore()).out, first.out, "twice is once");
  const { peer } = await keyFile(`${dir}/bob.age`);
  const keys = [{ ...wallet, epoch: 1, state: "restored" }];
  assert.deepEqual(JSON.parse((await restore("--json")).out), { peer, keys, staysRolledBack: false });
  const again = ["--out", `${dir}/bob.again`, ...withFile, "--json"];
  assert.deepEqual(JSON.parse((await quorate("backup", ...from, ...again)).out), {
    ...{ out: `${dir}/bob.again`, peer, keys: 1 },
  });
  const rosterIn = async (name: string) => parseRoster(await Deno.readTextFile(`${dir}/${name}`));
  assert.deepEqual(await rosterIn("anew.json"), await rosterIn("roster.json"));
  assert.equal(await Deno.readTextFile(`${dir}/anew.age`), await Deno.readTextFile(`${dir}/bob.age`));
  const { bytes } = await use(async (alice, bob) => {
    // A restored node signs when it has compared its roster and its bans with the others, by itself.
    const back = () => bob.rolledBack !== null || alice.peers.get(bob.self)?.rolledBack !== false;
    for (let waited = 0; waited < 20_000 && back(); waited += 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return await alice.sign({ ...wallet, message: plainly("hello") }).result;
  }, "anew");
  assert.equal(bytes.length, 64);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate restore says of a store that was set back that it stays so, and says nothing of another", async () => {
  const dir = await Deno.makeTempDir();
  const { use } = await cluster(dir);
  await use(() => Promise.resolve());
  const withFile = ["--passphrase-file", `${dir}/passphrase`];
  const place = ["--identity", `${dir}/bob.age`, "--store", `${dir}/bob.db`];
  const made = await quorate("backup", ...place, "--out", `${dir}/bob.backup`, ...withFile);
  assert.match(made.sentence, /^locking \S+bob\.backup …\nreading \S+bob\.backup back …$/);
  assert.equal(made.code, 0);
  const to = [...place, "--roster", `${dir}/roster.json`];
  const restore = () => quorate("restore", "--backup", `${dir}/bob.backup`, ...to, ...withFile);
  const first = await restore();
  assert.equal(first.code, 0);
  assert.match(first.sentence, /^opening \S+bob\.backup …$/);
  const bob = await keyFile(`${dir}/bob.age`);
  const store = sqliteStore(`${dir}/bob.db`);
  const rows = sealedRecords(store, await openDataKey(store, bob.secrets(), platformRandom), platformRandom);
  const { version } = (await rows.get("restored"))!;
  assert.ok(await rows.swap("restored", version, new Uint8Array([1, 2, 3]))); // a damaged mark says the worst
  await store.close();
  const second = await restore();
  assert.equal(second.code, 0);
  assert.match(second.sentence, /bob\.db: this store was set back .*quorate restored node\.json --confirm/);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate backup and quorate restore say in one sentence what is wrong, and leave no file behind", async () => {
  const dir = await Deno.makeTempDir();
  const { use } = await cluster(dir);
  await use(() => Promise.resolve());
  await Deno.writeTextFile(`${dir}/short`, "short");
  await Deno.writeTextFile(`${dir}/junk`, "junk");
  const from = ["--identity", `${dir}/bob.age`, "--store", `${dir}/bob.db`];
  const to = ["--identity", `${dir}/new.age`, "--store", `${dir}/new.db`, "--roster", `${dir}/new.json`];
  const withFile = ["--passphrase-file", `${dir}/passphrase`];
  const backup = ["backup", ...from, "--out"];
  assert.equal((await quorate(...backup, `${dir}/good`, ...withFile)).code, 0);
  const before = await listing(dir);
  const cases: [string[], RegExp][] = [
    [[...backup, `${dir}/out`], /^passphrase: expected --passphrase-file/],
    [
      [...backup, `${dir}/out`, "--passphrase-file", `${dir}/short`],
      /^passphrase: The passphrase needs at least 8/,
    ],
    [[...backup, `${dir}/good`, ...withFile], /^out: expected to make .*already/],
    [[
      "backup",
      "--identity",
      `${dir}/bob.age`,
      "--store",
      `${dir}/none.db`,
      "--out",
      `${dir}/out`,
      ...withFile,
    ], /^store: .*none/],
    [[
      "backup",
      "--identity",
      `${dir}/alice.age`,
      "--store",
      `${dir}/bob.db`,
      "--out",
      `${dir}/out`,
      ...withFile,
    ], /^identity: /],
    [["restore", "--backup", `${dir}/none`, ...to, ...withFile], /^backup: .* found nothing there at /],
    [["restore", "--backup", `${dir}/junk`, ...to, ...withFile], /^backup: expected an age file/],
    [["restore", "--backup", `${dir}/good`, ...to, "--passphrase-file", `${dir}/short`], /^passphrase: /],
    [
      ["restore", "--backup", `${dir}/good`, ...to.slice(2), ...withFile, "--identity", `${dir}/alice.age`],
      /^identity: expected 12D3Koo\w+, found 12D3Koo/,
    ],
  ];
  for (const [args, sentence] of cases) {
    const ended = await quorate(...args);
    assert.equal(ended.code, 2, `${args.join(" ")}: ${ended.sentence}`);
    assert.match(atLast(ended), sentence);
    assert.equal(atLast(ended).split("\n").length, 1, ended.sentence);
    assert.ok(!ended.sentence.includes(passphrase));
    assert.deepEqual(await listing(dir), before, args.join(" "));
  }
  await Deno.remove(dir, { recursive: true });
});

const plainly = (text: string) => new TextEncoder().encode(text);

async function listing(dir: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(dir)) if (!/-(wal|shm)$/.test(name)) files.push(name);
  return files.sort();
}
