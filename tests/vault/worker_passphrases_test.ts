import assert from "node:assert/strict";
import { SessionError } from "../../src/failure.ts";
import { passphrasesHere } from "../../src/vault/passphrases.ts";
import { spawnWorker } from "../../src/vault/spawn_worker.ts";
import { workerPassphrases } from "../../src/vault/worker_passphrases.ts";
import { counted } from "./counted_workers.ts";

const secret = new TextEncoder().encode("what nobody else may read");
const passphrase = "correct horse battery";

const script = (source: string) => () =>
  new Worker(`data:application/javascript,${encodeURIComponent(source)}`, { type: "module" });

Deno.test("workerPassphrases() opens what this thread has sealed, and the other way round, and no worker is left", async () => {
  const { spawn, running } = counted(spawnWorker);
  const there = workerPassphrases(spawn);
  for (const [one, other] of [[passphrasesHere, there], [there, passphrasesHere]] as const) {
    const file = await one.seal(secret, passphrase, 10);
    assert.deepEqual(await other.open(file, passphrase), secret);
    assert.equal(await other.open(file, "another passphrase"), null);
    assert.equal(await other.open(file.with(-1 + file.length, file.at(-1)! ^ 1), passphrase), null);
  }
  assert.deepEqual(secret, new TextEncoder().encode("what nobody else may read"), "the caller's own to wipe");
  assert.equal(running.size, 0);
});

Deno.test("workerPassphrases() leaves this thread free while scrypt does its work", async () => {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 5);
  try {
    await workerPassphrases().seal(secret, passphrase, 17);
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
    await assert.rejects(passphrases.seal(secret, passphrase, 10), isInternal);
    await assert.rejects(passphrases.open(secret, passphrase), isInternal);
    assert.equal(running.size, 0);
  }
});
