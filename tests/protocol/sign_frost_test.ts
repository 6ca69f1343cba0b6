import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { encode } from "cborg";
import fc from "fast-check";
import assert from "node:assert/strict";
import { createPublicKey, verify as nodeVerify } from "node:crypto";
import { frostEd25519 } from "../../src/crypto/frost_ed25519.ts";
import { groups } from "../../src/crypto/group.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { InputError } from "../../src/errors.ts";
import type { Random } from "../../src/ports.ts";
import { drawFrostSignatures } from "../../src/protocol/sign_frost.ts";
import { signingFrost } from "../../src/protocol/sign_frost_messages.ts";
import { badElements, badScalars } from "../crypto/points.ts";
import { attempt, generateAll, makeKey, party, seeded, session, type TestKey } from "./keys.ts";
import { accept, onlyItem, type Ran, results, runAll, runDrawn, slot, type Tamper } from "./local_net.ts";

const group = groups.ed25519;
const message = new TextEncoder().encode("hello threshold");

interface SignOptions {
  made: TestKey;
  signers?: readonly PeerId[];
  message?: Uint8Array;
  /** What each signs, where they differ. */
  messages?: ReadonlyMap<PeerId, Uint8Array>;
  seed?: string;
  /** One source for all, instead of the seed. */
  random?: Random;
  tamper?: Tamper;
}

const { rounds } = signingFrost(frostEd25519, 1);

async function signAll(
  { made: { key, shares }, signers = ["alice", "carol"], ...options }: SignOptions,
): Promise<Ran<Uint8Array>> {
  const ran = await runDrawn(rounds, signers, {
    draw: (self) =>
      drawFrostSignatures({
        suite: frostEd25519,
        attempt,
        self,
        party: signers,
        members: key.members,
        items: [{
          key,
          share: shares.get(self) ?? new Uint8Array(32).fill(1),
          message: options.messages?.get(self) ?? options.message ?? message,
        }],
        random: options.random ?? seeded(`${options.seed ?? "sign"} ${self}`),
      }),
    inputOf: () => ({ session }),
  }, options.tamper);
  return onlyItem(ran);
}

function assertNamed(ran: Ran<Uint8Array>, code: FailureCode, culprits: readonly PeerId[]): void {
  for (const [peer, { failed }] of ran.endings) {
    if (culprits.includes(peer)) continue;
    assert.deepEqual({ by: peer, ...failed }, { by: peer, code, culprits, missing: [] });
  }
}

const only = (from: PeerId, round: string, change: (bytes: Uint8Array) => Uint8Array): Tamper => (m) =>
  m.from === from && m.round === round ? change(m.bytes) : m.bytes;

const changeShare = (from: PeerId, change: (share: Uint8Array) => Uint8Array): Tamper =>
  only(from, "share", (bytes) => {
    const { codec } = rounds.share;
    return codec.encode(codec.decode(bytes).map(change));
  });
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

/** F41: three verifiers, two of which share nothing with noble. */
async function assertVerifies(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): Promise<void> {
  assert.equal(signature.length, 64);
  assert.ok(ed25519.verify(signature, message, publicKey, { zip215: false }), "noble");
  const imported = await crypto.subtle.importKey("raw", publicKey.slice(), "Ed25519", false, ["verify"]);
  assert.ok(await crypto.subtle.verify("Ed25519", imported, signature.slice(), message.slice()), "WebCrypto");
  const spki = Buffer.from([...Uint8Array.fromHex("302a300506032b6570032100"), ...publicKey]);
  const key = createPublicKey({ key: spki, format: "der", type: "spki" });
  assert.ok(nodeVerify(null, message, key, signature), "node:crypto");
}

Deno.test("signFrost() gives every signer the same Ed25519 signature, for any t of n", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 5 }).chain((n) =>
        fc.integer({ min: 2, max: n }).chain((threshold) =>
          fc.tuple(
            fc.constant(n),
            fc.shuffledSubarray([0, 1, 2, 3, 4].slice(0, n), { minLength: threshold, maxLength: threshold }),
          )
        )
      ),
      fc.uint8Array({ maxLength: 100 }),
      async ([n, chosen], message) => {
        const members = ["alice", "bob", "carol", "dave", "eve"].slice(0, n);
        const made = await makeKey({ members, threshold: chosen.length });
        const signatures = results(await signAll({ made, signers: chosen.map((i) => members[i]!), message }));
        for (const signature of signatures) assert.deepEqual(signature, signatures[0]);
        await assertVerifies(signatures[0]!, message, made.key.publicKey);
      },
    ),
    { numRuns: 8 },
  );
});

// F33
Deno.test("signFrost() signs messages that are empty, begin with zeros, or have 64 KiB", async () => {
  const made = await makeKey();
  const zeros = [1, 2, 31, 32, 33].map((length) => new Uint8Array(length));
  const leading = [1, 7, 31].map((length) => Uint8Array.of(...new Uint8Array(length), 1, 2, 3));
  for (const message of [new Uint8Array(), ...zeros, ...leading, new Uint8Array(65_536).fill(5)]) {
    const signatures = results(await signAll({ made, message }));
    await assertVerifies(signatures[0]!, message, made.key.publicKey);
  }
});

Deno.test("signFrost() refuses a message over 64 KiB, before anything is sent", async () => {
  const made = await makeKey();
  await assert.rejects(signAll({ made, message: new Uint8Array(65_537) }), InputError);
});

// F32
Deno.test("signFrost() refuses more or fewer signers than t, one twice, and a stranger", async () => {
  const made = await makeKey();
  for (const signers of [["alice"], party, ["alice", "alice"], ["alice", "mallory"]]) {
    await assert.rejects(signAll({ made, signers }), InputError, signers.join());
  }
});

Deno.test("signFrost() names the peer whose share does not verify", async () => {
  const made = await makeKey();
  assertNamed(await signAll({ made, tamper: changeShare("carol", flip) }), "invalid-signature-share", [
    "carol",
  ]);
});

// F15
Deno.test("signFrost() names the peer whose share is 0", async () => {
  const made = await makeKey();
  const tamper = changeShare("carol", () => new Uint8Array(32));
  assertNamed(await signAll({ made, tamper }), "invalid-signature-share", ["carol"]);
});

// F40
Deno.test("signFrost() names all who cheat, and only them", async () => {
  const members = ["alice", "bob", "carol", "dave"];
  const made = await makeKey({ members, threshold: 4 });
  for (const cheaters of [["bob"], ["bob", "dave"], ["bob", "carol", "dave"]]) {
    const tamper: Tamper = (m) => cheaters.includes(m.from) ? changeShare(m.from, flip)(m) : m.bytes;
    assertNamed(await signAll({ made, signers: members, tamper }), "invalid-signature-share", cheaters);
  }
});

Deno.test("signFrost() names the peer who repeats its share of another signature", async () => {
  const made = await makeKey();
  const earlier = await signAll({ made, seed: "earlier" });
  const repeated = earlier.sent.get(slot("share", "carol", "alice"))!;
  assertNamed(
    await signAll({ made, tamper: only("carol", "share", () => repeated) }),
    "invalid-signature-share",
    ["carol"],
  );
});

// F43: what alice answered is no answer of carol's, whoever carol says she is.
Deno.test("signFrost() names the peer who sends another's share as its own", async () => {
  const members = ["alice", "bob", "carol"];
  const made = await makeKey({ members, threshold: 3 });
  // The seeds are the same in both runs, and so is what alice answers.
  const honest = await signAll({ made, signers: members });
  const alices = honest.sent.get(slot("share", "alice", "carol"))!;
  const tamper = only("carol", "share", () => alices);
  assertNamed(await signAll({ made, signers: members, tamper }), "invalid-signature-share", ["carol"]);
});

Deno.test("signFrost() has no signature when the signers sign different messages", async () => {
  const made = await makeKey();
  const messages = new Map([["alice", message], ["carol", flip(message)]]);
  const { endings } = await signAll({ made, messages });
  // That both sign the same is in the session's id; here, each finds the other's answer wrong for what it signed itself.
  assert.deepEqual(endings.get("alice")!.failed?.culprits, ["carol"]);
  assert.deepEqual(endings.get("carol")!.failed?.culprits, ["alice"]);
});

// F39: that all have the same commitments is in the session's id; here, each finds the other's share wrong for them.
Deno.test("signFrost() names who signs with other commitments than the accepts have", async () => {
  const made = await makeKey();
  const other = await signAll({ made, seed: "other" });
  const tamper = only("carol", accept, () => other.sent.get(slot(accept, "carol", "*"))!);
  const { endings } = await signAll({ made, tamper });
  assert.deepEqual(endings.get("alice")!.failed, {
    code: "invalid-signature-share",
    culprits: ["carol"],
    missing: [],
  });
});

Deno.test("signFrost() names who copies another's commitments, of which it does not know the nonces", async () => {
  const made = await makeKey();
  let alices: Uint8Array | undefined;
  const tamper: Tamper = (m) => {
    if (m.round !== accept) return m.bytes;
    if (m.from === "alice") alices = m.bytes;
    return alices!;
  };
  const { endings } = await signAll({ made, tamper });
  assert.deepEqual(endings.get("alice")!.failed, {
    code: "invalid-signature-share",
    culprits: ["carol"],
    missing: [],
  });
});

Deno.test("signFrost() does not let a rotten share out, and blames nobody for it", async () => {
  const { key, shares } = await makeKey();
  const rotten = { key, shares: new Map(shares).set("carol", flip(shares.get("carol")!)) };
  const { endings, sent } = await signAll({ made: rotten });
  assert.deepEqual(endings.get("carol")!.failed, { code: "share-corrupt", culprits: [], missing: [] });
  assert.deepEqual(endings.get("alice")!.failed, { code: "peer-left", culprits: [], missing: ["carol"] });
  assert.ok(!sent.has(slot("share", "carol", "alice")));
});

// F12, F13, F14: R and S of a signature are made of what passes here.
Deno.test("signFrost() names the peer who commits to what is no element of prime order", async () => {
  const made = await makeKey();
  const good = group.encodeElement(group.multiplyBase(7n));
  const written = (hiding: Uint8Array, binding: Uint8Array) =>
    encode(["quorate/1/frost/commitment", hiding, binding]);
  for (const { bytes } of badElements.ed25519) {
    for (const commitment of [written(bytes, good), written(good, bytes)]) {
      const tamper = only("carol", accept, () => commitment);
      assertNamed(await signAll({ made, tamper }), "malformed-message", ["carol"]);
    }
  }
});

Deno.test("signFrost() names the peer who adds a torsion point to its own commitment", async () => {
  const made = await makeKey();
  const codec = frostEd25519.nonceCommitment;
  for (const hex of ED25519_TORSION_SUBGROUP) {
    const low = ed25519.Point.fromHex(hex);
    if (low.is0()) continue;
    for (const place of ["hiding", "binding"] as const) {
      const tamper = only("carol", accept, (bytes) => {
        const mine = codec.decode(bytes);
        return codec.encode({ ...mine, [place]: ed25519.Point.fromBytes(mine[place]).add(low).toBytes() });
      });
      assertNamed(await signAll({ made, tamper }), "malformed-message", ["carol"]);
    }
  }
});

// F15
Deno.test("signFrost() names the peer whose share is no scalar", async () => {
  const made = await makeKey();
  for (const { bytes } of badScalars(group)) {
    const tamper = only("carol", "share", () => encode(["quorate/2/frost/shares", [bytes]]));
    assertNamed(await signAll({ made, tamper }), "malformed-message", ["carol"]);
  }
});

// F16
Deno.test("signFrost() ends in no error of its own for any flipped bit or any bytes", async () => {
  const made = await makeKey();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(accept, "share"),
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      fc.option(fc.uint8Array({ maxLength: 120 })),
      async (round, at, bit, noise) => {
        const change = (bytes: Uint8Array) =>
          noise ?? bytes.with(at % bytes.length, bytes[at % bytes.length]! ^ (1 << bit));
        const { endings } = await signAll({ made, tamper: only("carol", round, change) });
        assert.deepEqual(endings.get("alice")!.failed!.culprits, ["carol"]);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("signFrost() blames nobody for silence", async () => {
  const made = await makeKey();
  const tamper: Tamper = (m) => m.from === "carol" && m.round === "share" ? null : m.bytes;
  const { endings } = await signAll({ made, tamper });
  assert.deepEqual(endings.get("alice")!.failed, {
    code: "round-timeout",
    culprits: [],
    missing: ["carol"],
  });
});

// F17
Deno.test("signFrost() runs among peers that are named like parts of Object, and leaves Object as it was", async () => {
  const before = Object.getOwnPropertyNames(Object.prototype).sort();
  const members = ["__proto__", "constructor", "toString"];
  const made = await makeKey({ members });
  for (const signers of [["__proto__", "toString"], ["constructor", "__proto__"]]) {
    const [signature] = results(await signAll({ made, signers }));
    await assertVerifies(signature!, message, made.key.publicKey);
    const tamper = changeShare("__proto__", flip);
    assertNamed(await signAll({ made, signers, tamper }), "invalid-signature-share", ["__proto__"]);
  }
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), before);
});

// F37: the same nonces are never behind two answers, or two equations would give the share.
Deno.test("signFrost() draws fresh nonces for every signature of the same message", async () => {
  const made = await makeKey();
  const random = seeded("one source");
  const commitments: string[] = [];
  for (let i = 0; i < 3; i++) {
    const ran = await signAll({ made, random });
    results(ran);
    commitments.push(ran.sent.get(slot(accept, "alice", "*"))!.toHex());
  }
  assert.equal(new Set(commitments).size, 3);
});

// F37: two shares by the same nonces would give the key's share away.
Deno.test("drawFrostSignatures() signs once: a second run throws, and so does one that failed, or was disposed of", async () => {
  const made = await makeKey();
  const agreed = { session, firstRound: new Map<PeerId, Uint8Array>() };
  const drawAll = () =>
    new Map(["alice", "carol"].map((self) => {
      const drawn = drawFrostSignatures({
        suite: frostEd25519,
        attempt,
        self,
        party: ["alice", "carol"],
        members: party,
        items: [{ key: made.key, share: made.shares.get(self)!, message }],
        random: seeded(self),
      });
      return [self, drawn];
    }));
  const never = {
    self: "alice",
    party: ["alice", "carol"],
    exchange: () => assert.fail("nothing is sent"),
  };
  const again = (drawn: ReturnType<typeof drawFrostSignatures>, firstRounds: typeof agreed.firstRound) =>
    assert.rejects(drawn.run(never, { session, firstRound: firstRounds }), /used before, or wiped/);

  const drawn = drawAll();
  const firstRound = new Map([...drawn].map(([peer, { firstRound }]) => [peer, firstRound]));
  results(
    await runAll(
      rounds,
      ["alice", "carol"],
      (net) => drawn.get(net.self)!.run(net, { session, firstRound }),
    ),
  );
  await again(drawn.get("alice")!, firstRound);

  const failed = drawAll().get("alice")!;
  await assert.rejects(failed.run(never, agreed), { code: "internal" });
  await again(failed, firstRound);

  const disposed = drawAll().get("alice")!;
  disposed[Symbol.dispose]();
  await again(disposed, firstRound);
});

Deno.test("drawFrostSignatures() wipes nonces and its copy of the share, at the end of a run and on disposal", async () => {
  const made = await makeKey();
  const wiped: Uint8Array[] = [];
  const watching = { ...frostEd25519, frost: { ...frostEd25519.frost } };
  watching.frost.commit = (secret, random) => {
    const drawn = frostEd25519.frost.commit(secret, random);
    wiped.push(drawn.nonces.hiding, drawn.nonces.binding);
    return drawn;
  };
  const given = made.shares.get("alice")!, share = given.slice();
  share.slice = () => {
    wiped.push(given.slice());
    return wiped.at(-1)! as Uint8Array<ArrayBuffer>;
  };
  const draw = () =>
    drawFrostSignatures({
      suite: watching,
      attempt,
      self: "alice",
      party: ["alice", "carol"],
      members: party,
      items: [{ key: made.key, share, message }],
      random: seeded("wiped"),
    });
  draw()[Symbol.dispose]();
  const net = { self: "alice", party: ["alice", "carol"], exchange: () => assert.fail("nothing is sent") };
  await assert.rejects(draw().run(net, { session, firstRound: new Map() }), { code: "internal" });
  assert.equal(wiped.length, 6);
  for (const bytes of wiped) assert.deepEqual(bytes, new Uint8Array(32));
  assert.deepEqual(Uint8Array.from(share), given, "the caller's is left to it");
});

Deno.test("signFrost() does not verify under the key of another wallet", async () => {
  const made = await makeKey();
  const other = results(await generateAll({ seed: "another wallet" }))[0]!;
  const [signature] = results(await signAll({ made }));
  assert.ok(!ed25519.verify(signature!, message, other.publicKey));
});
