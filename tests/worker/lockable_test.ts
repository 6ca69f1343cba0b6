import assert from "node:assert/strict";
import { SessionError } from "../../src/errors.ts";
import { lockableVault, lockOf } from "../../src/worker/lockable.ts";
import { workerVault } from "../../src/worker/client.ts";
import { generateTasks, inThisThread, party, runAll, session, storageKeys } from "./cluster.ts";
import { localIos } from "./local_io.ts";

const keys = await storageKeys();
const task = generateTasks().get("alice")!;
const io = () => localIos(party, session).get("alice")!;
const secrets = { storageKey: keys.get("alice")! };

async function codeOf(run: Promise<unknown>): Promise<string> {
  const error = await run.then(() => null, (error) => error);
  assert.ok(error instanceof SessionError, String(error));
  return error.code;
}

Deno.test("lockableVault() ends the run that its worker was in with store-locked, and every later one", async () => {
  const vault = lockableVault(secrets, (secrets) => workerVault(secrets, "alice"));
  const running = codeOf(vault.run(task, io()));
  const locking = vault.lock();
  assert.equal(vault.locked, true, "from this moment on");
  await locking;
  assert.equal(await running, "store-locked");
  assert.equal(await codeOf(vault.run(task, io())), "store-locked");
  assert.ok(vault.rounds(task).length > 0);
  const key = { curve: "ed25519", publicKey: new Uint8Array(32) } as const;
  assert.equal(vault.verify(key, new Uint8Array(), new Uint8Array(64)), false);
  await vault.close();
});

Deno.test("lockableVault() ends a run with store-locked also if it was unlocked since", async () => {
  const vault = lockableVault(secrets, (secrets) => workerVault(secrets, "alice"));
  const running = codeOf(vault.run(task, io()));
  const locking = vault.lock();
  vault.unlock(secrets);
  await locking;
  assert.equal(await running, "store-locked");
  await vault.close();
  assert.equal(await codeOf(vault.run(task, io())), "shutdown");
});

Deno.test("lockableVault() ends a run that was called off with the reason of that", async () => {
  const vault = lockableVault(secrets, (secrets) => workerVault(secrets, "alice"));
  const ends = io();
  const closed = inThisThread(secrets.storageKey, "alice");
  await closed.close();
  const reason = await closed.run(task, io()).catch((error) => error);
  const running = vault.run(task, ends).catch((error) => error);
  ends.aborting.abort(reason);
  await vault.lock();
  assert.equal(await running, reason);
});

Deno.test("lockableVault() makes keys when it is unlocked, with the key it is given then", async () => {
  const opened: string[] = [];
  const vault = lockableVault(secrets, (secrets) => {
    opened.push(secrets.storageKey);
    return inThisThread(secrets.storageKey, "alice");
  });
  await vault.lock();
  vault.unlock(secrets);
  vault.unlock(secrets);
  assert.deepEqual(opened, [secrets.storageKey, secrets.storageKey], "once for each time it was closed");
  const others = party.slice(1).map((peer) => [peer, inThisThread(keys.get(peer)!, peer)] as const);
  const { endings } = runAll(new Map([["alice", vault], ...others]), generateTasks());
  assert.ok((await endings).every(({ status }) => status === "fulfilled"));
});

Deno.test("lockOf() finds a lock where there is one", () => {
  const vault = lockableVault(secrets, (secrets) => inThisThread(secrets.storageKey, "alice"));
  assert.equal(lockOf(vault), vault);
  assert.equal(lockOf(inThisThread(secrets.storageKey, "alice")), null);
});
