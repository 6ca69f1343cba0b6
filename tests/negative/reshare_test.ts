import assert from "node:assert/strict";
import { type Scheme, verify } from "../../mod.ts";
import { releaseRound } from "../../src/session/control.ts";
import { cheatIn } from "./reshare_scene.ts";
import { hello, Scene } from "./scene.ts";

const names = ["alice", "bob", "carol", "dave"];

for (const scheme of ["ed25519", "bip340", "ecdsa"] as const) {
  Deno.test(`reshare() gives a key to another holder, ${scheme}: addresses stay, and old shares are erased`, async () => {
    await using scene = await Scene.start({ names, scheme });
    const made = (await scene.generate("treasury", 2, { members: ["alice", "bob", "carol"] })).value!;
    const { value: key, error } = await scene.reshare(["alice", "bob", "dave"], { gone: ["carol"] });
    assert.equal(error, null);
    assert.deepEqual(key!.publicKey, made.publicKey);
    assert.deepEqual(key!.chainCode, made.chainCode);
    assert.equal(key!.epoch, 2);
    await scene.clock.pass(3_000);
    for (const name of names) {
      const [known, ...more] = await scene.node(name).keys();
      assert.deepEqual(more, [], name);
      assert.equal(known!.epoch, 2, name);
      assert.equal(known!.held, name !== "carol", name);
    }
    for (const signers of [["alice", "bob"], ["alice", "dave"], ["bob", "dave"]]) {
      const signed = await scene.sign(signers);
      assert.equal(signed.error, null, signers.join());
    }
  });
}

Deno.test("reshare() of the keys of one wallet on two curves at once: both are handed over, and where one of them fails, the other is", async () => {
  await using scene = await Scene.start({ names });
  const peers = (members: readonly string[]) => members.map((name) => scene.peer(name));
  const key = { wallet: "treasury", threshold: 2 } as const;
  const on = (scheme: Scheme) => ({
    make: () =>
      scene.watch(() =>
        scene.node("alice").generateKey({ ...key, scheme, members: peers(["alice", "bob"]) })
      ),
    dealAnew: (by: string, members: string[]) =>
      scene.watch(() => scene.node(by).reshare({ ...key, scheme, members: peers(members) })),
  });
  const both = [on("ed25519"), on("ecdsa")] as const;
  const made = await Promise.all(both.map(({ make }) => make()));
  await scene.known("treasury");

  /** The epoch of each key, at everybody. Each has the public key with which it was made. */
  async function assertEpochs(epochs: Partial<Record<Scheme, number>>): Promise<void> {
    await scene.clock.pass(5_000);
    for (const name of names) {
      const keys = await scene.node(name).keys();
      assert.deepEqual(Object.fromEntries(keys.map(({ scheme, epoch }) => [scheme, epoch])), epochs, name);
      for (const { value } of made) {
        const now = keys.find(({ scheme }) => scheme === value!.scheme)!;
        assert.deepEqual([now.publicKey, now.chainCode], [value!.publicKey, value!.chainCode], name);
      }
    }
    for (const { value } of made) {
      const signers = epochs[value!.scheme] === 2 ? ["bob", "dave"] : ["alice", "bob"];
      const signed = await scene.sign(signers, { scheme: value!.scheme });
      assert.ok(signed.value && verify(value!, hello, signed.value), value!.scheme);
    }
  }

  const [ed25519, ecdsa] = both;
  const moved = await Promise.all([
    ed25519.dealAnew("alice", ["bob", "dave"]),
    ecdsa.dealAnew("bob", ["bob", "dave"]),
  ]);
  assert.deepEqual(moved.map(({ value, error }) => [value?.epoch, error]), [[2, null], [2, null]]);
  const ends = scene.everyone("bob").events.filter((event) =>
    (event.type === "opened" || event.type === "done") && event.kind === "reshare" &&
    event.peer === scene.peer("bob")
  );
  assert.deepEqual(ends.map(({ type }) => type), ["opened", "opened", "done", "done"], "at once");
  await assertEpochs({ ed25519: 2, ecdsa: 2 });

  scene.arm("dave", {
    ...cheatIn("no release", "round-timeout", (sent) => sent.round === releaseRound ? [] : [sent]),
    applies: ({ kind, scheme }) => kind === "reshare" && scheme === "ed25519",
  });
  const [failed, done] = await Promise.all([
    ed25519.dealAnew("bob", ["alice", "bob"]),
    ecdsa.dealAnew("dave", ["alice", "bob"]),
  ]);
  assert.deepEqual([failed.error?.code, failed.error?.missing], ["round-timeout", peers(["dave"])]);
  assert.equal(done.value?.epoch, 3, done.error?.code);
  await assertEpochs({ ed25519: 2, ecdsa: 3 });
});
