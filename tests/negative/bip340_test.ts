import { schnorr } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { p2tr, TEST_NETWORK, Transaction } from "@scure/btc-signer";
import * as bitcoin from "bitcoinjs-lib";
import { verifyEvent } from "nostr-tools/pure";
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import * as libsecp256k1 from "tiny-secp256k1";
import {
  type ApprovalRequest,
  checkEvidence,
  childKey,
  type GroupKey,
  taprootOutputKey,
  verify,
} from "../../mod.ts";
import { hasEvenY, xOnly } from "../../src/crypto/bip340/signature.ts";
import { nostrEvent, nostrEventId, nostrEventMessage } from "../../src/crypto/bip340/nostr.ts";
import { taprootOutput } from "../../src/crypto/bip340/taproot.ts";
import { commandRecord } from "../../src/cluster/records/command.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import { readSigned } from "../../src/session/signed.ts";
import { assertWorks, terminalOf } from "./honest.ts";
import { item } from "../sim/item.ts";
import { codeOf, commandOf, inPlaceOf } from "./raw_peer.ts";
import { hello, Scene } from "./scene.ts";

bitcoin.initEccLib(libsecp256k1);

const scheme = "bip340";
const root = new Uint8Array(32).fill(9);
/** As long as libsecp256k1 takes. */
const digest = sha256(hello);
const uses = [undefined, null, new Uint8Array(), root];

/** What has to verify a signature. */
function signingKeyOf(key: GroupKey, path: readonly number[], merkleRoot: Uint8Array | null): Uint8Array {
  const child = xOnly(childKey(key, path).publicKey);
  return merkleRoot === null ? child : taprootOutput(child, merkleRoot).outputKey;
}

Deno.test("sign() of bip340 signs with the key, its children and their Taproot outputs, at every parity", async () => {
  await using scene = await Scene.start({ threshold: 2, scheme });
  const { key } = scene;
  assert.ok(hasEvenY(key.publicKey), "x alone is the key");
  const parities = { child: new Set<boolean>(), output: new Set<boolean>() };
  for (const path of [[], [0], [1], [2], [3], [0, 5]]) {
    const child = childKey(key, path).publicKey;
    parities.child.add(hasEvenY(child));
    for (const merkleRoot of uses) {
      if (merkleRoot) parities.output.add(taprootOutput(xOnly(child), merkleRoot).oddY);
      const more = { message: digest, path, ...(merkleRoot !== undefined && { merkleRoot }) };
      const { value, error } = await scene.sign(["alice", "bob"], more);
      assert.ok(value?.scheme === scheme, error?.code);
      const publicKey = signingKeyOf(key, path, merkleRoot ?? null);
      assert.deepEqual(value.publicKey, publicKey);
      assert.ok(libsecp256k1.verifySchnorr(digest, publicKey, value.bytes), `${path} ${merkleRoot}`);
      assert.ok(verify(value, digest, value));
      assert.ok(verify(key, more, value), "under what the input makes of the key");
      assert.equal(
        verify(key, { message: digest, path }, value),
        !merkleRoot,
        "by the key or child as it is",
      );
      if (merkleRoot) assert.deepEqual(taprootOutputKey(key, { path, merkleRoot }), value.publicKey);
      assert.ok(verify({ scheme, publicKey: Uint8Array.of(2, ...publicKey) }, digest, value));
      assert.ok(!verify(value, digest.subarray(1), value));
    }
  }
  assert.deepEqual([parities.child.size, parities.output.size], [2, 2]);
});

Deno.test("sign() of bip340 signs a message of any length, or its SHA-256", async () => {
  await using scene = await Scene.start({ threshold: 2, scheme });
  for (const length of [0, 31, 32, 33, 65_536]) {
    const message = new Uint8Array(length).fill(7);
    const { value } = await scene.sign(["alice", "carol"], { message });
    assert.ok(schnorr.verify(value!.bytes, message, xOnly(scene.key.publicKey)), `${length}`);
  }
  const { value } = await scene.sign(["bob", "carol"], { hash: "sha256" });
  assert.ok(libsecp256k1.verifySchnorr(digest, xOnly(scene.key.publicKey), value!.bytes));
  assert.ok(verify(scene.key, { message: hello, hash: "sha256" }, value!));
  assert.ok(!verify(scene.key, hello, value!));
});

for (const hasScript of [false, true]) {
  const what = hasScript ? "beside a script" : "without a script";
  Deno.test(`sign() of bip340 spends a Taproot output ${what}: btc-signer finalises it, bitcoinjs-lib agrees`, async () => {
    await using scene = await Scene.start({ threshold: 2, scheme });
    const path = [0, 7];
    const internalKey = xOnly(childKey(scene.key, path).publicKey);
    const leaf = { script: Uint8Array.of(0x51) };
    const output = hasScript
      ? p2tr(internalKey, leaf, TEST_NETWORK, true)
      : { ...p2tr(internalKey, undefined, TEST_NETWORK), tapMerkleRoot: new Uint8Array() };
    const merkleRoot = output.tapMerkleRoot;
    const amount = 100_000n;
    const transaction = new Transaction({ allowUnknownOutputs: true });
    transaction.addInput({
      txid: "01".repeat(32),
      index: 1,
      witnessUtxo: { script: output.script, amount },
      tapInternalKey: output.tapInternalKey,
      ...(hasScript ? { tapMerkleRoot: merkleRoot } : {}),
    });
    transaction.addOutputAddress("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", 99_000n, TEST_NETWORK);
    const message = transaction.preimageWitnessV1(0, [output.script], 0, [amount]);
    const { value, error } = await scene.sign(["alice", "carol"], { message, path, merkleRoot });
    assert.ok(value, error?.code);
    transaction.updateInput(0, { tapKeySig: value.bytes }, true);
    const psbt = bitcoin.Psbt.fromBuffer(Buffer.from(transaction.toPSBT()), {
      network: bitcoin.networks.testnet,
    });
    assert.ok(psbt.validateSignaturesOfInput(
      0,
      (publicKey, message, signature) => libsecp256k1.verifySchnorr(message, publicKey, signature),
    ));
    transaction.finalize();
    assert.equal(psbt.finalizeAllInputs().extractTransaction().toHex(), transaction.hex);
  });
}

Deno.test("sign() of bip340 signs a Nostr event that every holder reads; nostr-tools accepts it", async () => {
  const asked: ApprovalRequest[] = [];
  await using scene = await Scene.start({
    threshold: 2,
    scheme,
    node: (name) => ({
      approve: name === "bob" ? (request) => (asked.push(request), Promise.resolve("accept")) : "roster",
    }),
  });
  const publicKey = xOnly(scene.key.publicKey);
  const template = { created_at: 1_700_000_000, kind: 1, tags: [["t", "frost"]], content: "gm \u{1f305}\n" };
  const message = nostrEventMessage(publicKey, template);
  const { value } = await scene.sign(["alice", "bob"], { message, hash: "sha256" });
  const event = nostrEvent(publicKey, template, value!.bytes);
  assert.ok(verifyEvent(JSON.parse(JSON.stringify(event))));
  const request = asked.find(({ kind }) => kind === "sign");
  assert.ok(request?.kind === "sign");
  assert.ok(new TextDecoder().decode(request.items[0]!.message!).includes("gm"));
  assert.deepEqual(request.items[0]!.digest, nostrEventId(publicKey, template));
});

Deno.test("Consent of bip340 is asked for the output key that signs, and for what made it", async () => {
  const asked: ApprovalRequest[] = [];
  await using scene = await Scene.start({
    threshold: 2,
    scheme,
    node: (name) => ({
      approve: name === "bob" ? (request) => (asked.push(request), Promise.resolve("accept")) : "roster",
    }),
  });
  for (const merkleRoot of [null, new Uint8Array(), root]) {
    asked.length = 0;
    const { value } = await scene.sign(["alice", "bob"], { path: [4], merkleRoot });
    const [request] = asked;
    assert.ok(request?.kind === "sign");
    const [shown] = request.items;
    assert.deepEqual(shown!.options, { merkleRoot });
    assert.deepEqual(shown!.publicKey, signingKeyOf(scene.key, [4], merkleRoot));
    assert.deepEqual(value!.publicKey, shown!.publicKey);
  }
});

Deno.test("Commands for bip340 are refused with options that it does not write itself", async () => {
  await using scene = await Scene.start({ threshold: 2, scheme, consoles: ["eve"] });
  const eve = await inPlaceOf(scene, "eve");
  const good = schemes.bip340.fieldsOf({ message: hello, merkleRoot: root }).options;
  for (const options of [new Uint8Array(), new Uint8Array(1), good.subarray(1), Uint8Array.of(...good, 0)]) {
    const command = await commandOf(scene, eve.identity, {
      kind: "sign",
      scheme,
      wallet: "treasury",
      members: [],
      threshold: 0,
      items: [item({ message: hello, options })],
    });
    assert.equal((await readSigned(eve.identity, commandRecord, command))?.by, eve.identity.peer);
    const code = await codeOf(scene, eve, command, { items: [item({ message: hello, options })] });
    assert.equal(code, "session-mismatch");
  }
  await assertWorks(scene);
});

for (
  const [what, more] of Object.entries({
    "the key": {},
    "a child": { path: [1] },
    "a Taproot output": { path: [0, 2], merkleRoot: new Uint8Array() },
    "an output with scripts": { merkleRoot: root },
  })
) {
  Deno.test(`sign() of bip340 names who forges a share, and evidence proves it to others: ${what}`, async () => {
    await using scene = await Scene.start({ threshold: 2, scheme });
    scene.arm("bob", cheats.get("forged-share")!);
    const seen = await scene.sign(["alice", "bob"], more);
    const failure = terminalOf(seen, "alice");
    assert.ok(failure.type === "failed");
    assert.deepEqual([failure.code, failure.culprits], ["invalid-signature-share", [scene.peer("bob")]]);
    const evidence = await scene.clock.until(scene.node("carol").evidence(failure));
    const known = { items: [{ message: hello, ...more }] };
    assert.equal(await checkEvidence(failure, evidence, known), "proven");
    const framed = { ...failure, culprits: [scene.peer("alice")] };
    assert.notEqual(await checkEvidence(framed, evidence, known), "proven");
    const another = { items: [{ message: hello.subarray(1), ...more }] };
    assert.equal(await checkEvidence(failure, evidence, another), "unknown");
    assert.equal(
      await checkEvidence(failure, evidence, { items: [{ message: hello, path: [9] }] }),
      "unknown",
    );
    await assertWorks(scene);
  });
}
