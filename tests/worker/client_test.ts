import assert from "node:assert/strict";
import { SessionError } from "../../src/errors.ts";
import { framesOf } from "../../src/worker/messages.ts";
import { workerVault } from "../../src/worker/client.ts";
import { generateTasks, party, session, storageKeys } from "./cluster.ts";
import { localIos } from "./local_io.ts";

const storageKey = (await storageKeys()).get("alice")!;
const task = generateTasks().get("alice")!;
const io = () => localIos(party, session).get("alice")!;
const script = (source: string) => () =>
  new Worker(`data:application/javascript,${encodeURIComponent(source)}`, { type: "module" });

async function codeOf(run: Promise<unknown>): Promise<string> {
  const error = await run.then(() => null, (error) => error);
  assert.ok(error instanceof SessionError, String(error));
  assert.deepEqual(error.culprits, []);
  return error.code;
}

Deno.test("workerVault() ends every run with internal when its worker breaks, now and later", async () => {
  const breaks = script(
    `addEventListener("message", ({ data }) => { if (data.run === 1) throw new Error("broken"); })`,
  );
  const vault = workerVault({ storageKey }, "alice", { spawn: breaks });
  const runs = [vault.run(task, io()), vault.run(task, io()), vault.run(task, io())];
  assert.deepEqual(await Promise.all(runs.map(codeOf)), ["internal", "internal", "internal"]);
  assert.equal(await codeOf(vault.run(task, io())), "internal");
  await vault.close();
});

Deno.test("workerVault() ends every run with internal when its worker does not load", async () => {
  const missing = () => new Worker(new URL("./no_such_worker.js", import.meta.url), { type: "module" });
  const vault = workerVault({ storageKey }, "alice", { spawn: missing });
  assert.equal(await codeOf(vault.run(task, io())), "internal");
  await vault.close();
});

Deno.test("workerVault() ends runs under way with shutdown when it is closed", async () => {
  const vault = workerVault({ storageKey }, "alice");
  const running = codeOf(vault.run(task, io()));
  await vault.close();
  assert.equal(await running, "shutdown");
});

Deno.test("workerVault() sends nothing for a run that was ended, whatever its worker still says", async () => {
  const chatter = script(`addEventListener("message", ({ data }) => {
    const say = () => postMessage({ type: "send", run: data.run, to: "bob", round: "x", body: new Uint8Array(), audience: "one" });
    if (data.type === "run") say();
    if (data.type === "abort") { say(); say(); postMessage({ type: "failed", run: data.run, error: data.error, where: "" }); }
  })`);
  const closed = workerVault({ storageKey }, "alice", { spawn: script("") });
  await closed.close();
  const ends = io();
  const reason = await closed.run(task, ends).catch((error) => error);
  const vault = workerVault({ storageKey }, "alice", { spawn: chatter });
  const running = vault.run(task, ends).catch((error) => error);
  while (ends.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  ends.aborting.abort(reason);
  assert.equal(await running, reason);
  assert.equal(ends.sent.length, 1);
  await vault.close();
});

Deno.test("workerVault() hands on a ban that its worker finds after its owner has heard how the run ended", async () => {
  const late = script(`addEventListener("message", ({ data }) => {
    if (data.type === "run") postMessage({ type: "verify", run: data.run, call: 0, statement: {} });
    if (data.type === "abort") setTimeout(() => postMessage({ type: "ban", run: data.run, call: 1, peers: ["bob"] }), 20);
  })`);
  const vault = workerVault({ storageKey }, "alice", { spawn: late });
  const ends = io();
  const verify = () => Promise.reject(new Error("no WebCrypto"));
  const code = await codeOf(vault.run(task, { ...ends, wire: { ...ends.wire, verify } }));
  assert.equal(code, "internal");
  assert.deepEqual(ends.banned, []);
  while (ends.banned.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(ends.banned, ["bob"]);
  await vault.close();
});

Deno.test("workerVault() tells where an error came from, not what it said", async () => {
  const vault = workerVault({ storageKey }, "alice");
  const error = await vault.run({ ...task, threshold: 7 }, io()).catch((error) => error);
  assert.equal(error.code, "internal");
  assert.match(error.cause, /^ {4}at .*generate/);
  assert.doesNotMatch(error.cause, /expected|found/);
  await vault.close();
});

Deno.test("workerVault() keeps runs apart", async () => {
  const keys = await storageKeys();
  const vaults = party.map((peer) => workerVault({ storageKey: keys.get(peer)! }, peer));
  const sessions = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));
  const runs = sessions.map(async (session) => {
    const ios = localIos(party, session);
    const tasks = party.map((self) => ({ ...task, self, session }));
    const made = await Promise.all(vaults.map((vault, i) => vault.run(tasks[i]!, ios.get(party[i]!)!)));
    const publicKeys = new Set(made.map((m) => m.kind === "generate" ? m.key.publicKey.toHex() : ""));
    assert.equal(publicKeys.size, 1);
    return [...publicKeys][0]!;
  });
  assert.equal(new Set(await Promise.all(runs)).size, 3);
  for (const vault of vaults) await vault.close();
});

Deno.test("framesOf() has lines of the stack only", () => {
  const frames = framesOf(new Error("a secret\n    with lines"));
  assert.ok(frames.length > 0);
  assert.doesNotMatch(frames, /secret|with lines/);
  assert.equal(framesOf("no error"), "");
});
