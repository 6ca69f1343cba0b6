/**
 * What is measured of a cluster of processes.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { type Figure, figure, quantile, schemeStarts } from "./figures.ts";
import type { Sent } from "./orders.ts";
import type { MeasuredPeer } from "./peers.ts";
import { LoopDelay } from "./watch.ts";

/** A cluster with a key, and how much to do with it. */
export interface Scene {
  peers: readonly MeasuredPeer[];
  threshold: number;
  wallet: string;
  scheme: Scheme;
  counts: Counts;
  /** How many signatures at a time where many are. */
  atOnce: number;
}

export interface Counts {
  links: number;
  keys: number;
  signatures: number;
  batches: number;
  warmUp: number;
  atOnce: number;
  failures: number;
  crashes: number;
  memory: number;
}

type Tell = (figure: Figure) => void;
const of = ({ peers, threshold, scheme }: Scene) => `${schemeStarts[scheme]}${threshold}-of-${peers.length}`;

/** From a connection of two peers to the confirmed secret between them, at the peer that hung up before. */
export async function links({ peers, counts }: Scene, tell: Tell): Promise<void> {
  const [first, second] = peers as [MeasuredPeer, MeasuredPeer];
  const values: number[] = [];
  for (let i = 0; i < counts.links; i++) {
    values.push(await first.tell("relink", { peer: second.peer }));
    await second.tell("linked", { count: peers.length - 1 });
  }
  tell(figure("link, from the connection to the link", "ms", values));
}

/** From `generateKey()` to its result. The last key is the scene's. */
export async function keys(scene: Scene, tell: Tell): Promise<void> {
  const { peers, threshold, wallet, scheme, counts } = scene;
  const values: number[] = [];
  const before = await sent(peers);
  const worked = await processor(peers);
  await delays(peers, async () => {
    for (let i = counts.keys; i >= 0; i--) {
      const name = i === 0 ? wallet : `${wallet} ${i}`;
      const ms = await peers[0]!.tell("generate", { wallet: name, scheme, threshold });
      if (i < counts.keys) values.push(ms); // the first one is the warm-up
    }
  }, (all, more) => tell(figure(`event loop's delay while keys are made ${of(scene)}`, "ms", all, more)));
  tell(figure(`key generation ${of(scene)}`, "ms", values));
  const each = (counts.keys + 1) * peers.length;
  const used = (await processor(peers) - worked) / each;
  tell(figure(`processor time of a key generation ${of(scene)}, each node`, "ms", [used], { n: each }));
  const bytes = (await sent(peers)).session - before.session;
  const name = `what one node sends in a key generation's session ${of(scene)}`;
  tell(figure(name, "kB", [bytes / each / 1000], { n: each }));
}

/** The signatures of nodes that have just started. */
const coldSignatures = 10;

/** From `sign()` to its result, at a peer that signs itself, and at one that does not. */
export async function signatures(scene: Scene, tell: Tell): Promise<void> {
  const { peers, threshold, wallet, scheme, counts, atOnce } = scene;
  const [first] = peers as [MeasuredPeer];
  const cold = await first.tell("sign", { wallet, scheme, count: coldSignatures, atOnce: 1 });
  tell(
    figure(`signing ${of(scene)}, one at a time, the first ${coldSignatures} after a start`, "ms", cold.each),
  );
  await first.tell("sign", { wallet, scheme, count: counts.warmUp, atOnce: 4 });
  const before = await processor(peers);
  const bytes = await sent(peers);
  const single = await first.tell("sign", { wallet, scheme, count: counts.signatures, atOnce: 1 });
  const used = (await processor(peers) - before) / counts.signatures;
  tell(figure(`signing ${of(scene)}, one at a time`, "ms", single.each));
  const n = counts.signatures;
  tell({ ...figure(`processor time of one signature ${of(scene)}, all nodes together`, "ms", [used]), n });
  const now = await sent(peers);
  const each = counts.signatures * threshold;
  for (const [field, what] of [["session", "in its session"], ["all", "in all, gossip apart"]] as const) {
    const name = `what one signer sends for a signature ${of(scene)}, ${what}`;
    tell(figure(name, "kB", [(now[field] - bytes[field]) / each / 1000], { n: each }));
  }
  if (scheme !== "ecdsa" && threshold < peers.length) {
    const signers = peers.slice(0, threshold).map(({ peer }) => peer);
    const order = { wallet, scheme, count: counts.signatures, atOnce: 1, signers };
    const { each } = await peers.at(-1)!.tell("sign", order);
    tell(figure(`signing ${of(scene)}, one at a time, asked for by who does not sign`, "ms", each));
  }
  await delays(
    peers,
    async () => {
      const { each, all } = await first.tell("sign", { wallet, scheme, count: counts.atOnce, atOnce });
      tell(figure(`signing ${of(scene)}, ${atOnce} at a time, each`, "ms", each));
      const rate = counts.atOnce / (all / 1000);
      tell({
        ...figure(`signatures a second ${of(scene)}, ${atOnce} at a time`, "1/s", [rate]),
        n: counts.atOnce,
      });
    },
    (all, more) =>
      tell(figure(`event loop's delay while signing ${of(scene)}, ${atOnce} at a time`, "ms", all, more)),
  );
}

/** Batches, one after the other, at a peer that signs itself: a whole one, and signatures a second. */
export async function batches(scene: Scene, items: number, tell: Tell): Promise<void> {
  const { peers, wallet, scheme, counts } = scene;
  const [first] = peers as [MeasuredPeer];
  const order = { wallet, scheme, atOnce: 1, items };
  await first.tell("sign", { ...order, count: 2 });
  const before = await processor(peers);
  const bytes = await sent(peers);
  await delays(
    peers,
    async () => {
      const { each, all } = await first.tell("sign", { ...order, count: counts.batches });
      tell(figure(`signing a batch of ${items} ${of(scene)}, one at a time`, "ms", each));
      const n = counts.batches * items;
      const rate = n / (all / 1000);
      tell({ ...figure(`signatures a second ${of(scene)}, in batches of ${items}`, "1/s", [rate]), n });
      const used = (await processor(peers) - before) / n;
      const processors = `processor time of one signature ${
        of(scene)
      } in a batch of ${items}, all nodes together`;
      tell({ ...figure(processors, "ms", [used]), n });
      const size = ((await sent(peers)).session - bytes.session) / n / scene.threshold / 1000;
      const name = `what one signer sends for a signature ${
        of(scene)
      } in a batch of ${items}, in its session`;
      tell({ ...figure(name, "kB", [size]), n });
    },
    (all, more) =>
      tell(figure(`event loop's delay while signing batches of ${items} ${of(scene)}`, "ms", all, more)),
  );
}

/** From the arrival of a forged share at an honest signer to the failure in its event stream. */
export async function forgedShares(scene: Scene, tell: Tell): Promise<void> {
  const { peers, threshold, wallet, scheme, counts } = scene;
  const signers = peers.slice(0, threshold);
  const cheater = signers.at(-1)!;
  const honest = signers.slice(0, -1);
  const values: number[] = [];
  let hearsay = 0;
  for (let i = 0; i < counts.failures; i++) {
    await cheater.tell("arm", { cheat: "forged-share" });
    const id = await honest[0]!.tell("fail", { wallet, scheme, signers: signers.map(({ peer }) => peer) });
    for (const { code, ms } of await Promise.all(honest.map((peer) => peer.tell("seen", { id })))) {
      if (code === "invalid-signature-share") values.push(ms);
      else if (code === "aborted-by-peer") hearsay++; // another was faster, by more than its own check may take
      else throw new Error(`A forged share gave ${code}`);
    }
  }
  const name = `forged share ${of(scene)}, from its arrival to the failure event, each honest signer`;
  tell(figure(name, "ms", values, hearsay > 0 ? { hearsay } : {}));
}

/** From the end of a signer's process to the failure in the event stream of each other one. It does not come back. */
export async function crash({ peers, threshold, wallet, scheme }: Scene): Promise<number[]> {
  const signers = peers.slice(0, threshold);
  const [first] = signers as [MeasuredPeer];
  const crasher = signers.at(-1)!;
  await first.tell("generate", { wallet, scheme, threshold });
  await first.tell("sign", { wallet, scheme, count: 10, atOnce: 2 });
  await crasher.tell("arm", { cheat: "crash" });
  const id = await first.tell("fail", { wallet, scheme, signers: signers.map(({ peer }) => peer) });
  const cause = await crasher.gone;
  const seen = await Promise.all(signers.slice(0, -1).map((peer) => peer.tell("seen", { id })));
  const other = seen.find(({ code }) => code !== "peer-left");
  if (other) throw new Error(`A crash gave ${other.code}`);
  return seen.map(({ at }) => at - cause);
}

/** Resident memory of each peer, now and after as many signatures as `counts.memory` says. */
export async function memory({ peers, wallet, scheme, counts }: Scene, tell: Tell): Promise<void> {
  const rss = async () =>
    (await Promise.all(peers.map((peer) => peer.tell("memory", {})))).map((b) => b / 1e6);
  tell(figure("memory of a node before it signs", "MB", await rss()));
  await peers[0]!.tell("sign", { wallet, scheme, count: counts.memory, atOnce: 20 });
  tell(figure(`memory of a node after ${counts.memory} signatures`, "MB", await rss()));
}

async function processor(peers: readonly MeasuredPeer[]): Promise<number> {
  return (await Promise.all(peers.map((peer) => peer.tell("processor", {})))).reduce((a, b) => a + b, 0);
}

async function sent(peers: readonly MeasuredPeer[]): Promise<Sent> {
  const all = await Promise.all(peers.map((peer) => peer.tell("sent", {})));
  return all.reduce((a, b) => ({ session: a.session + b.session, all: a.all + b.all }));
}

/** @param tell Told every delay, and of the longest ones how much was the nodes' own work, and not the machine's. */
async function delays(
  peers: readonly MeasuredPeer[],
  work: () => Promise<void>,
  tell: (late: number[], more: Record<string, number>) => void,
): Promise<void> {
  const waiting = new LoopDelay();
  waiting.begin();
  await Promise.all(peers.map((peer) => peer.tell("beginDelay", {})));
  await work();
  const all = (await Promise.all(peers.map((peer) => peer.tell("endDelay", {})))).flat();
  const idle = waiting.end().map(({ late }) => late);
  const [late, own] = [all.map(({ late }) => late), all.map(({ own }) => own)];
  tell(late, {
    p99: part(late, 0.99),
    max: part(late, 1),
    ownP99: part(own, 0.99),
    ownMax: part(own, 1),
    idleP99: part(idle, 0.99),
    idleMax: part(idle, 1),
  });
}

const part = (values: readonly number[], q: number) => Number(quantile(values, q).toPrecision(3));
