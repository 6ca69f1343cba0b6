/**
 * SIGKILL of a client at every point of a request: after its restart the id that it chose has one outcome, which one
 * session has made. Ten points; `QUORATE_KILLS=all` (`deno task kills`) has all of them.
 * @module
 */
import assert from "node:assert/strict";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { KilledCluster } from "./killed_cluster.ts";
import type { AskedFor } from "./killed_client.ts";
import { poll } from "./killed_process.ts";
import { Kills } from "./kills.ts";
import { type ClientPoint, clientPoints } from "./programs/client_points.ts";

/** The points that `deno task test` leaves out: each is close to one of the others. */
const alike: readonly ClientPoint[] = [
  "before the question",
  "proposed",
  "round correct",
  "done",
  "after it is written",
];
const wanted: Readonly<Record<string, readonly ClientPoint[]>> = {
  some: clientPoints.filter((point) => !alike.includes(point)),
  all: clientPoints,
};
const points = wanted[Deno.env.get("QUORATE_KILLS") ?? "some"];

/** The time that each frame of a session takes, ms: a restart takes less than a slow session. */
const frameMs = { usual: 50, slow: 1_000 };

const key = { wallet: "treasury", scheme: "ecdsa" } as const;

Deno.test({
  name:
    "a client that is killed at any point of a request has one outcome after its restart, and one session has signed",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    assert.ok(points, `expected QUORATE_KILLS to be one of ${Object.keys(wanted).join(", ")}`);
    await using cluster = await KilledCluster.make();
    const { client, peers } = cluster;
    for (const peer of peers) peer.start();
    const kills = new Kills(cluster);
    await cluster.met();
    const { publicKey } = await cluster.node.generateKey({ ...key, threshold: 2 }).result;
    const slow = (ms: number) => Promise.all(peers.map((peer) => peer.slow(ms)));
    const start = async () => {
      client.start();
      await client.ready();
      await client.canSign(key);
    };
    /** The sessions that any peer has opened under an id, and the hashes of results of which any has told. */
    const heldBy = (id: string) => {
      const all = peers.flatMap((peer) => peer.sessionsOf(id));
      return {
        sessions: new Set(all.map(({ session }) => session)),
        results: new Set(all.flatMap((event) => event.type === "done" ? [event.resultHash] : [])),
      };
    };
    const signedOnce = async (id: string, signature: string) => {
      const hash = sha256(Uint8Array.fromHex(signature)).toHex();
      await poll("a signer to tell of its end", () => heldBy(id).results.size > 0);
      const { sessions, results } = heldBy(id);
      assert.equal(sessions.size, 1, `one session: ${[...sessions]}`);
      assert.deepEqual([...results], [hash], "and its result is the signature");
    };
    const signatures = new Map<AskedFor, string>();

    await start();
    for (const [nth, point] of points.entries()) {
      const asked = { ...key, message: point, id: nth.toString(16).padStart(32, "0") };
      const isDone = await t.step(point, async () => {
        await slow(point === "opened" ? frameMs.slow : frameMs.usual);
        await client.arm(point);
        const first = client.sign(asked).then(() => "answered", () => "killed");
        await client.killAt(point);
        assert.equal(await first, "killed");
        await start();
        const signature = await client.sign(asked);
        const bytes = Uint8Array.fromHex(signature);
        const message = new TextEncoder().encode(asked.message);
        assert.ok(secp256k1.verify(bytes, message, publicKey), "it verifies");
        signatures.set(asked, signature);
        await assert.rejects(client.sign({ ...asked, message: "something else" }), /client: id-reused$/);
        await signedOnce(asked.id, signature);
      });
      assert.ok(isDone, `what follows needs: ${point}`);
    }
    await t.step("when all have been killed and started again, each id has the same signature", async () => {
      await Promise.all([client, ...peers].map((process) => process.kill()));
      for (const peer of peers) peer.start();
      await cluster.met();
      await start();
      for (const [asked, signature] of signatures) {
        assert.equal(await client.sign(asked), signature, asked.message);
        assert.equal(await client.written(asked.id), signature, asked.message);
      }
      for (const [{ id }, signature] of signatures) await signedOnce(id, signature);
      assert.deepEqual(client.killedAt, points);
      kills.nobodyIsBlamed();
    });
  },
});
