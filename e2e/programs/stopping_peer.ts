/**
 * A peer that stands still at a named point, to be killed there. Everything else about it is as in `src/demo/peer.ts`.
 *
 * Reads orders as JSON lines; writes JSON lines: that it is ready, the point at which it stands, replies, and every
 * event that says that something is wrong.
 * @module
 */
import { rename } from "node:fs/promises";
import { parseArgs } from "node:util";
import { formatRoster, parseRoster } from "../../src/cluster/roster/roster.ts";
import { TextLineStream } from "../../src/demo/lines.ts";
import { SessionError } from "../../src/errors.ts";
import { keyFile } from "../../src/identity/key_file.ts";
import { assembleNode } from "../../src/node/assemble.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { workerVault } from "../../src/worker/client.ts";
import { SeenRows } from "./seen_rows.ts";
import { type Point, StoppingPoints } from "./stopping_points.ts";

export type Order =
  | { nth: number; order: "stop"; point: Point }
  | { nth: number; order: "state" }
  | { nth: number; order: "sign"; wallet: string; signers: string[]; message: string };

const say = (said: object) => console.log(JSON.stringify(said));
const { values: { dir, stop } } = parseArgs({
  options: { dir: { type: "string" }, stop: { type: "string" } },
});
const stopping = new StoppingPoints((point) => say({ type: "stopped", point }));
if (stop) stopping.arm(stop as Point);

const lines = Deno.stdin.readable.pipeThrough(new TextLineStream()).getReader();
/** The next order; null when whoever started this is gone, also while this stands still in its beginnings. */
const next = async (): Promise<Order | null> => {
  const { value } = await lines.read();
  return value === undefined ? null : JSON.parse(value);
};
const first = next();
let begun = false;
void first.then((order) => order === null && !begun && Deno.exit(1));

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
  transport: webSockets({ listen: [...self.addresses] }),
  clock: platformClock,
  random: platformRandom,
  vault: workerVault(identity.secrets(), identity.peer),
  wrapWire: stopping.wrapWire,
  async keepRoster(next) {
    await Deno.writeTextFile(`${rosterFile}.new`, formatRoster(next));
    await rename(`${rosterFile}.new`, rosterFile);
  },
});
void (async () => {
  for await (const event of node.events({ replay: 1024 })) {
    if (event.type === "failed" || event.type === "ban") say({ type: "event", event });
  }
})();
say({ type: "ready", peer: node.self });

async function obey(order: Order): Promise<unknown> {
  switch (order.order) {
    case "stop":
      return stopping.arm(order.point);
    case "state": {
      const keys = await node.keys();
      return {
        version: node.roster.version,
        links: [...node.peers].filter(([, { link }]) => link === "up").map(([peer]) => peer),
        keys: keys.map(({ wallet, state, publicKey, epoch, session, members, held }) => (
          { wallet, state, publicKey: publicKey.toHex(), epoch, session, members, held }
        )),
        rows: await rows.all(),
      };
    }
    case "sign": {
      const message = Uint8Array.fromHex(order.message);
      const { wallet, signers } = order;
      return (await node.sign({ wallet, scheme: "ed25519", message, signers }).result).bytes.toHex();
    }
    default:
      return order satisfies never;
  }
}

begun = true;
for (let order = await first; order !== null; order = await next()) {
  const { nth } = order;
  const code = (error: unknown) => error instanceof SessionError ? error.code : String(error);
  obey(order).then(
    (reply) => say({ type: "reply", nth, reply }),
    (error) => say({ type: "reply", nth, problem: code(error) }),
  );
}
await node.drain();
