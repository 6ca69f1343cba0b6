import assert from "node:assert/strict";
import { Scene } from "./scene.ts";

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
