/**
 * How someone tells a demonstration's peer to cheat: a libp2p protocol that no real peer speaks.
 * @module
 */
import * as v from "valibot";
import { record, text, uint } from "../crypto/codec.ts";
import { ChannelError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { Channel, Network } from "../ports.ts";

/** What a peer is told to do: one of `cheats.ts`, or `forged-frames`, so many, by a stranger. */
export interface Order {
  cheat: string;
  count?: number;
}

export const misbehaveProtocol = "/quorate-demo/misbehave/1";

const orderRecord = record("quorate-demo/1/order", { cheat: text(64), count: uint });
const takenRecord = record("quorate-demo/1/taken", { problem: v.nullable(text(256)) });

/** Serves the protocol. `obey` says what is wrong with an order, or null. */
export function serveMisbehave(
  network: Network,
  obey: (order: Order, from: PeerId) => Promise<string | null>,
): void {
  network.handle(misbehaveProtocol, (channel) => void serve(channel, obey));
}

async function serve(
  channel: Channel,
  obey: (order: Order, from: PeerId) => Promise<string | null>,
): Promise<void> {
  try {
    const frame = await channel.receive();
    if (frame === null) return channel.abort();
    const problem = await obey(orderRecord.decode(frame), channel.peer);
    await channel.send(takenRecord.encode({ problem }));
    await channel.end();
  } catch (error) {
    channel.abort();
    if (!(error instanceof ChannelError || error instanceof TypeError)) throw error;
  }
}

/** Tells a peer to cheat. @throws {Error} If it will not. */
export async function misbehave(network: Network, peer: PeerId, { cheat, count = 0 }: Order): Promise<void> {
  const channel = await network.open(peer, misbehaveProtocol, {});
  await channel.send(orderRecord.encode({ cheat, count }));
  const reply = await channel.receive();
  await channel.end();
  const problem = reply === null ? "it hung up" : takenRecord.decode(reply).problem;
  if (problem !== null) throw new Error(`Cannot make it misbehave: ${problem}`);
}
