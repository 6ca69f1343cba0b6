import assert from "node:assert/strict";
import { createNode, type GroupKey, memoryStore, type QuorateNode, signRoster, verify } from "../../mod.ts";
import { formatRoster, type RosterPeer } from "../../src/cluster/roster/roster.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { createKeyFile } from "../../src/identity/key_file.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import type { Approve, SigningRequest } from "../../mod.ts";
import { quorate } from "../cli/program.ts";
import { settle, until } from "./host.ts";

/** Two holders that run here, a wallet, and the folder of a peer that may ask for signatures. */
class Cluster implements AsyncDisposable {
  readonly asked: SigningRequest[] = [];
  answer: "accept" | "decline" = "accept";

  private constructor(
    readonly config: string,
    readonly dir: string,
    readonly nodes: readonly QuorateNode[],
    readonly key: GroupKey,
  ) {}

  static async start(): Promise<Cluster> {
    const dir = await Deno.makeTempDir();
    const client = await createKeyFile(`${dir}/identity.age`, { random: platformRandom });
    const holders = await Promise.all(["Alice", "Bob"].map(async (name) => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const address = `/ip4/127.0.0.1/tcp/${(listener.addr as Deno.NetAddr).port}/ws`;
      listener.close();
      return { name, address, identity: await newIdentity(platformRandom) };
    }));
    const peers: RosterPeer[] = holders.map(({ name, address, identity: { peer } }) => ({
      name,
      peer,
      addresses: [address],
      rights: ["holder", "manager"],
    }));
    const entry: RosterPeer = { name: "Client", peer: client.peer, addresses: [], rights: ["initiator"] };
    const roster = await signRoster(await newIdentity(platformRandom), [...peers, entry], null);
    let cluster: Cluster | undefined;
    const approve: Approve = (request) => {
      if (request.kind === "sign") cluster!.asked.push(request);
      return Promise.resolve(cluster?.answer ?? "accept");
    };
    const nodes = await Promise.all(holders.map(({ identity, address }) =>
      createNode({
        identity,
        roster,
        approve,
        store: memoryStore(),
        transport: webSockets({ listen: [address] }),
      })
    ));
    const [alice, bob] = nodes as [QuorateNode, QuorateNode];
    for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
      await until("a link", () => one.peers.get(other.self)?.link === "up");
    }
    const key = await alice.generateKey({ wallet: "treasury", scheme: "ed25519", threshold: 2 }).result;
    const files = {
      identity: `${dir}/identity.age`,
      roster: `${dir}/roster.json`,
      store: `${dir}/client.db`,
    };
    await Deno.writeTextFile(files.roster, formatRoster(roster));
    await Deno.writeTextFile(`${dir}/node.json`, JSON.stringify({ ...files, listen: [] }));
    return cluster = new Cluster(`${dir}/node.json`, dir, nodes, key);
  }

  sign(...args: string[]): ReturnType<typeof quorate> {
    return quorate("sign", this.config, "treasury", "ed25519", ...args);
  }

  async items(items: unknown): Promise<string> {
    const file = `${this.dir}/items.json`;
    await Deno.writeTextFile(file, JSON.stringify(items));
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await Deno.remove(this.dir, { recursive: true });
    await settle();
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("quorate sign prints a signature of a message, or one of each item of a file, and says why it has none", async () => {
  await using cluster = await Cluster.start();
  const { key } = cluster;

  const one = await cluster.sign("--message", "pay 5", "--note", "Rent", "--reference", "7");
  assert.equal(one.code, 0, one.sentence);
  const signature = { scheme: key.scheme, bytes: Uint8Array.fromHex(one.out) };
  assert.ok(verify(key, bytesOf("pay 5"), signature));
  const [request] = cluster.asked as [SigningRequest];
  assert.deepEqual([request.note, request.reference, request.items.length], ["Rent", "7", 1]);

  const file = await cluster.items([{ message: "first" }, { hex: "00ff" }, { message: "child", path: [7] }]);
  const many = await cluster.sign("--items", file, "--json");
  assert.equal(many.code, 0, many.sentence);
  const { id, signatures } = JSON.parse(many.out);
  assert.match(id, /^[0-9a-f]{32}$/);
  const inputs = [
    { message: bytesOf("first") },
    { message: Uint8Array.of(0, 255) },
    { message: bytesOf("child"), path: [7] },
  ];
  assert.equal(signatures.length, inputs.length);
  for (const [i, input] of inputs.entries()) {
    const bytes = Uint8Array.fromHex(signatures[i].bytes);
    assert.ok(verify(key, input, { scheme: "ed25519", bytes }), `item ${i}`);
  }
  const shown = cluster.asked.at(-1)!.items.map(({ message, path }) => [message?.toHex(), path.join("/")]);
  assert.deepEqual(shown, inputs.map(({ message, path = [] }) => [message.toHex(), path.join("/")]));

  cluster.answer = "decline";
  const declined = await cluster.sign("--items", file);
  assert.deepEqual([declined.code, declined.out], [1, ""]);
  assert.match(declined.sentence, /said no\.\n/);
  assert.doesNotMatch(declined.sentence, /possibly signed/, "no share of any item has left");
});

Deno.test("quorate sign refuses wrong items in one sentence that names the item", async () => {
  await using cluster = await Cluster.start();
  const wrong: [string[], RegExp][] = [
    [[], /^message: expected one of --message, --hex, --file, --digest, --items, found none$/],
    [
      ["--message", "a", "--items", "b"],
      /^message: expected it in each of the --items, found it beside them$/,
    ],
    [
      ["--items", await cluster.items([{ message: "a" }, {}])],
      /^items\[1\]: expected one of message, hex and digest, found 0$/,
    ],
    [["--items", `${cluster.dir}/none.json`], /^items: expected a file that can be read/],
    [["--message", "a", "--hash", "sha256"], /^items\[0\]\.hash: expected none for ed25519, found sha256$/],
    [["--message", "a", "--note", "two\nlines"], /^note: /],
    [["--message", "a", "--wait", "soon"], /^wait: /],
  ];
  for (const [args, sentence] of wrong) {
    const { code, sentence: said } = await cluster.sign(...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(said.split("\n").at(-1)!, sentence, said); // after what it waited for, if that took a second
  }
  const empty = await cluster.sign("--items", await cluster.items([]));
  assert.match(empty.sentence, /^items: expected 1 to 256, found 0$/);
  const stranger = await quorate(
    "sign",
    cluster.config,
    "payroll",
    "ed25519",
    "--message",
    "a",
    "--wait",
    "1",
  );
  assert.equal(stranger.code, 2);
  assert.match(stranger.sentence, /(^|\n)wallet: /);
  assert.equal(cluster.asked.length, 0, "nobody was asked");
});
