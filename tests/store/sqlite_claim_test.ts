import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { InputError } from "../../src/errors.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";

const inUse = (error: unknown) => {
  assert.ok(error instanceof InputError);
  assert.match(
    error.message,
    /^store: expected a stopped node's, found .*shares\.db in use by another process$/,
  );
  return true;
};

/** Another process that has claimed a store. Kills it in the end. */
async function claimedElsewhere(path: string) {
  const script = fileURLToPath(new URL("./claim_and_wait.ts", import.meta.url));
  const args = ["run", "--no-check", "-A", script, path];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    async kill() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}

Deno.test("claim() keeps a second user out, in this process and in another, until the store is closed", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/shares.db`;
  const [first, second] = [sqliteStore(path), sqliteStore(path)];
  await first.claim!();
  await first.claim!(); // it is its own already
  await assert.rejects(second.claim!(), inUse);
  await Deno.symlink(path, `${dir}/other.db`);
  const third = sqliteStore(`${dir}/other.db`);
  await assert.rejects(third.claim!(), (error: Error) => /in use/.test(error.message), "under another name");
  assert.ok(await second.swap("a", null, Uint8Array.of(1)), "a backup of a running node still reads");
  await first.close();
  await second.claim!();
  await second.close();
  await third.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("claim() ends with its process, also when that is killed", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/shares.db`;
  const other = await claimedElsewhere(path);
  const store = sqliteStore(path);
  await assert.rejects(store.claim!(), inUse);
  await other.kill();
  await store.claim!();
  await store.close();
  assert.equal((await Deno.stat(`${path}-lock`)).mode! & 0o777, 0o600);
  await Deno.remove(dir, { recursive: true });
});
