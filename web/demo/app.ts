/**
 * The demonstration's page, started: its node can also tell the demonstration's peers to misbehave.
 * @module
 */
import "../../src/platform/polyfills.ts";
import type { NodeOptions } from "../../mod.ts";
import { misbehave, misbehaveProtocol } from "../../src/demo/misbehave.ts";
import { noVault } from "../../src/node/create.ts";
import { assembleNode } from "../../src/node/assemble.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { connecting } from "../node/connect.ts";
import { saysMissing } from "../floor.ts";
import { startDemo } from "./main.tsx";

async function startNode(options: NodeOptions) {
  const node = await assembleNode({
    ...options,
    clock: platformClock,
    random: platformRandom,
    vault: noVault(),
  });
  const holders = () =>
    node.roster.peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer);
  return {
    node,
    demo: {
      speaks: (peer: string) => node.network.speaks(peer, misbehaveProtocol),
      misbehave: (peer: string, order: { cheat: string }) => misbehave(node.network, peer, order),
      async stranger(count: number) {
        const connected = node.network.connected();
        const host = holders().find((peer) => connected.includes(peer));
        if (host) await misbehave(node.network, host, { cheat: "forged-frames", count });
      },
    },
  };
}

const root = document.querySelector("#app")!;
if (!await saysMissing(root, { keeps: false })) await startDemo(root, connecting(startNode));
