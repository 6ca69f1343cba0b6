/**
 * A disk that is full is said to be that, to everybody in the session and to whoever asked.
 * @module
 */
import assert from "node:assert/strict";
import { memoryStore } from "../../src/store/memory.ts";
import { type Fault, faultyStore } from "../store/fault_store.ts";
import { assertFails, terminalOf } from "./honest.ts";
import { Scene } from "./scene.ts";

/** Bob's disk fails as `faults` say at that moment. */
async function withFaults(faults: Fault[]) {
  const store = (name: string) => name === "bob" ? faultyStore(memoryStore(), faults) : memoryStore();
  return await Scene.start({ threshold: 2, store });
}

Deno.test("A member whose disk is full when a session opens tells the others store-failed, in signing as in generating", async () => {
  const faults: Fault[] = [];
  await using scene = await withFaults(faults);
  const claims = [{ by: "bob", code: "store-failed", peers: [] }] as const;
  const told = [{ by: scene.peer("bob"), code: "store-failed", peers: [] }];

  faults.push({ on: "swap", name: /^command\//, then: "fail" });
  for (const by of ["alice", "carol"]) {
    const seen = await scene.sign(["alice", "bob"], { by });
    assertFails(scene, seen, "bob", { code: "store-failed", phase: "opening" });
    assertFails(scene, seen, "alice", { code: "aborted-by-peer", claims });
    assert.deepEqual([seen.error?.code, seen.error?.claims], ["aborted-by-peer", told], by);
  }
  for (const name of [/^command\//, /^key\//]) {
    faults.splice(0, 1, { on: "swap", name, then: "fail" });
    const seen = await scene.generate();
    assertFails(scene, seen, "bob", { code: "store-failed", key: "no-key" });
    for (const other of ["alice", "carol"]) {
      assertFails(scene, seen, other, { code: "aborted-by-peer", claims, key: "no-key" });
    }
    assert.deepEqual(seen.error?.claims, told);
  }
  faults.length = 0;
  assert.ok((await scene.sign(["alice", "bob"])).value, "once there is room again");
});

Deno.test("A coordinator whose disk is full tells whoever asked store-failed, and its members too", async () => {
  const faults: Fault[] = [];
  await using scene = await withFaults(faults);
  faults.push({ on: "swap", name: /^command\//, then: "fail" });
  const seen = await scene.sign(["alice", "bob"], { by: "bob" });
  assert.equal(seen.error?.code, "store-failed");
  const claims = [{ by: "bob", code: "store-failed", peers: [] }] as const;
  assertFails(scene, seen, "alice", { code: "aborted-by-peer", claims });
});

Deno.test("A member that cannot write its share says so to those for whom the key is pending", async () => {
  const faults: Fault[] = [];
  await using scene = await withFaults(faults);
  faults.push({ on: "swap", name: /^key\//, nth: 2, then: "fail" });
  const seen = await scene.generate();
  assertFails(scene, seen, "bob", { code: "store-failed", phase: "committing", key: "no-key" });
  for (const name of ["alice", "carol"]) {
    const end = terminalOf(seen, name);
    assert.ok(end.type === "failed" && end.code === "wallet-pending");
    assert.deepEqual(end.claims, [{ by: scene.peer("bob"), code: "store-failed", peers: [] }]);
    assert.deepEqual(end.culprits, []);
  }
});
