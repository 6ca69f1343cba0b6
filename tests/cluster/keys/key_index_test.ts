import assert from "node:assert/strict";
import { KeyIndex } from "../../../src/cluster/keys/key_index.ts";

const named = (wallet: string) => ({ wallet, scheme: "ed25519" }) as const;

Deno.test("KeyIndex finds the keys of a name and those that look alike, and no longer those that are gone", () => {
  const index = new KeyIndex();
  index.put("a", named("treasury"));
  index.put("b", named("treasury"));
  index.put("c", { wallet: "treasury", scheme: "ecdsa" });
  index.put("d", named("trеasury")); // with a Cyrillic е
  assert.deepEqual([...index.named(named("treasury"))], ["a", "b"]);
  assert.deepEqual([...index.alike("treasury")].sort(), ["a", "b", "c", "d"]);
  index.remove("b");
  index.remove("d");
  assert.deepEqual([...index.named(named("treasury"))], ["a"]);
  assert.deepEqual([...index.alike("TREASURY")].sort(), ["a", "c"]);
  assert.deepEqual([...index.named(named("none"))], []);
});

Deno.test("KeyIndex.since() gives each key once, where it last changed, and what a key that changed again hid", () => {
  const index = new KeyIndex();
  for (const id of ["a", "b", "c", "d"]) index.put(id, named(id));
  const ids = (place: number) => [...index.since(place)].map(({ id }) => id);
  const told = [...index.since(0)].at(-1)!.place;
  assert.deepEqual(ids(told), []);
  index.put("e", named("e"));
  index.put("d", named("d"));
  assert.deepEqual(ids(told), ["e", "d"]);
  index.put("b", named("b"));
  assert.deepEqual(ids(0), ["a", "c", "e", "d", "b"]);
  assert.deepEqual(ids([...index.since(0)].at(-1)!.place), []);
});

Deno.test("KeyIndex finds one of 20,000 wallets without going through them", () => {
  const index = new KeyIndex();
  for (let i = 0; i < 20_000; i++) index.put(`${i}`, named(`customer ${i}`));
  const begun = performance.now();
  for (let i = 0; i < 20_000; i++) {
    assert.deepEqual([...index.named(named(`customer ${i}`))], [`${i}`]);
    if (i % 100 === 0) assert.ok(index.alike(`customer ${i}`).has(`${i}`));
  }
  assert.ok(performance.now() - begun < 5_000, "a look through all for each would be 400 million");
});
