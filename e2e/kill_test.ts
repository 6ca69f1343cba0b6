/**
 * SIGKILL at every point at which something is made to last: no key that anyone was told of is lost, none is half
 * there, nobody is blamed.
 * @module
 */
import assert from "node:assert/strict";
import { KilledCluster } from "./killed_cluster.ts";
import { Kills } from "./kills.ts";
import { points } from "./programs/stopping_points.ts";

Deno.test({
  name:
    "a peer that is killed, whatever it was writing, comes back with all or nothing, and nobody is blamed",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    await using cluster = await KilledCluster.make();
    const kills = new Kills(cluster);
    const [coordinator, member, other] = cluster.peers;
    const step = async (name: string, act: () => Promise<void>) => {
      assert.ok(await t.step(name, act), `what follows needs: ${name}`);
    };

    await step("while it makes its folder its own", async () => {
      coordinator.start();
      other.start();
      for (const point of ["before data key", "after data key", "before roster", "after roster"] as const) {
        member.start(point);
        await member.killAt(point);
      }
      member.start();
      await kills.survives("first", "gone");
    });
    await step("while it notes a command: there is no key", async () => {
      for (const point of ["before command seen", "after command seen"] as const) {
        await kills.during(member, point, () => kills.generate("second"));
        member.start();
      }
      await kills.survives("second", "gone");
    });
    await step(
      "before its share is on disk: it says no, and the others give theirs up, killed or not",
      async () => {
        for (const point of ["before opened", "after opened"] as const) {
          await kills.during(member, point, () => kills.generate("never begun"));
          member.start();
        }
        await kills.survives("never begun", "gone");
        await kills.during(member, "before PENDING", () => kills.generate("third"));
        for (const point of ["before no", "after no"] as const) {
          member.start(point);
          await member.killAt(point);
        }
        await other.arm("before given up");
        member.start();
        await other.killAt("before given up");
        other.start("after given up");
        await other.killAt("after given up");
        other.start();
        await kills.survives("third", "gone");
      },
    );
    await step("when its share is on disk, and again while the others make up for it", async () => {
      await kills.during(member, "after PENDING", () => kills.generate("fourth"));
      for (const point of ["before ACTIVE", "after ACTIVE"] as const) {
        member.start(point);
        await member.killAt(point);
      }
      member.start();
      await kills.survives("fourth", "active");
    });
    const rest = ["before the vote", "after one vote", "before ACTIVE", "after ACTIVE"] as const;
    for (const point of rest) {
      await step(`${point}: there is a key`, async () => {
        await kills.during(member, point, () => kills.generate(point));
        member.start();
        await kills.survives(point, "active");
      });
    }
    for (const point of ["before outcome", "after outcome"] as const) {
      await step(`${point} of a key generation: there is a key`, async () => {
        await kills.during(coordinator, point, () => kills.generate(point));
        coordinator.start();
        await kills.survives(point, "active");
      });
    }
    await step("while it signs: the key is as it was", async () => {
      for (const point of ["before command seen", "after command seen"] as const) {
        await kills.during(member, point, () => kills.sign("first", [coordinator, member]));
        member.start();
      }
      for (const point of ["before outcome", "after outcome"] as const) {
        await kills.during(coordinator, point, () => kills.sign("first", [coordinator, member]));
        coordinator.start();
      }
      await kills.survives("first", "active");
    });
    await step("while it takes a newer roster: it has the newest", async () => {
      for (const [i, point] of (["before roster", "after roster"] as const).entries()) {
        await kills.during(member, point, () => cluster.node.remove(cluster.spare[i]!));
        member.start();
        await kills.sameRoster();
      }
    });
    await step("all at once: every key that anyone was told of signs", () => kills.all());
    await step("nobody was blamed, and no point was left out", () => {
      kills.nobodyIsBlamed();
      const at = new Set(cluster.peers.flatMap(({ killedAt }) => killedAt));
      assert.deepEqual(points.filter((point) => !at.has(point)), []);
      return Promise.resolve();
    });
  },
});
