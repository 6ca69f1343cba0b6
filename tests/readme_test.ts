import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ed25519 } from "@noble/curves/ed25519.js";
import { createNode, formatRoster, type QuorateNode, type RosterPeer, signRoster } from "../mod.ts";
import { createKeyFile, keyFile, sqliteStore, webSockets } from "../src/server.ts";
import { settle } from "./transport/host.ts";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
const root = new URL("../", import.meta.url).href;

/** A block as a file that may stand anywhere. */
const placed = (code: string) => code.replaceAll('from "./', `from "${root}`);

Deno.test("README: the example for Deno signs with a key of a real cluster", async () => {
  const dir = await Deno.makeTempDir();
  const ports = [4001, 14102, 14103];
  const peers: RosterPeer[] = [];
  for (const [i, name] of ["alice", "bob", "carol"].entries()) {
    await Deno.mkdir(`${dir}/${name}`);
    const { peer } = await createKeyFile(`${dir}/${name}/identity.age`);
    const addresses = [`/ip4/127.0.0.1/tcp/${ports[i]}/ws`];
    peers.push({ peer, name, addresses, rights: ["holder", "initiator", "manager"] });
  }
  const admin = await createKeyFile(`${dir}/admin.age`);
  const roster = await signRoster(admin, peers, null);
  await Deno.writeTextFile(`${dir}/roster.json`, formatRoster(roster));
  const start = async (name: string): Promise<QuorateNode> =>
    await createNode({
      identity: await keyFile(`${dir}/${name}/identity.age`),
      roster,
      approve: "roster",
      store: sqliteStore(`${dir}/${name}/shares.db`),
      transport: webSockets({ listen: [...peers.find((peer) => peer.name === name)!.addresses] }),
    });
  const [alice, bob, carol] = await Promise.all(["alice", "bob", "carol"].map(start)) as [
    QuorateNode,
    QuorateNode,
    QuorateNode,
  ];
  const linked = (node: QuorateNode) => [...node.peers.values()].filter(({ link }) => link === "up").length;
  while (linked(alice) < 2 || linked(bob) < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  const key = await alice.generateKey({ wallet: "treasury", curve: "ed25519", threshold: 2 }).result;
  await alice.stop(); // the example is Alice from here on

  await Deno.writeTextFile(`${dir}/example.ts`, placed(blocks[0]!));
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", config, "example.ts"],
    cwd: dir,
  }).output();
  await Promise.all([bob.stop(), carol.stop()]);
  await settle();
  await Deno.remove(dir, { recursive: true });
  assert.ok(success, new TextDecoder().decode(stderr));
  const signature = Uint8Array.fromHex(new TextDecoder().decode(stdout).trim());
  assert.ok(ed25519.verify(signature, new TextEncoder().encode("hi"), key.publicKey));
});

Deno.test("README: every example passes the type checker", async () => {
  const dir = await Deno.makeTempDir();
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  for (const [i, code] of blocks.entries()) await Deno.writeTextFile(`${dir}/block_${i}.ts`, placed(code));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--config", config, ...blocks.map((_, i) => `${dir}/block_${i}.ts`)],
  }).output();
  await Deno.remove(dir, { recursive: true });
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.ok(blocks.length >= 2);
});
