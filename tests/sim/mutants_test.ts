import assert from "node:assert/strict";
import { allMutants } from "./all_mutants.ts";
import { survivorsOf } from "./mutation.ts";

/** The bugs that only whole lines of epochs find take half a minute each: `deno task campaign` tries them. */
const quick = allMutants.filter(({ caughtBy }) => !("lines" in caughtBy));

Deno.test("every seeded bug is caught", async () => {
  assert.deepEqual(await survivorsOf(quick), []);
  assert.equal(new Set(allMutants.map(({ name }) => name)).size, allMutants.length, "every name once");
  assert.ok(quick.length >= 800);
});
