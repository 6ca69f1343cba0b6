/**
 * A batch of ecdsa in which somebody cheats: it ends as one signature would, and nobody tells of which item it was.
 */
import assert from "node:assert/strict";
import { type ItemInput, verify } from "../../mod.ts";
import type { Cheat } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import {
  badEndings,
  banning,
  otherMask,
  otherRequest,
  otherSalt,
} from "../../src/demo/cheats/ecdsa_cheats.ts";
import { freezeAfter } from "../../src/limits.ts";
import { ecdsaScene, nobodyBanned, onDisk } from "./ecdsa_scene.ts";
import { assertFails, type Ends, terminalOf } from "./honest.ts";
import { hello, type Scene } from "./scene.ts";

const items: readonly ItemInput[] = [
  { message: hello },
  { message: hello, hash: "keccak256", path: [44, 60] },
  { digest: new Uint8Array(32).fill(7), hash: "sha256d" },
];

Deno.test("sign() of a batch of ecdsa gives a signature of each item, in their order", async () => {
  await using scene = await ecdsaScene({ consoles: ["eve"] });
  for (const by of ["alice", "eve"]) {
    const { value, error } = await scene.signBatch(["alice", "bob"], items, { by });
    assert.ok(value, error?.code);
    assert.equal(value.length, items.length);
    for (const [i, input] of items.entries()) assert.ok(verify(scene.key, input, value[i]!), `item ${i}`);
  }
  assert.equal(await nobodyBanned(scene), null);
});

/** Bob cheats so in every item of a batch with alice: she ends so, and says nothing of items. */
async function assertEnds(scene: Scene, cheat: Cheat, ends: Ends): Promise<void> {
  scene.arm("bob", { ...cheat, withholdsMs: Infinity });
  const seen = await scene.signBatch(["alice", "bob"], items);
  assert.equal(seen.value, null, cheat.name);
  assert.deepEqual(seen.error!.items, [], cheat.name);
  assertFails(scene, seen, "alice", ends);
  const end = terminalOf(seen, "alice");
  assert.ok(end.type === "failed");
  assert.deepEqual([end.items, end.spoilt], [3, undefined], cheat.name);
}

for (const cheat of [banning[0]!, banning[3]!, banning[8]!]) {
  Deno.test(`sign() of a batch of ecdsa bans who cheats with ${cheat.name}, and tells of no item`, async () => {
    await using scene = await ecdsaScene();
    await assertEnds(scene, cheat, { code: "invalid-multiplication", culprits: ["bob"] });
    assert.deepEqual(await onDisk(scene, "alice"), { banned: ["bob"], pairs: ["carol"] });
    const again = await scene.signBatch(["alice", "carol"], items);
    assert.ok(again.value, again.error?.code);
  });
}

Deno.test("sign() of a batch of ecdsa bans nobody for another request, opening or mask, nor for a bad ending", async () => {
  await using scene = await ecdsaScene();
  await assertEnds(scene, otherRequest, { code: "session-mismatch" });
  await assertEnds(scene, otherSalt, { code: "invalid-commitment", culprits: ["bob"] });
  assert.equal(await nobodyBanned(scene), null);
  for (const cheat of [otherMask, badEndings[2]!, cheats.get("forged-share")!]) {
    await assertEnds(scene, cheat, { code: "invalid-signature-share", culprits: ["bob"] });
  }
  assert.equal(await nobodyBanned(scene), null);
});

Deno.test("sign() of a batch of ecdsa bans who tampers with the multiplication, as the demonstration does", async () => {
  await using scene = await ecdsaScene();
  const cheat = cheats.get("tampered-multiplication")!;
  await assertEnds(scene, cheat, { code: "invalid-multiplication", culprits: ["bob"] });
});

Deno.test("sign() counts a batch of ecdsa once, however many items of it fail: the third one quarantines the pair", async () => {
  await using scene = await ecdsaScene();
  const quarantined = () =>
    scene.node("alice").quarantines().filter(({ by }) => by === scene.peer("alice")).length;
  for (let failed = 1; failed <= freezeAfter; failed++) {
    await assertEnds(scene, badEndings[1]!, { code: "invalid-signature-share", culprits: ["bob"] });
    assert.equal(quarantined(), failed < freezeAfter ? 0 : 1, `after ${failed} batches of three bad items`);
  }
  assert.equal((await scene.signBatch(["alice", "bob"], items)).error?.code, "pair-quarantined");
  assert.ok((await scene.signBatch(["alice", "carol"], items)).value);
});
