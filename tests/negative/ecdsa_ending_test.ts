import { secp256k1 } from "@noble/curves/secp256k1.js";
import assert from "node:assert/strict";
import { verify } from "../../mod.ts";
import { badEndings, nothingInTheEnd } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { freezeAfter, freezeWithin } from "../../src/limits.ts";
import type { SessionError } from "../../src/errors.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { ecdsaScene, heedful, holding, isProtocolRound, nobodyBanned, overheard } from "./ecdsa_scene.ts";
import { assertFails } from "./honest.ts";
import { hello, type Scene, type SceneOptions, type Seen } from "./scene.ts";

const [forged] = badEndings;

const trio = ["alice", "bob", "carol"];
const inThree = (options: SceneOptions = {}) =>
  ecdsaScene({ names: [...trio, "dave"], threshold: 3, ...options });

/** The next signature of three fails in its last step, for alice and carol: nobody is named. */
async function fails(scene: Scene): Promise<void> {
  scene.arm("bob", forged!);
  const seen = await scene.sign(trio);
  assertFails(scene, seen, "alice", { code: "result-rejected" });
}
const stateOf = async (scene: Scene, name: string) => (await scene.node(name).keys())[0]!.state;

// F31: with two there is one whom it can be; with more nobody can tell. F36: each is an event with its code.
Deno.test("sign() names who ends badly if there is only one other, and else nobody, and no signature comes of it", async () => {
  await using scene = await ecdsaScene();
  const ofThree = (await scene.generate("trio", 3)).value!;
  for (const [i, cheat] of [...badEndings, nothingInTheEnd].entries()) {
    scene.arm("bob", cheat);
    const two = await scene.sign(["alice", "bob"]);
    assertFails(scene, two, "alice", {
      code: "invalid-signature-share",
      culprits: ["bob"],
      round: "finish",
      key: "safe",
    });
    if (i === freezeAfter - 1) {
      assert.equal(await stateOf(scene, "alice"), "active", "who is named takes the key from nobody");
      await scene.node("alice").unfreeze(scene.key, { peer: scene.peer("bob") });
    }
  }
  for (let i = 0; i < freezeAfter; i++) {
    scene.arm("bob", badEndings[i]!);
    const three = await scene.sign(["alice", "bob", "carol"], { wallet: "trio" });
    for (const name of ["alice", "carol"]) {
      const end = three.view(name).at(-1)!;
      assert.ok(end.type === "failed" && end.culprits.length === 0, JSON.stringify(end));
      assert.ok(end.code === "result-rejected" || end.code === "aborted-by-peer", end.code);
    }
    const codes = ["alice", "carol"].map((name) => (three.view(name).at(-1) as { code: string }).code);
    assert.ok(codes.includes("result-rejected"));
  }
  const frozen = (await scene.node("alice").keys()).find(({ session }) => session === ofThree.session)!;
  assert.equal(frozen.state, "frozen", "nobody is named, and it counts all the same");
  assert.equal(await nobodyBanned(scene), null);
});

Deno.test("sign() counts per key and node: two failures today and one of yesterday do not freeze it, three today do", async () => {
  await using scene = await inThree();
  await fails(scene);
  // A day passes in which nobody runs.
  for (const name of scene.names) scene.cluster.kill(name);
  await scene.clock.pass(freezeWithin + 1);
  for (const name of scene.names) await scene.cluster.boot(name);
  await scene.cluster.linked();
  await fails(scene);
  await fails(scene);
  assert.equal(await stateOf(scene, "alice"), "active");
  assert.ok((await scene.sign(trio)).value);
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  await fails(scene);
  assert.equal(await stateOf(scene, "alice"), "frozen", "a restart has not forgotten the two");
  assert.equal(await stateOf(scene, "dave"), "active", "others count for themselves");
  const events = scene.everyone("alice").events.filter((event) =>
    event.type === "key" && event.peer === scene.peer("alice") && event.state === "frozen"
  );
  assert.equal(events.length, 1, "the alarm is an event");
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  const withDave = ["alice", "bob", "dave"];
  assert.equal((await scene.sign(withDave)).error?.code, "key-frozen");
  const { claims } = (await scene.sign(withDave, { by: "dave" })).error!;
  assert.deepEqual(claims.map(({ by, code }) => [scene.nameOf(by), code]), [["alice", "key-frozen"]]);
  await scene.node("alice").unfreeze(scene.key);
  assert.ok((await scene.sign(withDave)).value);
  if (await stateOf(scene, "carol") === "frozen") await scene.node("carol").unfreeze(scene.key);
  await fails(scene);
  assert.equal(await stateOf(scene, "alice"), "active", "thawed, it counts from none");
});

Deno.test("sign() does not begin with a key that was frozen after this node had agreed to sign with it", async () => {
  let noting: { held: PromiseWithResolvers<void>; reached: PromiseWithResolvers<void> } | null = null;
  const spoken: string[] = [];
  await using scene = await inThree({
    // What comes between alice's yes and her first word is a note on her disk.
    store: (name) =>
      heedful(memoryStore(), async (row) => {
        if (name !== "alice" || noting === null || !row.startsWith("command/")) return;
        const { held, reached } = noting;
        noting = null;
        reached.resolve();
        await held.promise;
      }),
    more: (name) =>
      name === "alice"
        ? {
          wrapWire: (wire, about) =>
            overheard(wire, about, ({ round }) => void (isProtocolRound(round) && spoken.push(about.id))),
        }
        : {},
  });
  // Commands that expire in another minute are noted in another row.
  await scene.clock.pass(59_000 - scene.clock.now() % 60_000);
  const { held, reached } = noting = { held: Promise.withResolvers(), reached: Promise.withResolvers() };
  const { wallet, curve } = scene.key;
  const signers = ["alice", "bob", "dave"].map((name) => scene.peer(name));
  const waiting = scene.node("bob").sign({ wallet, curve, message: hello, signers });
  await scene.clock.until(reached.promise);
  await scene.clock.pass(1_000);
  for (let i = 0; i < freezeAfter; i++) await fails(scene);
  held.resolve();
  await scene.clock.until(waiting.result.catch(() => {}));
  await scene.clock.pass(500);
  const end = scene.view("alice", waiting.id).at(-1)!;
  assert.ok(
    end.type === "failed" && end.code === "key-frozen" && end.phase === "opening",
    JSON.stringify(end),
  );
  assert.ok(!spoken.includes(waiting.id), "not a word of that session but why");
  for (const name of ["bob", "dave"]) {
    const claims = [{ by: "alice", code: "key-frozen", peers: [] }] as const;
    assertFails(
      scene,
      { ...waiting, view: (who: string) => scene.view(who, waiting.id) } as unknown as Seen,
      name,
      {
        code: "aborted-by-peer",
        claims,
      },
    );
  }
});

Deno.test("sign() ends with key-frozen what is under way with a key when it is frozen, and nothing else", async () => {
  await using scene = await inThree();
  const other = (await scene.generate("other", 3)).value!;
  const { cheat, release } = holding("correct");
  const signers = ["alice", "bob", "dave"].map((name) => scene.peer(name));
  const [mine, beside] = [scene.key, other].map(({ wallet, curve }) => {
    scene.arm("bob", cheat, { once: false });
    return scene.node("alice").sign({ wallet, curve, message: hello, signers });
  });
  await scene.clock.pass(50);
  for (let i = 0; i < freezeAfter; i++) await fails(scene);
  release();
  const error: SessionError = await scene.clock.until(
    mine!.result.then(() => assert.fail(), (error) => error),
  );
  assert.equal(error.code, "key-frozen");
  await scene.clock.pass(500);
  const atBob = scene.view("bob", mine!.id).at(-1)!;
  assert.ok(atBob.type === "failed" && atBob.code === "aborted-by-peer", JSON.stringify(atBob));
  assert.deepEqual(atBob.claims, [{ by: scene.peer("alice"), code: "key-frozen", peers: [] }]);
  assert.ok(await scene.clock.until(beside!.result));
});

// F30, F33.
Deno.test("sign() gives signatures with a low s, a recovery that gives the key, and a DER of their own length", async () => {
  await using scene = await ecdsaScene();
  const half = secp256k1.Point.Fn.ORDER >> 1n;
  for (let i = 0; i < 24; i++) {
    const message = Uint8Array.of(...hello, i);
    const { value } = await scene.sign(["alice", "bob"], { message });
    assert.ok(value?.curve === "secp256k1" && verify(scene.key, message, value));
    const { bytes, recovery, der, digest } = value;
    assert.ok(BigInt(`0x${bytes.slice(32).toHex()}`) <= half);
    const signature = secp256k1.Signature.fromBytes(bytes).addRecoveryBit(recovery);
    assert.deepEqual(signature.recoverPublicKey(digest).toBytes(), scene.key.publicKey);
    assert.deepEqual(secp256k1.Signature.fromBytes(der, "der").toBytes(), bytes);
    const high = secp256k1.Point.Fn.ORDER - BigInt(`0x${bytes.slice(32).toHex()}`);
    const other = Uint8Array.of(
      ...bytes.slice(0, 32),
      ...Uint8Array.fromHex(high.toString(16).padStart(64, "0")),
    );
    assert.ok(!verify(scene.key, message, { ...value, bytes: other }), "its other form is none of ours");
  }
});
