import assert from "node:assert/strict";
import { childOf } from "../../src/crypto/bip32.ts";
import { equal } from "../../src/crypto/codec.ts";
import { groups } from "../../src/crypto/group.ts";
import { verifySignature } from "../../src/schemes/schemes.ts";
import { StoreError } from "../../src/errors.ts";
import type { Outcome } from "../../src/ports.ts";
import { generatingEcdsa } from "../../src/protocol/setup_ecdsa_messages.ts";
import { signingEcdsa } from "../../src/protocol/sign_ecdsa_messages.ts";
import { ecdsaSecret } from "../../src/schemes/ecdsa_secret.ts";
import { openPair } from "../../src/keystore/pair_record.ts";
import { spawnWorker } from "../../src/worker/spawn_worker.ts";
import { workerVault } from "../../src/worker/client.ts";
import {
  anyReason,
  failed,
  generateTask,
  generateWork,
  inAWorker,
  inThisThread,
  kinds,
  type OpenVault,
  outcomes,
  party,
  runAll,
  runAlone,
  session,
  signWork,
  withKey,
  workReported,
} from "./cluster.ts";
import { altered, type LocalIo, localIos, signedByAuthor } from "./local_io.ts";

const digest = new Uint8Array(32).fill(1);
const group = groups.secp256k1;

/** A key of secp256k1 costs a few seconds: each kind of vault makes one, for all of its tests. */
const made = new Map<string, ReturnType<typeof withKey>>();
function keyIn(open: OpenVault, name: string): ReturnType<typeof withKey> {
  if (!made.has(name)) made.set(name, withKey(open, "ecdsa"));
  return made.get(name)!;
}
/** The same key in fresh vaults: those that made it are closed by the test that did. */
async function reopened(open: OpenVault, name: string) {
  const first = !made.has(name);
  const { keys, vaults, made: outcome } = await keyIn(open, name);
  if (first) { for (const vault of vaults.values()) await vault.close(); }
  const again = new Map(party.map((peer) => [peer, open(keys.get(peer)!, peer)]));
  return {
    keys,
    vaults: again,
    made: outcome,
    async [Symbol.asyncDispose]() {
      for (const vault of again.values()) await vault.close();
    },
  };
}

const rounds = signingEcdsa(1);
const tamperedExtension = altered({ from: "bob", round: "extend" }, rounds.extend.codec, (m) => ({
  ...m,
  choiceCheck: m.choiceCheck.with(0, m.choiceCheck[0]! ^ 1),
}));
const otherGamma = altered({ from: "bob", round: "correct" }, rounds.correct.codec, (m) => ({
  ...m,
  items: m.items.map((item) => {
    const [u, v] = item.gammas;
    return { ...item, gammas: [u.add(group.multiplyBase(1n)), v] as const };
  }),
}));

const otherShare = altered({ from: "bob", round: "finish" }, rounds.finish.codec, (m) => ({
  ...m,
  items: m.items.map(({ u, w }) => ({ u, w: group.reduce(w + 1n) })),
}));

const signed = (outcome: Outcome) => outcome.kind === "sign" ? outcome.signatures[0]! : new Uint8Array();
const bans = (ios: ReadonlyMap<string, LocalIo>) => [...ios].map(([peer, { banned }]) => [peer, banned]);

for (const [name, open] of kinds) {
  Deno.test(`${name} generates a secp256k1 key and signs with any two, for the key and for a child`, async () => {
    await using cluster = await reopened(open, name);
    const { key } = cluster.made.get("bob")!;
    for (const peer of party) {
      assert.deepEqual(cluster.made.get(peer)!.key, key);
      assert.deepEqual([...cluster.made.get(peer)!.pairs.keys()], party.filter((other) => other !== peer));
    }
    const tasks: [string[], number[]][] = [
      [["alice", "bob"], []],
      [["bob", "carol"], [44, 60, 0]],
      [["alice", "carol"], [7]],
    ];
    for (const [signers, path] of tasks) {
      const running = runAll(cluster.vaults, signWork(signers, cluster.made, digest, { path }));
      const [one, other] = [...(await outcomes(running)).values()].map(signed);
      assert.deepEqual(one, other);
      assert.ok(
        verifySignature({ scheme: "ecdsa", publicKey: childOf(group, key, path).publicKey }, digest, one!),
      );
      assert.ok(bans(running.ios).every(([, banned]) => banned!.length === 0));
    }
  });

  Deno.test(`${name} tells how far a set-up is, and what rounds it has`, async () => {
    await using cluster = await reopened(open, name);
    const rounds = cluster.vaults.get("alice")!.rounds({ kind: "generate", scheme: "ecdsa", itemCount: 0 });
    assert.deepEqual(rounds, Object.keys(generatingEcdsa));
    const running = runAll(cluster.vaults, generateWork("ecdsa"));
    await outcomes(running);
    const told = workReported(running.ios.get("alice")!);
    assert.ok(told.length >= 5 && told.at(-1)! > 0.95, told.join());
    assert.deepEqual(told, [...told].sort((a, b) => a - b));
  });

  for (const [check, tamper] of [["extend", tamperedExtension], ["correct", otherGamma]] as const) {
    Deno.test(`${name} bans before it fails, for what was wrong in ${check}`, async () => {
      await using cluster = await reopened(open, name);
      const running = runAll(cluster.vaults, signWork(["alice", "bob"], cluster.made, digest), tamper);
      const [alice, bob] = ["alice", "bob"].map((peer) => running.ios.get(peer)!);
      const ban = alice!.ban;
      let durable: (() => void) | null = null;
      alice!.ban = async (peers) => {
        await new Promise<void>((resolve) => durable = resolve);
        await ban(peers);
      };
      let over = false;
      const failing = failed(running.runs.get("alice")!).finally(() => over = true);
      while (durable === null) await pause(1);
      const said = alice!.sent.length;
      await pause(50);
      assert.ok(!over, "it waits for the disk");
      (durable as () => void)();
      const error = await failing;
      assert.deepEqual([error.code, error.culprits, error.evidence], ["invalid-multiplication", ["bob"], []]);
      assert.deepEqual(alice!.banned, ["bob"]);
      assert.equal(alice!.sent.length, said, "nothing leaves after the finding");
      bob!.aborting.abort(await anyReason());
      assert.equal((await failed(running.runs.get("bob")!)).code, "shutdown");
      assert.deepEqual(bob!.banned, []);
    });
  }

  Deno.test(`${name} says that only the recipient can check a share`, async () => {
    await using cluster = await reopened(open, name);
    const running = runAll(cluster.vaults, signWork(["alice", "bob"], cluster.made, digest), otherShare);
    const error = await failed(running.runs.get("alice")!);
    assert.deepEqual([error.code, error.culprits, error.checkableBy], [
      "invalid-signature-share",
      ["bob"],
      "recipient",
    ]);
    running.ios.get("bob")!.aborting.abort(error);
    await running.endings;
  });

  Deno.test(`${name} says store-failed when the ban could not be written`, async () => {
    await using cluster = await reopened(open, name);
    const running = runAll(cluster.vaults, signWork(["alice", "bob"], cluster.made, digest), otherGamma);
    running.ios.get("alice")!.ban = () => Promise.reject(new StoreError("the disk is full"));
    const error = await failed(running.runs.get("alice")!);
    assert.deepEqual([error.code, error.culprits], ["store-failed", []]);
    running.ios.get("bob")!.aborting.abort(error);
    await running.endings;
  });

  Deno.test({
    name:
      `${name} calls a pair of another key, or a rotten one, share-corrupt, before anything leaves, and bans nobody`,
    sanitizeOps: false, // age-encryption begins with the identity, and does not wait for it if the file is none
    async fn() {
      await using cluster = await reopened(open, name);
      const task = signWork(["alice", "bob"], cluster.made, digest).tasks.get("alice")!;
      const mine = cluster.made.get("alice")!.pairs;
      const rotten = mine.get("bob")!.with(-1, mine.get("bob")!.at(-1)! ^ 1);
      for (const sealed of [mine.get("carol")!, rotten, new Uint8Array()]) {
        const io = localIos(task.party, session).get("alice")!;
        const error = await failed(
          runAlone(cluster.vaults.get("alice")!, task, io, new Map([["bob", sealed]])),
        );
        assert.deepEqual([error.code, error.culprits], ["share-corrupt", []]);
        assert.deepEqual([io.sent, io.banned], [[], []]);
      }
    },
  });

  Deno.test(`${name} lets out nothing of a pair but sealed`, async () => {
    await using cluster = await reopened(open, name);
    const { made, keys } = cluster;
    const running = runAll(cluster.vaults, signWork(["alice", "bob"], made, digest));
    await outcomes(running);
    const { key, pairs, share } = made.get("alice")!;
    const { wallet, epoch, publicKey } = key;
    const of = { wallet, epoch, publicKey, self: "alice", other: "bob" };
    using state = await openPair(ecdsaSecret.pairs, keys.get("alice")!, of, pairs.get("bob")!);
    const outside = [share, ...pairs.values(), ...running.ios.get("alice")!.sent.map(({ body }) => body)];
    const words = new Uint8Array(state.delta.buffer.slice(0));
    for (const secret of [words, state.zeroSeed, state.chosen.slice(0, 32), state.offered.slice(0, 32)]) {
      assert.ok(secret.some((byte) => byte !== 0));
      for (const bytes of outside) assert.ok(!bytes.toHex().includes(secret.toHex()));
    }
    assert.ok(!equal(pairs.get("bob")!, pairs.get("carol")!));
  });
}

Deno.test("workerVault() reports how far a long batch is, and nothing of a short one, by items times other signers", async () => {
  const { vaults, made } = await withKey(inAWorker, "ecdsa", 3);
  for (const [times, reports] of [[7, false], [8, true]] as const) {
    const running = runAll(vaults, signWork(party, made, digest, { times }));
    await outcomes(running);
    for (const peer of party) {
      const reported = workReported(running.ios.get(peer)!);
      assert.deepEqual(reported, [...reported].sort((a, b) => a - b));
      assert.equal(reported.at(-1), reports ? 1 : undefined, `${times} items at ${peer}`);
      assert.ok(reported.length >= (reports ? 5 : 0), reported.join());
    }
  }
  for (const vault of vaults.values()) await vault.close();
});

for (const [check, tamper] of [["extend", tamperedExtension], ["correct", otherGamma]] as const) {
  Deno.test(`shareVault() bans for what was wrong in ${check}, even if the run was ended in that moment`, async () => {
    await using cluster = await reopened(inThisThread, "shareVault()");
    const aborted = await anyReason();
    const ios: { alice?: LocalIo } = {};
    const work = signWork(["alice", "bob"], cluster.made, digest);
    const running = runAll(cluster.vaults, work, (envelope, to) => {
      const said = tamper(envelope, to);
      if (to !== "alice" || envelope.round !== check) return said;
      // As soon as alice has nothing else to wait for she gets it, and right behind it that it is over.
      const waiting = setInterval(() => {
        if (!ios.alice!.sent.some(({ round }) => round === check)) return;
        clearInterval(waiting);
        ios.alice!.put({ type: "envelope", envelope: signedByAuthor(said!), evidence: false });
        setTimeout(() => ios.alice!.aborting.abort(aborted), 0);
      }, 50);
      return null;
    });
    ios.alice = running.ios.get("alice")!;
    await failed(running.runs.get("alice")!);
    for (let waited = 0; waited < 100 && ios.alice.banned.length === 0; waited++) await pause(20);
    assert.deepEqual(ios.alice.banned, ["bob"]);
    running.ios.get("bob")!.aborting.abort(aborted);
    await running.endings;
    await pause(1); // the end of alice's run, which may come after its ban
  });
}

Deno.test("workerVault() bans what its worker has found, also for a run that was ended before it said so", async () => {
  const finds = `addEventListener("message", ({ data: { type, run, durable } }) => {
    if (type === "draw") postMessage({ type: "drawn", run, firstRound: new Uint8Array() });
    if (type === "run") postMessage({ type: "progress", run, progress: { type: "work", done: 1 } });
    if (type === "abort") postMessage({ type: "ban", run, call: 0, peers: ["bob"] });
    if (type !== "banned") return;
    const code = durable ? "invalid-multiplication" : "store-failed";
    postMessage({ type: "failed", run, error: { code, culprits: [], missing: [], claims: [], evidence: [] }, where: "" });
  })`;
  const spawn = () =>
    new Worker(`data:application/javascript,${encodeURIComponent(finds)}`, { type: "module" });
  const vault = workerVault({ storageKey: "AGE-SECRET-KEY-1" }, "alice", { spawn });
  const task = generateTask("alice", "ecdsa");
  const io = localIos(party, session).get("alice")!;
  const ending = await anyReason();
  const running = failed(runAlone(vault, task, io));
  while (io.progressed.length === 0) await pause(1);
  io.aborting.abort(ending);
  assert.equal(await running, ending);
  assert.deepEqual(io.banned, ["bob"]);
  await vault.close();
});

Deno.test("workerVault() that dies in an ECDSA session bans nobody, and another has all that it had", async () => {
  const { keys, made, vaults } = await reopened(inAWorker, "workerVault()");
  for (const vault of vaults.values()) await vault.close();
  const workers: Worker[] = [];
  const spawn = () => {
    const worker = spawnWorker() as Worker;
    workers.push(worker);
    return worker;
  };
  const first = new Map(
    party.map((peer) => [peer, workerVault({ storageKey: keys.get(peer)! }, peer, { spawn })]),
  );
  const dying = runAll(first, signWork(["alice", "bob"], made, digest), (envelope) => {
    if (envelope.from === "bob" && envelope.round === "correct") {
      workers[0]!.dispatchEvent(new ErrorEvent("error", { message: "out of memory", cancelable: true }));
    }
    return envelope;
  });
  const error = await failed(dying.runs.get("alice")!);
  assert.deepEqual([error.code, error.culprits], ["internal", []]);
  dying.ios.get("bob")!.aborting.abort(error);
  await dying.endings;
  assert.deepEqual(bans(dying.ios), [["alice", []], ["bob", []]]);
  const second = new Map(party.map((peer) => [peer, inAWorker(keys.get(peer)!, peer)]));
  const [signature] = [
    ...(await outcomes(runAll(second, signWork(["alice", "bob"], made, digest)))).values(),
  ];
  assert.ok(verifySignature(made.get("alice")!.key, digest, signed(signature!)));
  for (const vault of [...first.values(), ...second.values()]) await vault.close();
});

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
