/**
 * Measures real peers, each a process, over libp2p on loopback, and the pure cryptography beside it. Prints each figure
 * as one JSON line.
 *
 *     deno task bench [--quick] [--only batches|bip340|ecdsa|ed25519|ending|reshare|tabs|wide-area] [--write docs/measured.md]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { generating, shape, signing } from "./cryptography.ts";
import { ecdsaBesidePeer } from "./ecdsa.ts";
import { endings } from "./ending.ts";
import { type Figure, figure, machine } from "./figures.ts";
import { startPeers } from "./peers.ts";
import { writeReport } from "./report.ts";
import { resharings } from "./resharing.ts";
import { tabs } from "./tabs.ts";
import { wideArea } from "./wide_area.ts";
import {
  batches,
  type Counts,
  crash,
  forgedShares,
  keys,
  links,
  memory,
  type Scene,
  signatures,
} from "./scenes.ts";

const { values: { quick, write, only } } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "string" },
    only: { type: "string" },
  },
});

const whole: Counts = {
  links: 20,
  keys: 10,
  warmUp: 200,
  signatures: 150,
  batches: 20,
  atOnce: 200,
  failures: 20,
  crashes: 5,
  memory: 1_000,
};
const short: Counts = {
  links: 5,
  keys: 3,
  warmUp: 200,
  signatures: 30,
  batches: 5,
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
  const scene: Scene = {
    peers: cluster.peers,
    threshold,
    wallet: "bench",
    scheme: "ed25519",
    counts,
    atOnce: 20,
  };
  if (size === 3) await links(scene, tell);
  await keys(scene, tell);
  await signatures(scene, tell);
  await forgedShares(scene, tell);
}

async function measureMemory(): Promise<void> {
  await using cluster = await startPeers(3);
  const { peers } = cluster;
  const scene: Scene = { peers, threshold: 2, wallet: "bench", scheme: "ed25519", counts, atOnce: 20 };
  await peers[0]!.tell("generate", scene);
  await memory(scene, tell);
}

async function measureEcdsa(threshold: number, size: number): Promise<void> {
  await using cluster = await startPeers(size);
  const few = {
    ...counts,
    ...size > 5 ? { keys: 1 } : quick ? { keys: 2 } : { keys: 5, signatures: 100, atOnce: 100 },
  };
  const scene: Scene = {
    peers: cluster.peers,
    threshold,
    wallet: "ecdsa",
    scheme: "ecdsa",
    counts: few,
    atOnce: 10,
  };
  await keys(scene, tell);
  if (size <= 5) await signatures(scene, tell);
}

async function measureBip340(threshold: number, size: number): Promise<void> {
  await using cluster = await startPeers(size);
  const { peers } = cluster;
  const scene: Scene = { peers, threshold, wallet: "bip340", scheme: "bip340", counts, atOnce: 20 };
  await keys(scene, tell);
  await signatures(scene, tell);
  await forgedShares(scene, tell);
}

async function crashes(threshold: number, size: number): Promise<void> {
  const values: number[] = [];
  for (let i = 0; i < counts.crashes; i++) {
    await using cluster = await startPeers(size);
    const { peers } = cluster;
    values.push(...await crash({ peers, threshold, wallet: "bench", scheme: "ed25519", counts, atOnce: 20 }));
  }
  const name = `crash of a signer ${threshold}-of-${size}, from the end of its process to the failure event`;
  tell(figure(name, "ms", values));
}

async function ecdsa(): Promise<void> {
  for (const figure of await ecdsaBesidePeer(quick ? 8 : 24)) tell(figure);
  await measureEcdsa(2, 3);
  await measureEcdsa(3, 5);
  await measureEcdsa(2, 8);
}

/** Batches of each scheme: what an item costs by itself, and among processes. */
async function ofBatches(): Promise<void> {
  for (const scheme of ["ed25519", "bip340"] as const) {
    for (const items of [1, 10, 100]) {
      tell(await signing(shape(2, 3, scheme), quick ? 5 : 20, items));
    }
  }
  for (const [scheme, items] of [["ed25519", 100], ["bip340", 100], ["ecdsa", 100]] as const) {
    await using cluster = await startPeers(3);
    const few = { ...counts, keys: 1 };
    const { peers } = cluster;
    const scene: Scene = { peers, threshold: 2, wallet: "batches", scheme, counts: few, atOnce: 1 };
    await keys(scene, tell);
    await batches(scene, items, tell);
  }
}

async function ed25519(): Promise<void> {
  for (const [threshold, size] of [[2, 3], [3, 5]] as const) {
    tell(await signing(shape(threshold, size), quick ? 20 : 100));
    tell(await generating(shape(threshold, size), quick ? 5 : 20));
  }
  tell(await generating(shape(9, 16), quick ? 1 : 3));
  await measure(2, 3);
  await measureMemory();
  await crashes(2, 3);
  await measure(3, 5);
}

async function bip340(): Promise<void> {
  for (const [threshold, size] of [[2, 3], [3, 5]] as const) {
    tell(await signing(shape(threshold, size, "bip340"), quick ? 20 : 100));
    tell(await generating(shape(threshold, size, "bip340"), quick ? 5 : 20));
    await measureBip340(threshold, size);
  }
}

console.error(await machine());
if (only === undefined || only === "ecdsa") await ecdsa();
if (only === undefined || only === "ed25519") await ed25519();
if (only === undefined || only === "bip340") await bip340();
if (only === undefined || only === "batches") await ofBatches();
if (only === undefined || only === "reshare") await resharings(quick ? 3 : 10, tell);
if (only === undefined || only === "ending") {
  for (const scheme of ["ed25519", "ecdsa"] as const) {
    for (const asker of ["holder", "client"] as const) {
      for (const one of await endings(scheme, asker, quick ? 6 : 14)) tell(one);
    }
  }
}
if (only === undefined || only === "wide-area") {
  for (const one of await wideArea(quick ? { keys: 2, signatures: 10 } : { keys: 5, signatures: 40 })) {
    tell(one);
  }
}
if (only === undefined || only === "tabs") {
  for (const one of await tabs({ meetings: quick ? 3 : 10, signatures: quick ? 10 : 50 })) {
    tell(one);
  }
}
if (write !== undefined) await writeReport(write, figures, quick);
