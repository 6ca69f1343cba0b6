import assert from "node:assert/strict";
import { Bans } from "../../../src/cluster/keys/bans.ts";
import { StoreError } from "../../../src/errors.ts";
import type { KeyRow } from "../../../src/keystore/key_rows.ts";
import type { Rows } from "../../../src/keystore/rows.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";

const session = new Uint8Array(32).fill(1);
const keyId = session.toHex();
const key = { session, key: { wallet: "ours", scheme: "ecdsa", epoch: 0 } } as unknown as KeyRow;

for (const end of ["succeeds", "fails"] as const) {
  Deno.test(`Bans keeps a ban in force at once, and shows it to nobody until its first write ${end}`, async () => {
    const random = seededRandom("bans");
    const [alice, bob, carol] = [
      await nobleIdentity(random),
      await nobleIdentity(random),
      await nobleIdentity(random),
    ];
    const disk = Promise.withResolvers<boolean>();
    const rows: Rows = {
      get: () => Promise.resolve(null),
      swap: () => disk.promise,
      names: () => Promise.resolve([]),
      erase: () => Promise.resolve(),
    };
    const stopping = new AbortController();
    const clock = new VirtualClock();
    const bans = await Bans.open({ rows, clock, self: alice.peer, stopping: stopping.signal });
    const shown = async () => [
      bans.of(keyId),
      bans.own().map(({ other }) => other),
      bans.all().map(({ other }) => other),
      (await bans.signedFor(alice, carol.peer)).length,
    ];
    const adding = bans.add(key, bob.peer, new Uint8Array(32)).then(() => "succeeds", () => "fails");
    let written = false;
    const waiting = bans.written(keyId, bob.peer).then(() => written = true);
    await bans.written(keyId, carol.peer); // of another pair
    assert.ok(bans.has(keyId, bob.peer));
    assert.deepEqual(await shown(), [[], [], [], 0]);
    assert.equal(written, false);
    if (end === "succeeds") disk.resolve(true);
    else disk.reject(new StoreError("Cannot write: no space"));
    assert.equal(await adding, end);
    await waiting;
    assert.ok(bans.has(keyId, bob.peer));
    assert.deepEqual(await shown(), [[bob.peer], [bob.peer], [bob.peer], 1]);
    stopping.abort();
  });
}
