/**
 * SIGKILL at every point at which a resharing makes something last: the key is in one epoch at everyone, signs, and can
 * be dealt anew. Five points for each part that a peer has in it; `QUORATE_KILLS=all` (`deno task kills`) has all of them.
 * @module
 */
import assert from "node:assert/strict";
import type { Scheme } from "../src/events.ts";
import { KilledCluster } from "./killed_cluster.ts";
import { Kills } from "./kills.ts";
import { type Dealing, ReshareKills } from "./kills_reshare.ts";
import { type Point, resharePoints } from "./programs/stopping_points.ts";

/** The first of the peers coordinates. */
type Victim = "coordinator" | "member" | "other";
type VictimAt = readonly [Victim, Point, Scheme?];

/** What `deno task test` has: no two kills of a part are alike. One is of an ECDSA key, which takes as long as two. */
const some: Record<Dealing, readonly VictimAt[]> = {
  refresh: [
    ["coordinator", "after released"],
    ["member", "after one release"],
    ["other", "before the vote"],
    ["coordinator", "before outcome"],
    ["other", "before erased"],
  ],
  staying: [
    ["member", "after opened"],
    ["coordinator", "after pair", "ecdsa"],
    ["other", "after PENDING"],
    ["member", "after no"],
    ["coordinator", "before ACTIVE"],
  ],
  handing: [
    ["member", "after released"],
    ["coordinator", "before given up"],
    ["other", "after known"],
    ["other", "before erased"],
    ["coordinator", "before the release"],
  ],
  leaving: [
    ["member", "before released"],
    ["other", "after one release"],
    ["coordinator", "before known"],
    ["member", "after erased"],
    ["other", "before command seen"],
  ],
  joining: [
    ["other", "after parent"],
    ["member", "before PENDING"],
    ["coordinator", "after one vote"],
    ["other", "before ACTIVE"],
    ["member", "after released"],
  ],
};

const begun = ["before command seen", "after command seen", "before opened", "after opened"] as const;
const released = ["before released", "after released", "before the release", "after one release"] as const;
const kept = ["before PENDING", "after PENDING", "before no", "after no"] as const;
const voted = ["before the vote", "after one vote", "before ACTIVE", "after ACTIVE"] as const;
const givenUp = ["before given up", "after given up"] as const;
const erased = ["before erased", "after erased"] as const;
const ended = ["before outcome", "after outcome"] as const;
const ofMember = [...begun, ...released, ...kept, ...voted, ...givenUp] as const;
const ofWitness = [...begun, ...released, "before known", "after known", ...givenUp, ...erased] as const;

/** The points at which the state of pairs is written or erased, and those between which it is there alone. */
const pairs = ["before pair", "after pair", "before released", "before PENDING", "after PENDING"] as const;
const pairsErased = ["after erased", "before pair erased", "after pair erased"] as const;

/**
 * Kills at points of an Ed25519 key, of the one that coordinates and of one of the others by turns, and at the end only of
 * the one that coordinates; and at points of an ECDSA key, of all by turns.
 */
function kills(points: readonly Point[], ecdsa: readonly Point[]): VictimAt[] {
  const others = ["member", "other"] as const;
  const everyone = ["coordinator", ...others] as const;
  return [
    ...points.flatMap((point, i): VictimAt[] => [["coordinator", point], [others[i % 2]!, point]]),
    ...ended.map((point): VictimAt => ["coordinator", point]),
    ...ecdsa.map((point, i): VictimAt => [everyone[i % 3]!, point, "ecdsa"]),
  ];
}

const all: Record<Dealing, readonly VictimAt[]> = {
  refresh: kills([...ofMember, ...erased], [...pairs, ...pairsErased]),
  staying: kills([...ofMember, ...erased], [...pairs, ...pairsErased]),
  handing: kills(ofWitness, pairsErased),
  leaving: kills(ofWitness, pairsErased),
  joining: kills([...ofMember, "before parent", "after parent"], pairs),
};

const wanted = { some, all }[Deno.env.get("QUORATE_KILLS") ?? "some"];

Deno.test({
  name:
    "a key is in one epoch at everyone, signs and can be dealt anew, wherever a peer that deals it is killed",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    assert.ok(wanted, "expected QUORATE_KILLS to be one of some, all");
    await using cluster = await KilledCluster.make();
    for (const peer of cluster.peers) peer.start();
    const kills = new ReshareKills(new Kills(cluster));
    for (const [dealing, victims] of Object.entries(wanted) as [Dealing, readonly VictimAt[]][]) {
      for (const [who, point, scheme = "ed25519"] of victims) {
        const victim = cluster.peers.find(({ name }) => name === who)!;
        const name = `${who}, ${dealing}, ${scheme}, ${point}`;
        const step = () => kills.survives(victim, { dealing, scheme, point });
        assert.ok(await t.step(name, step), `what follows needs: ${name}`);
      }
    }
    if (wanted !== all) return;
    await t.step("no point was left out", () => {
      const at = new Set(cluster.peers.flatMap(({ killedAt }) => killedAt));
      assert.deepEqual(resharePoints.filter((point) => !at.has(point)), []);
    });
  },
});
