/**
 * A peer that stands still at a named point, to be killed there. Everything else about it is as in `src/demo/peer.ts`.
 *
 * Reads orders as JSON lines; writes JSON lines: that it is ready, the point at which it stands, replies, every
 * event that says that something is wrong, and which sessions it has opened and done.
 * @module
 */
import { rename } from "node:fs/promises";
import { parseArgs } from "node:util";
import { formatRoster, parseRoster } from "../../src/cluster/roster/roster.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import type { Scheme } from "../../src/events.ts";
import { keyFile } from "../../src/identity/key_file.ts";
import { assembleNode } from "../../src/node/assemble.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { workerVault } from "../../src/worker/client.ts";
import { Orders, say } from "./orders.ts";
import { SeenRows } from "./seen_rows.ts";
import { type Point, StoppingPoints } from "./stopping_points.ts";
import { delayed, watchedStreams } from "./watched_streams.ts";

export type Order =
  | { nth: number; order: "stop"; point: Point }
  | { nth: number; order: "slow"; ms: number }
  | { nth: number; order: "state" }
  | { nth: number; order: "sign"; wallet: string; scheme: Scheme; signers: string[]; message: string };

const { values: { dir, stop } } = parseArgs({
  options: { dir: { type: "string" }, stop: { type: "string" } },
});
const stopping = new StoppingPoints((point) => say({ type: "stopped", point }));
if (stop) stopping.arm(stop as Point);

const orders = new Orders<Order>();
/** The time that each frame of a session takes on its way to this peer, ms. */
let frameMs = 0;

const identity = await keyFile(`${dir}/identity.age`);
const rosterFile = `${dir}/roster.json`;
const roster = parseRoster(await Deno.readTextFile(rosterFile));
const self = roster.peers.find(({ peer }) => peer === identity.peer)!;
const store = sqliteStore(`${dir}/shares.db`);
const rows = new SeenRows(store, identity.secrets(), platformRandom);
const node = await assembleNode({
  approve: "roster",
  identity,
  roster,
  store: stopping.store(store, rows),
  transport: watchedStreams(
    webSockets({ listen: [...self.addresses] }),
    (channel) => channel.protocol === protocols.session ? delayed(channel, () => frameMs) : channel,
  ),
  clock: platformClock,
  random: platformRandom,
  vault: workerVault(identity.secrets(), identity.peer),
  wrapWire: stopping.wrapWire,
  async keepRoster(next) {
    await Deno.writeTextFile(`${rosterFile}.new`, formatRoster(next));
    await rename(`${rosterFile}.new`, rosterFile);
  },
});
const told: readonly string[] = ["failed", "ban", "opened", "done"];
void (async () => {
  for await (const event of node.events({ replay: 1024 })) {
    if (told.includes(event.type)) say({ type: "event", event });
  }
})();
say({ type: "ready", peer: node.self });

async function obey(order: Order): Promise<unknown> {
  switch (order.order) {
    case "stop":
      return stopping.arm(order.point);
    case "slow":
      frameMs = order.ms;
      return;
    case "state": {
      const keys = await node.keys();
      return {
        version: node.roster.version,
        links: [...node.peers].filter(([, { link }]) => link === "up").map(([peer]) => peer),
        keys: keys.map(({ wallet, scheme, state, publicKey, epoch, session, members, held }) => (
          { wallet, scheme, state, publicKey: publicKey.toHex(), epoch, session, members, held }
        )),
        rows: await rows.all(),
      };
    }
    case "sign": {
      const message = Uint8Array.fromHex(order.message);
      const { wallet, scheme, signers } = order;
      return (await node.sign({ wallet, scheme, message, signers }).result).bytes.toHex();
    }
    default:
      return order satisfies never;
  }
}

await orders.serve(obey);
await node.drain();
