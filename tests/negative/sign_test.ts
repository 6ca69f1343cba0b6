import { decode } from "cborg";
import assert from "node:assert/strict";
import fc from "fast-check";
import { createPublicKey, verify } from "node:crypto";
import { checkEvidence } from "../../mod.ts";
import { evidenceHash, evidenceRecord } from "../../src/cluster/links/evidence_store.ts";
import { type Cheat, withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { cheatOf } from "../../src/demo/cheats/session_cheats.ts";
import { frostSuites, signingFrost } from "../../src/protocol/sign_frost_messages.ts";
import { encodePreimage } from "../../src/cluster/records/preimage.ts";
import { acceptRecord, sessionOf } from "../../src/session/invite.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { badElements, badScalars } from "../crypto/points.ts";
import { groups } from "../../src/crypto/group.ts";
import { assertCaught, assertFails, assertWorks, type Ends, terminalOf } from "./honest.ts";
import { hello, Scene } from "./scene.ts";

const all = ["alice", "bob", "carol"];
const { share } = signingFrost(frostSuites.ed25519, 1).rounds;
const { nonceCommitment } = frostSuites.ed25519;

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
caught("who sends garbage", cheats.get("garbage")!, { code: "malformed-message", round: "share" });

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

Deno.test("sign() gives evidence of a forged share and of garbage that convinces a third party", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  for (const name of ["forged-share", "garbage"]) {
    scene.arm("bob", cheats.get(name)!);
    const seen = await scene.sign(all);
    for (const honest of ["alice", "carol"]) {
      const end = terminalOf(seen, honest);
      assert.ok(end.type === "failed");
      const proof = await scene.proof(end, { items: [{ message: hello }] });
      assert.equal(proof, "proven", `${name}, as ${honest} tells it`);
      const framed = { ...end, culprits: [scene.peer("alice")] };
      assert.notEqual(await scene.proof(framed, { items: [{ message: hello }] }), "proven");
    }
  }
});

Deno.test("checkEvidence() is not fooled by who shows another accept of its own than the accused had answered", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  scene.arm("bob", cheats.get("forged-share")!);
  const seen = await scene.sign(["alice", "bob"]);
  const end = assertFails(scene, seen, "alice", { code: "invalid-signature-share", culprits: ["bob"] });
  const known = { items: [{ message: hello }] };
  assert.equal(await scene.proof(end, known), "proven");
  const { identity, peer } = scene.everyone("alice");
  const original = evidenceRecord.decode((await scene.evidence(end))!);
  const [, invite, accepts] = decode(original.preimage) as [string, Uint8Array, Uint8Array[]];
  const others = await Promise.all(accepts.map(async (encoded) => {
    const accept = (await readSigned(identity, acceptRecord, encoded))!;
    if (accept.by !== peer) return encoded;
    const { hiding, binding } = nonceCommitment.decode(accept.value.firstRound);
    const firstRound = nonceCommitment.encode({ hiding: binding, binding: hiding });
    return (await sign(identity, acceptRecord, { ...accept.value, firstRound })).encoded;
  }));
  assert.notDeepEqual(others, accepts);
  const checked = async (changes: Partial<typeof original>, told: Partial<typeof end> = {}) => {
    const evidence = evidenceRecord.encode({ ...original, ...changes });
    return await checkEvidence({ ...end, ...told, evidence: evidenceHash(evidence) }, evidence, known);
  };
  const preimage = encodePreimage(invite, others);
  const session = sessionOf(invite, others).toHex();
  // Another accept makes another session, and bob has signed nothing in that one.
  assert.equal(await checked({ preimage }), "not-proven");
  assert.equal(await checked({ preimage }, { session }), "not-proven");
  assert.equal(await checked({ shown: [Uint8Array.of(15), ...original.shown] }), "proven");
});

Deno.test("sign() names who sends any element or scalar that is none", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const bad: { what: string; cheat: Cheat; round: string | null }[] = [
    ...badElements.ed25519.map(({ what, bytes }) => ({ what, cheat: accepting(bytes), round: null })),
    ...badScalars(groups.ed25519).map(({ what, bytes }) => ({ what, cheat: sharing(bytes), round: "share" })),
  ];
  for (const { what, cheat, round } of bad) {
    scene.arm("bob", cheat);
    const seen = await scene.sign(all);
    scene.adversaries.get("bob")!.disarm();
    for (const name of ["alice", "carol"]) {
      const end = assertFails(scene, seen, name, { code: "malformed-message", culprits: ["bob"], round });
      assert.equal(await scene.proof(end), "proven", what);
    }
  }
  await assertWorks(scene);
});

const badEncoding = {
  name: "bad-encoding",
  label: "send what is no point",
  expects: { outcome: "failed", code: "malformed-message", names: "culprit" },
} as const;

/** Accepts with something else in the place of a commitment. Codecs refuse to read it, not to write it. */
function accepting(hiding: Uint8Array): Cheat {
  return {
    ...cheatOf(badEncoding, (said) => [said]),
    firstRound: (_task, honest) =>
      nonceCommitment.encode({ hiding, binding: nonceCommitment.decode(honest).binding }),
  };
}

/** Sends something else in the place of its share. */
function sharing(bytes: Uint8Array): Cheat {
  return cheatOf(
    badEncoding,
    (said) => said.round === "share" ? [withPayload(said, share.codec, () => [bytes])] : [said],
  );
}

Deno.test("sign() ends in no error of its own, and names nobody but the sender, for any flipped bit of any message", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("accept", "share"), fc.nat(), fc.nat(7), async (where, at, bit) => {
      const flipped = (bytes: Uint8Array) => {
        const i = at % bytes.length;
        return bytes.with(i, bytes[i]! ^ (1 << bit));
      };
      const cheat = cheatOf(
        {
          name: "flipped-bit",
          label: "flip a bit",
          kinds: ["sign"],
          expects: { outcome: "failed", names: "culprit" },
        },
        (said) => said.round === where ? [{ ...said, body: flipped(said.body) }] : [said],
      );
      scene.arm("bob", {
        ...cheat,
        withholdsMs: Infinity,
        firstRound: (_task, honest) => where === "accept" ? flipped(honest) : honest,
      });
      const seen = await scene.sign(all);
      scene.adversaries.get("bob")!.disarm();
      for (const name of ["alice", "carol"]) {
        const end = terminalOf(seen, name);
        assert.ok(end.type === "failed", `${where}, byte ${at}, bit ${bit}`);
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
    round: "share",
    key: "safe",
  });
  scene.arm("bob", cheats.get("crash")!);
  const seen = await scene.sign(all);
  for (const name of ["alice", "carol"]) {
    const { phase } = assertFails(scene, seen, name, { code: "peer-left", missing: ["bob"] });
    assert.ok(phase === "opening" || phase === "exchanging", phase);
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
