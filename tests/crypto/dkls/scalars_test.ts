import assert from "node:assert/strict";
import {
  canonical,
  copyMasked,
  order,
  scalarAt,
  scalars,
  scalarsOf,
  setScalar,
} from "../../../src/crypto/dkls/scalars.ts";
import { groups } from "../../../src/crypto/group.ts";

const edges = [0n, 1n, 2n ** 64n, 2n ** 128n - 1n, 2n ** 192n, order - 1n];

Deno.test("scalarAt() reads what setScalar() writes, as the group's encoding has it", () => {
  const array = scalars(edges.length);
  edges.forEach((scalar, i) => setScalar(array.view, i, scalar));
  edges.forEach((scalar, i) => {
    assert.equal(scalarAt(array.view, i), scalar);
    assert.deepEqual(array.bytes.slice(32 * i, 32 * i + 32), groups.secp256k1.encodeScalar(scalar));
  });
});

Deno.test("canonical() says whether every scalar is below the order", () => {
  const array = scalars(3);
  for (const scalar of edges) {
    for (const at of [0, 1, 2]) {
      setScalar(array.view, at, scalar);
      assert.ok(canonical(array.bytes));
    }
  }
  for (const scalar of [order, order + 1n, 2n ** 256n - 1n]) {
    for (const at of [0, 1, 2]) {
      const bad = scalarsOf(array.bytes);
      setScalar(bad.view, at, scalar);
      assert.ok(!canonical(bad.bytes));
    }
  }
});

Deno.test("copyMasked() copies under a mask of ones, and writes the order, which is 0, under none", () => {
  const source = scalars(1), target = scalars(2);
  setScalar(source.view, 0, 12345n);
  copyMasked(source.words, 0, -1, target.words, 1);
  assert.equal(scalarAt(target.view, 1), 12345n);
  copyMasked(source.words, 0, 0, target.words, 1);
  assert.equal(scalarAt(target.view, 1), order);
  assert.equal(scalarAt(target.view, 0), 0n);
});
