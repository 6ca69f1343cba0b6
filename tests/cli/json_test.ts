import assert from "node:assert/strict";
import { parseRoster } from "../../mod.ts";
import { formatInvitation } from "../../src/cluster/roster/admission/invitation_link.ts";
import { keyFile } from "../../src/server.ts";
import { type Ended, quorate } from "./program.ts";

/** The value that a command prints. */
function valueOf({ code, out, sentence }: Ended): unknown {
  assert.equal(code, 0, sentence);
  return JSON.parse(out);
}

Deno.test("--json of init, identity, roster and link prints one value, and nothing else on standard output", async () => {
  const dir = await Deno.makeTempDir();
  const [at, config] = [`${dir}/alice`, `${dir}/alice/node.json`];
  const made = await quorate("init", at, "--name", "Alice", "--json");
  const [{ peer }, admin] = [await keyFile(`${at}/identity.age`), await keyFile(`${at}/admin.age`)];
  assert.deepEqual(valueOf(made), { name: "Alice", peer, cluster: admin.peer, version: 1, config });
  assert.deepEqual(valueOf(await quorate("identity", "show", `${at}/identity.age`, "--json")), { peer });
  const bob = valueOf(await quorate("identity", "create", `${dir}/bob.age`, "--json")) as Record<
    string,
    unknown
  >;
  assert.deepEqual(bob, { peer: (await keyFile(`${dir}/bob.age`)).peer, locked: false });

  const roster = `${at}/roster.json`;
  const { cluster, peers } = parseRoster(await Deno.readTextFile(roster));
  assert.deepEqual(valueOf(await quorate("roster", "show", roster, "--json")), {
    cluster,
    version: 1,
    peers,
  });
  const two = [...peers, { name: "Bob", peer: bob.peer, addresses: [], rights: ["holder"] }];
  await Deno.writeTextFile(`${dir}/peers.json`, JSON.stringify(two));
  const by = ["--admin", `${at}/admin.age`, "--out", roster, "--json"];
  const signed = await quorate("roster", "sign", "--peers", `${dir}/peers.json`, ...by);
  assert.deepEqual(valueOf(signed), { cluster, version: 2, peers: two });
  const removed = await quorate("roster", "remove", "Bob", ...by);
  assert.deepEqual(valueOf(removed), { cluster, version: 3, peers });
  assert.match(removed.sentence, /^Bob keeps its shares\./);

  const invitation = { cluster, peer, addresses: [], approval: true, token: new Uint8Array(16) };
  await Deno.writeTextFile(`${dir}/link`, formatInvitation(invitation as never));
  const link = valueOf(await quorate("link", `${dir}/link`, "--page", "https://quorate.example/", "--json"));
  assert.match((link as { link: string }).link, /^https:\/\/quorate\.example\/#hold=/);
  await Deno.remove(dir, { recursive: true });
});
