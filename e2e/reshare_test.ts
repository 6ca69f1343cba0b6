/**
 * A key that gets another holder by the command line: nodes as processes, a client as a process.
 * @module
 */
import assert from "node:assert/strict";
import { createNode, type EcdsaSignature, type GroupKey, memoryStore, verify } from "../mod.ts";
import { formatRoster, type Roster, type RosterPeer, signRoster } from "../src/cluster/roster/roster.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { createKeyFile, keyFile } from "../src/identity/key_file.ts";
import { platformRandom } from "../src/platform/platform.ts";
import { webSockets } from "../src/transport/websocket.deno.ts";
import { type Ended, quorate } from "../tests/cli/program.ts";
import { type Folder, makeFolders } from "./folders.ts";
import { type Headless, startHeadless } from "./headless.ts";

const hello = new TextEncoder().encode("hello threshold");

/** Alice, Bob, Carol and Dave as processes, an ECDSA key of the first three, and the folder of a manager. */
class Cluster implements AsyncDisposable {
  private constructor(
    readonly dir: string,
    readonly roster: Roster,
    readonly folders: readonly Folder[],
    readonly nodes: Map<string, Headless>,
    readonly key: GroupKey,
  ) {}

  static async start(): Promise<Cluster> {
    const dir = await Deno.makeTempDir({ prefix: "quorate-reshare-" });
    const folders = await makeFolders(dir, ["Alice", "Bob", "Carol", "Dave"]);
    await Deno.mkdir(`${dir}/client`);
    const { peer: client } = await createKeyFile(`${dir}/client/identity.age`, { random: platformRandom });
    const entry: RosterPeer = {
      name: "Client",
      peer: client,
      addresses: [],
      rights: ["initiator", "manager"],
    };
    const peers = [...folders.map(({ entry }) => entry), entry];
    const roster = await signRoster(await newIdentity(platformRandom), peers, null);
    const rule = { initiators: { treasury: [client] }, managers: { treasury: [client] } };
    const nodes = await Promise.all(folders.map(async (folder) => {
      const listen = folder.entry.addresses;
      const { name } = folder.entry;
      const approve = name === "Alice" ? rule : "roster" as const;
      return [name, await startHeadless(folder, roster, { flags: [], listen, approve })] as const;
    }));
    await Deno.writeTextFile(`${dir}/client/roster.json`, formatRoster(roster));
    const files = {
      identity: `${dir}/client/identity.age`,
      roster: `${dir}/client/roster.json`,
      store: `${dir}/client/client.db`,
    };
    await Deno.writeTextFile(`${dir}/client/node.json`, JSON.stringify({ ...files, listen: [] }));
    const key = await madeBy(files.identity, roster, folders.slice(0, 3));
    return new Cluster(dir, roster, folders, new Map(nodes), key);
  }

  reshare(...args: string[]): Promise<Ended> {
    return quorate(
      "keys",
      "reshare",
      "treasury",
      "--scheme",
      "ecdsa",
      ...args,
      "--config",
      `${this.dir}/client/node.json`,
    );
  }

  sign(message: string): Promise<Ended> {
    return quorate(
      "sign",
      `${this.dir}/client/node.json`,
      "treasury",
      "ecdsa",
      "--message",
      message,
      "--json",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node[Symbol.asyncDispose]()));
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** “treasury”, with a share at each of these. */
async function madeBy(identity: string, roster: Roster, folders: readonly Folder[]): Promise<GroupKey> {
  await using node = await createNode({
    identity: await keyFile(identity),
    roster,
    approve: "roster",
    store: memoryStore(),
    transport: webSockets({ listen: [] }),
  });
  for (const end = Date.now() + 60_000; ![...node.peers.values()].every(({ links }) => links.length >= 3);) {
    assert.ok(Date.now() < end, "the nodes find each other");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const members = folders.map(({ entry }) => entry.peer);
  return await node.generateKey({ wallet: "treasury", scheme: "ecdsa", members, threshold: 2 }).result;
}

Deno.test({
  name:
    "quorate keys reshare gives a share to a fourth process, which signs, and the share of the first epoch is erased",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using cluster = await Cluster.start();
    await cluster.nodes.get("Carol")!.kill();
    const { code, out, sentence } = await cluster.reshare(
      ...["--members", "Alice,Bob,Dave", "--threshold", "2", "--gone", "Carol"],
    );
    assert.equal(code, 0, sentence);
    assert.match(out, /^treasury, ecdsa: epoch 2, 2 of 3 sign$/m);
    assert.match(out, new RegExp(`^  public key  ${cluster.key.publicKey.toHex()}$`, "m"), "the key stays");
    assert.match(out, /^ {2}epoch 1: erased by 2 of 3; Carol has not said so$/m, `${out}\n${sentence}`);

    assert.equal(await cluster.nodes.get("Bob")!.stop(), 0);
    const signed = await cluster.sign("hello threshold");
    assert.equal(signed.code, 0, `Alice and Dave are left: ${signed.sentence}`);
    const { bytes, recovery } = JSON.parse(signed.out).signatures[0];
    const signature = { scheme: "ecdsa", bytes: Uint8Array.fromHex(bytes), recovery } as EcdsaSignature;
    assert.ok(verify(cluster.key, { message: hello, hash: "sha256" }, signature));
    const listed = await quorate("keys", "list", `${cluster.dir}/Bob/node.json`);
    assert.match(listed.out, /^treasury, ecdsa: active, 2 of 3 sign, epoch 2$/m);
    assert.match(listed.out, /^ {2}epoch 1: erased by 1 of 3; .* have not said so \(2 of/m);
  },
});
