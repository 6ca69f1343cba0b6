/** What becomes of bans, quarantines and freezes when their key is dealt anew: in vain, or into a next epoch. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { badEndings, banning } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { freezeAfter } from "../../src/limits.ts";
import { resharings } from "../../src/protocol/deal_messages.ts";
import { releaseRound, voteRound } from "../../src/session/control.ts";
import { onDisk } from "./ecdsa_scene.ts";
import { assertFails } from "./honest.ts";
import { assertSigns, before, cheatIn, everyone, handOver, withTreasury } from "./reshare_scene.ts";
import type { Scene } from "./scene.ts";

const { confirm } = resharings.ecdsa.rounds;
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

const otherOutcome = cheatIn("other outcome", "invalid-confirmation", (sent) => [
  sent.round === "confirm"
    ? withPayload(sent, confirm.codec, ({ outcome }) => ({ outcome: flip(outcome) }))
    : sent,
]);
const noRelease = cheatIn(
  "no release",
  "round-timeout",
  (sent) => sent.round === releaseRound ? [] : [sent],
);
const treasury = { wallet: "treasury", scheme: "ecdsa" } as const;

/** No pair of the key is of use: Alice has banned Bob, Bob has quarantined Carol, and Carol has frozen the key. */
async function withPairsApart(): Promise<Scene> {
  const scene = await withTreasury({ scheme: "ecdsa" });
  scene.arm("bob", banning[0]!);
  assertFails(scene, await scene.sign(["alice", "bob"]), "alice", {
    code: "invalid-multiplication",
    culprits: ["bob"],
  });
  for (let i = 0; i < freezeAfter; i++) {
    scene.arm("carol", badEndings[0]!);
    assertFails(scene, await scene.sign(["bob", "carol"]), "bob", {
      code: "invalid-signature-share",
      culprits: ["carol"],
    });
  }
  // A row that cannot be read freezes its key.
  await scene.everyone("carol").store.swap(`frozen/${scene.key.session}`, null, new Uint8Array(64));
  await restart(scene, ["carol"]);
  return scene;
}

async function restart(scene: Scene, names: readonly string[]): Promise<void> {
  for (const name of names) scene.cluster.kill(name);
  for (const name of names) await scene.cluster.boot(name);
  await scene.cluster.linked();
}

/** The rows of the holders about what they do not use, and about their pairs of the first epoch. */
async function rowsApart(scene: Scene): Promise<Record<string, string>> {
  const rows: Record<string, string> = {};
  for (const name of before) {
    const { store } = scene.everyone(name);
    for (const prefix of ["ban/", "frozen/", `pair/${scene.key.session}/`]) {
      for (const row of await store.names(prefix)) {
        const { version, sealed } = (await store.get(row))!;
        rows[`${name}: ${row}`] = `${version} ${createHash("sha256").update(sealed).digest("hex")}`;
      }
    }
  }
  return rows;
}

/** Each pair of holders is as far apart as it was, on disk and in force. */
async function assertApart(scene: Scene, rows: Record<string, string>): Promise<void> {
  assert.deepEqual(await rowsApart(scene), rows);
  for (const adversary of scene.adversaries.values()) adversary.disarm();
  const ready = async (name: string) => {
    const { banned, quarantined } = await scene.node(name).readiness(treasury);
    return [banned, quarantined].map((peers) => peers.map((peer) => scene.nameOf(peer)));
  };
  assert.deepEqual(await ready("alice"), [["bob"], []]);
  assert.deepEqual(await ready("bob"), [[], ["carol"]]);
  assert.equal(await scene.keyState("carol", "treasury"), "frozen");
  assert.equal((await scene.sign(["alice", "bob"])).error?.code, "peer-banned");
  assert.equal((await scene.sign(["bob", "carol"])).error?.code, "pair-quarantined");
  assert.equal((await scene.sign(["carol", "alice"])).error?.code, "key-frozen");
}

Deno.test("reshare() that fails leaves ban, quarantine and freeze as they were", async () => {
  await using scene = await withPairsApart();
  const rows = await rowsApart(scene);
  assert.equal(
    Object.keys(rows).length,
    3 + 5,
    "a ban, a quarantine, a freeze, and all pairs but Alice's with Bob",
  );
  await assertApart(scene, rows);
  for (
    const [cheat, ends] of [
      [otherOutcome, { code: "invalid-confirmation", culprits: ["dave"] }],
      [noRelease, { code: "round-timeout", missing: ["dave"] }], // after that of everybody else
    ] as const
  ) {
    scene.arm("dave", cheat);
    assertFails(scene, await handOver(scene), "bob", ends);
    await assertApart(scene, rows);
    await restart(scene, everyone);
    await scene.clock.pass(5_000);
    await assertApart(scene, rows);
  }
});

Deno.test("reshare() ends ban, quarantine and freeze as its epoch becomes active, not before, and shows what was", async () => {
  await using scene = await withPairsApart();
  const rows = await rowsApart(scene);
  scene.arm(
    "carol",
    cheatIn("no vote", "wallet-pending", (sent) => {
      if (sent.round !== voteRound) return [sent];
      if (scene.cluster.nodes.has("carol")) scene.cluster.kill("carol");
      return [];
    }),
  );
  const seen = await scene.reshare(before, { dealers: ["alice", "bob"] });
  assertFails(scene, seen, "alice", { code: "wallet-pending", missing: ["carol"], key: "pending" });
  assert.deepEqual(await rowsApart(scene), rows);
  assert.equal((await scene.sign(["alice", "bob"])).error?.code, "peer-banned");
  assert.deepEqual((await scene.node("bob").readiness(treasury)).quarantined, [scene.peer("carol")]);

  await scene.cluster.boot("carol");
  await scene.cluster.linked();
  await scene.clock.pass(10_000);
  await assertSigns(scene, before, 2);
  const [key] = await scene.node("alice").keys();
  assert.deepEqual(key!.past.map(({ banned }) => banned), [[scene.peer("bob")]]);
  const own = scene.node("alice").bans().filter(({ by }) => by === scene.peer("alice"));
  assert.deepEqual(own.map(({ keyId, other }) => [keyId, other]), [[scene.key.session, scene.peer("bob")]]);
  assert.deepEqual(await onDisk(scene, "alice"), { banned: ["bob"], pairs: [] });
  assert.deepEqual(await onDisk(scene, "alice", key!.session), { banned: [], pairs: ["bob", "carol"] });
  assert.deepEqual((await scene.node("bob").readiness(treasury)).quarantined, []);
});
