import assert from "node:assert/strict";
import fc from "fast-check";
import { createPublicKey, verify } from "node:crypto";
import { checkEvidence } from "../../mod.ts";
import { evidenceHash, evidenceRecord } from "../../src/cluster/links/evidence_store.ts";
import { type Cheat, withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { cheatOf } from "../../src/demo/cheats/session_cheats.ts";
import { signingFrost } from "../../src/protocol/sign_frost.ts";
import { messageRecord } from "../../src/session/echo.ts";
import { decodeEnvelope, encodeEnvelope, signEnvelope } from "../../src/session/envelope.ts";
import { badElements, badScalars } from "../crypto/points.ts";
import { groups } from "../../src/crypto/group.ts";
import { assertCaught, assertFails, assertWorks, type Ends, terminalOf } from "./honest.ts";
import { hello, Scene } from "./scene.ts";

const all = ["alice", "bob", "carol"];
const { commit, share } = signingFrost.ed25519;

function caught(name: string, cheat: Cheat, ends: Omit<Ends, "culprits">): void {
  Deno.test(`sign() names ${name}`, async () => {
    await using scene = await Scene.start({ threshold: 3 });
    await assertCaught(scene, "bob", cheat, () => scene.sign(all), {
      culprits: ["bob"],
      phase: "exchanging",
      key: "safe",
      ...ends,
    });
  });
}

caught("who sends a forged share", cheats.get("forged-share")!, {
  code: "invalid-signature-share",
  round: "share",
});
caught("who tells two stories in the commit round", cheats.get("two-stories")!, {
  code: "equivocation",
  round: "share",
});
caught("who sends garbage", cheats.get("garbage")!, { code: "malformed-message", round: "commit" });

Deno.test("sign() names two forgers, and neither of the honest", async () => {
  await using scene = await Scene.start({ names: ["alice", "bob", "carol", "dave"], threshold: 4 });
  for (const cheater of ["bob", "dave"]) scene.arm(cheater, cheats.get("forged-share")!);
  const seen = await scene.sign(["alice", "bob", "carol", "dave"]);
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, { code: "invalid-signature-share", culprits: ["bob", "dave"] });
  }
  await assertWorks(scene);
});

Deno.test("sign() of two names the forger at the one honest peer, and the others never hear of it", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const seen = await assertCaught(
    scene,
    "bob",
    cheats.get("forged-share")!,
    () => scene.sign(["alice", "bob"]),
    { code: "invalid-signature-share", culprits: ["bob"], phase: "exchanging", round: "share" },
  );
  assert.deepEqual(seen.error?.culprits, [scene.peer("bob")]);
  assert.deepEqual(seen.view("carol"), []);
});

Deno.test("sign() gives evidence of a forged share, of two stories and of garbage that convinces a third party", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  for (const name of ["forged-share", "two-stories", "garbage"]) {
    scene.arm("bob", cheats.get(name)!);
    const seen = await scene.sign(all);
    for (const honest of ["alice", "carol"]) {
      const end = terminalOf(seen, honest);
      assert.ok(end.type === "failed");
      const proof = await scene.proof(end, { message: hello });
      assert.equal(proof, "proven", `${name}, as ${honest} tells it`);
      const framed = { ...end, culprits: [scene.peer("alice")] };
      assert.notEqual(await scene.proof(framed, { message: hello }), "proven");
    }
  }
});

Deno.test("checkEvidence() is not fooled by who shows other words of its own than the accused had answered", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  scene.arm("bob", cheats.get("forged-share")!);
  const seen = await scene.sign(["alice", "bob"]);
  const end = assertFails(scene, seen, "alice", { code: "invalid-signature-share", culprits: ["bob"] });
  const known = { message: hello };
  assert.equal(await scene.proof(end, known), "proven");
  const { identity, peer } = scene.everyone("alice");
  const original = evidenceRecord.decode((await scene.evidence(end))!);
  const shown = await Promise.all(original.shown.map(async (encoded) => {
    const envelope = decodeEnvelope(encoded);
    if (envelope.from !== peer || envelope.round !== "commit") return encoded;
    const { payload, echo } = messageRecord.decode(envelope.body);
    const { hiding, binding } = commit.codec.decode(payload);
    const other = commit.codec.encode({ hiding: binding, binding: hiding });
    const body = messageRecord.encode({ payload: other, echo });
    return encodeEnvelope(await signEnvelope(identity, { ...envelope, body }));
  }));
  assert.notDeepEqual(shown, original.shown);
  const checked = async (shown: readonly Uint8Array[]) => {
    const evidence = evidenceRecord.encode({ ...original, shown: [...shown] });
    return await checkEvidence({ ...end, evidence: evidenceHash(evidence) }, evidence, known);
  };
  assert.equal(await checked(shown), "not-proven");
  assert.equal(await checked([Uint8Array.of(15), ...original.shown]), "proven");
});

Deno.test("sign() names who sends any element or scalar that is none", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const bad = [
    ...badElements.ed25519.map(({ what, bytes }) => ({ what, round: "commit", bytes })),
    ...badScalars(groups.ed25519).map(({ what, bytes }) => ({ what, round: "share", bytes })),
  ];
  for (const { what, round, bytes } of bad) {
    scene.arm("bob", badly(round, bytes));
    const seen = await scene.sign(all);
    for (const name of ["alice", "carol"]) {
      const { code } = assertFails(scene, seen, name, { code: "malformed-message", culprits: ["bob"] });
      assert.equal(code, "malformed-message", what);
    }
  }
  await assertWorks(scene);
});

function badly(round: string, bytes: Uint8Array): Cheat {
  return cheatOf({
    name: "bad-encoding",
    label: "send what is no point",
    expects: { outcome: "failed", code: "malformed-message", names: "culprit" },
  }, (said) => {
    if (said.round !== round) return [said];
    // Codecs refuse to read it, not to write it.
    if (round === "share") return [withPayload(said, share.codec, () => ({ share: bytes }))];
    return [withPayload(said, commit.codec, ({ binding }) => ({ hiding: bytes, binding }))];
  });
}

Deno.test("sign() ends in no error of its own, and names nobody but the sender, for any flipped bit of any message", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("commit", "share"), fc.nat(), fc.nat(7), async (round, at, bit) => {
      scene.arm(
        "bob",
        cheatOf({
          name: "flipped-bit",
          label: "flip a bit",
          kinds: ["sign"],
          expects: { outcome: "failed", names: "culprit" },
        }, (said) => {
          if (said.round !== round) return [said];
          const i = at % said.body.length;
          return [{ ...said, body: said.body.with(i, said.body[i]! ^ (1 << bit)) }];
        }),
      );
      const seen = await scene.sign(all);
      for (const name of ["alice", "carol"]) {
        const end = terminalOf(seen, name);
        if (end.type === "done") continue; // an echo's signature may be anything: the hash is what is compared
        assert.deepEqual(end.culprits, [scene.peer("bob")], `${end.code} at ${name}`);
      }
    }),
    { numRuns: 25 },
  );
  await assertWorks(scene);
});

Deno.test("sign() finds missing who is silent, and who crashes, and blames nobody", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  await assertCaught(scene, "bob", cheats.get("silence")!, () => scene.sign(all), {
    code: "round-timeout",
    missing: ["bob"],
    phase: "exchanging",
    round: "commit",
    key: "safe",
  });
  scene.arm("bob", cheats.get("crash")!);
  const seen = await scene.sign(all);
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, { code: "peer-left", missing: ["bob"], phase: "exchanging" });
  }
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});

Deno.test("sign() does not believe who accuses another falsely", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const accused = scene.inOrder().find((name) => name !== "bob")!;
  await assertCaught(scene, "bob", cheats.get("false-accusation")!, () => scene.sign(all), {
    code: "aborted-by-peer",
    claims: [{ by: "bob", code: "invalid-signature-share", peers: [accused] }],
    phase: "exchanging",
  });
});

Deno.test("sign() and generateKey() succeed with a peer that is slow but in time, or repeats old messages", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  for (const name of ["slow", "old-message"]) {
    const { cheated } = scene.arm("bob", cheats.get(name)!);
    const signed = await scene.sign(all);
    assert.ok(signed.value, `${name}: ${signed.error?.code}`);
    scene.arm("bob", cheats.get(name)!);
    const made = await scene.generate();
    assert.ok(made.value, `${name}: ${made.error?.code}`);
    assert.equal(cheated.length, name === "slow" ? 2 : 4);
    for (const honest of all) {
      assert.equal(terminalOf(signed, honest).type, "done");
      assert.equal(terminalOf(made, honest).type, "done");
    }
  }
  await assertWorks(scene);
});

Deno.test("sign() signs any message as it is: empty, leading zeros, 64 KiB", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const spki = Buffer.from([...Uint8Array.fromHex("302a300506032b6570032100"), ...scene.key.publicKey]);
  const key = createPublicKey({ key: spki, format: "der", type: "spki" });
  const messages = [
    new Uint8Array(),
    ...[1, 2, 31, 32].map((zeros) => Uint8Array.of(...new Uint8Array(zeros), 1)),
    new Uint8Array(32),
    new Uint8Array(64 * 1024).fill(7),
  ];
  for (const message of messages) {
    const { value } = await scene.sign(["bob", "carol"], { message });
    assert.ok(value);
    assert.ok(verify(null, message, key, value.bytes), `${message.length} bytes`);
  }
});
