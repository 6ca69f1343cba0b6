/**
 * The laptop of a peer in the hands of a finder: its folder, with a share of a past epoch, and a node that never asks
 * others for news.
 * @module
 */
import { protocols } from "../../cluster/records/protocols.ts";
import { parseRoster } from "../../cluster/roster/roster.ts";
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { keyFile } from "../../identity/key_file.ts";
import type { Transport } from "../../ports.ts";
import { sqliteStore } from "../../store/sqlite.ts";
import { webSockets } from "../../transport/websocket.deno.ts";
import { type NodeHere, startNodeHere } from "./node_here.ts";

/** Time for the laptop to meet the others, ms. */
const meetMs = 20_000;

/**
 * Starts the laptop, and waits until it has links to `others`.
 *
 * @param folder The peer's folder; no process may use it.
 */
export async function startLaptop(folder: string, others: readonly PeerId[]): Promise<NodeHere> {
  const laptop = await startNodeHere({
    identity: await keyFile(`${folder}/identity.age`),
    roster: parseRoster(await Deno.readTextFile(`${folder}/roster.json`)),
    store: sqliteStore(`${folder}/shares.db`),
    transport: withoutNews(webSockets({ listen: [] })),
  });
  for (
    const end = performance.now() + meetMs;
    !others.every((peer) => laptop.peers.get(peer)?.link === "up");
  ) {
    if (performance.now() > end) {
      await laptop.stop();
      throw new Error(`waited ${meetMs / 1000} s for the laptop to meet the others`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return laptop;
}

/** A transport over which no questions are asked: neither keys nor rosters are learnt. */
function withoutNews(transport: Transport): Transport {
  return {
    kind: transport.kind,
    async start(host) {
      const network = await transport.start(host);
      const open = network.open.bind(network);
      network.open = (peer, protocol, options) =>
        protocol === protocols.sync
          ? Promise.reject(new ChannelError("refused"))
          : open(peer, protocol, options);
      return network;
    },
  };
}
