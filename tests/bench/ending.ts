/**
 * The death of a coordinator: how long it takes the other signer, and whoever asked and does not sign, to hear of it.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { type Figure, figure, quantile, schemeStarts } from "./figures.ts";
import type { End } from "./orders.ts";
import { type MeasuredPeer, startPeers } from "./peers.ts";

/** The ends of one command whose coordinator was killed, and when that was, by the wall clock, ms. */
interface Killed {
  killedAt: number;
  /** Null if the other signer had not been given the go. */
  signer: End | null;
  asker: End;
}

/** The peer that asks: a holder of the key that does not sign, or a client that holds no share. */
export type Asker = "holder" | "client";

/**
 * Kills the coordinator of a signature 2-of-3 `count` times, each time in a new cluster, at moments spread evenly over
 * the time that the signature takes.
 */
export async function endings(scheme: Scheme, asking: Asker, count: number): Promise<Figure[]> {
  const kills: Killed[] = [];
  for (let i = 0; i < count; i++) kills.push(await kill(scheme, asking, (i + 0.5) / count));
  const late = kills.filter(({ killedAt, asker }) => asker.at < killedAt).length;
  const heard = kills.filter(({ killedAt, asker }) => asker.at >= killedAt);
  const opened = heard.filter(({ signer }) => signer !== null);
  const invited = heard.filter(({ signer }) => signer === null);
  const signed = heard.filter(({ asker }) => asker.code === null).length;
  const after = (end: End, { killedAt }: Killed) => Math.max(0, end.at - killedAt);
  const name = (when: string, who: string) =>
    `coordinator killed ${when}, ${schemeStarts[scheme]}2-of-3, to the end of the command at ${who}`;
  const asker = askers[asking];
  return [
    figure(name("after its go", "the other signer"), "ms", opened.map((one) => after(one.signer!, one))),
    figure(name("after its go", asker), "ms", opened.map((one) => after(one.asker, one)), {
      max: Math.round(quantile(opened.map((one) => after(one.asker, one)), 1)),
      signed,
      late,
    }),
    ...invited.length === 0
      ? []
      : [figure(name("before its go", asker), "ms", invited.map((one) => after(one.asker, one)))],
  ];
}

const askers: Readonly<Record<Asker, string>> = {
  holder: "a holder that asked and does not sign",
  client: "a client that asked and holds no share",
};

/** @param part The moment of the kill, as a part of the time of one signature. */
async function kill(scheme: Scheme, asking: Asker, part: number): Promise<Killed> {
  await using cluster = await startPeers(3, { clients: asking === "client" ? 1 : 0 });
  const [coordinator, signer, third] = cluster.peers as [MeasuredPeer, MeasuredPeer, MeasuredPeer];
  const asker = cluster.clients[0] ?? third;
  const key = { wallet: "bench", scheme };
  const order = { ...key, signers: [coordinator.peer, signer.peer] };
  await third.tell("generate", { ...key, threshold: 2 });
  await asker.tell("ready", order);
  const { each } = await asker.tell("sign", { ...order, count: 12, atOnce: 1 });
  const asked = asker.tell("fail", order);
  await new Promise((resolve) => setTimeout(resolve, part * quantile(each, 0.5)));
  const killedAt = coordinator.kill();
  const id = await asked;
  const [atAsker, atSigner] = await Promise.all([asker.tell("ended", { id }), signer.tell("ended", { id })]);
  return { killedAt, asker: atAsker!, signer: atSigner };
}
