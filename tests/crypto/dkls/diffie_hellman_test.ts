import assert from "node:assert/strict";
import { createECDH } from "node:crypto";
import {
  fastestDiffieHellman,
  nativeDiffieHellman,
  portableDiffieHellman,
} from "../../../src/crypto/dkls/diffie_hellman.ts";
import { groups } from "../../../src/crypto/group.ts";
import { seeded } from "../../protocol/keys.ts";

const group = groups.secp256k1;
const native = nativeDiffieHellman(createECDH);

Deno.test("nativeDiffieHellman() on one side and portableDiffieHellman() on the other agree", () => {
  const random = seeded("diffie-hellman");
  const scalars = [1n, 2n, group.order - 1n, ...Array.from({ length: 8 }, () => group.randomScalar(random))];
  for (const a of scalars) {
    const b = group.randomScalar(random);
    const [secretA, secretB] = [a, b].map(group.encodeScalar);
    const [publicA, publicB] = [a, b].map((scalar) => group.encodeElement(group.multiplyBase(scalar)));
    const x = native(secretA!)(publicB!);
    assert.equal(x.length, 32);
    assert.deepEqual(portableDiffieHellman(secretB!)(publicA!), x);
    assert.deepEqual(native(secretB!)(publicA!), x);
    assert.deepEqual(portableDiffieHellman(secretA!)(publicB!), x);
  }
});

Deno.test("nativeDiffieHellman() keeps the zeros that x begins with", () => {
  for (let k = 1n, found = 0; found < 2; k++) {
    const point = group.encodeElement(group.multiplyBase(k));
    if (point[1] !== 0) continue;
    found++;
    assert.deepEqual(native(group.encodeScalar(1n))(point), point.slice(1));
  }
});

Deno.test("fastestDiffieHellman() is portable without node:crypto, and where that lacks the curve", () => {
  const calls: string[] = [];
  const withCurves = (...curves: string[]) => ({
    getCurves: () => curves,
    createECDH(curve: "secp256k1") {
      calls.push(curve);
      return createECDH(curve);
    },
  });
  assert.equal(fastestDiffieHellman(undefined), portableDiffieHellman);
  assert.equal(fastestDiffieHellman(withCurves("prime256v1")), portableDiffieHellman);
  fastestDiffieHellman(withCurves("prime256v1", "secp256k1"))(new Uint8Array(32).fill(1));
  assert.deepEqual(calls, ["secp256k1"]);
});
