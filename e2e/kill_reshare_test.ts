/**
 * SIGKILL at every point at which a resharing makes something last: the key is in one epoch at everyone, signs, and can
 * be dealt anew. Five points for each peer; `QUORATE_KILLS=all` (`deno task kills`) has all of them.
 * @module
 */
import assert from "node:assert/strict";
import { KilledCluster } from "./killed_cluster.ts";
import { Kills } from "./kills.ts";
import { type Kill, ReshareKills } from "./kills_reshare.ts";

type Role = "coordinator" | "member" | "other";

/** What `deno task test` has. */
const some: Record<Role, readonly Kill[]> = {
  coordinator: [
    ["refresh", "after released"],
    ["refresh", "before PENDING"],
    ["refresh", "after one vote"],
    ["refresh", "before outcome"],
    ["leaving", "before known"],
  ],
  member: [
    ["refresh", "after opened"],
    ["refresh", "after one release"],
    ["refresh", "after PENDING"],
    ["refresh", "before ACTIVE"],
    ["handing", "after released"],
  ],
  other: [
    ["refresh", "before released"],
    ["refresh", "before the vote"],
    ["refresh", "before erased"],
    ["handing", "after known"],
    ["handing", "before erased"],
  ],
};

const released = ["before released", "after released", "before the release", "after one release"] as const;
const erased = ["before erased", "after erased"] as const;
const ofMember = [
  ...["before command seen", "after command seen", "before opened", "after opened"] as const,
  ...released,
  ...["before PENDING", "after PENDING", "before the vote", "after one vote"] as const,
  ...["before ACTIVE", "after ACTIVE"] as const,
  ...erased,
];
const ofWitness = [...released, "before known", "after known", ...erased] as const;

const everything: readonly Kill[] = [
  ...ofMember.map((point) => ["refresh", point] as const),
  ...ofWitness.map((point) => ["handing", point] as const),
  ...ofWitness.map((point) => ["leaving", point] as const),
];
const all: Record<Role, readonly Kill[]> = {
  coordinator: [...everything, ["refresh", "before outcome"], ["refresh", "after outcome"]],
  member: everything,
  other: everything,
};

const kinds: Record<string, typeof all> = { some, all };
const wanted = kinds[Deno.env.get("QUORATE_KILLS") ?? "some"];

Deno.test({
  name:
    "a key is in one epoch at everyone, signs and can be dealt anew, wherever a peer that deals it is killed",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    assert.ok(wanted, `expected QUORATE_KILLS to be one of ${Object.keys(kinds).join(", ")}`);
    await using cluster = await KilledCluster.make();
    for (const peer of cluster.peers) peer.start();
    const kills = new ReshareKills(new Kills(cluster));
    await kills.begin();
    for (const victim of cluster.peers) {
      for (const kill of wanted[victim.name as Role]) {
        const name = `${victim.name}, ${kill.join(", ")}`;
        assert.ok(await t.step(name, () => kills.survives(victim, kill)), `what follows needs: ${name}`);
      }
    }
  },
});
