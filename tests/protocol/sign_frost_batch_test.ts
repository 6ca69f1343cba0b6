import { ed25519 } from "@noble/curves/ed25519.js";
import assert from "node:assert/strict";
import { frostEd25519 } from "../../src/crypto/frost_ed25519.ts";
import { InputError } from "../../src/errors.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { drawFrostSignatures, type FrostTask } from "../../src/protocol/sign_frost.ts";
import { commitmentsPromise, signingFrost } from "../../src/protocol/sign_frost_messages.ts";
import { childFrostKey } from "../../src/schemes/ed25519.ts";
import { tweakShare } from "../../src/crypto/bip32.ts";
import { groups } from "../../src/crypto/group.ts";
import type { PublicKeyPackage } from "../../src/ports.ts";
import { attempt, makeKey, party, seeded, session } from "./keys.ts";
import { accept, type Ran, results, runDrawn, slot, type Tamper } from "./local_net.ts";

const count = 4;
const { rounds } = signingFrost(frostEd25519, count);
const messages = Array.from({ length: count }, (_, i) => new TextEncoder().encode(`input ${i}`));
/** The child that signs each item; the second and the third are of one key. */
const paths = [[], [7], [7], [0, 1]];
const three = ["alice", "bob", "carol"];

interface Ready {
  key: PublicKeyPackage;
  shares: ReadonlyMap<PeerId, Uint8Array>;
}

async function ready(threshold = 2): Promise<Ready> {
  const { key, shares } = await makeKey({ members: party, threshold });
  return { key: { ...key, chainCode: new Uint8Array(32).fill(3) } as PublicKeyPackage, shares };
}

function itemsOf({ key, shares }: Ready, self: PeerId): FrostTask["items"] {
  return messages.map((message, i) => {
    const { key: childKey, child } = childFrostKey(key, paths[i]!);
    return { key: childKey, share: tweakShare(groups.ed25519, shares.get(self)!, child), message };
  });
}

interface BatchOptions {
  signers?: readonly PeerId[];
  tamper?: Tamper;
  seed?: string;
  /** What a signer signs, where it differs. */
  items?: (self: PeerId, items: FrostTask["items"]) => FrostTask["items"];
  pause?: (done: number) => Promise<void>;
}

function signBatch(
  made: Ready,
  { signers = ["alice", "carol"], tamper, seed = "batch", items = (_, all) => all, pause }: BatchOptions = {},
): Promise<Ran<readonly Uint8Array[]>> {
  return runDrawn(rounds, signers, {
    draw: (self) =>
      drawFrostSignatures({
        suite: frostEd25519,
        attempt,
        self,
        party: signers,
        members: made.key.members,
        items: items(self, itemsOf(made, self)),
        random: seeded(`${seed} ${self}`),
      }),
    inputOf: () => ({ session, ...(pause && { pause }) }),
  }, tamper);
}

const only = (from: PeerId, round: string, change: (bytes: Uint8Array) => Uint8Array): Tamper => (m) =>
  m.from === from && m.round === round ? change(m.bytes) : m.bytes;
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);
/** Spoils a signer's share of some items. */
const spoil = (from: PeerId, ...items: number[]) =>
  only(from, "share", (bytes) => {
    const { codec } = rounds.share;
    return codec.encode(codec.decode(bytes).map((share, i) => items.includes(i) ? flip(share) : share));
  });
const both = (...tampers: Tamper[]): Tamper => (m) =>
  tampers.reduce<Uint8Array | null>((bytes, tamper) => bytes && tamper({ ...m, bytes }), m.bytes);

function assertNamed(
  { endings }: Ran<unknown>,
  code: FailureCode,
  culprits: readonly PeerId[],
  items?: readonly number[],
): void {
  for (const [peer, { failed }] of endings) {
    if (culprits.includes(peer)) continue;
    assert.deepEqual(failed, { code, culprits, missing: [], ...(items && { items }) }, peer);
  }
}

Deno.test("a batch gives every signer a signature of each item, in order, each under its own child", async () => {
  for (const threshold of [2, 3]) {
    const made = await ready(threshold);
    const all = results(await signBatch(made, { signers: three.slice(3 - threshold) }));
    for (const signatures of all) {
      assert.deepEqual(signatures, all[0]);
      assert.equal(signatures.length, count);
      for (const [i, signature] of signatures.entries()) {
        const { key: { publicKey } } = childFrostKey(made.key, paths[i]!);
        assert.ok(ed25519.verify(signature, messages[i]!, publicKey, { zip215: false }), `item ${i}`);
      }
    }
  }
});

// F37: two shares by the same nonces would give the key's share away.
Deno.test("a batch draws other nonces for each item, even of one message", async () => {
  const made = await ready();
  const same = (_: PeerId, all: FrostTask["items"]) => all.map(() => all[0]!);
  const ran = await signBatch(made, { items: same });
  const points = rounds.commit.codec.decode(ran.sent.get(slot("commit", "alice", "carol"))!)
    .flatMap(({ hiding, binding }) => [hiding.toHex(), binding.toHex()]);
  assert.equal(new Set(points).size, 2 * count);
  const [signatures] = results(ran);
  assert.equal(new Set(signatures!.map((one) => one.toHex())).size, count);
});

Deno.test("a batch names who spoils an item, and the item", async () => {
  const made = await ready();
  for (const items of [[0], [2], [count - 1], [1, 3], [0, 1, 2, 3]]) {
    const ran = await signBatch(made, { tamper: spoil("carol", ...items) });
    assertNamed(ran, "invalid-signature-share", ["carol"], items);
  }
});

Deno.test("a batch names all who spoil items, each other ones, and all those items", async () => {
  const made = await ready(3);
  const tamper = both(spoil("bob", 2), spoil("carol", 0, 2));
  assertNamed(
    await signBatch(made, { signers: three, tamper }),
    "invalid-signature-share",
    ["bob", "carol"],
    [0, 2],
  );
});

Deno.test("a batch of which one item is spoilt returns no signature of the others", async () => {
  const { endings } = await signBatch(await ready(), { tamper: spoil("carol", 3) });
  assert.equal(endings.get("alice")!.result, undefined);
});

// The accepts promise the commitments: whoever shows others has seen those of the rest.
Deno.test("a batch names who shows commitments that it has not promised, in any item or order", async () => {
  const made = await ready(3);
  const other = (await signBatch(made, { signers: three, seed: "other" })).sent;
  const { codec } = rounds.commit;
  const shown = codec.decode(other.get(slot("commit", "carol", "alice"))!);
  const changes = [
    () => shown,
    (own: typeof shown) => [...own.slice(0, 3), shown[3]!],
    (own: typeof shown) => [own[1]!, own[0]!, ...own.slice(2)],
    (own: typeof shown) => own.map(({ hiding, binding }) => ({ hiding: binding, binding: hiding })),
  ];
  for (const change of changes) {
    const tamper = only("carol", "commit", (bytes) => codec.encode(change(codec.decode(bytes))));
    assertNamed(await signBatch(made, { signers: three, tamper }), "invalid-commitment", ["carol"]);
  }
});

Deno.test("a batch names who copies another's promise and commitments", async () => {
  const made = await ready(3);
  const honest = (await signBatch(made, { signers: three })).sent;
  const copied: Tamper = (m) =>
    m.from !== "carol" || m.round === "share"
      ? m.bytes
      : honest.get(m.round === accept ? slot(accept, "alice", "*") : slot(m.round, "alice", "carol"))!;
  assertNamed(await signBatch(made, { signers: three, tamper: copied }), "invalid-commitment", ["carol"]);
});

Deno.test("a promise is bound to its attempt, its author, and every commitment", () => {
  const commitments = Array.from({ length: 3 }, (_, i) => ({
    hiding: groups.ed25519.encodeElement(groups.ed25519.multiplyBase(BigInt(2 + i))),
    binding: groups.ed25519.encodeElement(groups.ed25519.multiplyBase(BigInt(9 + i))),
  }));
  const promises = [
    commitmentsPromise(frostEd25519, attempt, 1, commitments),
    commitmentsPromise(frostEd25519, flip(attempt), 1, commitments),
    commitmentsPromise(frostEd25519, attempt, 2, commitments),
    commitmentsPromise(frostEd25519, attempt, 1, commitments.slice(0, 2)),
    commitmentsPromise(frostEd25519, attempt, 1, commitments.toReversed()),
  ];
  assert.equal(new Set(promises.map((promise) => promise.toHex())).size, promises.length);
});

Deno.test("a batch names who sends commitments or shares of more or fewer items", async () => {
  const made = await ready();
  for (const round of ["commit", "share"] as const) {
    const codec = rounds[round].codec as {
      encode(list: readonly unknown[]): Uint8Array;
      decode(bytes: Uint8Array): readonly unknown[];
    };
    for (
      const change of [
        (all: readonly unknown[]) => all.slice(1),
        (all: readonly unknown[]) => [...all, all[0]],
      ]
    ) {
      const tamper = only("carol", round, (bytes) => codec.encode(change(codec.decode(bytes))));
      assertNamed(await signBatch(made, { tamper }), "malformed-message", ["carol"]);
    }
  }
});

Deno.test("a batch blames nobody for silence in either round", async () => {
  const made = await ready();
  for (const round of ["commit", "share"]) {
    const tamper: Tamper = (m) => m.from === "carol" && m.round === round ? null : m.bytes;
    const { endings } = await signBatch(made, { tamper });
    assert.deepEqual(endings.get("alice")!.failed, {
      code: "round-timeout",
      culprits: [],
      missing: ["carol"],
    });
  }
});

Deno.test("a batch sends no share before everyone's commitments are there", async () => {
  const tamper: Tamper = (m) => m.from === "carol" && m.round === "commit" ? null : m.bytes;
  const { sent } = await signBatch(await ready(), { tamper });
  assert.ok(!sent.has(slot("share", "alice", "carol")));
});

Deno.test("a batch does not let a rotten share out, in whichever item", async () => {
  const made = await ready();
  const rotten = (self: PeerId, all: FrostTask["items"]) =>
    self === "carol" ? all.map((item, i) => i === 2 ? { ...item, share: flip(item.share) } : item) : all;
  const { endings, sent } = await signBatch(made, { items: rotten });
  assert.deepEqual(endings.get("carol")!.failed, { code: "share-corrupt", culprits: [], missing: [] });
  assert.ok(!sent.has(slot("share", "carol", "alice")));
});

Deno.test("a batch tells how far it is between two items, and never goes back", async () => {
  const told: number[] = [];
  const pause = (done: number) => Promise.resolve(void told.push(done));
  await signBatch(await ready(), { pause });
  assert.equal(told.length, 2 * 2 * (count - 1), "two signers, two passes");
  assert.ok(told.every((done) => done > 0 && done < 1));
});

Deno.test("drawFrostSignatures() refuses no items, more than 256, and a wrong attempt", async () => {
  const made = await ready();
  const [item] = itemsOf(made, "alice");
  const draw = (changes: Partial<FrostTask>) => () =>
    drawFrostSignatures({
      suite: frostEd25519,
      attempt,
      self: "alice",
      party: ["alice", "carol"],
      members: party,
      items: [item!],
      random: seeded("refused"),
      ...changes,
    });
  for (
    const changes of [
      { items: [] },
      { items: Array(257).fill(item) },
      { attempt: new Uint8Array(31) },
      { items: [item!, { ...item!, message: new Uint8Array(65_537) }] },
    ]
  ) {
    assert.throws(draw(changes), InputError);
  }
});

Deno.test("drawFrostSignatures() wipes the nonces of every item on disposal, and what it drew before one failed", async () => {
  const made = await ready();
  const wiped: Uint8Array[] = [];
  const watching = { ...frostEd25519, frost: { ...frostEd25519.frost } };
  let failAt = Infinity;
  watching.frost.commit = (secret, random) => {
    if (wiped.length / 2 === failAt) throw new Error("no randomness");
    const drawn = frostEd25519.frost.commit(secret, random);
    wiped.push(drawn.nonces.hiding, drawn.nonces.binding);
    return drawn;
  };
  const draw = () =>
    drawFrostSignatures({
      suite: watching,
      attempt,
      self: "alice",
      party: ["alice", "carol"],
      members: party,
      items: itemsOf(made, "alice"),
      random: seeded("wiped"),
    });
  draw()[Symbol.dispose]();
  assert.equal(wiped.length, 2 * count);
  for (const bytes of wiped) assert.deepEqual(bytes, new Uint8Array(32));
  wiped.length = 0;
  failAt = 2;
  assert.throws(draw, /no randomness/);
  assert.equal(wiped.length, 4);
  for (const bytes of wiped) assert.deepEqual(bytes, new Uint8Array(32));
});
