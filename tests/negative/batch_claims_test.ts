/**
 * What is said of a batch afterwards: results that do not fit its items, evidence that shows other commitments, and
 * batches that are longer than their scheme signs.
 */
import assert from "node:assert/strict";
import { checkEvidence, explain, type ItemInput, verify } from "../../mod.ts";
import { evidenceHash, evidenceRecord } from "../../src/cluster/links/evidence_store.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { type Result, resultRecord } from "../../src/cluster/commands/results.ts";
import type { SessionError } from "../../src/errors.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { maxCommandFrame } from "../../src/limits.ts";
import { frostSuites } from "../../src/protocol/sign_frost_messages.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import { messageRecord } from "../../src/session/echo.ts";
import { decodeEnvelope, encodeEnvelope, signEnvelope } from "../../src/session/envelope.ts";
import { sign } from "../../src/session/signed.ts";
import { flatten, restore } from "../../src/worker/messages.ts";
import { item } from "../sim/item.ts";
import { toyVault } from "../sim/toy_vault.ts";
import { spoiling } from "./batch_cheats.ts";
import { assertFails, assertWorks } from "./honest.ts";
import { codeOf, commandOf, inPlaceOf, reach } from "./raw_peer.ts";
import { hello, Scene } from "./scene.ts";

const items: readonly ItemInput[] = [
  { message: hello },
  { message: hello.subarray(1), path: [7] },
  { message: hello.subarray(2) },
];

Deno.test("sign() of a batch takes no result with a signature too few, too many, or in another order", async () => {
  await using scene = await Scene.start({
    names: ["alice", "bob", "carol", "dave"],
    threshold: 2,
    consoles: ["eve"],
  });
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const request = { wallet: "treasury", scheme: "ed25519", items, signers } as const;
  const first = (await scene.watch(() => scene.node("eve").sign(request))).value!.map(({ bytes }) => bytes);
  const dave = await inPlaceOf(scene, "dave");
  const none = new Uint8Array();
  const claimed = {
    ...{ attempt: none, session: none, certificate: none },
    ...{ code: null, culprits: [], missing: [], claims: [], spoilt: [] },
  };
  // They are signatures of these items, of another session of them: each would pass by itself, in its place.
  const spoofs = [
    [...first, first[0]!],
    first.toReversed(),
    [first[0]!, first[0]!, first[2]!],
    [...first.slice(0, 2), new Uint8Array(64)],
    first.slice(0, 2),
    [],
  ];
  for (const signatures of spoofs) {
    scene.arm("bob", cheats.get("slow")!);
    const session = scene.node("eve").sign(request);
    const result = { ...claimed, id: Uint8Array.fromHex(session.id), signatures };
    const channel = await reach(scene, dave, "eve", protocols.result);
    await channel.send((await sign(dave.identity, resultRecord, result)).encoded);
    const made = await scene.clock.until(session.result);
    assert.equal(made.length, 3);
    for (const [i, signature] of made.entries()) {
      assert.ok(verify(scene.key, items[i]!, signature), `item ${i}`);
      assert.ok(!first.some((bytes) => bytes.toHex() === signature.bytes.toHex()), "of this session");
    }
  }
  await dave.network.stop();
  await scene.cluster.boot("dave");
  await assertWorks(scene);
});

Deno.test("checkEvidence() is not fooled by who shows other commitments of a batch than it has promised", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  scene.arm("bob", spoiling("ed25519", 1));
  const seen = await scene.signBatch(["alice", "bob", "carol"], items);
  const end = assertFails(scene, seen, "alice", { code: "invalid-signature-share", culprits: ["bob"] });
  const carols = assertFails(scene, seen, "carol", { code: "invalid-signature-share", culprits: ["bob"] });
  assert.equal(await scene.proof(end, { items }), "proven");
  const original = evidenceRecord.decode((await scene.evidence(end))!);
  const alice = scene.everyone("alice");
  const shown = original.shown.map(decodeEnvelope);
  const own = shown.find(({ from, round }) => from === alice.peer && round === "commit")!;
  const honest = evidenceRecord.decode((await scene.evidence(carols))!).shown.map(decodeEnvelope)
    .find(({ from, round }) => from === scene.peer("carol") && round === "share")!;
  const checked = async (changes: Partial<typeof original>, culprit: string, spoilt = end.spoilt!) => {
    const evidence = evidenceRecord.encode({ ...original, ...changes });
    const told = { ...end, spoilt, culprits: [scene.peer(culprit)], evidence: evidenceHash(evidence) };
    return await checkEvidence(told, evidence, { items });
  };
  const withHonest = [...original.shown, encodeEnvelope(honest)];
  assert.equal(await checked({ shown: withHonest }, "carol"), "not-proven", "carol's shares are right");
  // With other commitments of alice's, the honest shares of carol would be wrong.
  const { nonceCommitments } = frostSuites.ed25519;
  const { payload, echo } = messageRecord.decode(own.body);
  const other = nonceCommitments(3).encode(nonceCommitments(3).decode(payload).toReversed());
  const lied = encodeEnvelope(
    await signEnvelope(alice.identity, { ...own, body: messageRecord.encode({ payload: other, echo }) }),
  );
  const honestOwn = encodeEnvelope(own).toHex();
  const without = withHonest.filter((one) => one.toHex() !== honestOwn);
  for (const spoilt of [[1], [0, 2]]) { // in another order, the commitments of item 1 are the same
    assert.equal(await checked({ shown: [...without, lied] }, "carol", spoilt), "not-proven");
    assert.equal(await checked({ shown: [...withHonest, lied] }, "carol", spoilt), "not-proven");
  }
  assert.equal(await checked({ shown: without }, "carol"), "not-proven", "without hers nothing is shown");
  assert.equal(await checked({ shown: without }, "bob"), "not-proven");
});

Deno.test("Batches of ecdsa are refused that are longer than so many signers sign, whoever coordinates", async () => {
  await using scene = await Scene.start({
    names: ["alice", "bob", "carol", "dave"],
    threshold: 4,
    scheme: "ecdsa",
    consoles: ["eve"],
    vault: ({ peer }, random, clock) => toyVault(peer, random, clock),
  });
  const eve = await inPlaceOf(scene, "eve");
  const most = schemes.ecdsa.mostItems(4);
  const longer = Array.from({ length: most + 1 }, () => item({ message: hello, hash: "sha256" }));
  const signs = { kind: "sign", wallet: "treasury", scheme: "ecdsa", threshold: 0 } as const;
  const code = async (items: typeof longer) =>
    await codeOf(scene, eve, await commandOf(scene, eve.identity, { ...signs, members: [], items }), {
      items,
    });
  assert.equal(await code(longer), "session-mismatch");
  assert.equal(await code(longer.slice(1)), null);
});

Deno.test("sign() of a batch tells whoever asked elsewhere which items were spoilt", async () => {
  await using scene = await Scene.start({ threshold: 3, consoles: ["eve"] });
  scene.arm("bob", spoiling("ed25519", 0, 2));
  const { error } = await scene.signBatch(["alice", "bob", "carol"], items, { by: "eve" });
  assert.deepEqual([error!.code, error!.culprits, error!.items], ["aborted-by-peer", [], [0, 2]]);
  assert.equal(error!.claims[0]?.code, "invalid-signature-share");
});

/** A scene in which alice coordinates eve's commands by hand: she takes each and answers nothing by herself. */
async function byHand(): Promise<{
  scene: Scene;
  /** Sends eve a signed result as alice's. */
  says(result: Partial<Result>): Promise<void>;
  begin(): ReturnType<typeof beginBatch>;
  leave(): Promise<void>;
}> {
  const scene = await Scene.start({
    names: ["alice", "bob", "carol"],
    threshold: 2,
    consoles: ["eve"],
  });
  const alice = await inPlaceOf(scene, "alice");
  alice.network.handle(protocols.command, (channel) => void channel.receive(), { maxFrame: maxCommandFrame });
  await reach(scene, alice, "eve", protocols.result); // connected, she is the coordinator
  const none = new Uint8Array();
  const nothing = {
    ...{ id: none, attempt: none, session: none, signatures: [], certificate: none },
    ...{ code: null, culprits: [], missing: [], claims: [], spoilt: [] },
  };
  return {
    scene,
    async says(result) {
      const channel = await reach(scene, alice, "eve", protocols.result);
      await channel.send((await sign(alice.identity, resultRecord, { ...nothing, ...result })).encoded);
    },
    begin: () => beginBatch(scene),
    leave: () => alice.network.stop(),
  };
}

/** Begins eve's batch with alice and bob. */
function beginBatch(scene: Scene): { id: Uint8Array; error: Promise<SessionError> } {
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const session = scene.node("eve").sign({ wallet: "treasury", scheme: "ed25519", items, signers });
  const error = scene.clock.until(session.result.then(() => assert.fail("it is signed"), (error) => error));
  return { id: Uint8Array.fromHex(session.id), error };
}

Deno.test("sign() of a batch believes no coordinator that names items that cannot be, or must not be told", async () => {
  const { scene, says, begin, leave } = await byHand();
  await using _scene = scene;
  const culprits = [scene.peer("bob")];
  const attempt = new Uint8Array(32).fill(1);
  const told = async (changes: Partial<Result>) => {
    const { id, error } = begin();
    await says({ id, attempt, session: attempt, code: "invalid-signature-share", culprits, ...changes });
    return (await error).items;
  };
  assert.deepEqual(await told({ spoilt: [0, 2] }), [0, 2], "its word, as far as it can be true");
  for (const spoilt of [[3], [999], [1, 1], [2, 0]]) {
    assert.deepEqual(await told({ spoilt }), [], String(spoilt));
  }
  assert.deepEqual(await told({ spoilt: [0], culprits: [] }), []);
  assert.deepEqual(await told({ spoilt: [0], code: "invalid-commitment" }), []);
  await leave();
});

Deno.test("sign() of a batch counts its items as possibly signed from when it was handed over, unless its coordinator refused it", async () => {
  const { scene, says, begin, leave } = await byHand();
  await using _scene = scene;
  const ending = async (act: (id: Uint8Array) => Promise<void>): Promise<string> => {
    const { id, error } = begin();
    await scene.clock.pass(100);
    await act(id);
    return explain((await error).failure!, (peer) => scene.nameOf(peer)).key;
  };
  const refused = await ending((id) => says({ id, code: "overloaded" }));
  assert.doesNotMatch(refused, /possibly signed/);
  const gone = await ending(leave);
  assert.match(gone, /All 3 items count as possibly signed\.$/);
});

Deno.test("sign() of one item speaks of no items, however it ends", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  for (const cheat of [null, spoiling("ed25519", 0)]) {
    if (cheat) scene.arm("bob", cheat);
    const { value, view } = await scene.sign(["alice", "bob", "carol"]);
    assert.equal(value === null, cheat !== null);
    for (const name of ["alice", "carol"]) {
      for (const event of view(name)) assert.ok(!("items" in event) && !("spoilt" in event), event.type);
    }
  }
});

Deno.test("flatten() and restore() keep which items were spoilt", () => {
  const lists = { culprits: ["bob"], missing: [], claims: [], evidence: [], items: [0, 255] };
  const error = { code: "invalid-signature-share", checkableBy: null, ...lists } as const;
  assert.deepEqual(restore(structuredClone(flatten(error))).items, [0, 255]);
});

Deno.test("Batches of ecdsa wait, or are refused, while those under way take up a node's memory", async () => {
  await using scene = await Scene.start({
    names: ["alice", "bob", "carol"],
    threshold: 2,
    scheme: "ecdsa",
    vault: ({ peer }, random, clock) => toyVault(peer, random, clock),
  });
  const large = Array.from(
    { length: 256 },
    (_, i) => ({ message: Uint8Array.of(i), hash: "sha256" as const }),
  );
  const ends = ["alice", "carol"].flatMap((by) =>
    Array.from({ length: 5 }, () => {
      const signers = [by, "bob"].map((name) => scene.peer(name));
      return scene.node(by).sign({ wallet: "treasury", scheme: "ecdsa", items: large, signers }).result
        .then(() => "signed", ({ code, claims }) => code === "overloaded" ? code : claims[0]?.code);
    })
  );
  const codes = await scene.clock.until(Promise.all(ends));
  assert.ok(codes.filter((code) => code === "signed").length >= 4, String(codes));
  assert.ok(codes.every((code) => code === "signed" || code === "overloaded"), String(codes));
  let underWay = 0, most = 0;
  for (const event of scene.everyone("bob").events) {
    if (!("kind" in event) || event.kind !== "sign" || event.peer !== scene.peer("bob")) continue;
    if (event.type === "opened") most = Math.max(most, ++underWay);
    if ((event.type === "done" || event.type === "failed") && event.session !== null) underWay--;
  }
  assert.ok(most >= 2 && most <= 4, `${most} at once, each of 256 multiplications`);
});
