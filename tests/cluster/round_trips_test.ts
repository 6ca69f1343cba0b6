/**
 * The round trips that a command takes: every frame of a cluster in memory travels for the same virtual time, and nothing
 * else takes any.
 */
import assert from "node:assert/strict";
import type { Scheme } from "../../src/events.ts";
import { Cluster } from "../sim/cluster.ts";

/** The time that a frame travels, ms. */
const way = 100;

interface Trips {
  /** A key of three. */
  generate: number;
  sign: number;
  /** The same where who asks holds no share. */
  askedFor: number;
  /** A batch of three items. */
  batch: number;
}

/** What a scheme takes at each threshold. */
const expected: Readonly<Record<Scheme, Readonly<Record<number, Trips>>>> = {
  ed25519: {
    2: { generate: 4, sign: 2, askedFor: 3, batch: 2 },
    3: { generate: 4, sign: 2, askedFor: 3, batch: 2.5 },
  },
  bip340: {
    2: { generate: 4, sign: 2, askedFor: 3, batch: 2 },
    3: { generate: 4, sign: 2, askedFor: 3, batch: 2.5 },
  },
  ecdsa: {
    2: { generate: 5, sign: 3, askedFor: 4, batch: 3 },
    3: { generate: 5, sign: 3, askedFor: 4, batch: 3 },
  },
};

for (const [scheme, byThreshold] of Object.entries(expected)) {
  for (const [threshold, trips] of Object.entries(byThreshold)) {
    Deno.test(`Commands take so many round trips: ${scheme}, ${threshold} of 3`, async () => {
      await using cluster = await Cluster.start({
        consoles: ["eve"],
        carry: () => ({ bytes }) => [{ bytes, afterMs: way }],
      });
      const taken = async (begin: () => { result: Promise<unknown> }) => {
        const begun = cluster.clock.monotonic();
        await cluster.clock.until(begin().result);
        const ended = cluster.clock.monotonic();
        await cluster.clock.pass(10_000);
        return (ended - begun) / (2 * way);
      };
      const [alice, eve] = ["alice", "eve"].map((name) => cluster.at(name).node);
      const key = { wallet: "treasury", scheme: scheme as Scheme };
      const [message, ...others] = ["one", "two", "three"].map((text) => new TextEncoder().encode(text));
      assert.deepEqual({
        generate: await taken(() => alice!.generateKey({ ...key, threshold: Number(threshold) })),
        sign: await taken(() => alice!.sign({ ...key, message: message! })),
        askedFor: await taken(() => eve!.sign({ ...key, message: message! })),
        batch: await taken(() =>
          alice!.sign({ ...key, items: [message!, ...others].map((message) => ({ message })) })
        ),
      }, trips);
    });
  }
}
