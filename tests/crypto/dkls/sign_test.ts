import assert from "node:assert/strict";
import * as equations from "../../../src/crypto/dkls/sign.ts";
import type { Pair } from "../../../src/crypto/dkls/rvole.ts";
import { groups } from "../../../src/crypto/group.ts";
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

Deno.test("noncePromise() binds attempt, identifier, R and salt", () => {
  const attempt = new Uint8Array(32), salt = new Uint8Array(32).fill(1), commitment = times(3n);
  const all = [
    equations.noncePromise(attempt, 1, { commitment, salt }),
    equations.noncePromise(attempt.with(0, 1), 1, { commitment, salt }),
    equations.noncePromise(attempt, 2, { commitment, salt }),
    equations.noncePromise(attempt, 1, { commitment: times(4n), salt }),
    equations.noncePromise(attempt, 1, { commitment, salt: attempt }),
  ];
  assert.equal(new Set(all.map((promise) => promise.toHex())).size, all.length);
});

Deno.test("drawNonce() draws r, φ and the salt anew for each signature, and none of another", () => {
  using one = equations.drawNonce(random);
  using two = equations.drawNonce(random);
  assert.equal(new Set([one.share, one.mask, two.share, two.mask]).size, 4);
  assert.notDeepEqual(one.salt, two.salt);
  assert.equal(one.salt.length, 32);
});

Deno.test("drawNonce() cannot be used after it has left scope", () => {
  const nonce = equations.drawNonce(random);
  assert.ok(times(nonce.share).equals(nonce.commitment));
  nonce[Symbol.dispose]();
  assert.throws(() => nonce.share);
  assert.throws(() => nonce.mask);
});

Deno.test("gammaHolds() for what was multiplied, and for nothing else", () => {
  const [r, sk, multiplicand] = [scalar(), scalar(), scalar()];
  const c: Pair = [scalar(), scalar()];
  const shares: Pair = [group.reduce(r * multiplicand - c[0]), group.reduce(sk * multiplicand - c[1])];
  const consistency = { nonce: times(r), key: times(sk), gammas: [times(c[0]), times(c[1])] as const };
  const holds = (
    change: Partial<equations.Consistency> = {},
    over: { shares?: Pair; multiplicand?: bigint } = {},
  ) =>
    equations.gammaHolds({
      multiplicand,
      shares,
      random,
      consistency: { ...consistency, ...change },
      ...over,
    });
  assert.ok(holds());
  const [gammaU, gammaV] = consistency.gammas;
  const g = times(1n);
  assert.ok(!holds({ nonce: consistency.nonce.add(g) }), "R");
  assert.ok(!holds({ key: consistency.key.add(g) }), "pk");
  assert.ok(!holds({ gammas: [gammaU.add(g), gammaV] }), "Γ^u");
  assert.ok(!holds({ gammas: [gammaU, gammaV.add(g)] }), "Γ^v");
  assert.ok(!holds({ gammas: [gammaV, gammaU] }), "Γ swapped");
  assert.ok(!holds({ gammas: [gammaU.add(g), gammaV.add(g.negate())] }), "lies that cancel without e");
  assert.ok(!holds({}, { shares: [shares[0] + 1n, shares[1]] }), "d^u");
  assert.ok(!holds({}, { shares: [shares[0], shares[1] + 1n] }), "d^v");
  assert.ok(!holds({}, { multiplicand: multiplicand + 1n }), "χ");
});

Deno.test("productShares() and signatureShare() add up to ECDSA, for 2 to 5 signers", () => {
  for (const n of [2, 3, 5]) {
    const keys = Array.from({ length: n }, scalar);
    const nonces = keys.map(() => equations.drawNonce(random));
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
