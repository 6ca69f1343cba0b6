import assert from "node:assert/strict";
import { markRestored, restoredState } from "../../src/cluster/rollback/restoration.ts";
import { formatRoster, signRoster } from "../../src/cluster/roster/roster.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { createKeyFile } from "../../src/identity/key_file.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import type { Rows } from "../../src/keystore/rows.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { quorate } from "./program.ts";

/** A stopped node's folder, and what works on its store. */
async function stopped() {
  const dir = await Deno.makeTempDir();
  const alice = await createKeyFile(`${dir}/identity.age`, { random: platformRandom });
  const entry = { name: "Alice", peer: alice.peer, addresses: [], rights: ["holder" as const] };
  const roster = await signRoster(await newIdentity(platformRandom), [entry], null);
  await Deno.writeTextFile(`${dir}/roster.json`, formatRoster(roster));
  const config = `${dir}/node.json`;
  const store = `${dir}/shares.db`;
  const paths = { identity: `${dir}/identity.age`, roster: `${dir}/roster.json`, store };
  await Deno.writeTextFile(config, JSON.stringify({ ...paths, listen: [], approve: "roster" }));
  async function onStore<T>(work: (rows: Rows) => Promise<T>, { claimed = false } = {}): Promise<T> {
    const records = sqliteStore(store);
    try {
      if (claimed) await records.claim!();
      const dataKey = await openDataKey(records, alice.secrets(), platformRandom);
      return await work(sealedRecords(records, dataKey, platformRandom));
    } finally {
      await records.close();
    }
  }
  return { dir, config, onStore };
}

Deno.test("quorate restored says what a store is, and --confirm settles one that was restored, once", async () => {
  const { dir, config, onStore } = await stopped();
  await onStore(() => Promise.resolve());
  const never = await quorate("restored", config);
  assert.deepEqual([never.code, never.out], [0, "neither restored nor set back"], never.sentence);
  const needless = /^store: expected one that was restored or set back, found another$/;
  const before = await quorate("restored", config, "--confirm");
  assert.equal(before.code, 2);
  assert.match(before.sentence, needless);
  assert.equal(await onStore(restoredState), null, "and nothing was written");

  await onStore((rows) => markRestored(rows));
  const told = await quorate("restored", config);
  assert.equal(told.out, "restored from a backup: no sessions until it has been compared with enough others");
  assert.deepEqual(await onStore(restoredState), { state: "restored", life: 1 }, "to look changes nothing");
  const confirmed = await quorate("restored", config, "--confirm");
  assert.deepEqual(
    [confirmed.code, confirmed.out],
    [0, "confirmed: from the node's next start on it takes sessions"],
  );
  assert.equal((await onStore(restoredState))?.state, "settled");
  assert.equal((await quorate("restored", config)).out, "neither restored nor set back");
  assert.match((await quorate("restored", config, "--confirm")).sentence, needless);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate restored says of a store whose mark is damaged that it was set back; --confirm refuses that of a node that runs", async () => {
  const { dir, config, onStore } = await stopped();
  await onStore(async (rows) => assert.ok(await rows.swap("restored", null, new Uint8Array([1, 2, 3]))));
  assert.equal(
    (await quorate("restored", config)).out,
    "set back to an earlier state: no sessions until this is confirmed",
  );
  await onStore(async () => {
    const { code, sentence } = await quorate("restored", config, "--confirm");
    assert.equal(code, 2);
    assert.match(
      sentence,
      /^node: expected the node that uses .*shares\.db to answer at .*shares\.db\.sock, found that it does not/,
    );
  }, { claimed: true });
  assert.equal((await quorate("restored", config, "--confirm")).code, 0);
  assert.equal((await onStore(restoredState))?.state, "settled");
  await Deno.remove(dir, { recursive: true });
});
