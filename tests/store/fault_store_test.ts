import assert from "node:assert/strict";
import { StoreError } from "../../src/errors.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { faultyStore } from "./fault_store.ts";

const sealed = Uint8Array.of(1);

Deno.test("faultyStore() fails the nth matching swap only, and writes nothing then", async () => {
  const inner = memoryStore();
  const store = faultyStore(inner, [{ on: "swap", name: /^wallet\//, nth: 2, then: "fail" }]);
  assert(await store.swap("wallet/a", null, sealed));
  assert(await store.swap("id/1", null, sealed));
  await assert.rejects(store.swap("wallet/b", null, sealed), StoreError);
  assert(await store.swap("wallet/c", null, sealed));
  assert.deepEqual(await inner.names(""), ["id/1", "wallet/a", "wallet/c"]);
  assert(!store.crashed);
});

Deno.test("faultyStore() fails every matching call if no number is given", async () => {
  const store = faultyStore(memoryStore(), [{ on: "get", then: "fail" }, { on: "names", then: "fail" }]);
  for (let i = 0; i < 2; i++) await assert.rejects(store.get("a"), StoreError);
  await assert.rejects(store.names(""), StoreError);
  assert.deepEqual(store.calls, ["get a", "get a", "names "]);
});

for (const then of ["crash-before", "crash-after"] as const) {
  Deno.test(
    `faultyStore() throws for good after ${then}, and the write ${
      then === "crash-after" ? "did" : "did not"
    } happen`,
    async () => {
      const inner = memoryStore();
      const store = faultyStore(inner, [{ on: "swap", nth: 1, then }]);
      await assert.rejects(store.swap("a", null, sealed), StoreError);
      await assert.rejects(store.get("a"), StoreError);
      await assert.rejects(store.swap("b", null, sealed), StoreError);
      assert(store.crashed);
      assert.deepEqual(await inner.names(""), then === "crash-after" ? ["a"] : []);
    },
  );
}
