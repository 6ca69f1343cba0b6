/**
 * A holder in Node for a tab: reads the tab's peer id, prints a roster of the two, and runs until its input ends. A program
 * of its own, copied into an empty folder.
 * @module
 */
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { createNode, formatRoster, memoryStore, signRoster } from "@quorate/quorate";
import { createKeyFile, webSockets } from "@quorate/quorate/server";

const port = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
});
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tab: string = (await lines.next()).value!;
const identity = await createKeyFile("host.age");
const addresses = [`/ip4/127.0.0.1/tcp/${port}/ws`];
const roster = await signRoster(await createKeyFile("host_admin.age"), [
  { peer: identity.peer, name: "host", addresses, rights: ["holder"] },
  { peer: tab, name: "tab", addresses: [], rights: ["holder", "manager", "initiator"] },
], null);
const node = await createNode({
  identity,
  roster,
  store: memoryStore(),
  transport: webSockets({ listen: addresses }),
  approve: "roster",
});
console.log(JSON.stringify(formatRoster(roster)));
await lines.next();
await node.stop();
