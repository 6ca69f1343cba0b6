import { secp256k1_hasher } from "@noble/curves/secp256k1.js";
import { decode, encode } from "cborg";
import assert from "node:assert/strict";
import { hash } from "../../src/crypto/codec.ts";
import { maskAt } from "../../src/crypto/dkls/bit_matrix.ts";
import { portableDiffieHellman } from "../../src/crypto/dkls/diffie_hellman.ts";
import { type Element, groups } from "../../src/crypto/group.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { type DealtEcdsaKey, setupEcdsa } from "../../src/protocol/setup_ecdsa.ts";
import {
  directionSetup,
  generatingEcdsa,
  pairSetup,
  settingUp,
} from "../../src/protocol/setup_ecdsa_messages.ts";
import { badElements } from "../crypto/points.ts";
import { diffieHellman, generateEcdsaAll, keyOf, signEcdsaAll } from "./ecdsa_keys.ts";
import { party, seeded, session } from "./keys.ts";
import { type Ran, results, runAll, slot, type Tamper } from "./local_net.ts";

const group = groups.secp256k1;
const made: Ran<DealtEcdsaKey> = await generateEcdsaAll();
const pairsOf = (peer: PeerId) => made.endings.get(peer)!.result!.pairs;

/** Set-up alone, between two. */
function setupTwo(tamper?: Tamper) {
  return runAll(
    settingUp,
    ["alice", "bob"],
    (net) => setupEcdsa(net, { session, holders: net.party, random: seeded(net.self), diffieHellman }),
    tamper,
  );
}
/** Changes field `index` of what bob sends to alice in `round`. */
const bobs = (round: string, index: number, change: (value: Uint8Array) => Uint8Array): Tamper => (m) => {
  if (m.from !== "bob" || m.to !== "alice" || m.round !== round) return m.bytes;
  const fields = decode(m.bytes);
  return encode(fields.with(index, change(fields[index])));
};
async function assertAliceNames(tamper: Tamper, code: FailureCode, what?: string): Promise<void> {
  const { endings } = await setupTwo(tamper);
  assert.deepEqual(endings.get("alice")!.failed, { code, culprits: ["bob"], missing: [] }, what);
}

Deno.test("generateEcdsa() gives one key, and both ends of every pair: K^Δ, one seed, one name", () => {
  const keys = results(made);
  assert.ok(keys.every(({ publicKey }) => publicKey.toHex() === keys[0]!.publicKey.toHex()));
  for (const one of party) {
    assert.deepEqual([...pairsOf(one).keys()], party.filter((peer) => peer !== one));
    for (const [other, mine] of pairsOf(one)) {
      const theirs = pairsOf(other).get(one)!;
      assert.deepEqual(mine.setup, pairSetup(session, party.indexOf(one) + 1, party.indexOf(other) + 1));
      assert.deepEqual([theirs.setup, theirs.zeroSeed], [mine.setup, mine.zeroSeed]);
      for (let i = 0; i < 128; i++) {
        const o = 64 * i + (maskAt(mine.delta, i) & 32);
        assert.deepEqual(mine.chosen.slice(32 * i, 32 * i + 32), theirs.offered.slice(o, o + 32));
      }
    }
  }
});

// TOB-BRON-2: one Δ for two peers, and what either learns is about both.
Deno.test("setupEcdsa() draws Δ for each pair and direction: no two are the same", () => {
  const all = party.flatMap((peer) => [...pairsOf(peer).values()].map(({ delta }) => delta.join()));
  assert.equal(new Set(all).size, 6);
  const seeds = party.flatMap((peer) => [...pairsOf(peer).values()].map(({ zeroSeed }) => zeroSeed.toHex()));
  assert.equal(new Set(seeds).size, 3);
});

Deno.test("setupEcdsa() draws a key of the base OTs and a part of the seed for each pair and direction", () => {
  const said = (round: string, index: number) =>
    party.flatMap((from) =>
      party.filter((to) => to !== from).map((to) =>
        decode(made.sent.get(slot(round, from, to))!)[index].toHex()
      )
    );
  for (
    const [what, all] of [["B", said("offer", 1)], ["part", said("choose", 2)], ["salt", said("choose", 3)]]
  ) {
    assert.equal(new Set(all).size, 6, what as string);
  }
});

Deno.test("generateEcdsa() makes a key that every pair can sign with", async () => {
  for (const signers of [["alice", "bob"], ["alice", "carol"], ["bob", "carol"]]) {
    results(await signEcdsaAll({ made: keyOf(made, 2), signers, path: [1] }));
  }
});

Deno.test("generateEcdsa() runs the rounds of the key generation first, then two of its own", () => {
  assert.deepEqual(Object.keys(generatingEcdsa), ["reveal", "deal", "confirm", "offer", "choose"]);
});

Deno.test("setupEcdsa() with noble at one end and node:crypto at the other", async () => {
  const ran = await runAll(settingUp, ["alice", "bob"], (net) =>
    setupEcdsa(net, {
      session,
      holders: net.party,
      random: seeded(net.self),
      diffieHellman: net.self === "bob" ? portableDiffieHellman : diffieHellman,
    }));
  const [alice, bob] = results(ran);
  const all = results(await setupTwo());
  assert.deepEqual(alice!.get("bob")!.chosen, all[0]!.get("bob")!.chosen);
  assert.deepEqual(bob!.get("alice")!.offered, all[1]!.get("alice")!.offered);
});

Deno.test("setupEcdsa() names who opens its part of the seed to something else", async () => {
  await assertAliceNames(
    bobs("choose", 2, (part) => part.with(0, part[0]! ^ 1)),
    "invalid-commitment",
    "part",
  );
  await assertAliceNames(
    bobs("choose", 3, (salt) => salt.with(0, salt[0]! ^ 1)),
    "invalid-commitment",
    "salt",
  );
  await assertAliceNames(
    bobs("offer", 2, (promise) => promise.with(0, promise[0]! ^ 1)),
    "invalid-commitment",
  );
});

Deno.test("setupEcdsa() names who copies another's promise, as it cannot open it", async () => {
  let alices: Uint8Array | undefined;
  await assertAliceNames((m) => {
    if (m.round !== "offer") return m.bytes;
    if (m.from === "alice") alices = decode(m.bytes)[2];
    return m.from === "bob" ? encode(decode(m.bytes).with(2, alices)) : m.bytes;
  }, "invalid-commitment");
});

Deno.test("setupEcdsa() names who offers or answers with what is no point", async () => {
  for (const { bytes, what } of badElements.secp256k1) {
    await assertAliceNames(bobs("offer", 1, () => bytes), "malformed-message", what);
    if (bytes.length !== 33) continue;
    const into = bobs("choose", 1, (answer) => {
      const changed = answer.slice();
      changed.set(bytes, 33 * 200);
      return changed;
    });
    await assertAliceNames(into, "malformed-message", what);
  }
});

Deno.test("setupEcdsa() names who answers too few or too many base OTs", async () => {
  await assertAliceNames(bobs("choose", 1, (answer) => answer.slice(66)), "malformed-message");
  const longer = bobs("choose", 1, (answer) => Uint8Array.of(...answer, ...answer.slice(0, 66)));
  await assertAliceNames(longer, "malformed-message");
  await assertAliceNames(bobs("choose", 1, () => new Uint8Array()), "malformed-message");
});

Deno.test("setupEcdsa() names who makes a key of the identity", async () => {
  const setup = directionSetup(pairSetup(session, 1, 2), 1, 2);
  const aimed = bobs("choose", 1, (answer) => {
    const input = hash("quorate/1/dkls/base-ot/point", setup, 0, 0, answer.slice(33, 66));
    const image = secp256k1_hasher.hashToCurve(input, {
      DST: "quorate/1/dkls/base-ot/secp256k1_XMD:SHA-256_SSWU_RO_",
    }) as unknown as Element;
    const changed = answer.slice();
    changed.set(group.encodeElement(image.negate()));
    return changed;
  });
  await assertAliceNames(aimed, "malformed-message");
});

Deno.test("setupEcdsa() sends 97 bytes and 8,512 bytes of payload to each", () => {
  const length = (round: string) => made.sent.get(slot(round, "alice", "bob"))!.length;
  assert.ok(length("offer") < 97 + 60, `${length("offer")} bytes`);
  assert.ok(length("choose") < 8_512 + 60, `${length("choose")} bytes`);
});

Deno.test("setupEcdsa() pauses between steps of its work and says how far it is", async () => {
  const done: number[] = [];
  await runAll(settingUp, ["alice", "bob"], (net) =>
    setupEcdsa(net, {
      session,
      holders: net.party,
      random: seeded(net.self),
      diffieHellman,
      pause: (part) => {
        if (net.self === "alice") done.push(part);
        return Promise.resolve();
      },
    }));
  assert.ok(done.length >= 32);
  assert.deepEqual(done, done.toSorted((a, b) => a - b), "it only grows");
  assert.equal(done.at(-1), 1);
});
