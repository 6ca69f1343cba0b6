/**
 * The resharing of keys among a cluster of processes.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { type Figure, figure, schemeStarts } from "./figures.ts";
import { startPeers } from "./peers.ts";

/** Every scheme that is measured. */
const measured: readonly Scheme[] = ["ed25519", "bip340", "ecdsa"];

/** Holders and threshold before and after; the first ones of the peers hold it each time. */
const shapes = [
  { before: { threshold: 2, size: 3 }, after: { threshold: 2, size: 3 } },
  { before: { threshold: 3, size: 5 }, after: { threshold: 4, size: 7 } },
] as const;

/** Measures each scheme and shape on loopback, and at a round trip of 200 ms. @param times How often each is dealt anew. */
export async function resharings(times: number, tell: (figure: Figure) => void): Promise<void> {
  for (const shape of shapes) {
    await atShape(shape, times, null, tell);
    await atShape(shape, times, 200, tell);
  }
}

/** @param roundTrip Of a delaying relay between the peers, ms; null for none. */
async function atShape(
  { before, after }: (typeof shapes)[number],
  times: number,
  roundTrip: number | null,
  tell: (figure: Figure) => void,
): Promise<void> {
  const far = roundTrip === null ? "" : `, ${roundTrip} ms round trip`;
  const name = `${before.threshold}-of-${before.size} to ${after.threshold}-of-${after.size}${far}`;
  await using cluster = await startPeers(
    after.size,
    roundTrip === null ? {} : { delayMs: () => roundTrip / 2 },
  );
  const [first] = cluster.peers;
  const ids = cluster.peers.map(({ peer }) => peer);
  const processor = async () =>
    (await Promise.all(cluster.peers.map((peer) => peer.tell("processor", {})))).reduce((a, b) => a + b, 0);
  for (const scheme of measured) {
    const values: number[] = [];
    let used = 0;
    for (let i = 0; i <= times; i++) {
      const key = { wallet: `dealt ${i}`, scheme };
      const { threshold, size } = before;
      await first!.tell("generate", { ...key, threshold, members: ids.slice(0, size) });
      const worked = await processor();
      const took = await first!.tell("reshare", { ...key, threshold: after.threshold, members: ids });
      if (i === 0) continue; // the first one is the warm-up
      values.push(took);
      used += await processor() - worked;
    }
    const what = `resharing ${schemeStarts[scheme]}${name}`;
    tell(figure(what, "ms", values));
    if (roundTrip !== null) continue; // the work is the same
    const each = used / times / after.size;
    tell(figure(`processor time of a ${what}, each node`, "ms", [each], { n: times * after.size }));
  }
}
