import { encode } from "cborg";
import fc from "fast-check";
import assert from "node:assert/strict";
import type { Element, Group } from "../../src/crypto/group.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { InputError } from "../../src/errors.ts";
import {
  chainCodeOf,
  generating,
  type GeneratingSuite,
  outcomeOf,
  promiseOf,
  type Reveal,
  transcriptOf,
} from "../../src/protocol/deal_messages.ts";
import { badElements, badScalars, bothCurves } from "../crypto/points.ts";
import { attempt, generateAll, type GeneratedKey, interpolate, party, session, suites } from "./keys.ts";
import { accept, type Ending, type Ran, results, slot, type Tamper } from "./local_net.ts";
import { rogueDealer } from "./rogue_dealer.ts";

/** Every honest peer names exactly the culprits, under that code; or it stopped because the others had. */
function assertNamed(
  ran: Ran<GeneratedKey>,
  code: FailureCode,
  culprits: readonly PeerId[],
  by: readonly PeerId[] = [...ran.endings.keys()].filter((peer) => !culprits.includes(peer)),
): void {
  for (const peer of by) {
    const { failed } = ran.endings.get(peer) as Ending<GeneratedKey>;
    assert.deepEqual({ by: peer, ...failed }, { by: peer, code, culprits, missing: [] });
  }
  for (const [peer, { failed }] of ran.endings) {
    assert.ok(!failed?.culprits.includes(peer), `${peer} names itself`);
  }
}

const only = (from: PeerId, round: string, change: (bytes: Uint8Array) => Uint8Array): Tamper => (m) =>
  m.from === from && m.round === round ? change(m.bytes) : m.bytes;

/** Changes bob's reveal as a value. */
const changeReveal = (group: Group, change: (reveal: Reveal) => Reveal): Tamper => {
  const { codec } = suites[group.curve].rounds.reveal;
  return only("bob", "reveal", (bytes) => codec.encode(change(codec.decode(bytes))));
};

for (const group of bothCurves) {
  const { curve } = group;
  const { scheme, firstRound, rounds: { reveal, deal, confirm } } = suites[curve];

  Deno.test(`generate() gives everyone the same ${curve} key, of which any t of n shares make the secret`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 5 }).chain((n) =>
          fc.tuple(
            fc.constant(n),
            fc.integer({ min: 2, max: n }),
            fc.shuffledSubarray([1, 2, 3, 4, 5].slice(0, n), { minLength: n, maxLength: n }),
          )
        ),
        fc.string(),
        async ([n, threshold, order], seed) => {
          const members = ["alice", "bob", "carol", "dave", "eve"].slice(0, n);
          const made = results(await generateAll({ curve, members, threshold, seed }));
          const [{ publicKey, verifyingShares, chainCode, transcript }] = made as [GeneratedKey];
          for (const { share: _, ...theirs } of made) {
            assert.deepEqual(theirs, { publicKey, verifyingShares, chainCode, transcript });
          }
          const shares = new Map(made.map(({ share }, i) => [i + 1, group.decodeScalar(share)]));
          for (const [i, share] of shares) {
            assert.deepEqual(group.encodeElement(group.multiplyBase(share)), verifyingShares[i - 1]);
          }
          const some = (count: number) => new Map(order.slice(0, count).map((i) => [i, shares.get(i)!]));
          const keyOf = (count: number) =>
            group.encodeElement(group.multiplyBase(interpolate(group, some(count))));
          assert.deepEqual(keyOf(threshold), publicKey);
          assert.notDeepEqual(keyOf(threshold - 1), publicKey);
        },
      ),
      { numRuns: 8 },
    );
  });

  Deno.test(`generate() gives the chain code that everyone had a part in, on ${curve}`, async () => {
    const ran = await generateAll({ curve });
    const reveals = party.map((from) =>
      reveal.codec.decode(ran.sent.get(slot("reveal", from, from === "alice" ? "bob" : "alice"))!)
    );
    assert.deepEqual(results(ran)[0]!.chainCode, chainCodeOf(session, reveals.map((r) => r.chainCode)));
  });

  // Round 1 and 2: promises
  Deno.test(`generate() names the peer who opens something else than it promised, on ${curve}`, async () => {
    const changes: ((reveal: Reveal) => Reveal)[] = [
      (r) => ({ ...r, chainCode: r.chainCode.with(0, r.chainCode[0]! ^ 1) }),
      (r) => ({ ...r, salt: r.salt.with(31, r.salt[31]! ^ 1) }),
      (r) => ({ ...r, polynomial: r.polynomial.toReversed() }),
      (r) => ({ ...r, polynomial: r.polynomial.with(1, group.multiplyBase(9n)) }),
    ];
    for (const change of changes) {
      assertNamed(await generateAll({ curve, tamper: changeReveal(group, change) }), "invalid-commitment", [
        "bob",
      ]);
    }
    const otherPromise = only("bob", accept, () => firstRound.encode({ promise: new Uint8Array(32) }));
    assertNamed(await generateAll({ curve, tamper: otherPromise }), "invalid-commitment", ["bob"]);
  });

  Deno.test(`generate() names all who break their promise in the same round, on ${curve}`, async () => {
    const change = (r: Reveal) => ({ ...r, salt: new Uint8Array(32) });
    const tamper: Tamper = ({ from, round, bytes }) =>
      from !== "alice" && round === "reveal"
        ? reveal.codec.encode(change(reveal.codec.decode(bytes)))
        : bytes;
    assertNamed(await generateAll({ curve, tamper }), "invalid-commitment", ["bob", "carol"]);
  });

  // F03
  Deno.test(`generate() names the peer who copies another's promise and its opening, on ${curve}`, async () => {
    const heard = new Map<string, Uint8Array>();
    const tamper: Tamper = ({ from, round, bytes }) => {
      if (from === "alice") heard.set(round, bytes);
      return from === "bob" && (round === accept || round === "reveal") ? heard.get(round)! : bytes;
    };
    assertNamed(await generateAll({ curve, tamper }), "invalid-commitment", ["bob"]);
  });

  Deno.test(`generate() names the peer who brings its promise from another attempt, on ${curve}`, async () => {
    const attempts = new Map([["bob", attempt.with(0, 9)]]);
    assertNamed(await generateAll({ curve, attempts }), "invalid-commitment", ["bob"], ["alice", "carol"]);
  });

  // F10: more coefficients raise the threshold in silence, fewer lower it.
  Deno.test(`generate() names the peer whose polynomial has not exactly t coefficients, on ${curve}`, async () => {
    for (const length of [0, 1, 3, 4, 16]) {
      const coefficients = Array.from({ length }, (_, k) => BigInt(k + 5));
      const ran = await generateAll({ curve, tamper: rogueDealer({ curve, coefficients }) });
      assertNamed(ran, "invalid-commitment", ["bob"]);
    }
    const tamper = rogueDealer({ curve, coefficients: Array.from({ length: 17 }, () => 3n) });
    assertNamed(await generateAll({ curve, tamper }), "malformed-message", ["bob"]);
  });

  Deno.test(`generate() names two peers whose high coefficients would cancel out, on ${curve}`, async () => {
    const bob = rogueDealer({ curve, coefficients: [5n, 6n, 7n] });
    const carol = rogueDealer({ curve, name: "carol", coefficients: [8n, 9n, group.order - 7n] });
    const ran = await generateAll({ curve, tamper: (m) => m.from === "bob" ? bob(m) : carol(m) });
    assertNamed(ran, "invalid-commitment", ["bob", "carol"]);
  });

  // F16
  Deno.test(`generate() names the peer whose polynomial has a root at a member's identifier, on ${curve}`, async () => {
    for (const root of [1n, 3n]) {
      const tamper = rogueDealer({ curve, coefficients: [group.order - root, 1n] });
      assertNamed(await generateAll({ curve, tamper }), "invalid-commitment", ["bob"]);
    }
  });

  // Round 2: proofs
  Deno.test(`generate() names the peer who cannot prove to know its secret, on ${curve}`, async () => {
    const tamper = changeReveal(
      group,
      (r) => ({ ...r, proof: { ...r.proof, response: r.proof.response ^ 1n } }),
    );
    assertNamed(await generateAll({ curve, tamper }), "invalid-proof", ["bob"]);
  });

  // F02
  Deno.test(`generate() names the peer who brings its proof from another session, on ${curve}`, async () => {
    const other = await generateAll({ curve, session: new Uint8Array(32).fill(8) });
    const { proof, polynomial } = reveal.codec.decode(other.sent.get(slot("reveal", "bob", "alice"))!);
    const tamper = changeReveal(group, (r) => {
      assert.ok(r.polynomial[0]!.equals(polynomial[0]!), "the same statement");
      return { ...r, proof };
    });
    assertNamed(await generateAll({ curve, tamper }), "invalid-proof", ["bob"]);
  });

  Deno.test(`generate() names the peer who copies another's proof, on ${curve}`, async () => {
    let alices: Reveal | null = null;
    const tamper: Tamper = ({ from, round, bytes }) => {
      if (round !== "reveal" || from === "carol") return bytes;
      if (from === "alice") alices = reveal.codec.decode(bytes);
      return from === "bob"
        ? reveal.codec.encode({ ...reveal.codec.decode(bytes), proof: alices!.proof })
        : bytes;
    };
    assertNamed(await generateAll({ curve, tamper }), "invalid-proof", ["bob"]);
  });

  // F19: A_bob = Y - A_alice - A_carol, so that the key would be Y, whose secret bob knows.
  Deno.test(`generate() names the peer who cancels the others out, on ${curve}`, async () => {
    const honest = await generateAll({ curve });
    const first = (from: PeerId) =>
      reveal.codec.decode(honest.sent.get(slot("reveal", from, "bob"))!).polynomial[0]!;
    const cancelling = group.multiplyBase(77n).add(first("alice").negate()).add(first("carol").negate());
    // After hearing what the others reveal: the promise is out already.
    const late = changeReveal(group, (r) => ({ ...r, polynomial: r.polynomial.with(0, cancelling) }));
    assertNamed(await generateAll({ curve, tamper: late }), "invalid-commitment", ["bob"]);
    // Even had it known them when it promised (the seeds are the same here), it has no proof.
    const polynomial: Element[] = [cancelling, group.multiplyBase(6n)];
    const early = rogueDealer({ curve, coefficients: [77n, 6n], polynomial });
    assertNamed(await generateAll({ curve, tamper: early }), "invalid-proof", ["bob"]);
  });

  // Round 3: F20
  Deno.test(`generate() names the dealer of one bad share to its one victim, on ${curve}`, async () => {
    const tamper: Tamper = (m) => {
      if (m.from !== "bob" || m.to !== "carol" || m.round !== "deal") return m.bytes;
      return deal.codec.encode({ share: deal.codec.decode(m.bytes).share ^ 1n });
    };
    const ran = await generateAll({ curve, tamper });
    assertNamed(ran, "invalid-dealt-share", ["bob"], ["carol"]);
    // The others only see carol go; but shown what bob dealt, they come to the same.
    for (const peer of ["alice", "bob"]) {
      assert.deepEqual(ran.endings.get(peer)!.failed, {
        code: "peer-left",
        culprits: [],
        missing: ["carol"],
      });
    }
    const seen = ran.witnessed.filter((w) => w.by === "alice" && w.code === "invalid-dealt-share");
    assert.deepEqual(seen, [
      { by: "alice", from: "bob", to: "carol", code: "invalid-dealt-share", passes: false },
      { by: "alice", from: "carol", to: "bob", code: "invalid-dealt-share", passes: true },
    ]);
  });

  Deno.test(`generate() names the dealer of a share that is 0 or another's, on ${curve}`, async () => {
    const zero = only("bob", "deal", () => deal.codec.encode({ share: 0n }));
    assertNamed(await generateAll({ curve, tamper: zero }), "invalid-dealt-share", ["bob"]);
    const honest = await generateAll({ curve });
    const crossed: Tamper = ({ from, to, round, bytes }) =>
      from === "bob" && round === "deal"
        ? honest.sent.get(slot("deal", "bob", to === "alice" ? "carol" : "alice"))!
        : bytes;
    assertNamed(await generateAll({ curve, tamper: crossed }), "invalid-dealt-share", ["bob"]);
  });

  // Round 4: F22
  Deno.test(`generate() names the peer who confirms another outcome, on ${curve}`, async () => {
    const tamper = only("bob", "confirm", () => confirm.codec.encode({ outcome: new Uint8Array(32) }));
    assertNamed(await generateAll({ curve, tamper }), "invalid-confirmation", ["bob"]);
  });

  // F12, F13, F14 at each place where an element is read
  Deno.test(`generate() names the peer who sends what is no element of prime order, on ${curve}`, async () => {
    const good = group.encodeElement(group.multiplyBase(7n));
    const bytes32 = new Uint8Array(32);
    const written = (polynomial: Uint8Array[], commitment: Uint8Array, response = bytes32) =>
      encode([`quorate/1/generate/${scheme}/reveal`, polynomial, bytes32, bytes32, commitment, response]);
    reveal.codec.decode(written([good, good], good));
    for (const { what, bytes } of badElements[curve]) {
      assert.throws(() => reveal.codec.decode(written([bytes, good], good)), Error, `A_0: ${what}`);
      assert.throws(() => reveal.codec.decode(written([good, bytes], good)), Error, `A_1: ${what}`);
      assert.throws(() => reveal.codec.decode(written([good, good], bytes)), Error, `R: ${what}`);
    }
    const tamper = only("bob", "reveal", () => written([good, badElements[curve][0]!.bytes], good));
    assertNamed(await generateAll({ curve, tamper }), "malformed-message", ["bob"]);
  });

  // F15 at each place where a scalar is read
  Deno.test(`generate() names the peer who sends what is no scalar, on ${curve}`, async () => {
    const good = group.encodeElement(group.multiplyBase(7n)), bytes32 = new Uint8Array(32);
    const dealt = (share: Uint8Array) => encode([`quorate/1/generate/${scheme}/deal`, share]);
    assert.equal(deal.codec.decode(dealt(bytes32)).share, 0n);
    for (const { what, bytes } of badScalars(group)) {
      assert.throws(() => deal.codec.decode(dealt(bytes)), Error, `share: ${what}`);
      const tag = `quorate/1/generate/${scheme}/reveal`;
      const proven = encode([tag, [good, good], bytes32, bytes32, good, bytes]);
      assert.throws(() => reveal.codec.decode(proven), Error, `response: ${what}`);
    }
    const tamper = only("bob", "deal", () => dealt(new Uint8Array(32).fill(255)));
    assertNamed(await generateAll({ curve, tamper }), "malformed-message", ["bob"]);
  });

  Deno.test(`generate() names the sender of any bytes that do not decode, in every round, on ${curve}`, async () => {
    const other = suites[curve === "ed25519" ? "secp256k1" : "ed25519"];
    for (const round of [accept, "reveal", "deal", "confirm"] as const) {
      const noise: ((bytes: Uint8Array) => Uint8Array)[] = [
        () => new Uint8Array(),
        (bytes) => bytes.subarray(1),
        (bytes) => Uint8Array.of(...bytes, 0),
        () => other.firstRound.encode({ promise: new Uint8Array(32) }),
        (bytes) => Uint8Array.of(...bytes.subarray(0, 1), 0x80, ...bytes.subarray(1)),
      ];
      for (const change of noise) {
        const ran = await generateAll({ curve, tamper: only("bob", round, change) });
        assertNamed(ran, "malformed-message", ["bob"]);
      }
    }
  });

  Deno.test(`generate() blames nobody for silence, on ${curve}`, async () => {
    for (const round of ["reveal", "deal", "confirm"]) {
      const tamper: Tamper = (m) => m.from === "bob" && m.round === round ? null : m.bytes;
      const ran = await generateAll({ curve, tamper });
      for (const peer of ["alice", "carol"]) {
        assert.deepEqual(ran.endings.get(peer)!.failed, {
          code: "round-timeout",
          culprits: [],
          missing: ["bob"],
        });
      }
    }
  });
}

// F16: whatever bytes a peer sends, this node neither breaks nor blames anyone else.
Deno.test("generate() ends in no error of its own for any flipped bit of any message", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(accept, "reveal", "deal", "confirm"),
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      async (round, at, bit) => {
        const tamper = only("bob", round, (bytes) => {
          const i = at % bytes.length;
          return bytes.with(i, bytes[i]! ^ (1 << bit));
        });
        const { endings } = await generateAll({ tamper });
        for (const peer of ["alice", "carol"]) assert.deepEqual(endings.get(peer)!.failed!.culprits, ["bob"]);
      },
    ),
    { numRuns: 40 },
  );
});

// F17
Deno.test("generate() runs among peers that are named like parts of Object, and leaves Object as it was", async () => {
  const before = Object.getOwnPropertyNames(Object.prototype).sort();
  const members = ["__proto__", "constructor", "hasOwnProperty", "toString"];
  const made = results(await generateAll({ members, threshold: 3 }));
  assert.equal(new Set(made.map(({ publicKey }) => publicKey.toHex())).size, 1);
  const ran = await generateAll({ members, tamper: only("__proto__", "reveal", () => new Uint8Array()) });
  assertNamed(ran, "malformed-message", ["__proto__"]);
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), before);
  assert.equal(({} as Record<string, unknown>).identifier, undefined);
});

Deno.test("generate() refuses a threshold that is not from 2 to n, before anything is sent", async () => {
  for (const threshold of [-1, 0, 1, 4, 2.5, NaN]) {
    await assert.rejects(generateAll({ threshold }), (error) => {
      assert.ok(error instanceof InputError);
      assert.equal(error.field, "threshold");
      return true;
    });
  }
});

Deno.test("generate() refuses a party of one, of seventeen, or with a peer twice, and 31 bytes of a session or an attempt", async () => {
  const seventeen = Array.from({ length: 17 }, (_, i) => `peer ${i}`);
  for (const members of [["alice"], seventeen, ["alice", "alice"]]) {
    await assert.rejects(generateAll({ members }), InputError);
  }
  await assert.rejects(generateAll({ session: new Uint8Array(31) }), InputError);
  await assert.rejects(generateAll({ attempt: new Uint8Array(31) }), InputError);
});

Deno.test("generate() runs for 2 of 2 and for 16 members", async () => {
  results(await generateAll({ members: ["alice", "bob"] }));
  const members = Array.from({ length: 16 }, (_, i) => `peer ${i}`);
  assert.equal(results(await generateAll({ members, threshold: 11 })).length, 16);
});

Deno.test("generate() of one scheme understands no message of another scheme on the same curve", async () => {
  const [ours, theirs] = [generating.ecdsa, generating.bip340];
  const { sent } = await generateAll({ scheme: "bip340" });
  const codecs = ({ firstRound, rounds: { reveal, deal, confirm } }: GeneratingSuite) => ({
    [accept]: firstRound,
    reveal: reveal.codec,
    deal: deal.codec,
    confirm: confirm.codec,
  });
  for (const name of [accept, "reveal", "deal", "confirm"] as const) {
    const message = sent.get(slot(name, "bob", name === accept ? "*" : "alice"))!;
    codecs(theirs)[name].decode(message);
    assert.throws(() => codecs(ours)[name].decode(message), TypeError, name);
    assertNamed(
      await generateAll({ scheme: "ecdsa", tamper: only("bob", name, () => message) }),
      "malformed-message",
      ["bob"],
    );
  }
  // Written anew under the other's tags, what was dealt does not open its promise, and proves nothing.
  const reveal = theirs.rounds.reveal.codec.decode(sent.get(slot("reveal", "bob", "alice"))!);
  const promises = [
    [theirs.firstRound.decode(sent.get(slot(accept, "bob", "*"))!), "invalid-commitment"],
    [{ promise: promiseOf(ours, attempt, 2, reveal) }, "invalid-proof"],
  ] as const;
  for (const [promise, code] of promises) {
    const tamper: Tamper = (m) => {
      if (m.from !== "bob") return m.bytes;
      if (m.round === accept) return ours.firstRound.encode(promise);
      return m.round === "reveal" ? ours.rounds.reveal.codec.encode(reveal) : m.bytes;
    };
    assertNamed(await generateAll({ scheme: "ecdsa", tamper }), code, ["bob"]);
  }
});

// F01, F07: what is hashed can be read in one way only.
Deno.test("promiseOf() and outcomeOf() differ wherever their fields do", () => {
  const suite = suites.secp256k1, { group } = suite;
  const [a, b] = [group.multiplyBase(2n), group.multiplyBase(3n)];
  const [x, y, z] = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const promises = [
    promiseOf(suite, x, 1, { polynomial: [a, b], chainCode: y, salt: z }),
    promiseOf(suite, x, 2, { polynomial: [a, b], chainCode: y, salt: z }),
    promiseOf(suite, y, 1, { polynomial: [a, b], chainCode: y, salt: z }),
    promiseOf(suite, x, 1, { polynomial: [b, a], chainCode: y, salt: z }),
    promiseOf(suite, x, 1, { polynomial: [a], chainCode: y, salt: z }),
    promiseOf(suite, x, 1, { polynomial: [], chainCode: y, salt: z }),
    promiseOf(suite, x, 1, { polynomial: [a, b], chainCode: z, salt: y }),
    promiseOf(suites.ed25519, x, 1, { polynomial: [], chainCode: y, salt: z }),
  ];
  const outcomes = [
    outcomeOf(x, { publicKey: y, verifyingShares: [y, z], chainCode: z, transcript: x }),
    outcomeOf(x, { publicKey: y, verifyingShares: [y], chainCode: z, transcript: z }),
    outcomeOf(x, { publicKey: y, verifyingShares: [], chainCode: y, transcript: z }),
    outcomeOf(x, { publicKey: y, verifyingShares: [z, y], chainCode: z, transcript: x }),
  ];
  const all = [...promises, ...outcomes].map((hash) => hash.toHex());
  assert.equal(new Set(all).size, all.length);
});

Deno.test("outcomeOf(), chainCodeOf() and transcriptOf() bind each of their fields", () => {
  const [x, y, z] = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const apart = (hashes: readonly Uint8Array[]) =>
    assert.equal(new Set(hashes.map((hash) => hash.toHex())).size, hashes.length);
  const outcome = { publicKey: x, verifyingShares: [x, y], chainCode: x, transcript: x };
  apart([
    outcomeOf(x, outcome),
    outcomeOf(y, outcome),
    outcomeOf(x, { ...outcome, publicKey: y }),
    outcomeOf(x, { ...outcome, verifyingShares: [x, z] }),
    outcomeOf(x, { ...outcome, chainCode: y }),
    outcomeOf(x, { ...outcome, transcript: y }),
  ]);
  apart([chainCodeOf(x, [x, y]), chainCodeOf(y, [x, y]), chainCodeOf(x, [y, x]), chainCodeOf(x, [x])]);
  const suite = suites.secp256k1, element = suite.group.multiplyBase(2n);
  const reveal = {
    polynomial: [element],
    chainCode: x,
    salt: x,
    proof: { commitment: element, response: 1n },
  };
  const promises = [{ promise: x }, { promise: y }], reveals = [reveal, { ...reveal, salt: y }];
  apart([
    transcriptOf(suite, x, promises, reveals),
    transcriptOf(suite, y, promises, reveals),
    transcriptOf(suite, x, promises.toReversed(), reveals),
    transcriptOf(suite, x, promises, reveals.toReversed()),
    transcriptOf(suite, x, promises, [reveal, reveal]),
    transcriptOf(suite, x, promises, [reveal, {
      ...reveal,
      salt: y,
      proof: { commitment: element, response: 2n },
    }]),
  ]);
});
