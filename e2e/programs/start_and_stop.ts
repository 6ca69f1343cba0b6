/**
 * A program that starts a node and stops it, and then has nothing more to do.
 * @module
 */
import { createNode, signRoster } from "../../mod.ts";
import { createKeyFile, keyFile, sqliteStore, webSockets } from "../../src/server.ts";

const dir = Deno.args[0]!;
await createKeyFile(`${dir}/identity.age`);
await createKeyFile(`${dir}/admin.age`);
const identity = await keyFile(`${dir}/identity.age`);
const self = { peer: identity.peer, name: "me", addresses: [], rights: ["holder" as const] };
const node = await createNode({
  approve: "roster",
  identity,
  roster: await signRoster(await keyFile(`${dir}/admin.age`), [self], null),
  store: sqliteStore(`${dir}/shares.db`),
  transport: webSockets({ listen: ["/ip4/127.0.0.1/tcp/0/ws"] }),
});
console.log(node.addresses[0]);
await node.stop();
console.log("stopped");
