import assert from "node:assert/strict";
import { memoryStore } from "../../mod.ts";
import { openBackup } from "../../src/node/restore.ts";
import { Scene } from "../negative/scene.ts";
import { seededRandom } from "../sim/cluster.ts";

const passphrase = "walnut bridge seven lantern";

for (const scheme of ["ed25519", "ecdsa"] as const) {
  Deno.test(`backup() of an ${scheme} key that was reshared is read back, and restores its share and the epochs before`, async () => {
    await using scene = await Scene.start({ names: ["alice", "bob"], scheme, threshold: 2 });
    const alice = scene.node("alice");
    assert.equal((await scene.reshare(["alice", "bob"])).value?.epoch, 2);
    await scene.clock.pass(3_000);
    const uncovered = (await alice.backupState()).uncovered.map(({ wallet }) => wallet);
    assert.deepEqual(uncovered, ["treasury"], "a new share is in no backup");
    const file = await alice.backup(passphrase);
    await assert.doesNotReject(alice.confirmBackup(file, passphrase));
    const { covered, uncovered: left } = await alice.backupState();
    assert.deepEqual([covered.map(({ wallet }) => wallet), left], [["treasury"], []]);
    const store = memoryStore();
    const to = {
      store,
      random: seededRandom("restored"),
      keep: () => Promise.resolve(() => Promise.resolve()),
    };
    const { keys } = await (await openBackup(file, passphrase)).restore(to);
    assert.deepEqual(keys.map(({ epoch, state }) => [epoch, state]), [[2, "restored"]]);
    assert.equal((await store.names("key/")).length, 2, "and the certificate of the first epoch");
  });
}
