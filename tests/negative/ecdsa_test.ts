import assert from "node:assert/strict";
import { childKey, verify } from "../../mod.ts";
import { badEndings } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { assertFails } from "./honest.ts";
import { hello, Scene } from "./scene.ts";

const tampered = cheats.get("tampered-multiplication")!;
const start = () => Scene.start({ threshold: 2, curve: "secp256k1" });

/** What a peer has on disk under a prefix. */
const rowsOf = async (scene: Scene, name: string, prefix: string) =>
  await scene.everyone(name).store.names(prefix);

Deno.test("sign() gives an ECDSA signature in all its forms, for a message, a digest, and a child", async () => {
  await using scene = await start();
  const { value, error } = await scene.sign(["alice", "bob"], { hash: "keccak256" });
  assert.equal(error, null);
  assert.ok(value?.curve === "secp256k1");
  assert.ok(verify(scene.key, { message: hello, hash: "keccak256" }, value));
  assert.ok(!verify(scene.key, hello, value), "sha256 is another digest");
  assert.deepEqual(value.publicKey, scene.key.publicKey);
  assert.equal(value.ethereum?.length, 65);
  const path = [44, 0, 7];
  const child = await scene.sign(["alice", "carol"], { path });
  assert.ok(verify(childKey(scene.key, path), hello, child.value!));
});

Deno.test("sign() bans who tampers with the multiplication, on disk, and signs with another by itself", async () => {
  await using scene = await start();
  const key = `${scene.key.session}`;
  scene.arm("bob", tampered);
  const seen = await scene.sign(["alice", "bob"]);
  assertFails(scene, seen, "alice", {
    code: "invalid-multiplication",
    culprits: ["bob"],
    phase: "exchanging",
    round: "extend",
    key: "safe-if-banned",
  });
  assertFails(scene, seen, "bob", {
    code: "aborted-by-peer",
    claims: [{ by: "alice", code: "invalid-multiplication", peers: ["bob"] }],
  });
  assert.deepEqual(await rowsOf(scene, "alice", "ban/"), [`ban/${key}/${scene.peer("bob")}`]);
  assert.deepEqual(await rowsOf(scene, "alice", "pair/"), [`pair/${key}/${scene.peer("carol")}`]);
  assert.deepEqual(await rowsOf(scene, "bob", "ban/"), [], "nobody bans on another's word");

  const again = await scene.sign(["alice", "bob"]);
  assert.equal(again.error?.code, "peer-banned");
  const { wallet, curve } = scene.key;
  const free = await scene.watch(() => scene.node("alice").sign({ wallet, curve, message: hello }));
  assert.ok(verify(scene.key, hello, free.value!), "alice signs with carol");
  const byBob = await scene.watch(() => scene.node("bob").sign({ wallet, curve, message: hello }));
  assert.ok(verify(scene.key, hello, byBob.value!), "bob, refused by alice, signs with carol");
  assert.deepEqual((await scene.node("alice").readiness({ wallet, curve })).banned, [scene.peer("bob")]);

  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  assert.equal((await scene.sign(["alice", "bob"])).error?.code, "peer-banned", "a restart forgets nothing");
  assert.deepEqual(
    scene.node("carol").bans().map(({ by, other }) => [scene.nameOf(by), scene.nameOf(other)]),
    [
      ["alice", "bob"],
    ],
  );
});

Deno.test("sign() with a key that failed in the last step three times, nobody being named, is refused with key-frozen until it is thawed", async () => {
  await using scene = await Scene.start({ threshold: 3, curve: "secp256k1" });
  const { wallet, curve } = scene.key;
  for (let i = 0; i < 3; i++) {
    scene.arm("bob", badEndings[0]!);
    const seen = await scene.sign(["alice", "bob", "carol"]);
    assertFails(scene, seen, "alice", { code: "result-rejected" });
  }
  assert.equal((await scene.sign(["alice", "bob", "carol"])).error?.code, "key-frozen");
  const declined = await scene.sign(["alice", "bob", "carol"], { by: "bob" });
  assert.ok(declined.error?.claims.every(({ code }) => code === "key-frozen"));
  for (const name of scene.names) {
    const [key] = await scene.node(name).keys();
    if (name === "alice") assert.equal(key?.state, "frozen");
    if (key?.state === "frozen") await scene.node(name).unfreeze({ wallet, curve });
  }
  assert.ok((await scene.sign(["alice", "bob", "carol"])).value);
});
