/**
 * One peer of the demonstration, as a process of its own: a real node that, told so, cheats once.
 *
 * Prints one JSON line when it is up; stops on SIGTERM, or when its standard input ends.
 * @module
 */
import { parseArgs } from "node:util";
import { rename } from "node:fs/promises";
import { formatInvitation } from "../cluster/roster/join.ts";
import { formatRoster, parseRoster } from "../cluster/roster/roster.ts";
import { keyFile } from "../identity/key_file.ts";
import { assembleNode } from "../node/assemble.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import { sqliteStore } from "../store/sqlite.ts";
import { webSockets } from "../transport/websocket.deno.ts";
import { workerVault } from "../worker/client.ts";
import { adversary } from "./cheats/adversary.ts";
import { cheats } from "./cheats/cheats.ts";
import { askingStarter } from "./door.ts";
import { TextLineStream } from "./lines.ts";
import { type Order, serveMisbehave } from "./misbehave.ts";
import { keepOpen } from "./watchers.ts";

/** Consoles that the printed link may open before one of them comes in, which renews it, and for how long. */
const consoles = { uses: 32, ms: 24 * 3_600_000 };

/** One that wants to hold shares; a person is asked. */
const holders = { uses: 16, ms: 24 * 3_600_000 };

const { values: { dir, token, holder } } = parseArgs({
  options: { dir: { type: "string" }, token: { type: "string" }, holder: { type: "string" } },
});
if (dir === undefined) throw new Error("--dir: expected the peer's folder, found none");

const identity = await keyFile(`${dir}/identity.age`);
const rosterFile = `${dir}/roster.json`;
const roster = parseRoster(await Deno.readTextFile(rosterFile));
const self = roster.peers.find(({ peer }) => peer === identity.peer)!;
const admin = token === undefined ? undefined : await keyFile(`${dir}/admin.age`);
const villain = adversary(platformClock, { exit: () => Deno.exit(9) });
const door = askingStarter((asked) => console.log(JSON.stringify(asked)));
const node = await assembleNode({
  approve: "roster",
  identity,
  roster,
  store: sqliteStore(`${dir}/shares.db`),
  transport: webSockets({ listen: [...self.addresses], relay: true }),
  clock: platformClock,
  random: platformRandom,
  vault: villain.wrapVault(workerVault(identity.secrets(), identity.peer)),
  wrapWire: villain.wrapWire,
  async keepRoster(next) {
    await Deno.writeTextFile(`${rosterFile}.new`, formatRoster(next));
    await rename(`${rosterFile}.new`, rosterFile);
  },
  ...(admin ? { admin, admit: door.admit } : {}),
});

/** Does as told, or says what is wrong with it. */
async function obey({ cheat, count = 0 }: Order): Promise<string | null> {
  if (cheat === "forged-frames") {
    const victims = node.roster.peers.filter(({ rights }) => rights.includes("holder"));
    const stranger = new Worker(new URL("./stranger_worker.ts", import.meta.url), { type: "module" });
    stranger.onmessage = ({ data }) => {
      console.error(`a stranger sent ${data} forged frames`);
      stranger.terminate();
    };
    stranger.postMessage({ victims, count: Math.min(count, 10_000) });
    return null;
  }
  const known = cheats.get(cheat);
  if (!known) return `it knows no cheat “${cheat}”`;
  villain.arm(known);
  return await Promise.resolve(null);
}
serveMisbehave(node.network, obey);

const watching = admin && token
  ? {
    rights: ["initiator", "manager", "observer"] as const,
    ...consoles,
    token: Uint8Array.fromHex(token),
  }
  : null;
const invitation = watching && formatInvitation(node.invite(watching));
if (watching) void keepOpen(node, watching);
const holderInvitation = admin && holder
  ? formatInvitation(
    node.invite({
      rights: ["holder", "initiator", "manager"],
      ...holders,
      token: Uint8Array.fromHex(holder),
    }),
  )
  : null;
console.log(
  JSON.stringify({ type: "ready", name: self.name, peer: node.self, invitation, holderInvitation }),
);

const finish = async () => {
  await node.drain();
  Deno.exit(0);
};
Deno.addSignalListener("SIGTERM", finish);
Deno.addSignalListener("SIGINT", () => {}); // the terminal's Ctrl+C reaches all; who started this says when to stop
for await (const line of Deno.stdin.readable.pipeThrough(new TextLineStream())) door.answered(line);
await finish();
