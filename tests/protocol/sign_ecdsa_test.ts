import { secp256k1 } from "@noble/curves/secp256k1.js";
import { decode, encode } from "cborg";
import assert from "node:assert/strict";
import { childOf } from "../../src/crypto/bip32.ts";
import { pairState } from "../../src/crypto/dkls/pair.ts";
import { verifyEcdsa } from "../../src/crypto/ecdsa/signature.ts";
import { groups } from "../../src/crypto/group.ts";
import { InputError } from "../../src/errors.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { drawEcdsaSignatures } from "../../src/protocol/sign_ecdsa.ts";
import { signingEcdsa } from "../../src/protocol/sign_ecdsa_messages.ts";
import { badElements, badScalars } from "../crypto/points.ts";
import { recoverKey } from "../crypto/ecdsa/recover_key.ts";
import {
  dealEcdsaKey,
  digest,
  type EcdsaTestKey,
  signEcdsaAll,
  type SignEcdsaAllOptions,
} from "./ecdsa_keys.ts";
import { attempt, party, seeded, session } from "./keys.ts";
import { accept, results, slot, type Tamper, Verdict } from "./local_net.ts";

const group = groups.secp256k1;
const two = dealEcdsaKey();
const three = dealEcdsaKey({ threshold: 3 });

/** Signs, and notes every ban: who banned whom. */
async function sign(options: SignEcdsaAllOptions) {
  const bans: [PeerId, readonly PeerId[]][] = [];
  const ran = await signEcdsaAll({
    ...options,
    ban: (by, peers) => {
      bans.push([by, peers]);
      return Promise.resolve();
    },
  });
  return { ...ran, bans };
}

// Where the fields of each message are; 0 is the tag.
const at = {
  [accept]: { promise: 1 },
  extend: { request: 1, nonce: 2, columns: 3, choiceCheck: 4, columnChecks: 5 },
  correct: {
    nonce: 1,
    salt: 2,
    key: 3,
    gammaU: 4,
    gammaV: 5,
    psi: 6,
    corrections: 7,
    responses: 8,
    digest: 9,
  },
  finish: { u: 1, w: 2, view: 3 },
} as const;
type RoundName = keyof typeof at;

/** Changes one field of what bob sends in a round: to alice alone, or to all. */
function bobs<R extends RoundName>(
  round: R,
  name: keyof typeof at[R] & string,
  change: (value: Uint8Array) => Uint8Array,
  to?: PeerId,
): Tamper {
  const index = (at[round] as Record<string, number>)[name]!;
  return (m) => {
    if (m.from !== "bob" || m.round !== round || (to !== undefined && m.to !== to)) return m.bytes;
    const fields = decode(m.bytes);
    return encode(fields.with(index, change(fields[index])));
  };
}
const flip = (place: number) => (bytes: Uint8Array) => bytes.with(place, bytes[place]! ^ 1);
const plusG = (bytes: Uint8Array) =>
  group.encodeElement(group.decodeElement(bytes).add(group.multiplyBase(1n)));
const plusOne = (bytes: Uint8Array) => group.encodeScalar(group.reduce(group.decodeScalar(bytes) + 1n));

/** Who fails a check against Alice, is banned by her, and by her alone. */
async function assertBanned(tamper: Tamper, what: string): Promise<void> {
  const { endings, bans } = await sign({ made: three, signers: party, tamper });
  assert.deepEqual(endings.get("alice")!.failed, {
    code: "invalid-multiplication",
    culprits: ["bob"],
    missing: [],
  }, what);
  assert.deepEqual(bans, [["alice", ["bob"]]], what);
  assert.notEqual(endings.get("carol")!.failed?.code, "invalid-multiplication", what);
  assert.deepEqual(endings.get("carol")!.failed?.culprits ?? [], [], `${what}: nobody is blamed by hearsay`);
}

/** Everyone but Bob ends like this, and nobody is banned. */
async function assertNoBan(
  options: SignEcdsaAllOptions,
  code: FailureCode,
  culprits: readonly PeerId[],
  what?: string,
): Promise<void> {
  const { endings, bans } = await sign(options);
  assert.deepEqual(bans, [], what);
  for (const [peer, { failed }] of endings) {
    if (peer === "bob" && culprits.includes("bob")) continue;
    assert.deepEqual({ by: peer, ...failed }, { by: peer, code, culprits, missing: [] }, what);
  }
}

Deno.test("signEcdsa() gives every signer the same signature, verified, of the key or of a child", async () => {
  for (const path of [[], [0], [44, 60, 0, 0, 7]]) {
    const { publicKey } = childOf(group, two.key, path);
    for (const signers of [["alice", "bob"], ["bob", "carol"], ["alice", "carol"]]) {
      const { bans, ...ran } = await sign({ made: two, signers, path });
      const all = results(ran);
      for (const signature of all) assert.deepEqual(signature, all[0]);
      assert.deepEqual(all[0]!.publicKey, publicKey);
      assert.ok(verifyEcdsa(publicKey, digest, all[0]!.compact));
      assert.deepEqual(recoverKey(all[0]!, digest), publicKey);
      assert.deepEqual(bans, []);
    }
  }
});

Deno.test("signEcdsa() has three rounds, and no way to begin before the digest is known", () => {
  assert.deepEqual(Object.keys(signingEcdsa(1)), ["extend", "correct", "finish"]);
});

Deno.test("signEcdsa() sends 12.4, 65.9 and 0.1 kB to each for one item", async () => {
  const { sent } = await sign({ made: two });
  const length = (round: string) => sent.get(slot(round, "alice", "carol"))!.length;
  assert.ok(length("extend") > 12_400 && length("extend") < 12_500, `${length("extend")} bytes`);
  assert.ok(length("correct") > 65_856 && length("correct") < 66_000, `${length("correct")} bytes`);
  assert.ok(length("finish") < 160, `${length("finish")} bytes`);
});

// F24: KOS's check is over one receiver's columns; each of its three parts is tampered with.
Deno.test("signEcdsa() bans who fails the check of the OT extension", async () => {
  await assertBanned(bobs("extend", "columns", flip(0), "alice"), "u, first bit");
  await assertBanned(bobs("extend", "columns", flip(10_239), "alice"), "u, last byte");
  await assertBanned(bobs("extend", "choiceCheck", flip(3), "alice"), "x~");
  await assertBanned(bobs("extend", "columnChecks", flip(2_047), "alice"), "t~");
});

Deno.test("signEcdsa() bans who fails the check of the multiplication", async () => {
  for (const place of [31, 63, 95, 127, 65_535]) {
    await assertBanned(bobs("correct", "corrections", flip(place), "alice"), `a~ at ${place}`);
  }
  await assertBanned(bobs("correct", "responses", flip(31), "alice"), "η_1");
  await assertBanned(bobs("correct", "responses", flip(63), "alice"), "η_2");
  await assertBanned(bobs("correct", "digest", flip(0), "alice"), "μ");
});

// F26, and 0xCarbon's sign_phase3_bans_on_inconsistent_gamma_u.
Deno.test("signEcdsa() bans who did not multiply what it shows", async () => {
  await assertBanned(bobs("correct", "gammaU", plusG, "alice"), "Γ^u");
  await assertBanned(bobs("correct", "gammaV", plusG, "alice"), "Γ^v");
  await assertBanned(bobs("correct", "key", plusG, "alice"), "pk_j");
});

Deno.test("signEcdsa() bans who sends one signer's correction to another", async () => {
  let carols: Uint8Array | undefined;
  const swapped: Tamper = (m) => {
    if (m.from !== "bob" || m.round !== "correct") return m.bytes;
    if (m.to === "alice") return m.bytes; // alphabetical: alice's goes out before carol's
    carols ??= m.bytes;
    return m.bytes;
  };
  // First run: record Carol's. Second run, the same seed: put it in Alice's place.
  await sign({ made: three, signers: party, tamper: swapped });
  await assertBanned(
    (m) => m.from === "bob" && m.round === "correct" && m.to === "alice" ? carols! : m.bytes,
    "swapped",
  );
});

Deno.test("signEcdsa() names and bans all who fail a check, not only the first", async () => {
  const tamper: Tamper = (m) => {
    if (m.from === "alice" || m.to !== "alice" || m.round !== "extend") return m.bytes;
    const fields = decode(m.bytes);
    return encode(fields.with(at.extend.columns, flip(5)(fields[at.extend.columns])));
  };
  const { endings, bans } = await sign({ made: three, signers: party, tamper });
  assert.deepEqual(endings.get("alice")!.failed?.culprits, ["bob", "carol"]);
  assert.deepEqual(bans, [["alice", ["bob", "carol"]]]);
});

for (
  const [what, round, tamper] of [
    ["extension", "correct", bobs("extend", "columns", flip(0), "alice")],
    ["correction", "finish", bobs("correct", "corrections", flip(31), "alice")],
  ] as const
) {
  Deno.test(`signEcdsa() says nothing after a failed check of the ${what} until the ban is on disk`, async () => {
    const disk = Promise.withResolvers<void>();
    const order: string[] = [];
    const running = signEcdsaAll({
      made: three,
      signers: party,
      tamper: (m) => {
        if (m.from === "alice") order.push(m.round);
        return tamper(m);
      },
      ban: async () => {
        order.push("banning");
        await disk.promise;
        order.push("banned");
      },
    }).then((ran) => (order.push("ended"), ran));
    while (!order.includes("banning")) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.ok(!order.includes("ended"), "nobody has heard of it yet");
    disk.resolve();
    const { endings } = await running;
    assert.equal(endings.get("alice")!.failed?.code, "invalid-multiplication");
    assert.deepEqual(order.slice(-3), ["banning", "banned", "ended"]);
    assert.ok(!order.includes(round));
  });
}

Deno.test("signEcdsa() says store-failed if the ban could not be written, and goes no further", async () => {
  const { endings, sent } = await signEcdsaAll({
    made: three,
    signers: party,
    tamper: bobs("extend", "columns", flip(0), "alice"),
    ban: () => Promise.reject(new Error("disk full")),
  });
  assert.deepEqual(endings.get("alice")!.failed, { code: "store-failed", culprits: [], missing: [] });
  assert.ok(!sent.has(slot("correct", "alice", "carol")));
});

// A run that is called off throws at its next pause: a finding that waited behind one would be forgotten. The pauses
// of three signers with one item: two after their extensions, two after Alice's multiplications, one between Bob's.
Deno.test("signEcdsa() makes its checks at once: a run that is called off has banned whom it caught, or caught nobody", async () => {
  const extension = bobs("extend", "columns", flip(0), "alice");
  const correction = bobs("correct", "corrections", flip(31), "alice");
  for (
    const [what, tamper, allowed, caught] of [
      ["extension", extension, 2, true],
      ["correction", correction, 5, true],
      ["correction, before the last multiplication", correction, 4, false],
    ] as const
  ) {
    let pauses = 0;
    const pause = (peer: PeerId) => {
      if (peer !== "alice" || ++pauses <= allowed) return Promise.resolve();
      return Promise.reject(new Verdict("cancelled", []));
    };
    const { endings, bans, sent } = await sign({ made: three, signers: party, tamper, pause });
    assert.deepEqual(bans, caught ? [["alice", ["bob"]]] : [], what);
    assert.deepEqual(
      endings.get("alice")!.failed?.code,
      caught ? "invalid-multiplication" : "cancelled",
      what,
    );
    assert.ok(!sent.has(slot("finish", "alice", "bob")), what);
  }
});

// F25, TOB-SILA-8: honest parties that are not about the same thing would fail each other's checks.
Deno.test("signEcdsa() bans nobody when the signers are not about the same", async () => {
  const signers = ["alice", "bob"];
  const cases: [string, Partial<SignEcdsaAllOptions>][] = [
    ["another session", { sessions: new Map([["bob", session.with(0, 9)]]) }],
    ["a session of zeros", { sessions: new Map([["bob", new Uint8Array(32)]]) }],
    ["another digest", { digests: new Map([["bob", digest.with(0, 9)]]) }],
  ];
  for (const [what, options] of cases) {
    await assertNoBan({ made: two, signers, ...options }, "session-mismatch", [], what);
    await assertNoBan({ made: three, ...options, signers: party }, "session-mismatch", [], what);
  }
});

Deno.test("signEcdsa() bans nobody for a message of an old session", async () => {
  const old = await sign({
    made: three,
    signers: party,
    sessions: new Map(party.map((peer) => [peer, digest])),
  });
  const tamper: Tamper = (m) =>
    m.from === "bob" && m.round === "extend" ? old.sent.get(slot(m.round, m.from, m.to))! : m.bytes;
  const { endings, bans } = await sign({ made: three, signers: party, tamper });
  assert.deepEqual(bans, []);
  for (const peer of ["alice", "carol"]) {
    assert.deepEqual(endings.get(peer)!.failed, { code: "session-mismatch", culprits: [], missing: [] });
  }
});

Deno.test("signEcdsa() bans nobody when one has the OT state of another set-up", async () => {
  const other = dealEcdsaKey({ seed: "an older epoch" });
  const alices = two.pairs.get("alice")!;
  const stale = pairState({ ...other.pairs.get("alice")!.get("bob")!, setup: new Uint8Array(32).fill(3) });
  const made: EcdsaTestKey = {
    ...two,
    pairs: new Map(two.pairs).set("alice", new Map(alices).set("bob", stale)),
  };
  await assertNoBan({ made, signers: ["alice", "bob"] }, "session-mismatch", []);
});

Deno.test("signEcdsa() names, and does not ban, who opens its promise to something else", async () => {
  const signers = ["alice", "bob"];
  const opening = async (tamper: Tamper) =>
    await assertNoBan({ made: two, signers, tamper }, "invalid-commitment", ["bob"]);
  await opening(bobs("correct", "nonce", plusG));
  await opening(bobs("correct", "salt", flip(0)));
  await opening(bobs(accept, "promise", flip(0)));
});

Deno.test("signEcdsa() names, and does not ban, who brings its promise and its opening from another attempt", async () => {
  const attempts = new Map([["bob", attempt.with(0, 9)]]);
  await assertNoBan({ made: two, signers: ["alice", "bob"], attempts }, "invalid-commitment", ["bob"]);
});

Deno.test("signEcdsa() names all whose promise does not decode, before it sends anything", async () => {
  const tamper: Tamper = (m) => m.round === accept && m.from !== "alice" ? m.bytes.slice(1) : m.bytes;
  const { endings, sent, bans } = await sign({ made: three, signers: party, tamper });
  assert.deepEqual(endings.get("alice")!.failed, {
    code: "malformed-message",
    culprits: ["bob", "carol"],
    missing: [],
  });
  assert.ok(!sent.has(slot("extend", "alice", "bob")));
  assert.deepEqual(bans, []);
});

Deno.test("drawEcdsaSignatures() signs once: a second run throws, and so does one after disposal", async () => {
  const draw = () =>
    drawEcdsaSignatures({
      key: two.key,
      attempt,
      self: "alice",
      party: ["alice", "bob"],
      share: two.shares.get("alice")!,
      items: [{ path: [], digest }],
      random: seeded("once"),
    });
  const net = { self: "alice", party: ["alice", "bob"], exchange: () => assert.fail("nothing is sent") };
  const run = {
    session,
    firstRound: new Map(),
    pairs: two.pairs.get("alice")!,
    random: seeded("once"),
    ban: () => assert.fail("nobody is banned"),
  };
  const failed = draw();
  await assert.rejects(failed.run(net, run), { code: "internal" });
  await assert.rejects(failed.run(net, run), /used before, or wiped/);
  const disposed = draw();
  disposed[Symbol.dispose]();
  await assert.rejects(disposed.run(net, run), /used before, or wiped/);
});

// It has nothing to open it with but what opens the other's; that the copy cannot be multiplied with would be a ban.
Deno.test("signEcdsa() names, and does not ban, who copies a promise and its opening", async () => {
  const signers = ["alice", "bob"];
  const before = await sign({ made: two, signers }); // the same seeds: what Alice will say
  const alices = (round: string, to = "bob") => decode(before.sent.get(slot(round, "alice", to))!);
  const copied = [
    bobs(accept, "promise", () => alices(accept, "*")[at[accept].promise]),
    bobs("correct", "nonce", () => alices("correct")[at.correct.nonce]),
    bobs("correct", "salt", () => alices("correct")[at.correct.salt]),
  ];
  const tamper: Tamper = (m) => copied.reduce((bytes, copy) => copy({ ...m, bytes })!, m.bytes);
  await assertNoBan({ made: two, signers, tamper }, "invalid-commitment", ["bob"]);
});

// F31: what only the sum can show has a name where there is one other signer, and none where there are more.
Deno.test("signEcdsa() rejects a sum that is no signature, and bans nobody", async () => {
  const wrong: [string, Tamper][] = [
    ["ψ", bobs("correct", "psi", plusOne)],
    ["u", bobs("finish", "u", plusOne)],
    ["w", bobs("finish", "w", plusOne)],
    ["w = 0", bobs("finish", "w", () => new Uint8Array(32))],
    ["what it heard", bobs("finish", "view", flip(0))],
  ];
  for (const [what, tamper] of wrong) {
    const alone = await sign({ made: two, signers: ["alice", "bob"], tamper });
    assert.deepEqual(alone.endings.get("alice")!.failed, {
      code: "invalid-signature-share",
      culprits: ["bob"],
      missing: [],
    }, what);
    const many = await sign({ made: three, signers: party, tamper });
    for (const peer of ["alice", "carol"]) {
      assert.deepEqual(
        many.endings.get(peer)!.failed,
        { code: "result-rejected", culprits: [], missing: [] },
        what,
      );
    }
    assert.deepEqual([...alone.bans, ...many.bans], [], what);
  }
});

Deno.test("signEcdsa() rejects a denominator that the last signer made 0", async () => {
  let alices = 0n;
  const tamper: Tamper = (m) => {
    if (m.round !== "finish") return m.bytes;
    const fields = decode(m.bytes);
    if (m.from === "alice") alices = group.decodeScalar(fields[1]);
    if (m.from === "alice") return m.bytes;
    assert.notEqual(alices, 0n, "Bob is the last to speak");
    return encode(fields.with(1, group.encodeScalar(group.order - alices)));
  };
  const { endings, bans } = await sign({ made: two, signers: ["alice", "bob"], tamper });
  assert.equal(endings.get("alice")!.failed?.code, "invalid-signature-share");
  assert.deepEqual(bans, []);
});

// -s verifies as s does, and low s makes the same bytes of both: only the bits for recovery would be wrong.
Deno.test("signEcdsa() rejects an s that the last signer has turned round", async () => {
  let alices = 0n;
  const tamper: Tamper = (m) => {
    if (m.round !== "finish") return m.bytes;
    const fields = decode(m.bytes);
    const w = group.decodeScalar(fields[2]);
    if (m.from === "alice") alices = w;
    if (m.from === "alice") return m.bytes;
    assert.notEqual(alices, 0n, "Bob is the last to speak");
    return encode(fields.with(2, group.encodeScalar(group.reduce(-(alices + w) - alices))));
  };
  const { endings, bans } = await sign({ made: two, signers: ["alice", "bob"], tamper });
  assert.equal(endings.get("alice")!.failed?.code, "invalid-signature-share");
  assert.deepEqual(bans, []);
});

Deno.test("signEcdsa() rejects, and bans nobody, when the ends of a pair have different seeds", async () => {
  const change = (made: EcdsaTestKey): EcdsaTestKey => {
    const bob = made.pairs.get("bob")!;
    const state = pairState({ ...bob.get("alice")!, zeroSeed: new Uint8Array(32) });
    return { ...made, pairs: new Map(made.pairs).set("bob", new Map(bob).set("alice", state)) };
  };
  const alone = await sign({ made: change(two), signers: ["alice", "bob"] });
  assert.deepEqual(alone.endings.get("alice")!.failed?.code, "invalid-signature-share");
  assert.deepEqual(alone.bans, []);
  assert.ok(
    !alone.sent.has(slot("finish", "alice", "bob")),
    "found out by the sum of pk_j, before u and w are shown",
  );
  await assertNoBan({ made: change(three), signers: party }, "result-rejected", []);
});

// F18: 0xCarbon's tests of lengths (rejects_short_tau_rows, wrong_verify_vector_lengths, …), for every field.
Deno.test("signEcdsa() names, and does not ban, who sends a field that is too short, too long or empty", async () => {
  const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
    (bytes) => bytes.slice(1),
    (bytes) => Uint8Array.of(...bytes, 0),
    () => new Uint8Array(),
  ];
  for (const [round, fields] of Object.entries(at) as [RoundName, Record<string, number>][]) {
    for (const name of Object.keys(fields)) {
      for (const change of changes) {
        const tamper = bobs(round, name as never, change);
        await assertNoBan(
          { made: two, signers: ["alice", "bob"], tamper },
          "malformed-message",
          ["bob"],
          `${round}.${name}`,
        );
      }
    }
  }
});

Deno.test("signEcdsa() names, and does not ban, who sends a scalar that is not below the order", async () => {
  const places: [RoundName, string, number][] = [
    ["correct", "psi", 0],
    ["correct", "responses", 32],
    ["correct", "corrections", 0],
    ["correct", "corrections", 65_504],
    ["finish", "u", 0],
    ["finish", "w", 0],
  ];
  for (const { what, bytes } of badScalars(group).filter(({ bytes }) => bytes.length === 32)) {
    for (const [round, name, place] of places) {
      const tamper = bobs(round, name as never, (field) => {
        const changed = field.slice();
        changed.set(bytes, place);
        return changed;
      });
      await assertNoBan({ made: two, signers: ["alice", "bob"], tamper }, "malformed-message", ["bob"], what);
    }
  }
});

Deno.test("signEcdsa() names, and does not ban, who sends what is no point", async () => {
  for (const { what, bytes } of badElements.secp256k1) {
    for (const name of ["nonce", "key", "gammaU", "gammaV"] as const) {
      const tamper = bobs("correct", name, () => bytes);
      await assertNoBan({ made: two, signers: ["alice", "bob"], tamper }, "malformed-message", ["bob"], what);
    }
  }
});

Deno.test("signEcdsa() says who is missing when a message never comes, and bans nobody", async () => {
  for (const lost of ["extend", "correct", "finish"]) {
    const { endings, bans } = await sign({
      made: two,
      signers: ["alice", "bob"],
      tamper: ({ from, round, bytes }) => from === "bob" && round === lost ? null : bytes,
    });
    assert.deepEqual(endings.get("alice")!.failed, { code: "round-timeout", culprits: [], missing: ["bob"] });
    assert.deepEqual(bans, []);
  }
});

Deno.test("signEcdsa() draws everything anew: two sessions with one digest have nothing in common", async () => {
  const ran = await sign({ made: two, seed: "one" }), again = await sign({ made: two, seed: "two" });
  assert.notDeepEqual(results(ran)[0]!.compact.slice(0, 32), results(again)[0]!.compact.slice(0, 32));
});

// What keeps pads apart when a store was rolled back and a session id comes again.
Deno.test("signEcdsa() draws a nonce for each multiplication, also of one session", async () => {
  const nonces: string[] = [];
  for (const seed of ["one", "two"]) {
    const { sent } = await sign({ made: three, signers: party, seed });
    for (const from of party) {
      for (const to of party.filter((peer) => peer !== from)) {
        nonces.push(decode(sent.get(slot("extend", from, to))!)[at.extend.nonce].toHex());
      }
    }
  }
  assert.equal(new Set(nonces).size, 12);
});

// F28: the path is in the session; the same digest under two paths are two signatures under two keys.
Deno.test("signEcdsa() signs for the child of its path and for no other", async () => {
  const one = results(await sign({ made: two, path: [1] }))[0]!;
  assert.ok(!verifyEcdsa(childOf(group, two.key, [2]).publicKey, digest, one.compact));
  assert.ok(!verifyEcdsa(two.key.publicKey, digest, one.compact));
});

// F29, F32.
Deno.test("signEcdsa() refuses other than t members, and what is no digest, before it sends anything", async () => {
  const cases: [string, SignEcdsaAllOptions][] = [
    ["t - 1", { made: three, signers: ["alice", "bob"] }],
    ["t + 1", { made: two, signers: party }],
    ["a stranger", { made: two, signers: ["alice", "mallory"] }],
    ["a short digest", { made: two, digest: digest.slice(1) }],
    ["a long digest", { made: two, digest: new Uint8Array(33).fill(1) }],
    ["zero", { made: two, digest: new Uint8Array(32) }],
    ["the order", { made: two, digest: Uint8Array.fromHex(group.order.toString(16)) }],
    ["a hardened path", { made: two, path: [2 ** 31] }],
    ["no item", { made: two, items: [] }],
    ["257 items", { made: two, items: Array.from({ length: 257 }, () => ({ path: [], digest })) }],
    ["one bad digest of two", {
      made: two,
      items: [{ path: [], digest }, { path: [], digest: digest.slice(1) }],
    }],
    ["an attempt of 31 bytes", { made: two, attempts: new Map([["alice", new Uint8Array(31)]]) }],
    ["a session of 31 bytes", { made: two, sessions: new Map([["alice", new Uint8Array(31)]]) }],
    ["another scheme", { made: { ...two, key: { ...two.key, scheme: "ed25519" } } }],
    ["no pair", { made: { ...two, pairs: new Map(party.map((peer) => [peer, new Map()])) } }],
  ];
  for (const [what, options] of cases) {
    let sent = 0;
    const tamper: Tamper = (
      { from, round, bytes },
    ) => (sent += from === "alice" && round !== accept ? 1 : 0, bytes);
    await assert.rejects(sign({ ...options, tamper }), InputError, what);
    assert.equal(sent, 0, what);
  }
});

Deno.test("signEcdsa() makes signatures that noble takes without a hint about low s", async () => {
  const { compact, publicKey } = results(await sign({ made: three, signers: party }))[0]!;
  assert.ok(secp256k1.verify(compact, digest, publicKey, { prehash: false }));
});
