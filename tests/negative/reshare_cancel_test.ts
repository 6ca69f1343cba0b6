/** A resharing that is cancelled at any moment: no key is lost or forked, and nobody is blamed. */
import assert from "node:assert/strict";
import type { GroupKey } from "../../mod.ts";
import type { Cheat } from "../../src/demo/cheats/cheat_wire.ts";
import { failedResharings } from "../../src/limits.ts";
import { releaseRound, voteRound } from "../../src/session/control.ts";
import { assertFails, terminalOf, unchanged } from "./honest.ts";
import { after, assertSigns, before, cheatIn, everyone, handOver, withTreasury } from "./reshare_scene.ts";
import type { Scene, Seen } from "./scene.ts";

/** Cancels as its peer is about to send its first message of a round; every message goes out as it is. */
function cancelling(round: string, cancel: () => void): Cheat {
  return cheatIn(`cancelled at ${round}`, "cancelled", (sent) => {
    if (sent.round === round) cancel();
    return [sent];
  });
}

/** Hands the key over, and cancels that by the signal of the request as `sender` is about to send its `round`. */
function cancelledAt(scene: Scene, by: string, sender: string, round: string): Promise<Seen<GroupKey>> {
  const aborting = new AbortController();
  scene.arm(sender, cancelling(round, () => aborting.abort()));
  const peers = (names: readonly string[]) => names.map((name) => scene.peer(name));
  const request = {
    wallet: "treasury",
    scheme: "ed25519",
    threshold: 2,
    members: peers(after),
    dealers: peers(["alice", "bob"]),
  } as const;
  return scene.watch(() => scene.node(by).reshare(request, { signal: aborting.signal }));
}

for (const by of ["alice", "carol", "dave"]) { // a dealer, a peer that looks on, and a recipient
  Deno.test(`reshare() that ${by} cancels before the release ends with cancelled everywhere, and the epoch signs on`, async () => {
    await using scene = await withTreasury();
    const rounds = ["reveal", "deal", "confirm"];
    assert.ok(rounds.length >= failedResharings, "none of them counts as one in which somebody cheated");
    for (const round of rounds) {
      const seen = await unchanged(scene, everyone, () => cancelledAt(scene, by, "bob", round));
      assert.equal(seen.error?.code, "cancelled", round);
      for (const name of everyone) {
        const { phase, key } = assertFails(scene, seen, name, { code: "cancelled" });
        // By the last confirmation, a peer that gets no share may have released the epoch.
        if (phase !== "committing" || after.includes(name)) assert.equal(key, "safe", name);
      }
    }
    await assertSigns(scene, before, 1);
    assert.equal((await handOver(scene)).value?.epoch, 2);
    await scene.clock.pass(3_000);
    await assertSigns(scene, after, 2);
  });

  for (const [round, name] of [[releaseRound, "release"], [voteRound, "vote"]] as const) {
    Deno.test(`reshare() that ${by} cancels at a ${name} ends with one epoch everywhere, and blames nobody`, async () => {
      for (const sender of round === voteRound ? after : new Set([...after, by])) {
        await using scene = await withTreasury();
        const seen = await cancelledAt(scene, by, sender, round);
        assert.ok(seen.error, "it was cancelled in time");
        await scene.clock.pass(15_000);
        const [{ epoch }] = await scene.node(by).keys() as [GroupKey];
        for (const peer of everyone) {
          const end = terminalOf(seen, peer);
          if (end.type === "done") continue;
          assert.ok(end.type === "failed" && ["cancelled", "wallet-pending"].includes(end.code), peer);
          assert.deepEqual([end.culprits, end.claims.flatMap(({ peers }) => peers)], [[], []], peer);
          if (epoch === 2) assert.equal(end.key, "pending", `${peer} does not say that nothing was changed`);
        }
        await assertSigns(scene, epoch === 1 ? before : after, epoch);
        for (const peer of everyone) {
          assert.deepEqual((await scene.node(peer).keys()).map(({ state }) => state), ["active"], peer);
        }
        if (epoch === 1) assert.equal((await handOver(scene)).value?.epoch, 2, "it is dealt anew after all");
      }
    });
  }
}
