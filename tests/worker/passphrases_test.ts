import assert from "node:assert/strict";
import { SessionError } from "../../src/errors.ts";
import { passphrasesHere } from "../../src/keystore/passphrases.ts";
import { spawnWorker } from "../../src/worker/spawn_worker.ts";
import { workerPassphrases } from "../../src/worker/passphrases_client.ts";
import { bytesOf, streamOf } from "../../src/keystore/byte_streams.ts";
import type { Passphrases } from "../../src/ports.ts";
import { counted } from "./counted_workers.ts";

const secret = new TextEncoder().encode("what nobody else may read");
const passphrase = "correct horse battery";

const seal = async (by: Passphrases, plain: Uint8Array, workFactor = 10) =>
  await bytesOf(await by.seal(streamOf([plain]), passphrase, workFactor));
/** Null for what does not open, at once or on the way. */
async function open(by: Passphrases, file: Uint8Array, passphrase: string): Promise<Uint8Array | null> {
  const plain = await by.open(streamOf([file]), passphrase);
  return plain && await bytesOf(plain).catch((error) => {
    assert.ok(!(error instanceof SessionError), String(error));
    return null;
  });
}

const script = (source: string) => () =>
  new Worker(`data:application/javascript,${encodeURIComponent(source)}`, { type: "module" });

Deno.test("workerPassphrases() opens what this thread has sealed, and the other way round, and no worker is left", async () => {
  const { spawn, running } = counted(spawnWorker);
  const there = workerPassphrases(spawn);
  for (const [one, other] of [[passphrasesHere, there], [there, passphrasesHere]] as const) {
    const file = await seal(one, secret);
    assert.deepEqual(await open(other, file, passphrase), secret);
    assert.equal(await open(other, file, "another passphrase"), null);
    assert.equal(await open(other, file.with(-1 + file.length, file.at(-1)! ^ 1), passphrase), null);
  }
  assert.deepEqual(secret, new TextEncoder().encode("what nobody else may read"), "the caller's own to wipe");
  assert.equal(running.size, 0);
});

Deno.test("workerPassphrases() leaves this thread free while scrypt does its work", async () => {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 5);
  try {
    await seal(workerPassphrases(), secret, 17);
  } finally {
    clearInterval(ticking);
  }
  assert.ok(ticks >= 10, `expected this thread to go on, found it stopped: ${ticks} ticks`);
});

Deno.test("workerPassphrases() is internal, not a wrong passphrase, when its worker breaks or does not load", async () => {
  const broken = [
    script(`addEventListener("message", () => { throw new Error("broken"); })`),
    script(`addEventListener("message", () => postMessage({ type: "broke", where: "" }))`),
    () => new Worker(new URL("./no_such_worker.js", import.meta.url), { type: "module" }),
  ];
  for (const breaks of broken) {
    const { spawn, running } = counted(breaks);
    const passphrases = workerPassphrases(spawn);
    const isInternal = (error: unknown) => error instanceof SessionError && error.code === "internal";
    await assert.rejects(seal(passphrases, secret), isInternal);
    await assert.rejects(passphrases.open(streamOf([secret]), passphrase), isInternal);
    assert.equal(running.size, 0);
  }
});

Deno.test("workerPassphrases() locks and opens what is large piece by piece, and ends its worker when its reader goes", async () => {
  const { spawn, running } = counted(spawnWorker);
  const there = workerPassphrases(spawn);
  const large = new Uint8Array(3_000_000).map((_, i) => i % 251);
  let given = 0;
  const counting = streamOf([large]).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        given += chunk.length;
        controller.enqueue(chunk);
      },
    }),
  );
  const sealed = await there.seal(counting, passphrase, 10);
  const reader = sealed.getReader();
  await reader.read();
  assert.ok(given < 1_000_000, `${given} bytes were taken before anyone read more`);
  await reader.cancel();
  assert.equal(running.size, 0);
  assert.deepEqual(await open(there, await seal(there, large), passphrase), large);
  assert.equal(running.size, 0);
});
