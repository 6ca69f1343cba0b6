import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Cheat, saying, withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { banning } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { StoreError } from "../../src/errors.ts";
import { settingUp } from "../../src/protocol/setup_ecdsa_messages.ts";
import { voteRound } from "../../src/session/control.ts";
import { readRow } from "../../src/keystore/key_rows.ts";
import type { Store } from "../../src/ports.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { openPair } from "../../src/keystore/pair_record.ts";
import { type Fault, faultyStore } from "../store/fault_store.ts";
import { seededRandom } from "../sim/cluster.ts";
import { ecdsaScene, nobodyBanned, onDisk } from "./ecdsa_scene.ts";
import { assertFails } from "./honest.ts";
import { Scene } from "./scene.ts";

const [tampering] = banning;
const alone = async (store: Store, prefix: string) => (await store.names(prefix)).length;

/** Alice's disk fails as `faults` say at that moment. */
const withFaults = (faults: Fault[]) =>
  ecdsaScene({ store: (name) => name === "alice" ? faultyStore(memoryStore(), faults) : memoryStore() });

Deno.test("sign() says store-failed when a ban cannot be written, bans all the same, and writes it when it can", async () => {
  const faults: Fault[] = [];
  await using scene = await withFaults(faults);
  faults.push({ on: "swap", name: /^ban\//, then: "fail" });
  scene.arm("bob", tampering!);
  const seen = await scene.sign(["alice", "bob"]);
  assertFails(scene, seen, "alice", { code: "store-failed" });
  assertFails(scene, seen, "bob", {
    code: "aborted-by-peer",
    claims: [{ by: "alice", code: "store-failed", peers: [] }],
  });
  assert.deepEqual(
    await onDisk(scene, "alice"),
    { banned: [], pairs: ["carol"] },
    "the pair is gone in any case",
  );
  assert.equal((await scene.sign(["alice", "bob"])).error?.code, "peer-banned");
  faults.length = 0;
  await scene.clock.pass(16_000);
  assert.deepEqual(await onDisk(scene, "alice"), { banned: ["bob"], pairs: ["carol"] });
  assert.ok((await scene.sign(["alice", "carol"])).value);
});

Deno.test("sign() has no pair left to use, should a node fall over before it could write its ban", async () => {
  const faults: Fault[] = [];
  await using scene = await withFaults(faults);
  faults.push({ on: "swap", name: /^ban\//, then: "fail" });
  scene.arm("bob", tampering!);
  await scene.sign(["alice", "bob"]);
  scene.cluster.kill("alice");
  faults.length = 0;
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  const seen = await scene.sign(["alice", "bob"]);
  // The others have handed her the ban that she could not write.
  assertFails(scene, seen, "alice", { code: "peer-banned" });
  assert.deepEqual((await onDisk(scene, "alice")).pairs, ["carol"]);
  assert.ok((await scene.sign(["alice", "carol"])).value);
});

Deno.test("sign() erases a banned pair at the next start, should the node have fallen over before it did", async () => {
  const faults: Fault[] = [];
  await using scene = await withFaults(faults);
  faults.push({ on: "swap", name: /^pair\//, then: "fail" });
  scene.arm("bob", tampering!);
  await scene.sign(["alice", "bob"]);
  assert.deepEqual(await onDisk(scene, "alice"), { banned: ["bob"], pairs: ["bob", "carol"] });
  scene.cluster.kill("alice");
  faults.length = 0;
  await scene.cluster.boot("alice");
  assert.deepEqual(await onDisk(scene, "alice"), { banned: ["bob"], pairs: ["carol"] });
});

/** Ways to damage a ban on Alice's disk; with `all`, its name does not tell any more of which key it is. */
const damages: { how: string; all: boolean; damage(scene: Scene, row: string): Promise<void> }[] = [
  {
    how: "a bit of it has flipped",
    all: false,
    async damage(scene, row) {
      const { store } = scene.everyone("alice");
      const { version, sealed } = (await store.get(row))!;
      assert.ok(await store.swap(row, version, sealed.with(30, sealed[30]! ^ 1)));
    },
  },
  {
    how: "it opens, and is no ban",
    all: false,
    async damage(scene, row) {
      const { rows } = await opened(scene, "alice");
      assert.ok(await rows.swap(row, (await rows.get(row))!.version, Uint8Array.of(1, 2, 3)));
    },
  },
  {
    how: "its name is that of no key",
    all: true,
    async damage(scene, row) {
      const { store } = scene.everyone("alice");
      const { version, sealed } = (await store.get(row))!;
      const name = row.replace(/^ban\/(.)/, (_, digit) => `ban/${digit === "0" ? 1 : 0}`);
      assert.ok(await store.swap(name, null, sealed));
      assert.ok(await store.swap(row, version, null));
    },
  },
];

/** A peer's rows, plain. */
async function opened(scene: Scene, name: string) {
  const { store, identity } = scene.everyone(name);
  const random = seededRandom("reading");
  return { store, rows: sealedRecords(store, await openDataKey(store, identity.secrets(), random), random) };
}

for (const { how, all, damage } of damages) {
  Deno.test(`sign() is store-failed with a key whose ban cannot be read: ${how}; the node runs, and so does all else`, async () => {
    await using scene = await ecdsaScene();
    const other = (await scene.generate("other")).value!;
    const request = { wallet: "frost", curve: "ed25519", threshold: 2 } as const;
    assert.ok((await scene.watch(() => scene.node("alice").generateKey(request))).value);
    scene.arm("bob", tampering!);
    await scene.sign(["alice", "bob"]);
    scene.cluster.kill("alice");
    await damage(scene, `ban/${scene.key.session}/${scene.peer("bob")}`);
    await scene.cluster.boot("alice");
    await scene.cluster.linked();

    for (const member of ["bob", "carol"]) {
      const seen = await scene.sign(["alice", member]);
      assertFails(scene, seen, "alice", { code: "store-failed", phase: "inviting" });
      const asked = await scene.sign(["alice", member], { by: member });
      const claims = [{ by: "alice", code: "store-failed", peers: [] }] as const;
      assertFails(scene, asked, member, { code: "declined", claims });
    }
    assert.ok((await scene.sign(["bob", "carol"])).value, "nobody else is concerned");
    const more = await scene.sign(["alice", "bob"], { wallet: other.wallet });
    if (all) assert.equal(more.error?.code, "store-failed", "it may be a ban of this key");
    else assert.ok(more.value);
    const frost = await scene.sign(["alice", "bob"], { wallet: "frost", curve: "ed25519" });
    assert.ok(frost.value, "keys of ed25519 have no bans");
  });
}

Deno.test("generateKey() keeps no pair of a key that could not be made, and the other curve and a second try are free", async () => {
  await using scene = await Scene.start({ curve: "secp256k1" });
  const shortOffer: Cheat = {
    ...cheats.get("garbage")!,
    wrap: (wire) =>
      saying(wire, (said) => [said.round === "choose" ? { ...said, body: new Uint8Array(9) } : said]),
  };
  const wrongOpening: Cheat = {
    ...shortOffer,
    wrap: (wire) =>
      saying(wire, (said) => [
        said.round === "choose"
          ? withPayload(said, settingUp.choose.codec, (m) => ({ ...m, salt: m.salt.with(0, m.salt[0]! ^ 1) }))
          : said,
      ]),
  };
  for (
    const [cheat, code] of [[shortOffer, "malformed-message"], [wrongOpening, "invalid-commitment"]] as const
  ) {
    scene.arm("bob", cheat);
    const seen = await scene.generate("savings");
    for (const name of ["alice", "carol"]) assertFails(scene, seen, name, { code, culprits: ["bob"] });
  }
  for (const name of scene.names) {
    // Bob has all that he needs for a share, and keeps it: a no of the others frees the name, and erases nothing.
    if (name !== "bob") assert.equal(await alone(scene.everyone(name).store, "pair/"), 0, name);
    assert.equal(await alone(scene.everyone(name).store, "ban/"), 0, name);
  }
  const request = { wallet: "savings", curve: "ed25519", threshold: 2 } as const;
  const beside = await scene.watch(() => scene.node("alice").generateKey(request));
  assert.ok(beside.value, "one curve does not wait for the other");
  const again = await scene.generate("savings");
  assert.ok(again.value, again.error?.code);
  assert.ok((await scene.sign(["bob", "carol"], { wallet: "savings" })).value);
});

Deno.test("generateKey() leaves no pair behind when the share cannot be written, or when another never votes", async () => {
  const faults: Fault[] = [{ on: "swap", name: /^key\//, nth: 1, then: "fail" }];
  await using scene = await Scene.start({
    curve: "secp256k1",
    store: (name) => name === "alice" ? faultyStore(memoryStore(), faults) : memoryStore(),
  });
  const seen = await scene.generate("savings");
  assertFails(scene, seen, "alice", { code: "store-failed", key: "no-key" });
  assert.equal(await alone(scene.everyone("alice").store, "pair/"), 0);
  for (const name of ["bob", "carol"]) {
    scene.cluster.network.cut(scene.peer("alice"), scene.peer(name));
  }
  await scene.clock.pass(20_000);
  await scene.cluster.linked();
  for (const name of scene.names) {
    assert.deepEqual(await scene.node(name).keys(), [], name);
    assert.equal(await alone(scene.everyone(name).store, "pair/"), 0, `${name} has given the key up`);
  }
});

Deno.test("generateKey() keeps the pairs of a key whose share was written, though the disk said it was not", async () => {
  let lies = true;
  const inner = memoryStore();
  const liar: Store = {
    ...inner,
    get: (name) => inner.get(name),
    names: (prefix) => inner.names(prefix),
    close: () => inner.close(),
    async swap(name, from, sealed) {
      const done = await inner.swap(name, from, sealed);
      if (!lies || !name.startsWith("key/") || from === null) return done;
      lies = false;
      throw new StoreError("Cannot swap: the answer was lost");
    },
  };
  await using scene = await Scene.start({
    curve: "secp256k1",
    store: (name) => name === "alice" ? liar : memoryStore(),
  });
  const seen = await scene.generate("savings");
  assertFails(scene, seen, "alice", { code: "store-failed" });
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  await scene.clock.pass(20_000);
  const [key] = await scene.node("alice").keys();
  assert.equal(key?.state, "active");
  assert.deepEqual((await onDisk(scene, "alice", key!.session)).pairs, ["bob", "carol"]);
  assert.ok((await scene.sign(["alice", "bob"], { wallet: "savings" })).value);
});

Deno.test("generateKey() sweeps at the next start the pairs of a key that never came to be", async () => {
  let scene: Scene | null = null;
  const inner = memoryStore();
  // Alice is gone between her pairs and her share.
  const store: Store = {
    get: (name) => inner.get(name),
    names: (prefix) => inner.names(prefix),
    close: () => inner.close(),
    swap(name, from, sealed) {
      if (!name.startsWith("key/") || from === null || !scene) return inner.swap(name, from, sealed);
      scene.cluster.kill("alice");
      return new Promise(() => {});
    },
  };
  await using made = scene = await Scene.start({
    curve: "secp256k1",
    store: (name) => name === "alice" ? store : memoryStore(),
  });
  const asked = made.node("bob").generateKey({ wallet: "savings", curve: "secp256k1", threshold: 2 });
  await made.clock.until(asked.result.catch(() => {}));
  assert.equal(await alone(inner, "pair/"), 2, "there they are");
  scene = null;
  await made.cluster.boot("alice");
  assert.equal(await alone(inner, "pair/"), 0);
  await made.cluster.linked();
  await made.clock.pass(20_000);
  for (const name of made.names) assert.deepEqual(await made.node(name).keys(), [], name);
  assert.equal(await alone(made.everyone("bob").store, "pair/"), 2, "given up, and kept");
  assert.ok((await made.generate("savings", 2, { by: "bob" })).value);
});

Deno.test("generateKey() gives nobody up, and sweeps nothing, while the last vote is on its way", async () => {
  await using scene = await Scene.start({ curve: "secp256k1" });
  const leaves: Cheat = {
    ...cheats.get("crash")!,
    wrap: (wire, _about, { exit }) =>
      saying(wire, (said) => {
        if (said.round !== voteRound) return [said];
        exit();
        return [];
      }),
  };
  scene.arm("bob", leaves);
  const seen = await scene.generate("savings");
  assertFails(scene, seen, "alice", { code: "wallet-pending", missing: ["bob"], key: "pending" });
  for (const name of ["alice", "carol"]) {
    scene.cluster.kill(name);
    await scene.cluster.boot(name);
  }
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  await scene.clock.pass(5_000);
  const [key] = await scene.node("bob").keys();
  assert.equal(key?.state, "active");
  for (const name of scene.names) {
    assert.equal((await onDisk(scene, name, key!.session)).pairs.length, 2, name);
  }
  assert.ok((await scene.sign(["alice", "bob"], { wallet: "savings" })).value);
});

Deno.test("A pair is nowhere in the clear: not on disk, not on the network, not in an event", async () => {
  const carried: Uint8Array[] = [];
  await using scene = await ecdsaScene({
    carry: () => ({ bytes }) => {
      carried.push(bytes);
      return [{ bytes, afterMs: 0 }];
    },
  });
  assert.ok((await scene.sign(["alice", "bob"])).value);
  const wire = Buffer.concat(carried);
  const told = JSON.stringify([...scene.cluster.nodes.values()].map(({ events }) => events));
  let secrets = 0;
  for (const name of scene.names) {
    const { identity, peer } = scene.everyone(name);
    const { storageKey } = identity.secrets();
    const { store, rows } = await opened(scene, name);
    const disk = Buffer.concat(
      await Promise.all((await store.names("")).map(async (row) => (await store.get(row))!.sealed)),
    );
    const unsealed = Buffer.concat(
      await Promise.all((await store.names("pair/")).map(async (row) => (await rows.get(row))!.plain)),
    );
    const { row } = (await readRow(rows, (await rows.names("key/"))[0]!))!;
    const { wallet, epoch, publicKey } = row.key!;
    for (const pair of await rows.names("pair/")) {
      const other = pair.split("/")[2]!;
      const sealed = (await rows.get(pair))!.plain;
      using state = await openPair(storageKey, { wallet, epoch, publicKey, self: peer, other }, sealed);
      const delta = new Uint8Array(state.delta.buffer.slice(0));
      const keys = [state.chosen, state.offered].flatMap((all) => [all.slice(0, 32), all.slice(-32)]);
      for (const secret of [delta, state.zeroSeed, ...keys]) {
        secrets++;
        for (const place of [disk, unsealed, wire]) assert.ok(!place.includes(Buffer.from(secret)));
        assert.ok(!told.includes(secret.toHex()));
      }
    }
  }
  assert.equal(secrets, 3 * 2 * 6);
  assert.equal(await nobodyBanned(scene), null);
});
