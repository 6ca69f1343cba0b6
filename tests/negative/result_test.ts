import { ed25519 } from "@noble/curves/ed25519.js";
import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { Keys } from "../../src/cluster/keys/keys.ts";
import { resultRecord } from "../../src/cluster/commands/results.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { StoreError } from "../../src/errors.ts";
import { sign } from "../../src/session/signed.ts";
import { assertWorks } from "./honest.ts";
import { inPlaceOf, reach } from "./raw_peer.ts";
import { hello, Scene } from "./scene.ts";

const none = new Uint8Array();

Deno.test("sign() believes no result that does not verify, and no failure but its coordinator's", async () => {
  await using scene = await Scene.start({
    names: ["alice", "bob", "carol", "dave"],
    threshold: 2,
    consoles: ["eve"],
  });
  await scene.clock.pass(2_000);
  const dave = await inPlaceOf(scene, "dave");
  const { node } = scene.cluster.at("eve");
  const other = await scene.sign(["alice", "bob"], { message: new Uint8Array(9) });
  scene.arm("bob", cheats.get("slow")!);
  const session = node.sign({
    wallet: "treasury",
    scheme: "ed25519",
    message: hello,
    signers: [scene.peer("alice"), scene.peer("bob")],
  });
  const result = {
    id: Uint8Array.fromHex(session.id),
    attempt: none,
    session: none,
    signatures: [],
    certificate: none,
    code: null,
    culprits: [],
    missing: [],
    claims: [],
    spoilt: [],
  };
  const carol = scene.peer("carol");
  const spoofs = [
    { ...result, code: "cancelled" as const },
    { ...result, code: "equivocation" as const, culprits: [carol] },
    { ...result, signatures: [new Uint8Array(64)] },
    { ...result, signatures: [other.value!.bytes] }, // of the same key, over something else
  ];
  for (const spoof of spoofs) {
    const channel = await reach(scene, dave, "eve", protocols.result);
    await channel.send((await sign(dave.identity, resultRecord, spoof)).encoded);
    const foreign = await reach(scene, dave, "eve", protocols.result);
    await foreign.send((await sign(scene.everyone("alice").identity, resultRecord, spoof)).encoded);
    await scene.clock.pass(100);
  }
  const signature = await scene.clock.until(session.result);
  assert.ok(ed25519.verify(signature.bytes, hello, scene.key.publicKey, { zip215: false }));
  await dave.network.stop();
  await scene.cluster.boot("dave");
  await assertWorks(scene);
});

Deno.test("generateKey() of a console ends with store-failed where it cannot take the new key in", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  const { learn } = Keys.prototype;
  let tried = 0;
  Keys.prototype.learn = () => {
    tried++;
    return Promise.reject(new StoreError("its disk is gone"));
  };
  try {
    const seen = await scene.generate("more", 2, { by: "eve" });
    assert.equal(seen.error?.code, "store-failed");
    assert.ok(tried > 0);
  } finally {
    Keys.prototype.learn = learn;
  }
  await assertWorks(scene);
});

Deno.test("events() tell of others only what they signed of themselves", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  await scene.sign(["alice", "bob"]);
  await scene.clock.pass(2_000);
  for (const { events, node } of scene.cluster.nodes.values()) {
    for (const event of events) {
      if (!("peer" in event) || event.peer === node.self) continue;
      const theirs = scene.everyone(scene.nameOf(event.peer)).events;
      const same = theirs.find((one) => "seq" in one && one.seq === event.seq && one.peer === event.peer);
      assert.deepEqual(event, same);
    }
  }
});
