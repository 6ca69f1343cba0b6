import assert from "node:assert/strict";
import { type Cheat, type Outgoing, sending } from "../../src/demo/cheats/cheat_wire.ts";
import { otherRequest } from "../../src/demo/cheats/ecdsa_cheats.ts";
import type { PeerId } from "../../src/failure.ts";
import { ecdsaScene, nobodyBanned } from "./ecdsa_scene.ts";
import { assertFails, terminalOf } from "./honest.ts";

/** Where a promise is found, in what is said to each and in what is said to all: by its bytes. */
function otherPromise(said: Outgoing, promise: Uint8Array): Outgoing {
  const at = said.body.toHex().indexOf(promise.toHex()) / 2;
  assert.ok(Number.isInteger(at) && at > 0, said.round);
  return { ...said, body: said.body.with(at, said.body[at]! ^ 1) };
}

/** Promises another nonce to one peer, in those of its messages that are named. */
function twoPromises(to: PeerId, rounds: readonly string[]): Cheat {
  return {
    ...otherRequest,
    wrap: (wire) => {
      // What is said to all goes out first, and ends with the promise.
      let promise: Uint8Array | null = null;
      return sending(wire, (said) => {
        if (said.round === "extend/all") {
          promise ??= said.body.slice(said.body.length - 33, said.body.length - 1);
        }
        return [said.to === to && rounds.includes(said.round) ? otherPromise(said, promise!) : said];
      });
    },
  };
}

// F21: DKLs23 wants the promises of nonces broadcast; here each passes on what it heard, signed.
Deno.test("sign() of three names, to all and provably, who promises one nonce here and another there, and bans nobody", async () => {
  await using scene = await ecdsaScene({ threshold: 3 });
  const all = () => scene.sign(["alice", "bob", "carol"]);
  scene.arm("bob", twoPromises(scene.peer("carol"), ["extend", "extend/all"]));
  const seen = await all();
  for (const name of ["alice", "carol"]) {
    const end = assertFails(scene, seen, name, { code: "equivocation", culprits: ["bob"] });
    assert.equal(await scene.proof(end), "proven", name);
  }
  assert.equal(await nobodyBanned(scene), null);
  assert.ok((await all()).value, "they sign together the next time");
});

Deno.test("sign() of three names who tells one peer another promise than it tells all", async () => {
  await using scene = await ecdsaScene({ threshold: 3 });
  for (const round of ["extend", "extend/all"]) {
    scene.arm("bob", twoPromises(scene.peer("carol"), [round]));
    const seen = await scene.sign(["alice", "bob", "carol"]);
    assertFails(scene, seen, "carol", { code: "malformed-message", culprits: ["bob"] });
    const alices = terminalOf(seen, "alice");
    assert.ok(alices.type === "failed");
    assert.deepEqual([alices.code, alices.culprits], ["aborted-by-peer", []], "what carol alone has heard");
    assert.equal(await nobodyBanned(scene), null);
  }
});

Deno.test("sign() of three says what is wrong with what goes to all beside extend: that it never came, or says nothing", async () => {
  await using scene = await ecdsaScene({ threshold: 3 });
  const instead = (change: (said: Outgoing) => readonly Outgoing[]): Cheat => ({
    ...otherRequest,
    wrap: (wire) => sending(wire, (said) => said.round === "extend/all" ? change(said) : [said]),
  });
  scene.arm("bob", instead(() => []));
  const silent = await scene.sign(["alice", "bob", "carol"]);
  for (const name of ["alice", "carol"]) {
    assertFails(scene, silent, name, { code: "round-timeout", missing: ["bob"], round: "extend" });
  }
  scene.arm("bob", instead((said) => [{ ...said, body: new Uint8Array(7) }]));
  const nonsense = await scene.sign(["alice", "bob", "carol"]);
  for (const name of ["alice", "carol"]) {
    const end = assertFails(scene, nonsense, name, { code: "malformed-message", culprits: ["bob"] });
    assert.equal(await scene.proof(end), "proven", name);
    // The same bytes as an honest peer sends them show nothing.
    assert.notEqual(await scene.proof({ ...end, culprits: [scene.peer(name)] }), "proven");
  }
  assert.equal(await nobodyBanned(scene), null);
});
