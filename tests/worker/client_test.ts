import assert from "node:assert/strict";
import { framesOf, type FromWorker, type ToWorker } from "../../src/worker/messages.ts";
import type { WorkerScope } from "../../src/platform/threads.ts";
import { serveVault } from "../../src/worker/server.ts";
import { workerVault } from "../../src/worker/client.ts";
import {
  agreedAlone,
  failed,
  generateTask,
  generateWork,
  outcomes,
  party,
  runAll,
  runAlone,
  session,
  storageKeys,
} from "./cluster.ts";
import { localIos } from "./local_io.ts";
import { codeOf, script } from "./scripted_worker.ts";

const storageKey = (await storageKeys()).get("alice")!;
const task = generateTask("alice");
const io = () => localIos(party, session).get("alice")!;
/** What a scripted worker says to be drawn for, in the place of a vault. */
const draws = `addEventListener("message", ({ data }) => {
  if (data.type === "draw") postMessage({ type: "drawn", run: data.run, firstRound: new Uint8Array() });
});`;

Deno.test("workerVault() ends every run with internal when its worker breaks, now and later", async () => {
  const breaks = script(
    `addEventListener("message", ({ data }) => { if (data.run === 1) throw new Error("broken"); })`,
  );
  const vault = workerVault({ storageKey }, "alice", { spawn: breaks });
  const draws = [vault.draw(task), vault.draw(task), vault.draw(task)];
  assert.deepEqual(await Promise.all(draws.map(codeOf)), ["internal", "internal", "internal"]);
  assert.equal(await codeOf(vault.draw(task)), "internal");
  await vault.close();
});

Deno.test("workerVault() ends every run with internal when its worker does not load", async () => {
  const missing = () => new Worker(new URL("./no_such_worker.js", import.meta.url), { type: "module" });
  const vault = workerVault({ storageKey }, "alice", { spawn: missing });
  assert.equal(await codeOf(vault.draw(task)), "internal");
  await vault.close();
});

Deno.test("workerVault() is ready when its worker can draw, or when it never will", async () => {
  const vault = workerVault({ storageKey }, "alice");
  let ready = false;
  const drawn = vault.draw(task).then((drawn) => {
    assert.ok(ready, "what was asked for first comes first");
    drawn[Symbol.dispose]();
  });
  await vault.ready!();
  ready = true;
  await drawn;
  await vault.close();
  const missing = () => new Worker(new URL("./no_such_worker.js", import.meta.url), { type: "module" });
  const broken = workerVault({ storageKey }, "alice", { spawn: missing });
  await broken.ready!();
  assert.equal(await codeOf(broken.draw(task)), "internal");
  await broken.close();
});

Deno.test("workerVault() ends runs under way with shutdown when it is closed", async () => {
  const vault = workerVault({ storageKey }, "alice");
  const drawn = await vault.draw(task);
  const running = codeOf(drawn.run(agreedAlone(drawn, task), io()));
  const drawing = codeOf(vault.draw(task));
  await vault.close();
  assert.deepEqual([await running, await drawing], ["shutdown", "shutdown"]);
});

Deno.test("workerVault() sends nothing for a run that was ended, whatever its worker still says", async () => {
  const chatter = script(`${draws} addEventListener("message", ({ data }) => {
    const say = () => postMessage({ type: "send", run: data.run, to: "bob", round: "x", body: new Uint8Array(), audience: "one" });
    if (data.type === "run") say();
    if (data.type === "abort") { say(); say(); postMessage({ type: "failed", run: data.run, error: data.error, where: "" }); }
  })`);
  const closed = workerVault({ storageKey }, "alice", { spawn: script("") });
  await closed.close();
  const ends = io();
  const reason = await failed(closed.draw(task));
  const vault = workerVault({ storageKey }, "alice", { spawn: chatter });
  const running = failed(runAlone(vault, task, ends));
  while (ends.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  ends.aborting.abort(reason);
  assert.equal(await running, reason);
  assert.equal(ends.sent.length, 1);
  await vault.close();
});

Deno.test("workerVault() hands on a ban that its worker finds after its owner has heard how the run ended", async () => {
  const late = script(`${draws} addEventListener("message", ({ data }) => {
    if (data.type === "run") postMessage({ type: "verify", run: data.run, call: 0, statement: {} });
    if (data.type === "abort") setTimeout(() => postMessage({ type: "ban", run: data.run, call: 1, peers: ["bob"] }), 20);
  })`);
  const vault = workerVault({ storageKey }, "alice", { spawn: late });
  const ends = io();
  const verify = () => Promise.reject(new Error("no WebCrypto"));
  const code = await codeOf(runAlone(vault, task, { ...ends, wire: { ...ends.wire, verify } }));
  assert.equal(code, "internal");
  assert.deepEqual(ends.banned, []);
  while (ends.banned.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(ends.banned, ["bob"]);
  await vault.close();
});

Deno.test("workerVault() tells where an error came from, not what it said", async () => {
  const vault = workerVault({ storageKey }, "alice");
  const error = await failed(vault.draw({ ...task, threshold: 7 }));
  assert.equal(error.code, "internal");
  assert.match(String(error.cause), /^ {4}at .*dealing/);
  assert.doesNotMatch(String(error.cause), /expected|found/);
  await vault.close();
});

Deno.test("workerVault() keeps runs apart", async () => {
  const keys = await storageKeys();
  const vaults = new Map(party.map((peer) => [peer, workerVault({ storageKey: keys.get(peer)! }, peer)]));
  const runs = [1, 2, 3].map(async () => {
    const made = [...(await outcomes(runAll(vaults, generateWork()))).values()];
    const publicKeys = new Set(made.map((m) => m.kind === "generate" ? m.key.publicKey.toHex() : ""));
    assert.equal(publicKeys.size, 1);
    return [...publicKeys][0]!;
  });
  assert.equal(new Set(await Promise.all(runs)).size, 3);
  for (const vault of vaults.values()) await vault.close();
});

Deno.test("workerVault() has its worker drop what was drawn and does not run, and runs nothing dropped", async () => {
  const dropped: unknown[] = [];
  const listening = script(`${draws} addEventListener("message", ({ data }) => {
    if (data.type !== "draw" && data.type !== "unlock") postMessage({ type: "seen", data });
  })`);
  const spawn = () => {
    const worker = listening();
    worker.addEventListener("message", ({ data }) => data.type === "seen" && dropped.push(data.data));
    return worker;
  };
  const vault = workerVault({ storageKey }, "alice", { spawn });
  const drawn = await vault.draw(task);
  drawn[Symbol.dispose]();
  drawn[Symbol.dispose]();
  for (let waited = 0; waited < 500 && dropped.length === 0; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(await codeOf(drawn.run(agreedAlone(drawn, task), io())), "internal");
  assert.deepEqual(dropped, [{ type: "drop", run: 0 }]);
  await vault.close();
});

Deno.test("serveVault() wipes what is dropped, and forgets it", async () => {
  const wiped: string[] = [];
  const said: FromWorker[] = [];
  let hear: (data: ToWorker) => void = () => {};
  const scope: WorkerScope = {
    postMessage: (message) => void said.push(message as FromWorker),
    addEventListener: (_type, listener) => hear = (data) => listener({ data }),
  };
  serveVault(scope, () => ({
    rounds: () => [],
    isFirstRound: () => true,
    verify: () => true,
    close: () => Promise.resolve(),
    draw: () =>
      Promise.resolve({
        firstRound: new Uint8Array(1),
        run: () => Promise.reject(new Error("not asked for")),
        [Symbol.dispose]: () => void wiped.push("wiped"),
      }),
  }));
  hear({ type: "unlock", secrets: { storageKey }, peer: "alice" });
  hear({ type: "draw", run: 0, task });
  while (said.length < 2) await Promise.resolve();
  assert.deepEqual(said, [{ type: "unlocked" }, { type: "drawn", run: 0, firstRound: new Uint8Array(1) }]);
  hear({ type: "drop", run: 0 });
  hear({ type: "drop", run: 0 });
  assert.deepEqual(wiped, ["wiped"]);
});

Deno.test("framesOf() has lines of the stack only", () => {
  const frames = framesOf(new Error("a secret\n    with lines"));
  assert.ok(frames.length > 0);
  assert.doesNotMatch(frames, /secret|with lines/);
  assert.equal(framesOf("no error"), "");
});
