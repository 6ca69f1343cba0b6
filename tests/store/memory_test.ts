import assert from "node:assert/strict";
import { memoryStore } from "../../src/store/memory.ts";
import { remembered } from "../../src/store/rules.ts";
import { storeConformance } from "./conformance.ts";

storeConformance("memoryStore()", {
  durable: false,
  place: () =>
    Promise.resolve({ open: () => Promise.resolve(memoryStore()), async [Symbol.asyncDispose]() {} }),
});

Deno.test("memoryStore() remembers the last 10,000 deleted names", async () => {
  const store = memoryStore();
  const versionOnReturn = async (name: string) => {
    assert(await store.swap(name, null, new Uint8Array()));
    const { version } = (await store.get(name))!;
    assert(await store.swap(name, version, null));
    return version;
  };
  assert.equal(await versionOnReturn("first"), 1);
  for (let i = 1; i < remembered; i++) await versionOnReturn(`other/${i}`);
  assert.equal(await versionOnReturn("first"), 2);
  for (let i = 0; i < remembered; i++) await versionOnReturn(`another/${i}`);
  assert.equal(await versionOnReturn("first"), 1);
  await store.close();
});
