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
  pairRequest,
  requestOf,
  signingEcdsa,
  viewOfNonces,
} from "../../src/protocol/sign_ecdsa_messages.ts";
import { dealEcdsaKey, generateEcdsaAll, signEcdsaAll } from "./ecdsa_keys.ts";
import { slot } from "./local_net.ts";

const group = groups.secp256k1;
const filled = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
const { sent } = await signEcdsaAll({ made: dealEcdsaKey() });
const wire = (round: "extend" | "correct" | "finish") => sent.get(slot(round, "alice", "carol"))!;
const extend = signingEcdsa.extend.codec.decode(wire("extend"));

/** All of these differ from the first, and from each other. */
function assertApart(hashes: readonly Uint8Array[]): void {
  assert.equal(new Set(hashes.map((hash) => hash.toHex())).size, hashes.length);
  assert.ok(hashes.every((hash) => hash.length === 32));
}

// F06, "sid missing from a hash": every input, changed one at a time.
Deno.test("requestOf() binds session, key, digest and signers, in their order", () => {
  const request = { session: filled(1), publicKey: filled(2, 33), digest: filled(3), signers: [1, 2] };
  assertApart([
    requestOf(request),
    requestOf({ ...request, session: filled(9) }),
    requestOf({ ...request, publicKey: filled(9, 33) }),
    requestOf({ ...request, digest: filled(9) }),
    requestOf({ ...request, signers: [1, 3] }),
    requestOf({ ...request, signers: [2, 1] }),
    requestOf({ ...request, signers: [1, 2, 3] }),
  ]);
});

Deno.test("pairRequest(), bobSession() and aliceSession() bind all that they are given", () => {
  const change = (part: Partial<Extend>): Extend => ({ ...extend, ...part });
  assertApart([
    pairRequest(filled(1), filled(2)),
    pairRequest(filled(2), filled(1)),
    pairRequest(filled(1), filled(3)),
  ]);
  assertApart([
    bobSession(filled(1), 1, 2, filled(3)),
    bobSession(filled(2), 1, 2, filled(3)),
    bobSession(filled(1), 2, 1, filled(3)),
    bobSession(filled(1), 1, 3, filled(3)),
    bobSession(filled(1), 1, 2, filled(4)),
  ]);
  assertApart([
    aliceSession(filled(1), extend, extend),
    aliceSession(filled(2), extend, extend),
    ...(["request", "nonce", "choiceCheck"] as const).flatMap((name) => {
      const other = change({ [name]: extend[name].with(0, extend[name][0]! ^ 1) });
      return [aliceSession(filled(1), other, extend), aliceSession(filled(1), extend, other)];
    }),
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
  assertApart([
    viewOfNonces([{ nonce: g!, key: h! }]),
    viewOfNonces([{ nonce: h!, key: g! }]),
    viewOfNonces([{ nonce: g!, key: g! }]),
    viewOfNonces([{ nonce: g!, key: h! }, { nonce: g!, key: h! }]),
  ]);
});

Deno.test("the messages of ECDSA decode as what was encoded, and as no other round's", () => {
  for (const [name, { codec }] of Object.entries(signingEcdsa)) {
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
  const signed = await signEcdsaAll({ made: key });
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
    for (const secret of secrets) assert.ok(!all.includes(secret.toHex()));
  }
});

Deno.test("finish() carries scalars below the order, 32 bytes each, whatever they begin with", () => {
  const { codec } = signingEcdsa.finish;
  for (const u of [0n, 1n, 2n ** 200n, order - 1n]) {
    const bytes = codec.encode({ u, w: 5n, view: filled(1) });
    assert.deepEqual(codec.decode(bytes), { u, w: 5n, view: filled(1) });
    assert.deepEqual(decode(bytes).slice(1).map((field: Uint8Array) => field.length), [32, 32, 32]);
  }
});
