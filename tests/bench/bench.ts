/**
 * Measures real peers, each a process, over libp2p on loopback, and the pure cryptography beside it. Prints each figure
 * as one JSON line.
 *
 *     deno task bench [--quick] [--write docs/measured.md]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { generating, shape, signing } from "./cryptography.ts";
import { type Figure, figure, machine } from "./figures.ts";
import { startPeers } from "./peers.ts";
import { writeReport } from "./report.ts";
import { type Counts, crash, forgedShares, keys, links, memory, type Scene, signatures } from "./scenes.ts";

const { values: { quick, write } } = parseArgs({
  options: { quick: { type: "boolean", default: false }, write: { type: "string" } },
});

const whole: Counts = {
  links: 20,
  keys: 10,
  warmUp: 100,
  signatures: 150,
  atOnce: 200,
  failures: 20,
  crashes: 5,
  memory: 1_000,
};
const short: Counts = {
  links: 5,
  keys: 3,
  warmUp: 20,
  signatures: 30,
  atOnce: 60,
  failures: 5,
  crashes: 1,
  memory: 100,
};
const counts = quick ? short : whole;

const figures: Figure[] = [];
function tell(figure: Figure): void {
  figures.push(figure);
  console.log(JSON.stringify(figure));
}

async function measure(threshold: number, size: number): Promise<void> {
  await using cluster = await startPeers(size);
  const scene: Scene = { peers: cluster.peers, threshold, wallet: "bench", counts };
  if (size === 3) await links(scene, tell);
  await keys(scene, tell);
  if (size === 3) await memory(scene, tell);
  await signatures(scene, tell);
  await forgedShares(scene, tell);
}

async function crashes(threshold: number, size: number): Promise<void> {
  const values: number[] = [];
  for (let i = 0; i < counts.crashes; i++) {
    await using cluster = await startPeers(size);
    values.push(...await crash({ peers: cluster.peers, threshold, wallet: "bench", counts }));
  }
  const name = `crash of a signer ${threshold}-of-${size}, from the end of its process to the failure event`;
  tell(figure(name, "ms", values));
}

console.error(await machine());
for (const [threshold, size] of [[2, 3], [3, 5]] as const) {
  tell(await signing(shape(threshold, size), quick ? 20 : 100));
  tell(await generating(shape(threshold, size), quick ? 5 : 20));
}
tell(await generating(shape(9, 16), quick ? 1 : 3));
await measure(2, 3);
await crashes(2, 3);
await measure(3, 5);
if (write !== undefined) await writeReport(write, figures, quick);
