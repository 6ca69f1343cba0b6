/**
 * A batch of ecdsa in which somebody cheats: it ends as one signature would, and nobody tells of which item it was.
 */
import assert from "node:assert/strict";
import { type ItemInput, verify } from "../../mod.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { type Cheat, sending, withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import {
  badEndings,
  banning,
  otherMask,
  otherRequest,
  otherSalt,
} from "../../src/demo/cheats/ecdsa_cheats.ts";
import { freezeAfter } from "../../src/limits.ts";
import { type Correct, signingEcdsa } from "../../src/protocol/sign_ecdsa_messages.ts";
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

/** Bob cheats so in a batch with alice: she ends so, and says nothing of items. */
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

/** Tampers with a~ of one item, from 0. */
const inItem = (item: number): Cheat => ({
  ...banning[3]!,
  wrap: (wire, { itemCount }) => {
    const { codec } = signingEcdsa(itemCount).correct;
    const flipped = (bytes: Uint8Array) => bytes.with(31, bytes[31]! ^ 1);
    const change = (message: Correct): Correct => ({
      ...message,
      items: message.items.map((one, i) =>
        i === item ? { ...one, corrections: flipped(one.corrections) } : one
      ),
    });
    return sending(wire, (sent) => sent.round === "correct" ? [withPayload(sent, codec, change)] : [sent]);
  },
  withholdsMs: Infinity,
});

Deno.test("sign() of a batch of ecdsa bans who cheats in one item, and sends and tells the same whichever it is", async () => {
  const sent: number[] = [];
  let honest: string = "alice";
  await using scene = await ecdsaScene({
    carry: (_clock, nameOf) => ({ bytes, protocol, from }) => {
      if (protocol === protocols.session && nameOf(from) === honest) sent.push(bytes.length);
      return [{ bytes, afterMs: 0 }];
    },
  });
  const ends: unknown[] = [];
  const pairs = [["alice", "bob"], ["alice", "carol"], ["bob", "carol"]] as const; // each ban takes one
  for (const [item, pair] of pairs.entries()) {
    const [one, cheater] = pair;
    honest = one;
    sent.length = 0;
    scene.arm(cheater, inItem(item));
    const seen = await scene.signBatch(pair, items);
    assertFails(scene, seen, honest, { code: "invalid-multiplication", culprits: [cheater] });
    assert.ok(sent.length > 4, `${sent}: an opening, extend, the pieces of correct`);
    assert.ok((await onDisk(scene, honest)).banned.includes(cheater));
    const told = seen.view(honest).map((event) => [
      event.type,
      "round" in event ? event.round : null,
      ...(event.type === "failed" ? [event.items, event.spoilt] : []),
    ]);
    ends.push({ told, sent: [...sent], items: seen.error!.items });
  }
  for (const [item, end] of ends.entries()) assert.deepEqual(end, ends[0], `item ${item}`);
});

Deno.test("sign() of a batch of ecdsa finds the link lost when a piece of a message is, whichever it is, and bans nobody", async () => {
  let dropped: number | null = null;
  let pieces = 0;
  await using scene = await ecdsaScene({
    carry: (_clock, nameOf) => ({ bytes, protocol, from, to }) => {
      // Of bob's messages to alice only "correct" has pieces of this length: three of them.
      const counted = protocol === protocols.session && nameOf(from) === "bob" && nameOf(to) === "alice" &&
        bytes.length > 45_000;
      return counted && pieces++ === dropped ? [] : [{ bytes, afterMs: 0 }];
    },
  });
  for (const piece of [0, 1, 2]) {
    [dropped, pieces] = [piece, 0];
    const seen = await scene.signBatch(["alice", "bob"], items);
    assertFails(scene, seen, "alice", { code: "link-lost", missing: ["bob"], key: "safe" });
    assert.ok(pieces > piece, `piece ${piece} of ${pieces} was lost`);
    assert.deepEqual(seen.error!.items, []);
    assert.equal(await nobodyBanned(scene), null);
    [dropped, pieces] = [null, 0];
    const again = await scene.signBatch(["alice", "bob"], items);
    assert.ok(again.value, again.error?.code);
    assert.equal(pieces, 3);
  }
});

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
