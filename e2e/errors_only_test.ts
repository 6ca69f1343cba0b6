/**
 * Programs as others write them: they read what they want to know, and end by themselves when they have nothing to do.
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type RosterPeer, signRoster } from "../src/cluster/roster/roster.ts";
import { misbehave } from "../src/demo/misbehave.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { assembleNode } from "../src/node/assemble.ts";
import { platformClock, platformRandom } from "../src/platform/platform.ts";
import { memoryStore } from "../src/store/memory.ts";
import { webSockets } from "../src/transport/websocket.deno.ts";
import { workerVault } from "../src/worker/client.ts";
import { TextLineStream } from "../src/demo/lines.ts";
import { DemoProcess } from "./demo_process.ts";
import { type Folder, makeFolders, writeRoster } from "./folders.ts";
import { poll } from "./killed_process.ts";

/** A program that is not over by then never will be, ms. */
const patience = 60_000;
/** How long a process may live after its node has stopped, ms. */
const lastBreath = 3_000;

const test = (name: string, fn: (dir: string) => Promise<void>) =>
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const dir = await Deno.makeTempDir({ prefix: "quorate-program-" });
      await fn(dir).finally(() => Deno.remove(dir, { recursive: true }));
    },
  });

/** Runs one of the programs to its end. @returns Its lines, each with when it came, and when it ended, ms. */
async function run(program: string, dir: string) {
  const path = fileURLToPath(new URL(`./programs/${program}`, import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", path, dir],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const late = setTimeout(() => child.kill("SIGKILL"), patience);
  const complaints = new Response(child.stderr).text();
  const lines: { text: string; at: number }[] = [];
  for await (const text of child.stdout.pipeThrough(new TextLineStream())) {
    lines.push({ text, at: performance.now() });
  }
  const { code } = await child.status;
  clearTimeout(late);
  return { code, lines, complaints: await complaints, endedAt: performance.now() };
}

test("errors() alone shows the failure to a program that never looks at the result, and it exits 0", async (dir) => {
  const folders = await makeFolders(dir, ["alice", "bob"]); // Bob never runs
  const admin = await newIdentity(platformRandom);
  await writeRoster(folders, await signRoster(admin, folders.map(({ entry }) => entry), null));
  const { code, lines, complaints } = await run("errors_only.ts", folders[0]!.path);
  assert.equal(code, 0, complaints);
  assert.equal(complaints, "");
  assert.equal(lines.length, 1);
  assert.match(lines[0]!.text, /bob/);
});

test("stop() leaves nothing that keeps a program from ending within 3 s", async (dir) => {
  const { code, lines, complaints, endedAt } = await run("start_and_stop.ts", dir);
  assert.equal(code, 0, complaints);
  assert.equal(complaints, "");
  const [address, stopped] = lines;
  assert.match(address!.text, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws/);
  assert.equal(stopped!.text, "stopped");
  const lived = endedAt - stopped!.at;
  assert.ok(lived < lastBreath, `it lived on for ${lived} ms`);
});

/** The demonstration's peers as processes, and a node that asks them. */
async function withPeers(
  folders: readonly Folder[],
  act: (
    node: Awaited<ReturnType<typeof assembleNode>>,
    processes: readonly DemoProcess[],
  ) => Promise<void>,
): Promise<void> {
  const [identity, admin] = await Promise.all([newIdentity(platformRandom), newIdentity(platformRandom)]);
  const console: RosterPeer = {
    peer: identity.peer,
    name: "me",
    addresses: [],
    rights: ["initiator", "manager"],
  };
  const roster = await signRoster(admin, [...folders.map(({ entry }) => entry), console], null);
  await writeRoster(folders, roster);
  const processes = folders.map(({ path }) => new DemoProcess(path));
  const node = await assembleNode({
    approve: "roster",
    identity,
    roster,
    store: memoryStore(),
    transport: webSockets({ listen: [] }),
    clock: platformClock,
    random: platformRandom,
    vault: workerVault(identity.secrets(), identity.peer),
  });
  try {
    await poll("the peers to find each other", () =>
      folders.every(({ entry }) => {
        const status = node.peers.get(entry.peer);
        return status?.connected && status.links.length === folders.length - 1;
      }));
    await act(node, processes);
  } finally {
    await node.stop();
    await Promise.all(processes.map((process) => process.stop()));
  }
}

test("SIGTERM lets a peer finish the signature that is under way, and then it exits 0", async (dir) => {
  const folders = await makeFolders(dir, ["alice", "bob", "carol"]);
  const [alice, bob] = folders.map(({ entry }) => entry.peer) as [string, string];
  await withPeers(folders, async (node, [leaving]) => {
    const wallet = "treasury";
    await node.generateKey({ wallet, scheme: "ed25519", threshold: 2 }).result;
    const message = new TextEncoder().encode("one last time");
    const opened = new Set<string>();
    void (async () => {
      for await (const event of node.events()) {
        if (event.type === "opened" && event.peer === alice) opened.add(event.id);
      }
    })();
    await misbehave(node.network, bob, { cheat: "slow" }); // by two seconds: time to say good-bye in the middle
    const session = node.sign({ wallet, scheme: "ed25519", message, signers: [alice, bob] });
    await poll("Alice to be in the middle of it", () => opened.has(session.id));
    leaving!.signal("SIGTERM");
    assert.equal((await session.result).bytes.length, 64);
    const { code, complaints } = await leaving!.ended;
    assert.equal(code, 0, complaints);
    assert.equal(complaints, "");
  });
});
