import assert from "node:assert/strict";
import * as equations from "../../../src/crypto/dkls/sign.ts";
import type { Pair } from "../../../src/crypto/dkls/rvole.ts";
import { type Element, groups } from "../../../src/crypto/group.ts";
import { seeded } from "../../protocol/keys.ts";

const group = groups.secp256k1;
const random = seeded("sign");
const scalar = () => group.randomScalar(random);
const times = (k: bigint) => group.multiplyBase(group.reduce(k));

Deno.test("lagrange() gives f(0) out of any t shares", () => {
  const f = [scalar(), scalar(), scalar()];
  const share = (x: number) => group.reduce(f[0]! + f[1]! * BigInt(x) + f[2]! * BigInt(x * x));
  for (const signers of [[1, 2, 3], [2, 5, 9], [16, 1, 7], [1, 2, 3, 4]]) {
    const sum = signers.reduce((sum, i) => sum + equations.lagrange(i, signers) * share(i), 0n);
    assert.equal(group.reduce(sum), f[0]);
    assert.equal(group.reduce(signers.reduce((sum, i) => sum + equations.lagrange(i, signers), 0n)), 1n);
  }
});

Deno.test("inverse() times its argument is 1, and of 0 it is 0", () => {
  for (const a of [1n, 2n, group.order - 1n, scalar()]) {
    assert.equal(group.reduce(a * equations.inverse(a)), 1n);
  }
  assert.equal(equations.inverse(0n), 0n);
});

Deno.test("noncePromise() binds attempt, identifier, every R, their order and number, and salt", () => {
  const attempt = new Uint8Array(32), salt = new Uint8Array(32).fill(1);
  const commitments = [3n, 4n, 5n].map(times), [one, two, three] = commitments as [Element, Element, Element];
  const promise = (change: { commitments?: readonly Element[]; salt?: Uint8Array } = {}) =>
    equations.noncePromise(attempt, 1, { commitments, salt, ...change });
  const all = [
    promise(),
    equations.noncePromise(attempt.with(0, 1), 1, { commitments, salt }),
    equations.noncePromise(attempt, 2, { commitments, salt }),
    promise({ salt: attempt }),
    ...[[three, two, three], [one, one, three], [one, two, two], [two, one, three], [one, three, two]].map((
      commitments,
    ) => promise({ commitments })),
    promise({ commitments: [one, two] }),
    promise({ commitments: [one, two, three, three] }),
  ];
  assert.equal(new Set(all.map((promise) => promise.toHex())).size, all.length);
});

Deno.test("drawNonces() draws r and φ anew for each item, a salt for each batch, and none of another", () => {
  using one = equations.drawNonces(3, random);
  using two = equations.drawNonces(3, random);
  const scalars = [one, two].flatMap(({ items }) => items.flatMap(({ share, mask }) => [share, mask]));
  assert.equal(new Set(scalars).size, 12);
  assert.notDeepEqual(one.salt, two.salt);
  assert.equal(one.salt.length, 32);
});

Deno.test("drawNonces() cannot be used after they have left scope", () => {
  const nonces = equations.drawNonces(2, random);
  for (const { share, commitment } of nonces.items) assert.ok(times(share).equals(commitment));
  nonces[Symbol.dispose]();
  for (const nonce of nonces.items) {
    assert.throws(() => nonce.share);
    assert.throws(() => nonce.mask);
  }
});

/** What an honest signer shows of one multiplication. */
function multiplied() {
  const [r, sk, multiplicand] = [scalar(), scalar(), scalar()];
  const c: Pair = [scalar(), scalar()];
  const shares: Pair = [group.reduce(r * multiplicand - c[0]), group.reduce(sk * multiplicand - c[1])];
  const consistency = { nonce: times(r), key: times(sk), gammas: [times(c[0]), times(c[1])] as const };
  return { multiplicand, shares, consistency };
}

Deno.test("ConsistencyCheck holds for what was multiplied, and for nothing else, whichever item it is", () => {
  const honest = [multiplied(), multiplied(), multiplied()];
  const holds = (all: readonly equations.Multiplied[]) => {
    const check = new equations.ConsistencyCheck(random);
    for (const one of all) check.add(one);
    return check.holds();
  };
  assert.ok(holds(honest) && holds([honest[1]!]));
  const g = times(1n), minusG = g.negate();
  for (const [item, one] of honest.entries()) {
    const { consistency, shares, multiplicand } = one;
    const { gammas: [gammaU, gammaV] } = consistency;
    const fails = (what: string, change: Partial<equations.Multiplied>) =>
      assert.ok(!holds(honest.with(item, { ...one, ...change })), `${what} of item ${item}`);
    const shown = (what: string, change: Partial<equations.Consistency>) =>
      fails(what, { consistency: { ...consistency, ...change } });
    shown("R", { nonce: consistency.nonce.add(g) });
    shown("pk", { key: consistency.key.add(g) });
    shown("Γ^u", { gammas: [gammaU.add(g), gammaV] });
    shown("Γ^v", { gammas: [gammaU, gammaV.add(g)] });
    shown("Γ swapped", { gammas: [gammaV, gammaU] });
    shown("lies that cancel without e", { gammas: [gammaU.add(g), gammaV.add(minusG)] });
    shown("nothing", { nonce: group.zero, key: group.zero });
    fails("d^u", { shares: [shares[0] + 1n, shares[1]] });
    fails("d^v", { shares: [shares[0], shares[1] + 1n] });
    fails("χ", { multiplicand: multiplicand + 1n });
    const other = (item + 1) % 3, { gammas: [u, v] } = honest[other]!.consistency;
    const lying = honest.with(item, {
      ...one,
      consistency: { ...consistency, gammas: [gammaU.add(g), gammaV] },
    });
    const opposite = { ...honest[other]!.consistency, gammas: [u.add(minusG), v] as const };
    assert.ok(
      !holds(lying.with(other, { ...honest[other]!, consistency: opposite })),
      "two items that cancel",
    );
  }
});

Deno.test("productShares() and signatureShare() add up to ECDSA, for 2 to 5 signers", () => {
  for (const n of [2, 3, 5]) {
    const keys = Array.from({ length: n }, scalar);
    const nonces = equations.drawNonces(n, random).items;
    const chi = keys.map(() => keys.map(scalar)),
      c = keys.map(() => keys.map((): Pair => [scalar(), scalar()]));
    const m = scalar(), rx = scalar();
    const parts = keys.map((keyShare, i) => {
      const others = keys.map((_, j) => j).filter((j) => j !== i).map((j) => ({
        psi: group.reduce(nonces[j]!.mask - chi[j]![i]!),
        asAlice: c[i]![j]!,
        // d_ij = χ_ij · (r_j, sk_j) - c_ji
        asBob: [nonces[j]!.share, keys[j]!].map((a, k) =>
          group.reduce(chi[i]![j]! * a - c[j]![i]![k]!)
        ) as unknown as Pair,
      }));
      const { u, v } = equations.productShares({ nonce: nonces[i]!, keyShare, others });
      return { u, w: equations.signatureShare(m, nonces[i]!.mask, rx, v) };
    });
    const sum = (numbers: bigint[]) => group.reduce(numbers.reduce((a, b) => a + b, 0n));
    const [r, sk] = [sum(nonces.map(({ share }) => share)), sum(keys)];
    const s = group.reduce(sum(parts.map(({ w }) => w)) * equations.inverse(sum(parts.map(({ u }) => u))));
    assert.equal(s, group.reduce((m + rx * sk) * equations.inverse(r)));
  }
});

/** A signature made with the whole key, and not by this code's equations. */
function signed(key = scalar()): equations.Signed {
  const k = scalar(), m = scalar();
  const nonce = times(k), rx = group.reduce((nonce.toAffine() as { x: bigint }).x);
  return { nonce, rx, s: group.reduce((m + rx * key) * equations.inverse(k)), m, key: times(key) };
}

Deno.test("allVerify() takes signatures that lead back to their keys, and none that does not", () => {
  const one = signed(7n);
  const sameKey = { ...signed(7n), key: one.key };
  const all = [one, signed(), sameKey, signed()];
  assert.ok(equations.allVerify(all, random));
  for (const single of all) assert.ok(equations.allVerify([single], random));
  const g = times(1n);
  for (const [item, one] of all.entries()) {
    const wrong: [string, Partial<equations.Signed>][] = [
      ["-s", { s: group.reduce(-one.s) }],
      ["s", { s: group.reduce(one.s + 1n) }],
      ["s = 0", { s: 0n }],
      ["r = 0", { rx: 0n }],
      ["r", { rx: group.reduce(one.rx + 1n) }],
      ["m", { m: group.reduce(one.m + 1n) }],
      ["R", { nonce: one.nonce.add(g) }],
      ["-R", { nonce: one.nonce.negate() }],
      ["key", { key: one.key.add(g) }],
    ];
    for (const [what, change] of wrong) {
      const changed = { ...one, ...change };
      assert.ok(!equations.allVerify(all.with(item, changed), random), `${what} of ${item}`);
      assert.ok(!equations.allVerify([changed], random), `${what} of ${item} alone`);
    }
    const other = (item + 1) % all.length;
    const opposite = all.with(item, { ...one, nonce: one.nonce.add(g) })
      .with(other, { ...all[other]!, nonce: all[other]!.nonce.add(g.negate()) });
    assert.ok(!equations.allVerify(opposite, random), "two that cancel");
  }
});
