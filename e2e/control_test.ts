/**
 * The command line at nodes that run, as processes: asked, cancelled, killed, and out of reach.
 * @module
 */
import assert from "node:assert/strict";
import { signRoster } from "../src/cluster/roster/roster.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { platformRandom } from "../src/platform/platform.ts";
import { program, quorate } from "../tests/cli/program.ts";
import { makeFolders } from "./folders.ts";
import { startHeadless } from "./headless.ts";

/** A command that runs until it is told to stop. */
function following(...args: string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", program, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = { out: "", sentences: "" };
  const read = async (from: ReadableStream<Uint8Array<ArrayBuffer>>, into: keyof typeof said) => {
    for await (const text of from.pipeThrough(new TextDecoderStream())) said[into] += text;
  };
  const reading = Promise.all([read(child.stdout, "out"), read(child.stderr, "sentences")]);
  return {
    said,
    async says(what: RegExp): Promise<void> {
      for (const end = Date.now() + 30_000; !what.test(said.out + said.sentences);) {
        assert.ok(Date.now() < end, `${args[0]} says ${what}: ${JSON.stringify(said)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async ends(signal?: Deno.Signal): Promise<number> {
      if (signal) child.kill(signal);
      const { code } = await child.status;
      await reading;
      return code;
    },
  };
}

Deno.test({
  name:
    "the command line makes a key, signs, watches and cancels at a node that runs, and starts one where none does",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const dir = await Deno.makeTempDir({ prefix: "quorate-control-" });
    const folders = await makeFolders(dir, ["Alice", "Bob"]);
    const roster = await signRoster(
      await newIdentity(platformRandom),
      folders.map(({ entry }) => entry),
      null,
    );
    const start = (i: number) =>
      startHeadless(folders[i]!, roster, { flags: [], listen: folders[i]!.entry.addresses });
    const [alice, bob] = [`${dir}/Alice/node.json`, `${dir}/Bob/node.json`];
    const nodes = await Promise.all([start(0), start(1)]);
    try {
      const made = await quorate(
        "keys",
        "create",
        alice,
        "treasury",
        "ed25519",
        "--threshold",
        "2",
        "--json",
      );
      assert.equal(made.code, 0, made.sentence);
      const { publicKey } = JSON.parse(made.out).key;
      const signed = await quorate("sign", bob, "treasury", "ed25519", "--message", "hi");
      assert.equal(signed.code, 0, signed.sentence);
      const verified = await quorate("verify", "ed25519", publicKey, signed.out, "--message", "hi");
      assert.deepEqual([verified.code, verified.out], [0, "valid"]);
      const status = await quorate("status", alice);
      assert.match(status.out, /^Alice \(12D3Koo\w+\): holder, initiator, manager$/m);
      assert.match(status.out, /^ {2}key {9}treasury, ed25519: active, 2 of 2, epoch 1, ready$/m);
      assert.match((await quorate("peers", bob)).out, /^Alice \(\w+\): .*websocket, link up/);

      await nodes[1]!.kill();
      const watching = following("watch", alice);
      await new Promise((resolve) => setTimeout(resolve, 1_500)); // until it is connected
      const failed = await quorate(
        "sign",
        alice,
        "treasury",
        "ed25519",
        "--message",
        "hi",
        "--wait",
        "1",
        "--json",
      );
      assert.equal(failed.code, 1);
      const { code, what, next } = JSON.parse(failed.out).failed;
      assert.equal(code, "not-enough-peers");
      assert.match(failed.sentence, new RegExp(`${what}\\n.*\\n.*\\n${next}$`));
      await watching.says(
        /not-enough-peers, seen by this peer\nToo few are ready: Bob could not be reached\./,
      );
      assert.equal(await watching.ends("SIGINT"), 0);

      const waiting = following("sign", alice, "treasury", "ed25519", "--message", "hi", "--wait", "60");
      await waiting.says(/^waiting for Bob …$/m);
      assert.equal(await waiting.ends("SIGINT"), 1);
      assert.match(waiting.said.sentences, /Interrupted: what it had begun is cancelled\.\n$/);

      await nodes[0]!.kill();
      assert.ok((await Deno.lstat(`${dir}/Alice/shares.db.sock`)).isSocket, "a dead node leaves it");
      const none = await quorate("status", alice);
      assert.deepEqual([none.code, none.out], [1, ""]);
      assert.match(none.sentence, /^No node runs with /);
      nodes[1] = await start(1);
      const client = await quorate("sign", alice, "treasury", "ed25519", "--message", "hi");
      assert.equal(client.code, 0, `as a client of its own: ${client.sentence}`);

      nodes[0] = await start(0);
      assert.equal((await quorate("status", alice)).code, 0, "the dead node's socket is replaced");
      await Deno.rename(`${dir}/Alice/shares.db.sock`, `${dir}/Alice/moved`);
      const refused = await quorate("sign", alice, "treasury", "ed25519", "--message", "hi");
      assert.equal(refused.code, 2);
      assert.match(
        refused.sentence,
        /^node: expected the node that uses .* to answer at .*\.sock, found that it does not/,
      );
    } finally {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
      await Deno.remove(dir, { recursive: true });
    }
  },
});
