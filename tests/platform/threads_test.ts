import { deepEqual, equal, match } from "node:assert/strict";
import { ownScope, startThread } from "../../src/platform/threads.ts";
import type { WorkerFault } from "../../src/ports.ts";
import { workerVault } from "../../src/worker/client.ts";
import { agreedAlone, generateTask, party, session, storageKeys } from "../worker/cluster.ts";
import { localIos } from "../worker/local_io.ts";
import { codeOf } from "../worker/scripted_worker.ts";

/** A module that runs `code` as a file of a folder that is removed at the end. */
async function moduleOf(code: string): Promise<AsyncDisposable & { file: URL }> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/thread.mjs`, code);
  return {
    file: new URL(`file://${folder}/thread.mjs`),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("startThread() passes messages both ways, as a worker does", async () => {
  await using echo = await moduleOf(`import { parentPort } from "node:worker_threads";
    parentPort.on("message", (data) => parentPort.postMessage({ ...data, back: true }));`);
  const thread = startThread(echo.file);
  const answer = Promise.withResolvers<unknown>();
  thread.addEventListener("message", ({ data }) => answer.resolve(data));
  thread.postMessage({ bytes: new Uint8Array([1, 2]) });
  deepEqual(await answer.promise, { bytes: new Uint8Array([1, 2]), back: true });
  thread.terminate();
});

Deno.test("startThread() reports an error that the thread does not catch", async () => {
  await using broken = await moduleOf(`throw new Error("broken");`);
  const thread = startThread(broken.file);
  const fault = Promise.withResolvers<WorkerFault>();
  thread.addEventListener("error", fault.resolve);
  match((await fault.promise).message, /broken/);
  thread.terminate();
});

Deno.test("ownScope() is the port of a thread without a scope for messages, and else the scope", async () => {
  equal(typeof ownScope().addEventListener, "function");
  const source = new URL("../../src/platform/threads.ts", import.meta.url);
  await using served = await moduleOf(`delete globalThis.postMessage;
    const { ownScope } = await import(${JSON.stringify(source.href)});
    const scope = ownScope();
    scope.addEventListener("message", ({ data }) => scope.postMessage([data, typeof globalThis.postMessage]));`);
  const thread = startThread(served.file);
  const answer = Promise.withResolvers<unknown>();
  thread.addEventListener("message", ({ data }) => answer.resolve(data));
  thread.postMessage("asked");
  deepEqual(await answer.promise, ["asked", "undefined"]);
  thread.terminate();
});

Deno.test("workerVault() runs in a thread where the platform has no Worker, as in Node", async () => {
  const real = Object.getOwnPropertyDescriptor(globalThis, "Worker")!;
  Reflect.deleteProperty(globalThis, "Worker");
  try {
    const storageKey = (await storageKeys()).get("alice")!;
    const vault = workerVault({ storageKey }, "alice");
    const task = generateTask("alice");
    const drawn = await vault.draw(task);
    const running = codeOf(drawn.run(agreedAlone(drawn, task), localIos(party, session).get("alice")!));
    await vault.close();
    equal(await running, "shutdown");
  } finally {
    Object.defineProperty(globalThis, "Worker", real);
  }
});
