import assert from "node:assert/strict";
import type { Cheat } from "../../src/demo/cheats/cheat_wire.ts";
import { cheatOf } from "../../src/demo/cheats/session_cheats.ts";
import { schemeIds } from "../../src/schemes/schemes.ts";
import { assertFails, assertWorks } from "./honest.ts";
import { hello, Scene, type Seen } from "./scene.ts";

const all = ["alice", "bob", "carol"];

/** Is honest but for the first round in its accept. */
const accepting = (firstRound: NonNullable<Cheat["firstRound"]>): Cheat => ({
  ...cheatOf(
    {
      name: "first-round",
      label: "accept with another first round",
      expects: { outcome: "failed", code: "malformed-message", names: "culprit" },
    },
    (said) => [said],
  ),
  firstRound,
});

const nonsense: Record<string, NonNullable<Cheat["firstRound"]>> = {
  "nothing": () => new Uint8Array(),
  "one byte less": (_task, honest) => honest.slice(0, -1),
  "one byte more": (_task, honest) => Uint8Array.of(...honest, 0),
  "as much as an accept takes": () => new Uint8Array(128).fill(255),
};

/** Everyone but bob names bob, and can show why; and nobody else can be shown to have done it. */
async function assertNamed(scene: Scene, seen: Seen, what: string): Promise<void> {
  for (const name of ["alice", "carol"]) {
    const end = assertFails(scene, seen, name, { code: "malformed-message", culprits: ["bob"] });
    assert.equal(await scene.proof(end, { items: [{ message: hello }] }), "proven", `${what}, ${name}`);
    for (const honest of ["alice", "carol"]) {
      const framed = { ...end, culprits: [scene.peer(honest)] };
      assert.notEqual(
        await scene.proof(framed, { items: [{ message: hello }] }),
        "proven",
        `${what}, ${name}`,
      );
    }
  }
}

for (const scheme of schemeIds) {
  Deno.test(`sign() and generateKey() of ${scheme} name, provably, who accepts with what is no first round`, async () => {
    await using scene = await Scene.start({ scheme, threshold: 3 });
    for (const [what, firstRound] of Object.entries(nonsense)) {
      scene.arm("bob", accepting(firstRound));
      await assertNamed(scene, await scene.sign(all), `${what}, sign`);
      scene.arm("bob", accepting(firstRound));
      const made = await scene.generate();
      await assertNamed(scene, made, `${what}, generate`);
      scene.adversaries.get("bob")!.disarm();
    }
    await assertWorks(scene);
  });
}

Deno.test("sign() names two who accept with what is no first round, in one failure", async () => {
  await using scene = await Scene.start({ names: [...all, "dave"], threshold: 4 });
  for (const name of ["bob", "dave"]) scene.arm(name, accepting(() => new Uint8Array()));
  const seen = await scene.sign(scene.names);
  for (const name of ["alice", "carol"]) {
    const end = assertFails(scene, seen, name, { code: "malformed-message", culprits: ["bob", "dave"] });
    assert.equal(await scene.proof(end, { items: [{ message: hello }] }), "proven");
  }
});

for (const scheme of ["ed25519", "bip340"] as const) {
  Deno.test(`sign() of ${scheme} names who copies another's commitments: it cannot sign with them`, async () => {
    await using scene = await Scene.start({ scheme, threshold: 3 });
    let alices: Uint8Array = new Uint8Array();
    scene.arm("alice", accepting((_task, honest) => alices = honest));
    scene.arm("bob", { ...accepting(() => alices), withholdsMs: Infinity });
    const seen = await scene.sign(all, { by: "alice" });
    assert.ok(alices.length > 0);
    for (const name of ["alice", "carol"]) {
      const end = assertFails(scene, seen, name, { code: "invalid-signature-share", culprits: ["bob"] });
      assert.equal(await scene.proof(end, { items: [{ message: hello }] }), "proven", name);
      const framed = { ...end, culprits: [scene.peer("alice")] };
      assert.notEqual(await scene.proof(framed, { items: [{ message: hello }] }), "proven", name);
    }
    await assertWorks(scene);
  });
}
