/**
 * A stranger floods a peer while a session of it fails: whoever slept all the time still reads the failure.
 * @module
 */
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fileURLToPath } from "node:url";
import { signRoster } from "../src/cluster/roster/roster.ts";
import { misbehave } from "../src/demo/misbehave.ts";
import type { Fault, Lagged } from "../src/events.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { keyFile } from "../src/identity/key_file.ts";
import { assembleNode } from "../src/node/assemble.ts";
import { platformClock, platformRandom } from "../src/platform/platform.ts";
import { memoryStore } from "../src/store/memory.ts";
import { webSockets } from "../src/transport/websocket.deno.ts";
import { workerVault } from "../src/worker/client.ts";
import { DemoProcess } from "./demo_process.ts";
import { makeFolders, writeRoster } from "./folders.ts";
import { poll } from "./killed_process.ts";

/** Frames that the stranger forges. */
const forged = 10_000;
/** What the heap may hold more than before, garbage not counted, bytes: 2.5 KB a frame; a stream takes more. */
const room = 24 * 1024 * 1024;
/** Items that a sleeping reader is shown at most: what it may be behind, and what is never lost. */
const mostItems = 4_096 + 64;

const message = new TextEncoder().encode("through the noise");
const program = fileURLToPath(new URL("./programs/stranger.ts", import.meta.url));

/** Bytes in use, after the garbage is gone. */
function heap(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  return Deno.memoryUsage().heapUsed;
}

/** Everything in a stream that has ended or is about to. */
async function read(stream: ReadableStream<Fault | Lagged>): Promise<(Fault | Lagged)[]> {
  const items: (Fault | Lagged)[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** How many frames a reader has heard of: warnings say how many they stand for. */
const heardOf = (items: readonly (Fault | Lagged)[]) =>
  items.map((item) => item.type === "warning" ? item.count : item.type === "lagged" ? item.dropped : 0)
    .reduce((a, b) => a + b, 0);

Deno.test({
  name: "errors() shows a reader that slept through a stranger's 10,000 forged frames the failure among them",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const dir = await Deno.makeTempDir({ prefix: "quorate-flood-" });
    const folders = await makeFolders(dir, ["alice", "bob", "carol"]);
    const [alice, bob, carol] = folders.map(({ entry }) => entry.peer) as [string, string, string];
    const admin = await newIdentity(platformRandom);
    const roster = await signRoster(admin, folders.map(({ entry }) => entry), null);
    await writeRoster(folders, roster);
    const processes = folders.slice(1).map(({ path }) => new DemoProcess(path));
    const identity = await keyFile(`${folders[0]!.path}/identity.age`);
    const [address] = folders[0]!.entry.addresses;
    const node = await assembleNode({
      approve: "roster",
      identity,
      roster,
      admin,
      store: memoryStore(),
      transport: webSockets({ listen: [address!] }),
      clock: platformClock,
      random: platformRandom,
      vault: workerVault(identity.secrets(), identity.peer),
    });
    try {
      await poll("the peers to find each other", () =>
        [bob, carol].every((peer) => {
          const status = node.peers.get(peer);
          return status?.link === "up" && status.links.length === 2;
        }));
      const wallet = "treasury";
      await node.generateKey({ wallet, scheme: "ed25519", threshold: 2 }).result;
      const sign = (signers: string[]) => node.sign({ wallet, scheme: "ed25519", message, signers });
      await sign([alice, bob]).result;

      node.invite({ rights: ["observer"], uses: 1, ms: 600_000 }); // a stranger is let in, and gets no further
      const asleep = node.errors();
      const before = heap();
      const args = ["run", "-A", "--no-check", program, "--peer", alice, "--address", address!];
      const stranger = new Deno.Command(Deno.execPath(), {
        args: [...args, "--count", String(forged)],
        stdout: "piped",
      }).output();

      await poll("the flood to begin", () => node.network.connected().length > 2);
      await misbehave(node.network, carol, { cheat: "silence" });
      const failing = sign([alice, carol]);
      const asleepToo = failing.errors();
      // What has nothing to do with it goes on.
      let signed = 0;
      for (let over = false; !over; signed++) {
        await sign([alice, bob]).result;
        over = await Promise.race([
          failing.result.then(() => true, () => true),
          new Promise<false>((resolve) => setTimeout(() => resolve(false), 100)),
        ]);
      }
      await assert.rejects(failing.result, { name: "SessionError", code: "round-timeout", missing: [carol] });
      const sent = Number(new TextDecoder().decode((await stranger).stdout));
      const grew = heap() - before;
      const failures = (items: readonly (Fault | Lagged)[]) =>
        items.filter((item) => item.type === "failed" && item.id === failing.id && item.peer === alice);

      const ofSession = await read(asleepToo);
      assert.equal(failures(ofSession).length, 1, "the session's own reader");
      await node.stop();
      const items = await read(asleep);
      assert.equal(failures(items).length, 1, "the node's reader");
      assert.ok(items.length <= mostItems, `${items.length} items`);
      assert.ok(sent >= forged, `${sent} frames were sent`);
      assert.ok(heardOf(items) >= sent / 2, `${heardOf(items)} of ${sent} frames were counted`);
      assert.ok(grew < room, `the heap grew by ${grew} bytes`);
      assert.ok(signed > 5, `${signed} signatures meanwhile`);
    } finally {
      await node.stop();
      await Promise.all(processes.map((process) => process.stop()));
      await Deno.remove(dir, { recursive: true });
    }
  },
});
