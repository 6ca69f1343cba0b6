import "../sim/one_thread.ts";
import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKeyFile, keyFile } from "../../src/identity/key_file.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { storedIdentity } from "../../src/identity/stored_identity.ts";
import { openBackup, type RestoreTo } from "../../src/node/restore.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { softPasskeys } from "../identity/soft_passkeys.ts";
import { BackedUp, passphrase, random } from "./backed_up.ts";

const reason = new Error("the user has gone");
const isReason = (error: unknown) => error === reason;
const signal = AbortSignal.abort(reason);
const keeping = { lock: { passkey: { name: "Ada" } }, name: "Ada's laptop" };

/** The place of one identity, and what was asked of it. */
function place() {
  const passkeys = softPasskeys();
  const store = { ...memoryStore(), close: () => Promise.resolve() };
  const count = { opened: 0 };
  const open = () => {
    count.opened++;
    return Promise.resolve(store);
  };
  return { kept: storedIdentity({ open, random, passkeys, workFactor: 10 }), count, passkeys };
}

async function folder() {
  const path = await mkdtemp(join(tmpdir(), "quorate-signals-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

Deno.test("a signal that has aborted lets no identity be made, opened or asked for", async () => {
  await using here = await folder();
  const { kept, count } = place();
  const identity = await newIdentity(random);
  const calls: Record<string, () => Promise<unknown>> = {
    create: () => kept.create(keeping, { signal }),
    prepare: () => kept.prepare(identity, keeping, { signal }),
    unlock: () => kept.unlock({ passkey: true }, { signal }),
    createKeyFile: () => createKeyFile(join(here.path, "new.age"), { random, signal }),
    keyFile: () => keyFile(join(here.path, "none.age"), { signal }),
  };
  for (const [call, make] of Object.entries(calls)) await rejects(make(), isReason, call);
  equal(count.opened, 0);
  deepEqual(await readdir(here.path), []);
});

Deno.test("storedIdentity() whose signal aborts while a passkey is asked for rejects at once, and stores nothing", async () => {
  const { kept, passkeys } = place();
  const answered = Promise.withResolvers<void>();
  const { create } = passkeys;
  passkeys.create = async (name) => {
    stop.abort(reason);
    await answered.promise;
    return await create.call(passkeys, name);
  };
  const stop = new AbortController();
  await rejects(kept.create(keeping, { signal: stop.signal }), isReason);
  answered.resolve();
  await new Promise((resolve) => setTimeout(resolve, 50));
  equal(await kept.exists(), false);
});

Deno.test("createKeyFile() whose signal aborts while it is locked writes no file", async () => {
  await using here = await folder();
  const stop = new AbortController();
  const path = join(here.path, "new.age");
  const making = createKeyFile(path, { random, passphrase, signal: stop.signal });
  stop.abort(reason);
  await rejects(making, isReason);
  await new Promise((resolve) => setTimeout(resolve, 4_000)); // scrypt ends meanwhile
  deepEqual(await readdir(here.path), []);
});

Deno.test("restore() whose signal has aborted, or aborts at the lock, writes nothing, and goes on when it is called again", async () => {
  await using here = await BackedUp.start();
  const opened = await openBackup(await here.scene.node("bob").backup(passphrase), passphrase);
  const store = memoryStore();
  let written = 0;
  const to = (keep = () => {}): RestoreTo => ({
    ...{ store, random },
    keep: () => Promise.resolve(keep()).then(() => () => Promise.resolve(void written++)),
  });
  const stop = new AbortController();
  for (const one of [{ ...to(), signal }, { ...to(() => stop.abort(reason)), signal: stop.signal }]) {
    await rejects(opened.restore(one), isReason);
    await new Promise((resolve) => setTimeout(resolve, 50));
    deepEqual([await store.names(""), written], [[], 0]);
  }
  equal((await opened.restore(to())).identity.peer, opened.peer);
  equal(written, 1);
});
