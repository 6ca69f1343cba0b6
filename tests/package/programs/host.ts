/**
 * A holder in Node for a tab: reads the tab's peer id, prints a roster of the two, and runs until its input ends. With
 * `--webrtc` it can be reached by WebRTC-direct alone. A program of its own, copied into an empty folder.
 * @module
 */
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";
import {
  createNode,
  formatRoster,
  type NodeOptions,
  type QuorateNode,
  type Roster,
  signRoster,
} from "@quorate/quorate";
import { createKeyFile, sqliteStore, webSockets } from "@quorate/quorate/server";
import { freePort } from "./peers.ts";

const freeUdpPort = () =>
  new Promise<number>((resolve) => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tab: string = (await lines.next()).value!;
const identity = await createKeyFile("host.age");
const admin = await createKeyFile("host_admin.age");

const rosterWith = (addresses: readonly string[], before: Roster | null = null) =>
  signRoster(admin, [
    { peer: identity.peer, name: "host", addresses, rights: ["holder"] },
    { peer: tab, name: "tab", addresses: [], rights: ["holder", "manager", "initiator"] },
  ], before);
const started = (roster: Roster, transport: NodeOptions["transport"]): Promise<QuorateNode> =>
  createNode({ identity, roster, store: sqliteStore("host.db"), transport, approve: "roster" });

async function overWebSockets(): Promise<QuorateNode> {
  const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`];
  return await started(await rosterWith(listen), webSockets({ listen }));
}

/** Its first start makes the certificate, whose hash is a part of its address; the store keeps it. */
async function overWebRtc(): Promise<QuorateNode> {
  const { webrtc } = await import("@quorate/quorate/webrtc");
  const listenOn = async () => [`/ip4/127.0.0.1/udp/${await freeUdpPort()}/webrtc-direct`];
  const before = await started(
    await rosterWith([]),
    webSockets({ listen: await listenOn(), webrtc: webrtc() }),
  );
  const [, hash] = before.addresses[0]!.match(/\/certhash\/([^/]+)/)!;
  await before.stop();
  const listen = await listenOn();
  const roster = await rosterWith([`${listen[0]}/certhash/${hash}`], before.roster);
  return await started(roster, webSockets({ listen, webrtc: webrtc() }));
}

const node = await (process.argv.includes("--webrtc") ? overWebRtc() : overWebSockets());
console.log(JSON.stringify(formatRoster(node.roster)));
await lines.next();
await node.stop();
process.exit(0);
