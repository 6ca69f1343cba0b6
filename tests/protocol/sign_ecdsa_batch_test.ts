import { decode, encode } from "cborg";
import assert from "node:assert/strict";
import { childOf } from "../../src/crypto/bip32.ts";
import { pairState } from "../../src/crypto/dkls/pair.ts";
import { verifyEcdsa } from "../../src/crypto/ecdsa/signature.ts";
import { type Element, groups } from "../../src/crypto/group.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import type { EcdsaItem } from "../../src/protocol/sign_ecdsa.ts";
import { maxEcdsaItems, signingEcdsa } from "../../src/protocol/sign_ecdsa_messages.ts";
import { recoverKey } from "../crypto/ecdsa/recover_key.ts";
import { dealEcdsaKey, digest, type SignEcdsaAllOptions, signEcdsaBatch } from "./ecdsa_keys.ts";
import { party } from "./keys.ts";
import { results, slot, type Tamper, Verdict } from "./local_net.ts";

const group = groups.secp256k1;
const two = dealEcdsaKey();
const three = dealEcdsaKey({ threshold: 3 });
const pair = ["alice", "bob"];
const items: readonly EcdsaItem[] = [
  { path: [], digest },
  { path: [44, 60, 7], digest: digest.with(0, 1) },
  { path: [1], digest: digest.with(0, 2) },
];
const first = 0, last = items.length - 1;
const rounds = signingEcdsa(items.length);

/** Signs `items`, and notes every ban: who banned whom. */
async function sign(
  options: Omit<SignEcdsaAllOptions, "made"> & { made?: SignEcdsaAllOptions["made"] } = {},
) {
  const bans: [PeerId, readonly PeerId[]][] = [];
  const ran = await signEcdsaBatch({
    made: three,
    signers: party,
    items,
    ...options,
    ban: (by, peers) => {
      bans.push([by, peers]);
      return Promise.resolve();
    },
  });
  return { ...ran, bans };
}

/** Where the vectors of each message are, and the bytes of one item in them; 0 is the tag. */
const vectors = {
  extend: { columns: [3, 64] },
  correct: {
    nonces: [1, 33],
    keys: [3, 33],
    gammasU: [4, 33],
    gammasV: [5, 33],
    psis: [6, 32],
    corrections: [7, 65_536],
    responses: [8, 64],
    digests: [9, 32],
  },
  finish: { us: [1, 32], ws: [2, 32] },
} as const;
type Vectors = typeof vectors;

/** Changes one vector of what bob sends in a round: to `to` alone, or to all. */
function bobs<R extends keyof Vectors>(
  round: R,
  name: keyof Vectors[R] & string,
  change: (vector: Uint8Array) => Uint8Array,
  to?: PeerId,
): Tamper {
  const [index] = (vectors[round] as Record<string, readonly [number, number]>)[name]!;
  return (m) => {
    if (m.from !== "bob" || m.round !== round || (to !== undefined && m.to !== to)) return m.bytes;
    const fields = decode(m.bytes);
    return encode(fields.with(index, change(fields[index])));
  };
}
/** The same of one item's part. */
function bobsItem<R extends keyof Vectors>(
  round: R,
  name: keyof Vectors[R] & string,
  item: number,
  change: (part: Uint8Array) => Uint8Array,
  to?: PeerId,
): Tamper {
  const [, each] = (vectors[round] as Record<string, readonly [number, number]>)[name]!;
  return bobs(round, name, (vector) => {
    const changed = vector.slice();
    changed.set(change(vector.slice(item * each, (item + 1) * each)), item * each);
    return changed;
  }, to);
}
const flip = (bytes: Uint8Array) => bytes.with(-1, bytes.at(-1)! ^ 1);
const plusG = (bytes: Uint8Array) =>
  group.encodeElement(group.decodeElement(bytes).add(group.multiplyBase(1n)));
const plusOne = (bytes: Uint8Array) => group.encodeScalar(group.reduce(group.decodeScalar(bytes) + 1n));

Deno.test("a batch of three with other paths and digests: all verify, in their order, the same at every signer", async () => {
  for (const [made, signers] of [[two, pair], [three, party]] as const) {
    const { bans, ...ran } = await sign({ made, signers });
    const all = results(ran);
    for (const signatures of all) assert.deepEqual(signatures, all[0]);
    assert.equal(all[0]!.length, items.length);
    for (const [item, { path, digest }] of items.entries()) {
      const signature = all[0]![item]!;
      const { publicKey } = childOf(group, made.key, path);
      assert.deepEqual(signature.publicKey, publicKey);
      assert.ok(verifyEcdsa(publicKey, digest, signature.compact));
      assert.deepEqual(recoverKey(signature, digest), publicKey);
    }
    assert.deepEqual(bans, []);
  }
});

Deno.test("a batch draws r, χ, φ and a share of zero for each item, also where key and digest are the same", async () => {
  const same = Array.from({ length: 3 }, () => ({ path: [1], digest }));
  const ran = await sign({ items: same });
  const signatures = results(ran)[0]!;
  assert.equal(new Set(signatures.map(({ compact }) => compact.slice(0, 32).toHex())).size, 3, "R");
  for (const from of party) {
    const sent = party.filter((to) => to !== from).map((to) =>
      rounds.correct.codec.decode(ran.sent.get(slot("correct", from, to))!).items
    );
    const apart = (what: string, values: readonly bigint[]) =>
      assert.equal(new Set(values).size, values.length, `${what} of ${from}`);
    const x = (point: Element) => (point.toAffine() as { x: bigint }).x;
    const all = sent.flat();
    // With one χ for two items ψ - ψ' would be φ - φ', the same to both others.
    const differences = sent.map((items) =>
      [[0, 1], [0, 2], [1, 2]].map(([i, j]) => items[i!]!.psi - items[j!]!.psi)
    );
    apart("ψ", all.map(({ psi }) => psi));
    apart("ψ - ψ'", differences.flat().map(group.reduce));
    apart("R", sent[0]!.map(({ nonce }) => x(nonce)));
    apart("pk", sent[0]!.map(({ key }) => x(key)));
    apart("Γ^u", all.map(({ gammas }) => x(gammas[0])));
    apart("Γ^v", all.map(({ gammas }) => x(gammas[1])));
  }
});

/** How the honest signers of a tampered batch end, with all that there is to be seen of it. */
async function seenOf(tamper: Tamper) {
  const said: string[] = [];
  const { endings, bans, sent } = await sign({
    tamper,
    progress: (by, done) => said.push(`${by} ${done.toFixed(3)}`),
    pause: (by) => (said.push(`${by} pauses`), Promise.resolve()),
  });
  return {
    ends: ["alice", "carol"].map((peer) => endings.get(peer)!.failed),
    bans,
    slots: [...sent.keys()].sort(),
    said,
  };
}

const checks: [string, (item: number, to?: PeerId) => Tamper][] = [
  ["u", (item, to) =>
    bobs("extend", "columns", (columns) => {
      const at = 208 * 5 + 64 * item; // column 5, the choices of the item
      return columns.with(at, columns[at]! ^ 0x10);
    }, to)],
  ["a~", (item, to) => bobsItem("correct", "corrections", item, flip, to)],
  ["η", (item, to) => bobsItem("correct", "responses", item, flip, to)],
  ["μ", (item, to) => bobsItem("correct", "digests", item, flip, to)],
  ["Γ^u", (item, to) => bobsItem("correct", "gammasU", item, plusG, to)],
  ["Γ^v", (item, to) => bobsItem("correct", "gammasV", item, plusG, to)],
  ["pk", (item, to) => bobsItem("correct", "keys", item, plusG, to)],
];
for (const [what, cheat] of checks) {
  Deno.test(`a batch bans who cheats with ${what}, alike whichever item it is: in what is said, in what order, and when`, async () => {
    const failed = { code: "invalid-multiplication" as FailureCode, culprits: ["bob"], missing: [] };
    const toAll = await seenOf(cheat(first));
    assert.deepEqual(toAll.ends, [failed, failed]);
    assert.deepEqual(toAll.bans.toSorted(), [["alice", ["bob"]], ["carol", ["bob"]]]);
    assert.ok(!toAll.slots.some((slot) => /^finish: (alice|carol)/.test(slot)), "no finish of any item");
    for (const item of [1, last]) assert.deepEqual(await seenOf(cheat(item)), toAll, `item ${item}`);
    const { ends, bans } = await seenOf(cheat(1, "alice"));
    assert.deepEqual(bans, [["alice", ["bob"]]]);
    assert.deepEqual(ends[0], failed);
    assert.deepEqual(ends[1]?.culprits, [], "nobody is blamed by hearsay");
  });
}

Deno.test("a batch bans for two items that fail as for one", async () => {
  const [one, other] = [first, last].map((item) => bobsItem("correct", "corrections", item, flip));
  const both: Tamper = (m) => other!({ ...m, bytes: one!(m)! });
  assert.deepEqual(await seenOf(both), await seenOf(one!));
});

Deno.test("a batch names, and bans, both who cheat, one with its first item and one with its last", async () => {
  const bob = bobsItem("correct", "digests", first, flip, "alice");
  const tamper: Tamper = (m) => {
    if (m.from !== "carol" || m.to !== "alice") return bob(m);
    return bobsItem("correct", "gammasU", last, plusG)({ ...m, from: "bob" });
  };
  const { endings, bans } = await sign({ tamper });
  assert.deepEqual(endings.get("alice")!.failed?.culprits, ["bob", "carol"]);
  assert.deepEqual(bans, [["alice", ["bob", "carol"]]]);
});

Deno.test("a batch says how far it is after each multiplication, in an order of its own, and comes to 1", async () => {
  const said = new Map<PeerId, number[]>(party.map((peer) => [peer, []]));
  results(await sign({ progress: (by, done) => said.get(by)!.push(done) }));
  for (const done of said.values()) {
    assert.deepEqual(done, Array.from({ length: 12 }, (_, i) => (i + 1) / 12));
  }
});

/** Every honest signer ends like this, and nobody is banned. */
async function assertNoBan(tamper: Tamper, code: FailureCode, culprits: readonly PeerId[], what: string) {
  const alone = await sign({ made: two, signers: pair, tamper });
  assert.deepEqual(alone.endings.get("alice")!.failed, { code, culprits, missing: [] }, what);
  assert.deepEqual(alone.bans, [], what);
  return alone;
}

Deno.test("a batch names who opens its promise to R's in another order, or to another R of any item", async () => {
  const swapped = (i: number, j: number) => (vector: Uint8Array) => {
    const parts = [0, 1, 2].map((item) => vector.slice(33 * item, 33 * item + 33));
    [parts[i], parts[j]] = [parts[j]!, parts[i]!];
    return Uint8Array.from(parts.flatMap((part) => [...part]));
  };
  for (const [i, j] of [[0, 1], [1, 2], [0, 2]] as const) {
    const tamper = bobs("correct", "nonces", swapped(i, j));
    await assertNoBan(tamper, "invalid-commitment", ["bob"], `R of ${i} and ${j}`);
  }
  for (const item of [first, 1, last]) {
    await assertNoBan(
      bobsItem("correct", "nonces", item, plusG),
      "invalid-commitment",
      ["bob"],
      `R of ${item}`,
    );
  }
});

Deno.test("a batch names, and does not ban, who sends a vector of an item less or more", async () => {
  for (
    const [round, fields] of Object.entries(vectors) as [
      keyof Vectors,
      Record<string, readonly [number, number]>,
    ][]
  ) {
    for (const [name, [, each]] of Object.entries(fields)) {
      const shorter = (vector: Uint8Array) => vector.slice(0, -each);
      const longer = (vector: Uint8Array) => new Uint8Array([...vector, ...vector.subarray(0, each)]);
      for (const change of [shorter, longer]) {
        const tamper = bobs(round, name as never, change);
        await assertNoBan(tamper, "malformed-message", ["bob"], `${round}.${name}`);
      }
    }
  }
});

Deno.test("a batch bans nobody when the signers have other items, more of them, or the same in another order", async () => {
  const others: [string, readonly EcdsaItem[], FailureCode][] = [
    ["another digest in the last", items.with(last, { path: [1], digest }), "session-mismatch"],
    ["another path in the first", items.with(first, { path: [9], digest }), "session-mismatch"],
    ["another order", items.toReversed(), "session-mismatch"],
    ["one less", items.slice(1), "malformed-message"],
    ["one more", [...items, items[0]!], "malformed-message"],
  ];
  for (const [what, bobs, code] of others) {
    const { endings, bans } = await sign({ made: two, signers: pair, itemsOf: new Map([["bob", bobs]]) });
    assert.deepEqual(endings.get("alice")!.failed?.code, code, what);
    assert.deepEqual(bans, [], what);
  }
});

Deno.test("a batch rejects what is wrong in one item's last shares, returns nothing, and bans nobody", async () => {
  const zero = () => new Uint8Array(32);
  for (const item of [first, 1, last]) {
    const wrong: [string, Tamper][] = [
      ["ψ", bobsItem("correct", "psis", item, plusOne)],
      ["u", bobsItem("finish", "us", item, plusOne)],
      ["w", bobsItem("finish", "ws", item, plusOne)],
      ["w = 0", bobsItem("finish", "ws", item, zero)],
    ];
    for (const [what, tamper] of wrong) {
      const { endings } = await assertNoBan(tamper, "invalid-signature-share", ["bob"], `${what} of ${item}`);
      assert.equal(endings.get("alice")!.result, undefined);
      const many = await sign({ tamper });
      for (const peer of ["alice", "carol"]) {
        const rejected = { code: "result-rejected", culprits: [], missing: [] };
        assert.deepEqual(many.endings.get(peer)!.failed, rejected, `${what} of ${item}`);
      }
      assert.deepEqual(many.bans, []);
    }
  }
});

Deno.test("a batch rejects last shares that belong to another item, and an s that was turned round in one", async () => {
  const swapped = (vector: Uint8Array) =>
    Uint8Array.of(...vector.subarray(64), ...vector.subarray(32, 64), ...vector.subarray(0, 32));
  await assertNoBan(bobs("finish", "us", swapped), "invalid-signature-share", ["bob"], "u");
  await assertNoBan(bobs("finish", "ws", swapped), "invalid-signature-share", ["bob"], "w");
  for (const item of [first, 1, last]) {
    let alices = 0n;
    const tamper: Tamper = (m) => {
      if (m.round !== "finish") return m.bytes;
      const message = rounds.finish.codec.decode(m.bytes);
      const { u, w } = message.items[item]!;
      if (m.from === "alice") alices = w;
      if (m.from === "alice") return m.bytes;
      assert.notEqual(alices, 0n, "Bob is the last to speak");
      const turned = { u, w: group.reduce(-(alices + w) - alices) };
      return rounds.finish.codec.encode({ ...message, items: message.items.with(item, turned) });
    };
    await assertNoBan(tamper, "invalid-signature-share", ["bob"], `-s of ${item}`);
  }
});

Deno.test("a batch says nothing of any item when the shares of its keys do not add up", async () => {
  const bob = two.pairs.get("bob")!;
  const state = pairState({ ...bob.get("alice")!, zeroSeed: new Uint8Array(32) });
  const made = { ...two, pairs: new Map(two.pairs).set("bob", new Map(bob).set("alice", state)) };
  const { endings, bans, sent } = await sign({ made, signers: pair });
  const failed = { code: "invalid-signature-share", culprits: ["bob"], missing: [] };
  assert.deepEqual(endings.get("alice")!.failed, failed);
  assert.ok(!sent.has(slot("finish", "alice", "bob")));
  assert.deepEqual(bans, []);
});

Deno.test("a batch rejects another view of its nonces and keys", async () => {
  const tamper: Tamper = (m) => {
    if (m.round !== "finish" || m.from !== "bob") return m.bytes;
    const fields = decode(m.bytes);
    return encode(fields.with(3, flip(fields[3])));
  };
  await assertNoBan(tamper, "invalid-signature-share", ["bob"], "view");
});

Deno.test("a batch that is called off between two multiplications sends nothing more, of no item", async () => {
  for (const [allowed, silent] of [[2, "correct"], [6, "correct"], [9, "finish"], [12, "finish"]] as const) {
    let pauses = 0;
    const pause = (peer: PeerId) =>
      peer !== "alice" || ++pauses <= allowed
        ? Promise.resolve()
        : Promise.reject(new Verdict("cancelled", []));
    const { endings, sent, bans } = await sign({ pause });
    assert.equal(endings.get("alice")!.failed?.code, "cancelled", `pause ${allowed}`);
    assert.ok(!sent.has(slot(silent, "alice", "bob")), `pause ${allowed}`);
    assert.deepEqual(bans, []);
  }
});

Deno.test("a batch takes as many items as maxEcdsaItems() says, and its messages grow with them alone", async () => {
  const most = maxEcdsaItems(2);
  const many = Array.from(
    { length: most },
    (_, i) => ({ path: [i % 3], digest: digest.with(0, i % 251 + 1) }),
  );
  const ran = await sign({ made: two, signers: pair, items: many });
  const [signatures] = results(ran);
  assert.ok(
    signatures!.every(({ compact, publicKey }, i) => verifyEcdsa(publicKey, many[i]!.digest, compact)),
  );
  assert.equal(new Set(signatures!.map(({ compact }) => compact.slice(0, 32).toHex())).size, most);
  const length = (round: string) => ran.sent.get(slot(round, "alice", "bob"))!.length;
  const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 120, `${found}`);
  near(length("extend"), 8_192 * most + 4_176);
  near(length("correct"), 65_796 * most + 32);
  near(length("finish"), 64 * most + 32);
});
