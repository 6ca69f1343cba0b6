import assert from "node:assert/strict";
import { seedOf, seedPromise, zeroShare } from "../../../src/crypto/dkls/zero_share.ts";
import { groups } from "../../../src/crypto/group.ts";
import { seeded } from "../../protocol/keys.ts";

const group = groups.secp256k1;
const session = new Uint8Array(32).fill(1);

function sharesOf(
  signers: readonly number[],
  seedOfPair: (i: number, j: number) => Uint8Array,
  at = session,
) {
  return signers.map((identifier) =>
    zeroShare({
      session: at,
      identifier,
      seeds: new Map(signers.filter((j) => j !== identifier).map((j) => [j, seedOfPair(identifier, j)])),
    })
  );
}
const pairSeed = (i: number, j: number) => seeded(`${Math.min(i, j)} ${Math.max(i, j)}`)(32);
const total = (shares: bigint[]) => group.reduce(shares.reduce((sum, share) => sum + share, 0n));

Deno.test("zeroShare() adds up to 0 over any set of signers, and is not 0", () => {
  for (const signers of [[1, 2], [3, 1], [2, 5, 16], [1, 2, 3, 4, 5]]) {
    const shares = sharesOf(signers, pairSeed);
    assert.equal(total(shares), 0n);
    assert.ok(shares.every((share) => share > 0n && share < group.order));
  }
});

Deno.test("zeroShare() is new in another session", () => {
  const elsewhere = sharesOf([1, 2, 3], pairSeed, session.with(0, 2));
  sharesOf([1, 2, 3], pairSeed).forEach((share, i) => assert.notEqual(share, elsewhere[i]));
});

Deno.test("zeroShare() does not add up when the two ends of a pair have different seeds", () => {
  const shares = sharesOf([1, 2, 3], (i, j) => i === 3 && j === 1 ? new Uint8Array(32) : pairSeed(i, j));
  assert.notEqual(total(shares), 0n);
});

Deno.test("seedOf() is the same at both ends; seedPromise() binds setup, author, part and salt", () => {
  const part = new Uint8Array(32).fill(1), salt = new Uint8Array(32).fill(2);
  assert.deepEqual(seedOf(part, salt), seedOf(salt, part));
  assert.notDeepEqual(seedOf(part, salt), seedOf(part, part), "the other's part is in it");
  assert.notDeepEqual(seedOf(part, salt), seedOf(salt, salt), "and one's own");
  const promise = seedPromise(session, 1, { part, salt });
  for (
    const other of [
      seedPromise(session.with(0, 0), 1, { part, salt }),
      seedPromise(session, 2, { part, salt }),
      seedPromise(session, 1, { part: salt, salt }),
      seedPromise(session, 1, { part, salt: part }),
    ]
  ) assert.notDeepEqual(other, promise);
});
