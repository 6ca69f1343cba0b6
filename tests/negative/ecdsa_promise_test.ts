import assert from "node:assert/strict";
import type { Cheat } from "../../src/demo/cheats/cheat_wire.ts";
import { otherRequest } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { cheatOf } from "../../src/demo/cheats/session_cheats.ts";
import { promisedNonces } from "../../src/protocol/sign_ecdsa_messages.ts";
import { ecdsaScene, nobodyBanned } from "./ecdsa_scene.ts";
import { assertFails } from "./honest.ts";

const all = ["alice", "bob", "carol"];

/** Is honest in every message, but promises something else in its accept. */
const promising = (firstRound: NonNullable<Cheat["firstRound"]>): Cheat => ({
  ...cheatOf({ name: "promise", label: "promise another nonce", expects: otherRequest.expects }, (said) => [
    said,
  ]),
  firstRound,
});

// F21: DKLs23 wants the promises of nonces broadcast; here they are in the session's id, so that there is one.
Deno.test("sign() of three names, to all, who opens another nonce than it has promised, and bans nobody", async () => {
  await using scene = await ecdsaScene({ threshold: 3 });
  scene.arm("bob", promising(() => promisedNonces.encode({ promise: new Uint8Array(32) })));
  const seen = await scene.sign(all);
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, { code: "invalid-commitment", culprits: ["bob"], round: "correct" });
  }
  assert.equal(await nobodyBanned(scene), null);
  scene.adversaries.get("bob")!.disarm();
  assert.ok((await scene.sign(all)).value, "they sign together the next time");
});

Deno.test("sign() of three names who has copied the promise of another, or its own of another attempt", async () => {
  await using scene = await ecdsaScene({ threshold: 3 });
  let alices: Uint8Array = new Uint8Array();
  let earlier: Uint8Array | null = null;
  scene.arm("alice", promising((_task, honest) => alices = honest), { once: false });
  const cheats = {
    "another's": promising(() => alices),
    "its own of another attempt": promising((_task, honest) => earlier ?? (earlier = honest)),
  };
  for (const [what, cheat] of Object.entries(cheats)) {
    if (cheat === cheats["its own of another attempt"]) {
      scene.arm("bob", cheat);
      assert.ok((await scene.sign(all, { by: "alice" })).value, "what it promises first, it can open");
    }
    scene.arm("bob", cheat);
    const seen = await scene.sign(all, { by: "alice" });
    for (const name of ["alice", "carol"]) {
      assertFails(scene, seen, name, { code: "invalid-commitment", culprits: ["bob"], round: "correct" });
    }
    assert.equal(await nobodyBanned(scene), null, what);
  }
});

Deno.test("sign() of three names, provably, who promises what is no promise, and bans nobody", async () => {
  await using scene = await ecdsaScene({ threshold: 3 });
  for (const nonsense of [new Uint8Array(), new Uint8Array(7), new Uint8Array(128).fill(255)]) {
    scene.arm("bob", promising(() => nonsense));
    const seen = await scene.sign(all);
    for (const name of ["alice", "carol"]) {
      const end = assertFails(scene, seen, name, { code: "malformed-message", culprits: ["bob"] });
      assert.equal(await scene.proof(end), "proven", name);
      // The same accepts show nothing of who is honest.
      assert.notEqual(await scene.proof({ ...end, culprits: [scene.peer(name)] }), "proven");
    }
    assert.equal(await nobodyBanned(scene), null);
  }
});
