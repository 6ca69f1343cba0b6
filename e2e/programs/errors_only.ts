/**
 * A program that asks for a key and reads what goes wrong, and never looks at the result. Its one argument is a folder
 * with its identity and the roster.
 * @module
 */
import { createNode, explain, parseRoster } from "../../mod.ts";
import { keyFile, sqliteStore, webSockets } from "../../src/server.ts";

const dir = Deno.args[0]!;
const identity = await keyFile(`${dir}/identity.age`);
const roster = parseRoster(await Deno.readTextFile(`${dir}/roster.json`));
const self = roster.peers.find(({ peer }) => peer === identity.peer)!;
await using node = await createNode({
  approve: "roster",
  identity,
  roster,
  store: sqliteStore(`${dir}/shares.db`),
  transport: webSockets({ listen: [...self.addresses] }),
});
const session = node.generateKey({ wallet: "treasury", curve: "ed25519", threshold: 2 });
for await (const fault of session.errors()) {
  if (fault.type === "failed") console.log(explain(fault, (peer) => node.peers.get(peer)?.name ?? peer).what);
}
