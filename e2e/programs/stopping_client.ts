/**
 * A client that holds no share and stands still at a named point of a request, to be killed there.
 *
 * Reads orders as JSON lines; writes JSON lines: that it is ready, the point at which it stands, and replies.
 * @module
 */
import { parseArgs } from "node:util";
import { parseRoster } from "../../src/cluster/roster/roster.ts";
import type { CommandId, Scheme } from "../../src/events.ts";
import { keyFile } from "../../src/identity/key_file.ts";
import { assembleNode } from "../../src/node/assemble.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { workerVault } from "../../src/worker/client.ts";
import { type ClientPoint, ClientPoints } from "./client_points.ts";
import { Orders, say } from "./orders.ts";
import { watchedStreams } from "./watched_streams.ts";

export type ClientOrder =
  | { nth: number; order: "stop"; point: ClientPoint }
  | { nth: number; order: "ready"; wallet: string; scheme: Scheme }
  | { nth: number; order: "sign"; wallet: string; scheme: Scheme; message: string; id: string };

const { values: { dir } } = parseArgs({ options: { dir: { type: "string" } } });
const orders = new Orders<ClientOrder>();
const identity = await keyFile(`${dir}/identity.age`);
const points = new ClientPoints(identity, (point) => say({ type: "stopped", point }));
const node = await assembleNode({
  approve: "roster",
  identity,
  roster: parseRoster(await Deno.readTextFile(`${dir}/roster.json`)),
  store: sqliteStore(`${dir}/shares.db`),
  transport: watchedStreams(webSockets({ listen: [] }), points.watched),
  clock: platformClock,
  random: platformRandom,
  vault: workerVault(identity.secrets(), identity.peer),
});
say({ type: "ready" });

async function obey(order: ClientOrder): Promise<unknown> {
  switch (order.order) {
    case "stop":
      return points.arm(order.point);
    case "ready": {
      const { wallet, scheme } = order;
      return await node.ready({ keys: [{ wallet, scheme }] });
    }
    case "sign": {
      const { wallet, scheme, id } = order;
      const message = new TextEncoder().encode(order.message);
      const { bytes } = await node.sign({ wallet, scheme, message, id: id as CommandId }).result;
      await points.pass("before it is written");
      await Deno.writeTextFile(`${dir}/${id}.signature`, bytes.toHex());
      await points.pass("after it is written");
      return bytes.toHex();
    }
    default:
      return order satisfies never;
  }
}

await orders.serve(obey);
await node.drain();
