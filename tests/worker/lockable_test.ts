import assert from "node:assert/strict";
import { lockableVault, lockOf } from "../../src/worker/client.ts";
import { workerVault } from "../../src/worker/client.ts";
import {
  agreedAlone,
  anyReason,
  generateTask,
  generateWork,
  inThisThread,
  party,
  runAll,
  session,
  storageKeys,
} from "./cluster.ts";
import { localIos } from "./local_io.ts";
import { codeOf } from "./scripted_worker.ts";

const keys = await storageKeys();
const task = generateTask("alice");
const io = () => localIos(party, session).get("alice")!;
const secrets = { storageKey: keys.get("alice")! };

Deno.test("lockableVault() ends the run that its worker was in with store-locked, and every later one", async () => {
  const vault = lockableVault(secrets, (secrets) => workerVault(secrets, "alice"));
  const drawn = await vault.draw(task);
  const running = codeOf(drawn.run(agreedAlone(drawn, task), io()));
  const drawing = codeOf(vault.draw(task));
  const locking = vault.lock();
  assert.equal(vault.locked, true, "from this moment on");
  await locking;
  assert.deepEqual([await running, await drawing], ["store-locked", "store-locked"]);
  assert.equal(await codeOf(vault.draw(task)), "store-locked");
  assert.ok(vault.rounds({ ...task, itemCount: 1 }).length > 0);
  const key = { scheme: "ed25519", publicKey: new Uint8Array(32) } as const;
  assert.equal(vault.verify(key, new Uint8Array(), new Uint8Array(64)), false);
  await vault.close();
});

Deno.test("lockableVault() ends a run with store-locked also if it was unlocked since", async () => {
  const vault = lockableVault(secrets, (secrets) => workerVault(secrets, "alice"));
  const drawn = await vault.draw(task);
  const running = codeOf(drawn.run(agreedAlone(drawn, task), io()));
  const locking = vault.lock();
  vault.unlock(secrets);
  await locking;
  assert.equal(await running, "store-locked");
  await vault.close();
  assert.equal(await codeOf(vault.draw(task)), "shutdown");
});

for (
  const [where, open] of [
    ["in this thread", (secrets: { storageKey: string }) => inThisThread(secrets.storageKey, "alice")],
    ["in a worker", (secrets: { storageKey: string }) => workerVault(secrets, "alice")],
  ] as const
) {
  Deno.test(`lockableVault() ends with store-locked what was drawn ${where} before it was locked`, async () => {
    for (const unlocked of [false, true]) {
      const vault = lockableVault(secrets, open);
      const drawn = await vault.draw(task);
      await vault.lock();
      if (unlocked) vault.unlock(secrets);
      const ends = io();
      assert.equal(await codeOf(drawn.run(agreedAlone(drawn, task), ends)), "store-locked");
      assert.deepEqual(ends.sent, []);
      await vault.close();
    }
  });
}

Deno.test("lockableVault() ends a run that was called off with the reason of that", async () => {
  const vault = lockableVault(secrets, (secrets) => workerVault(secrets, "alice"));
  const ends = io();
  const reason = await anyReason();
  const drawn = await vault.draw(task);
  const running = drawn.run(agreedAlone(drawn, task), ends).catch((error) => error);
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
  const { endings } = runAll(new Map([["alice", vault], ...others]), generateWork());
  assert.ok((await endings).every(({ status }) => status === "fulfilled"));
});

Deno.test("lockOf() finds a lock where there is one", () => {
  const vault = lockableVault(secrets, (secrets) => inThisThread(secrets.storageKey, "alice"));
  assert.equal(lockOf(vault), vault);
  assert.equal(lockOf(inThisThread(secrets.storageKey, "alice")), null);
});
