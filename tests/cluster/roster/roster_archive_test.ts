import assert from "node:assert/strict";
import { formatRoster, type Roster, rosterHash, signRoster } from "../../../src/cluster/roster/roster.ts";
import { RosterArchive } from "../../../src/cluster/roster/roster_archive.ts";
import { StoreError } from "../../../src/errors.ts";
import { maxPastRosters } from "../../../src/limits.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";

const random = seededRandom("archive");
const admin = await nobleIdentity(random);
const versions: Roster[] = [];
for (let i = 0; i < maxPastRosters + 3; i++) {
  versions.push(await signRoster(admin, [], versions.at(-1) ?? null));
}
const hexOf = (roster: Roster) => rosterHash(roster).toHex();

function rows() {
  const all = new Map<string, Uint8Array>();
  return {
    all,
    full: false,
    get: (name: string) => Promise.resolve(all.has(name) ? { version: 1, plain: all.get(name)! } : null),
    swap(name: string, _from: number | null, plain: Uint8Array | null) {
      if (this.full) return Promise.reject(new StoreError("full"));
      if (plain) all.set(name, plain);
      return Promise.resolve(true);
    },
    names: (prefix: string) => Promise.resolve([...all.keys()].filter((name) => name.startsWith(prefix))),
    erase: (name: string) => Promise.resolve(void all.delete(name)),
  };
}

Deno.test("RosterArchive keeps rosters over a restart, and forgets the oldest that no key needs", async () => {
  const store = rows();
  const [needed] = versions;
  const options = { rows: store, identity: admin, needed: (hash: string) => hash === hexOf(needed!) };
  const archive = await RosterArchive.open(options);
  for (const roster of versions) await archive.add(roster);
  assert.equal(store.all.size, maxPastRosters);
  const again = await RosterArchive.open(options);
  const kept = await Promise.all(
    versions.map(async (roster) => await again.find(rosterHash(roster)) !== null),
  );
  assert.deepEqual(kept.slice(0, 5), [true, false, false, false, true]);
  assert.deepEqual(await again.find(rosterHash(needed!)), needed);
});

Deno.test("RosterArchive takes what its admin key signed and has that hash, and believes no damaged row", async () => {
  const store = rows();
  const archive = await RosterArchive.open({ rows: store, identity: admin, needed: () => false });
  const [first, second] = versions as [Roster, Roster];
  const hash = rosterHash(first);
  assert.equal(await archive.take("{", hash), null);
  assert.equal(await archive.take(formatRoster(second), hash), null);
  assert.equal(await archive.take(formatRoster({ ...first, signature: second.signature }), hash), null);
  assert.equal(store.all.size, 0);
  assert.deepEqual(await archive.take(formatRoster(first), hash), first);
  const [name] = [...store.all.keys()];
  store.all.set(name!, new TextEncoder().encode(formatRoster(second)));
  assert.equal(await archive.find(hash), null);
  store.full = true;
  await archive.add(second);
  assert.deepEqual(
    await archive.find(rosterHash(second)),
    second,
    "from memory, where it could not be written",
  );
});
