/** Messages that are short to send and would be long in memory: lists of millions of values. */
import assert from "node:assert/strict";
import { encode } from "cborg";
import { concatBytes } from "@noble/hashes/utils.js";
import { cheatOf } from "../../src/demo/cheats/session_cheats.ts";
import type { Codec } from "../../src/crypto/codec.ts";
import { evidenceRecord } from "../../src/cluster/links/evidence_store.ts";
import type { Failure } from "../../src/events.ts";
import { maxItems, maxSessionMessage } from "../../src/limits.ts";
import { signingEcdsa } from "../../src/protocol/sign_ecdsa_messages.ts";
import { messageRecord } from "../../src/session/echo.ts";
import { decodeEnvelope, encodeEnvelope } from "../../src/session/envelope.ts";
import { piecesOf } from "../../src/session/messages/pieces.ts";
import { piece, signed, stage } from "../session/wire_stage.ts";
import { assertCaught, terminalOf } from "./honest.ts";
import { Scene } from "./scene.ts";

const longest = maxSessionMessage(maxItems);
const emptyMap = 0xa0, emptyList = 0x80, zero = 0x00;

/** A list of `length` bytes, each of which is a value. */
function listOf(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(value);
  bytes[0] = 0x9a; // a list whose length takes four bytes
  new DataView(bytes.buffer).setUint32(1, length - 5);
  return bytes;
}

/** The same as the last field of a record that is right up to there. */
function inLastField(fields: readonly unknown[], value: number): Uint8Array {
  const before = encode([...fields, null]).slice(0, -1);
  return concatBytes(before, listOf(value, longest));
}

const { codec: correct } = signingEcdsa(maxItems).correct;
const layers: readonly { name: string; codec: Pick<Codec<unknown>, "decode">; right: readonly unknown[] }[] =
  [
    {
      name: "an envelope",
      codec: { decode: decodeEnvelope },
      right: ["quorate/1/envelope", new Uint8Array(32), "correct", "a", "b", new Uint8Array(8)],
    },
    { name: "a message", codec: messageRecord, right: ["quorate/1/message", new Uint8Array(8)] },
    {
      name: "`correct`",
      codec: correct,
      right: ["quorate/3/sign-ecdsa/correct", ...Array(8).fill(new Uint8Array(32))],
    },
  ];

for (const { name, codec, right } of layers) {
  Deno.test(`decoding ${name} builds nothing of a list that has millions of values`, () => {
    for (const value of [emptyMap, emptyList, zero]) {
      assert.throws(() => codec.decode(listOf(value, longest)), /: over 4096 values$/);
      assert.throws(() => codec.decode(inLastField(right, value)), /: over 4096 values$/);
    }
    assert.throws(() => codec.decode(encode([...right, new Map()])), /: unexpected byte 0xa0$/);
  });
}

Deno.test("openWire() names who sends millions of values in place of an envelope, and builds nothing of them", async () => {
  const { bob, frameOf, heard, faults, stop } = await stage({ maxMessage: longest });
  let counter = 0;
  for (const { part, bytes } of piecesOf(listOf(emptyMap, longest))) {
    assert.deepEqual(faults, []);
    await frameOf(piece(part, bytes), counter++);
  }
  const [{ code, culprits, cause } = assert.fail("no fault")] = faults;
  assert.deepEqual([faults.length, code, culprits], [1, "malformed-message", [bob.peer]]);
  assert.match((cause as Error).message, /^Cannot decode quorate\/1\/envelope: over 4096 values$/);
  assert.deepEqual(heard, []);
  await stop();
});

Deno.test("openWire() hands on what is signed with millions of values for a body, as bytes", async () => {
  const { bob, frameOf, heard, faults, stop } = await stage({ maxMessage: longest });
  const message = encodeEnvelope(await signed(bob, { body: listOf(emptyMap, longest - 1_000) }));
  let counter = 0;
  for (const { part, bytes } of piecesOf(message)) await frameOf(piece(part, bytes), counter++);
  assert.deepEqual([heard.length, faults], [1, []]);
  assert.throws(() => messageRecord.decode(heard[0]!.body), /: over 4096 values$/);
  await stop();
});

/** Sends, in one round, as many values as one signature's longest message has bytes. */
const manyValues = (round: string, bodyOf: (values: Uint8Array) => Uint8Array) =>
  cheatOf({
    name: "many-values",
    label: "send many values",
    expects: { outcome: "failed", code: "malformed-message", names: "culprit" },
  }, (sent) => sent.round === round ? [{ ...sent, body: bodyOf(listOf(emptyMap, 80_000)) }] : [sent]);

for (
  const [what, bodyOf] of [
    ["a message", (values: Uint8Array) => values],
    ["a share", (payload: Uint8Array) => messageRecord.encode({ payload, echo: [] })],
  ] as const
) {
  Deno.test(`sign() names at every honest peer who sends many values in place of ${what}`, async () => {
    await using scene = await Scene.start({ threshold: 3 });
    await assertCaught(
      scene,
      "bob",
      manyValues("share", bodyOf),
      () => scene.sign(["alice", "bob", "carol"]),
      {
        code: "malformed-message",
        culprits: ["bob"],
        round: "share",
        key: "safe",
      },
    );
  });
}

Deno.test("sign() gives evidence of the longest malformed message, which anyone can check", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const longestOfOne = maxSessionMessage(1);
  const cheat = cheatOf(
    {
      name: "longest",
      label: "send the longest message",
      expects: { outcome: "failed", code: "malformed-message", names: "culprit" },
    },
    (sent) => {
      if (sent.round !== "share") return [sent];
      const envelope = {
        session: new Uint8Array(32),
        round: sent.round,
        from: scene.peer("bob"),
        to: "*",
        body: listOf(zero, longestOfOne - 1_000),
        signature: new Uint8Array(64),
      };
      const around = encodeEnvelope(envelope).length - envelope.body.length;
      return [{ ...sent, body: listOf(zero, longestOfOne - around) }];
    },
  );
  const seen = await assertCaught(scene, "bob", cheat, () => scene.sign(["alice", "bob", "carol"]), {
    code: "malformed-message",
    culprits: ["bob"],
    round: "share",
  });
  for (const name of ["alice", "carol"]) {
    const failure = terminalOf(seen, name) as Failure;
    assert.equal(await scene.proof(failure), "proven");
    const { shown } = evidenceRecord.decode((await scene.evidence(failure))!);
    assert.ok(shown.some(({ length }) => length === longestOfOne), `${name} shows it`);
  }
});
