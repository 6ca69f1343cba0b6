import { decode } from "cborg";
import assert from "node:assert/strict";
import { equal } from "../../src/crypto/codec.ts";
import { order } from "../../src/crypto/dkls_shapes.ts";
import { groups } from "../../src/crypto/group.ts";
import { directionSetup, pairSetup, settingUp } from "../../src/protocol/setup_ecdsa_messages.ts";
import {
  aliceSession,
  bobSession,
  type Extend,
  extendHash,
  maxEcdsaItems,
  pairRequest,
  requestOf,
  signingEcdsa,
  viewOfNonces,
} from "../../src/protocol/sign_ecdsa_messages.ts";
import { dealEcdsaKey, digest, generateEcdsaAll, signEcdsaBatch } from "./ecdsa_keys.ts";
import { slot } from "./local_net.ts";

const group = groups.secp256k1;
const filled = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
const items = [{ path: [], digest }, { path: [1], digest }];
const { sent } = await signEcdsaBatch({ made: dealEcdsaKey(), items });
const rounds = signingEcdsa(2);
const wire = (round: "extend" | "correct" | "finish") => sent.get(slot(round, "alice", "carol"))!;
const extend = rounds.extend.codec.decode(wire("extend"));

/** All of these differ from the first, and from each other. */
function assertApart(hashes: readonly Uint8Array[]): void {
  assert.equal(new Set(hashes.map((hash) => hash.toHex())).size, hashes.length);
  assert.ok(hashes.every((hash) => hash.length === 32));
}

// F06, "sid missing from a hash": every input, changed one at a time.
Deno.test("requestOf() binds session, item, key, digest and signers, in their order", () => {
  const request = {
    session: filled(1),
    item: 0,
    publicKey: filled(2, 33),
    digest: filled(3),
    signers: [1, 2],
  };
  assertApart([
    requestOf(request),
    requestOf({ ...request, session: filled(9) }),
    requestOf({ ...request, item: 1 }),
    requestOf({ ...request, publicKey: filled(9, 33) }),
    requestOf({ ...request, digest: filled(9) }),
    requestOf({ ...request, signers: [1, 3] }),
    requestOf({ ...request, signers: [2, 1] }),
    requestOf({ ...request, signers: [1, 2, 3] }),
  ]);
});

Deno.test("pairRequest(), bobSession(), aliceSession() and extendHash() bind all that they are given", () => {
  const change = (part: Partial<Extend>): Extend => ({ ...extend, ...part });
  assertApart([
    pairRequest([filled(1)], filled(2)),
    pairRequest([filled(2)], filled(1)),
    pairRequest([filled(1)], filled(3)),
    pairRequest([filled(1), filled(4)], filled(2)),
    pairRequest([filled(4), filled(1)], filled(2)),
    pairRequest([filled(1), filled(1)], filled(2)),
  ]);
  assertApart([
    bobSession(filled(1), 1, 2, filled(3)),
    bobSession(filled(2), 1, 2, filled(3)),
    bobSession(filled(1), 2, 1, filled(3)),
    bobSession(filled(1), 1, 3, filled(3)),
    bobSession(filled(1), 1, 2, filled(4)),
  ]);
  assertApart([
    aliceSession(filled(1), filled(2), filled(3)),
    aliceSession(filled(1), filled(3), filled(2)),
    aliceSession(filled(4), filled(2), filled(3)),
    aliceSession(filled(1), filled(4), filled(3)),
    aliceSession(filled(1), filled(2), filled(4)),
  ]);
  const names = ["request", "nonce", "columns", "choiceCheck", "columnChecks"] as const;
  assertApart([
    extendHash(extend),
    ...names.map((name) => extendHash(change({ [name]: extend[name].with(-1, extend[name].at(-1)! ^ 1) }))),
  ]);
});

Deno.test("pairSetup() is the same from both ends; directionSetup() is not", () => {
  assert.deepEqual(pairSetup(filled(1), 3, 2), pairSetup(filled(1), 2, 3));
  assertApart([pairSetup(filled(1), 2, 3), pairSetup(filled(2), 2, 3), pairSetup(filled(1), 1, 3)]);
  assertApart([
    directionSetup(filled(1), 2, 3),
    directionSetup(filled(1), 3, 2),
    directionSetup(filled(2), 2, 3),
  ]);
});

Deno.test("viewOfNonces() changes with every part and with the order", () => {
  const [g, h] = [5n, 7n].map(group.multiplyBase);
  const one = { nonce: g!, key: h! }, other = { nonce: h!, key: g! }, same = { nonce: g!, key: g! };
  assertApart([
    viewOfNonces([[one]]),
    viewOfNonces([[other]]),
    viewOfNonces([[same]]),
    viewOfNonces([[one], [one]]),
    viewOfNonces([[one, one]]),
    viewOfNonces([[one, one], [one, other]]),
    viewOfNonces([[one, one], [other, one]]),
    viewOfNonces([[one, other], [one, one]]),
  ]);
});

Deno.test("the messages of ECDSA decode as what was encoded, and as no other round's", () => {
  for (const [name, { codec }] of Object.entries(rounds)) {
    for (const other of ["extend", "correct", "finish"] as const) {
      if (other === name) assert.ok(equal(codec.encode(codec.decode(wire(other)) as never), wire(other)));
      else assert.throws(() => codec.decode(wire(other)), TypeError);
    }
  }
  for (const { codec } of Object.values(settingUp)) {
    assert.throws(() => codec.decode(wire("finish")), TypeError);
  }
});

// F50: what is secret is nowhere in what is sent.
Deno.test("no secret is in any message of a generation or a signature", async () => {
  const made = await generateEcdsaAll();
  const key = dealEcdsaKey();
  const signed = await signEcdsaBatch({ made: key, items });
  const secretsOf = (
    pairs: Iterable<{ delta: Uint32Array; chosen: Uint8Array; offered: Uint8Array; zeroSeed: Uint8Array }>,
  ) =>
    [...pairs].flatMap(({ delta, chosen, offered, zeroSeed }) => [
      new Uint8Array(delta.buffer),
      chosen.subarray(0, 32),
      offered.subarray(0, 32),
      offered.subarray(32, 64),
      zeroSeed,
    ]);
  const runs = [
    {
      sent: made.sent,
      secrets: [...made.endings.values()].flatMap((
        { result },
      ) => [result!.share, ...secretsOf(result!.pairs.values())]),
    },
    {
      sent: signed.sent,
      secrets: [
        ...key.shares.values(),
        ...[...key.pairs.values()].flatMap((pairs) => secretsOf(pairs.values())),
      ],
    },
  ];
  for (const { sent, secrets } of runs) {
    const all = [...sent.values()].map((bytes) => bytes.toHex()).join(" ");
    for (const secret of secrets) assert.ok(!all.includes(secret!.toHex()));
  }
});

Deno.test("finish() carries scalars below the order, 32 bytes each, whatever they begin with", () => {
  const { codec } = rounds.finish;
  for (const u of [0n, 1n, 2n ** 200n, order - 1n]) {
    const message = { items: [{ u, w: 5n }, { u: 6n, w: u }], view: filled(1) };
    const bytes = codec.encode(message);
    assert.deepEqual(codec.decode(bytes), message);
    assert.deepEqual(decode(bytes).slice(1).map((field: Uint8Array) => field.length), [64, 64, 32]);
  }
});

Deno.test("the messages of a batch decode with its number of items, and with no other", () => {
  for (const count of [1, 2, 3]) {
    for (const [name, { codec }] of Object.entries(signingEcdsa(count))) {
      const decoding = () => codec.decode(wire(name as "extend"));
      if (count === 2) decoding();
      else assert.throws(decoding, TypeError, `${name} of ${count}`);
    }
  }
});

Deno.test("maxEcdsaItems() is 256, or what keeps a signer below 513 multiplications", () => {
  assert.deepEqual([2, 3, 4, 5, 16].map(maxEcdsaItems), [256, 256, 170, 128, 34]);
});
