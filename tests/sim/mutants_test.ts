import assert from "node:assert/strict";
import { allMutants } from "./all_mutants.ts";
import { survivorsOf } from "./mutation.ts";

Deno.test("every seeded bug is caught", async () => {
  assert.deepEqual(await survivorsOf(allMutants), []);
  assert.equal(new Set(allMutants.map(({ name }) => name)).size, allMutants.length, "every name once");
  assert.ok(allMutants.length >= 60);
});
