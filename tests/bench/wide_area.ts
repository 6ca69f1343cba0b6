/**
 * Each operation on networks with a longer way: how many round trips it takes is the slope of its time.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { type Figure, figure } from "./figures.ts";
import { type MeasuredCluster, startPeers } from "./peers.ts";

/** Round trips of the network, ms. */
const roundTrips = [0, 50, 200] as const;

/** The schemes that are measured, and how their figures begin. */
const measured = [
  { scheme: "ed25519", name: "Ed25519" },
  { scheme: "bip340", name: "BIP-340" },
  { scheme: "ecdsa", name: "ECDSA" },
] as const;

/** Signatures of each scheme before anything is measured: without a way all times are of warm nodes, too. */
const warmUpSignatures = 200;

export interface WideAreaCounts {
  keys: number;
  signatures: number;
}

/** Measures 2-of-3 at 0, 50 and 200 ms, and the slope (T₂₀₀ − T₀)/200 of each operation. */
export async function wideArea(counts: WideAreaCounts): Promise<Figure[]> {
  const figures: Figure[] = [];
  const medians = new Map<string, Map<number, number>>();
  let roundTrip = 0;
  await using cluster = await startPeers(3, { delayMs: () => roundTrip / 2 });
  for (const { scheme } of measured) await warmUp(cluster, scheme);
  for (const ms of roundTrips) {
    roundTrip = ms;
    for (const [what, values] of await operations(cluster, counts, ms)) {
      const one = figure(`${what}, ${ms} ms round trip`, "ms", values);
      figures.push(one);
      medians.set(what, (medians.get(what) ?? new Map()).set(ms, one.median));
    }
  }
  for (const [what, times] of medians) {
    const slope = (times.get(200)! - times.get(0)!) / 200;
    figures.push(figure(`${what}, round trips`, "round trips", [slope]));
  }
  return figures;
}

async function warmUp({ peers: [first] }: MeasuredCluster, scheme: Scheme): Promise<void> {
  const key = { wallet: "warm", scheme };
  await first!.tell("generate", { ...key, threshold: 2 });
  await first!.tell("sign", { ...key, count: warmUpSignatures, atOnce: 4 });
}

async function operations(
  { peers }: MeasuredCluster,
  { keys, signatures }: WideAreaCounts,
  ms: number,
): Promise<[what: string, values: number[]][]> {
  const [first] = peers;
  const last = peers.at(-1)!;
  const found: [string, number[]][] = [];
  for (const { scheme, name } of measured) {
    const wallet = (i: number) => `far ${ms} ${i}`;
    const made: number[] = [];
    for (let i = 0; i <= keys; i++) {
      const took = await first!.tell("generate", { wallet: wallet(i), scheme, threshold: 2 });
      if (i > 0) made.push(took); // the first one is the warm-up
    }
    found.push([`wide area: ${name} key 2-of-3`, made]);
    const dealt: number[] = [];
    const members = peers.map(({ peer }) => peer);
    for (let i = 0; i < keys; i++) {
      dealt.push(await first!.tell("reshare", { wallet: wallet(1), scheme, threshold: 2, members }));
    }
    found.push([`wide area: ${name} resharing 2-of-3`, dealt]);
    const order = { wallet: wallet(0), scheme, atOnce: 1 };
    await first!.tell("sign", { ...order, count: 5 });
    const { each } = await first!.tell("sign", { ...order, count: signatures });
    found.push([`wide area: ${name} signature 2-of-3`, each]);
    const { each: batches } = await first!.tell("sign", { ...order, count: 3, items: 100 });
    found.push([`wide area: ${name} batch of 100, 2-of-3`, batches]);
    const signers = peers.slice(0, 2).map(({ peer }) => peer);
    const { each: others } = await last.tell("sign", { ...order, count: signatures, signers });
    found.push([`wide area: ${name} signature 2-of-3, asked for by who does not sign`, others]);
  }
  return found;
}
