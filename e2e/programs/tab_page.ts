/**
 * A page that is a peer and nothing else: a node over the product's own `browserTransport()`, for tests to ask things of.
 * @module
 */
import { noVault } from "../../src/node/create.ts";
import { assembleNode } from "../../src/node/assemble.ts";
import type { QuorateNode } from "../../src/node/api.ts";
import { browserTransport } from "../../src/browser.ts";
import { browserWebRtc } from "../../src/browser_webrtc.ts";
import type { NodeEvent } from "../../src/events.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { parseRoster } from "../../src/cluster/roster/roster.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import type { Network } from "../../src/ports.ts";
import { memoryStore } from "../../src/store/memory.ts";

const echo = "/test/echo/1";
const topic = "test";
let node: QuorateNode & { readonly network: Network };
const heard: string[] = [];
const told: { at: number; event: NodeEvent }[] = [];

/** `at`: ms since the node was started. */
async function follow(events: ReadableStream<NodeEvent>, began: number): Promise<void> {
  for await (const event of events) told.push({ at: performance.now() - began, event });
}

const page = {
  /** A key that is the same for the same seed. */
  async identity(seed: number): Promise<string> {
    return (await newIdentity((length) => new Uint8Array(length).fill(seed))).peer;
  },
  async start(seed: number, roster: string, relays: readonly string[] = []): Promise<void> {
    const began = performance.now();
    node = await assembleNode({
      approve: "roster",
      identity: await newIdentity((length) => new Uint8Array(length).fill(seed)),
      roster: parseRoster(roster),
      store: memoryStore(),
      transport: browserTransport({ relays, webrtc: browserWebRtc() }),
      vault: noVault(),
      clock: platformClock,
      random: platformRandom,
    });
    void follow(node.events({ replay: 1_000 }), began);
    node.network.handle(echo, async (channel) => {
      for (let frame = await channel.receive(); frame; frame = await channel.receive()) {
        await channel.send(frame);
      }
      await channel.end();
    });
    node.network.subscribe(topic, {
      validate: () => "accept",
      deliver: (bytes) => void heard.push(new TextDecoder().decode(bytes)),
    });
  },
  peer: (peer: string) => node.peers.get(peer)!,
  reservations: () => node.reservations,
  heard: () => heard,
  told: () => told,
  publish: (text: string) => node.network.publish(topic, new TextEncoder().encode(text)),
  /** Sends frames there and back over one stream. @returns ms for each. */
  async echo(peer: string, frames: number, size: number): Promise<number[]> {
    const channel = await node.network.open(peer, echo, {});
    const times: number[] = [];
    for (let n = 0; n < frames; n++) {
      const begun = performance.now();
      const sent = platformRandom(size);
      await channel.send(sent);
      const back = await channel.receive();
      if (back?.toHex() !== sent.toHex()) throw new Error("Another frame came back");
      times.push(performance.now() - begun);
    }
    await channel.end();
    return times;
  },
};
export type TabPage = typeof page;

(globalThis as unknown as { tab: TabPage }).tab = page;
document.documentElement.dataset.ready = "";
