import { encode } from "cborg";
import assert from "node:assert/strict";
import { drawPolynomial, inverse } from "../../src/crypto/feldman.ts";
import type { PeerId } from "../../src/failure.ts";
import { generating, resharings, type Reveal } from "../../src/protocol/deal_messages.ts";
import { maxFirstRound } from "../../src/limits.ts";
import { schemeIds } from "../../src/schemes/schemes.ts";
import { badElements, badScalars } from "../crypto/points.ts";
import { attempt, party, seeded } from "./keys.ts";
import { accept, slot, type Tamper } from "./local_net.ts";
import {
  assertNamed,
  carolsResharing,
  reshareAll,
  reshared,
  type ReshareOptions,
  rogueResharer,
  weighted,
} from "./reshares.ts";

const only = (from: PeerId, round: string, change: (bytes: Uint8Array) => Uint8Array): Tamper => (m) =>
  m.from === from && m.round === round ? change(m.bytes) : m.bytes;
const to = (recipient: PeerId, tamper: Tamper): Tamper => (m) => m.to === recipient ? tamper(m) : m.bytes;
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

for (const scheme of schemeIds) {
  const { group, firstRound, rounds: { reveal, deal, confirm } } = resharings[scheme];
  const { decode } = reveal.codec;
  const options = await carolsResharing(scheme);
  const honest = await reshareAll(options);
  const sent = (round: string, from: PeerId, to: PeerId) => honest.sent.get(slot(round, from, to))!;
  const run = (tamper: Tamper, changed: Partial<ReshareOptions> = {}) =>
    reshareAll({ ...options, ...changed, tamper });
  /** Changes a reveal of bob's as a value. */
  const changeReveal = (change: (reveal: Reveal) => Reveal): Tamper =>
    only("bob", "reveal", (bytes) => reveal.codec.encode(change(decode(bytes)!)));
  const bobs = weighted(options, "bob");
  /** Another promise, or none, for the same resharing. */
  const promising = (promise: Uint8Array | null) => (bytes: Uint8Array) =>
    firstRound.encode({ ...firstRound.decode(bytes), promise });

  // The constant term: F45
  Deno.test(`deal() names the dealer of another constant term than its weighted share, for ${scheme}`, async () => {
    const old = {
      ...options,
      made: await reshared({ ...options, recipients: party, dealers: ["alice", "carol"], gone: [] }),
    };
    const unweighted = group.decodeScalar(options.made.shares.get("bob")!);
    const ofPlaces = weighted({ ...options, dealers: ["alice", "bob"] }, "bob");
    for (const secret of [5n, bobs + 1n, group.order - bobs, unweighted, ofPlaces, weighted(old, "bob")]) {
      const tamper = rogueResharer(options, { coefficients: [secret, 6n] });
      assertNamed(await run(tamper), "invalid-commitment", ["bob"]);
    }
    const carols = rogueResharer(options, { name: "carol", coefficients: [bobs, 6n] });
    assertNamed(await run(carols), "invalid-commitment", ["carol"]);
  });

  Deno.test(`deal() names two dealers whose wrong constant terms add up to the key, for ${scheme}`, async () => {
    const bob = rogueResharer(options, { coefficients: [bobs + 9n, 6n] });
    const coefficients = [weighted(options, "carol") - 9n, 7n].map(group.reduce);
    const carol = rogueResharer(options, { name: "carol", coefficients });
    const ran = await run((m) => m.from === "bob" ? bob(m) : carol(m));
    assertNamed(ran, "invalid-commitment", ["bob", "carol"]);
  });

  // The degree
  Deno.test(`deal() names the dealer whose polynomial has not exactly t' coefficients, for ${scheme}`, async () => {
    for (const length of [0, 1, 3, 16]) {
      const coefficients = [bobs, ...Array.from({ length: 15 }, (_, k) => BigInt(k + 5))].slice(0, length);
      assertNamed(await run(rogueResharer(options, { coefficients })), "invalid-commitment", ["bob"]);
    }
    const tooLong = rogueResharer(options, { coefficients: [bobs, ...Array.from({ length: 16 }, () => 3n)] });
    assertNamed(await run(tooLong), "malformed-message", ["bob"]);
  });

  Deno.test(`deal() stops, and blames nobody, where the top coefficients add up to nothing, for ${scheme}`, async () => {
    // No peer can know another's coefficients when it promises: here the seeds are the same.
    using carols = drawPolynomial(group, 2, seeded("reshare  carol"), weighted(options, "carol"));
    const top = group.reduce(carols.secret - carols.share(1));
    const ran = await run(rogueResharer(options, { coefficients: [bobs, top] }));
    for (const peer of ["carol", "dave", "erin"]) {
      const { failed } = ran.endings.get(peer)!;
      assert.deepEqual(failed, { code: "result-rejected", culprits: [], missing: [] });
    }
  });

  // F16
  Deno.test(`deal() names the dealer whose polynomial has a root at a recipient's identifier, for ${scheme}`, async () => {
    for (const root of [1n, 2n, 3n]) {
      const coefficients = [bobs, group.reduce(-bobs * inverse(group, root))];
      assertNamed(await run(rogueResharer(options, { coefficients })), "invalid-commitment", ["bob"]);
    }
  });

  // Promises and proofs: F02, F03
  Deno.test(`deal() names the dealer who opens something else than it promised, for ${scheme}`, async () => {
    const changes: ((reveal: Reveal) => Reveal)[] = [
      (r) => ({ ...r, salt: flip(r.salt) }),
      (r) => ({ ...r, polynomial: r.polynomial.with(1, group.multiplyBase(9n)) }),
    ];
    for (const change of changes) assertNamed(await run(changeReveal(change)), "invalid-commitment", ["bob"]);
    assertNamed(await run(only("bob", accept, promising(new Uint8Array(32)))), "invalid-commitment", ["bob"]);
  });

  Deno.test(`deal() names the dealer who copies another's promise and its opening, for ${scheme}`, async () => {
    const copied: Tamper = ({ from, round, bytes }) =>
      from === "carol" && (round === accept || round === "reveal")
        ? sent(round, "bob", round === accept ? "*" : "dave")
        : bytes;
    assertNamed(await run(copied), "invalid-commitment", ["carol"]);
  });

  Deno.test(`deal() names the dealer who brings its promise from another attempt, for ${scheme}`, async () => {
    const attempts = new Map([["bob", attempt.with(0, 9)]]);
    const ran = await reshareAll({ ...options, attempts });
    assertNamed(ran, "invalid-commitment", ["bob"], ["carol", "dave", "erin"]);
  });

  Deno.test(`deal() names the dealer without a proof to know its secret, for ${scheme}`, async () => {
    const other = await reshareAll({ ...options, session: new Uint8Array(32).fill(8) });
    const proofs = [
      { ...decode(sent("reveal", "bob", "dave"))!.proof, response: 0n },
      decode(other.sent.get(slot("reveal", "bob", "dave"))!)!.proof,
      decode(sent("reveal", "carol", "dave"))!.proof,
    ];
    for (const proof of proofs) {
      assertNamed(await run(changeReveal((r) => ({ ...r, proof }))), "invalid-proof", ["bob"]);
    }
  });

  // Filled exactly where a message is due
  Deno.test(`deal() names who promises though it is no dealer, and the dealer that promises nothing, for ${scheme}`, async () => {
    const filled = only("dave", accept, () => sent(accept, "bob", "*"));
    assertNamed(await run(filled), "malformed-message", ["dave"]);
    assertNamed(await run(only("bob", accept, promising(null))), "malformed-message", ["bob"]);
  });

  Deno.test(`deal() names who reveals though it is no dealer, and the dealer that reveals nothing, for ${scheme}`, async () => {
    const filled = only("dave", "reveal", () => sent("reveal", "bob", "dave"));
    assertNamed(await run(filled), "malformed-message", ["dave"]);
    const empty = only("bob", "reveal", () => reveal.codec.encode(null));
    assertNamed(await run(empty), "malformed-message", ["bob"]);
  });

  Deno.test(`deal() names who deals though it is no dealer, for ${scheme}`, async () => {
    for (const victim of ["bob", "carol", "erin"]) {
      const dealt = deal.codec.encode({ share: 5n });
      const ran = await run(to(victim, only("dave", "deal", () => dealt)));
      assertNamed(ran, "malformed-message", ["dave"], [victim]);
    }
  });

  Deno.test(`deal() names who deals to a peer that leaves, and who deals nothing to a recipient, for ${scheme}`, async () => {
    const filled = to("bob", only("carol", "deal", () => deal.codec.encode({ share: 5n })));
    assertNamed(await run(filled), "malformed-message", ["carol"], ["bob"]);
    const empty = to("dave", only("bob", "deal", () => deal.codec.encode(null)));
    assertNamed(await run(empty), "malformed-message", ["bob"], ["dave"]);
  });

  // F20, F45
  Deno.test(`deal() names the dealer of a share that is wrong, another's, or for the old identifier, for ${scheme}`, async () => {
    const dealt = (to: PeerId) => deal.codec.decode(sent("deal", "bob", to))!.share;
    // Carol is the 3rd of the old members, as erin is of the new.
    for (const share of [group.reduce(dealt("carol") + 1n), 0n, dealt("dave"), dealt("erin")]) {
      const tamper = to("carol", only("bob", "deal", () => deal.codec.encode({ share })));
      const ran = await run(tamper);
      assertNamed(ran, "invalid-dealt-share", ["bob"], ["carol"]);
      const seen = ran.witnessed.filter((w) => w.by === "erin" && w.code === "invalid-dealt-share");
      assert.deepEqual(seen.filter(({ passes }) => !passes), [
        { by: "erin", from: "bob", to: "carol", code: "invalid-dealt-share", passes: false },
      ]);
    }
  });

  // The result
  Deno.test(`deal() names who confirms another outcome, be it dealer, recipient or both, for ${scheme}`, async () => {
    for (const name of ["bob", "carol", "dave"]) {
      const tamper = only(name, "confirm", () => confirm.codec.encode({ outcome: new Uint8Array(32) }));
      assertNamed(await run(tamper), "invalid-confirmation", [name]);
    }
  });

  Deno.test(`deal() names who brings a part of a new chain code, for ${scheme}`, async () => {
    assert.deepEqual([...honest.endings.values()].flatMap(({ failed }) => failed ?? []), []);
    const part = changeReveal((r) => ({ ...r, chainCode: new Uint8Array(32) }));
    assertNamed(await run(part), "malformed-message", ["bob"]);
  });

  Deno.test(`deal() blames nobody for silence, and nobody runs ahead of it, for ${scheme}`, async () => {
    for (const name of ["bob", "dave"]) {
      for (const round of ["reveal", "deal", "confirm"]) {
        const ran = await run((m) => m.from === name && m.round === round ? null : m.bytes);
        for (const peer of ["bob", "carol", "dave", "erin"].filter((peer) => peer !== name)) {
          const { failed } = ran.endings.get(peer)!;
          assert.deepEqual(failed, { code: "round-timeout", culprits: [], missing: [name] });
        }
      }
    }
  });

  // F12 to F15
  Deno.test(`deal() reads no bad element, no bad scalar and no message of another act or scheme, for ${scheme}`, async () => {
    const good = group.encodeElement(group.multiplyBase(7n)), none = new Uint8Array();
    const bytes32 = new Uint8Array(32);
    const tag = `quorate/1/reshare/${scheme}`;
    const written = (A: Uint8Array[], R: Uint8Array, response: Uint8Array = bytes32) =>
      encode([`${tag}/reveal`, A, none, bytes32, R, response]);
    assert.ok(decode(written([good, good], good)));
    for (const { what, bytes } of badElements[group.curve]) {
      assert.throws(() => decode(written([bytes, good], good)), Error, `A_0: ${what}`);
      assert.throws(() => decode(written([good, bytes], good)), Error, `A_1: ${what}`);
      assert.throws(() => decode(written([good, good], bytes)), Error, `R: ${what}`);
    }
    for (const { what, bytes } of badScalars(group)) {
      assert.throws(() => decode(written([good, good], good, bytes)), Error, `response: ${what}`);
      assert.throws(() => deal.codec.decode(encode([`${tag}/deal`, bytes])), Error, `share: ${what}`);
    }
    const messages = [reveal.codec.encode(null), sent("reveal", "bob", "dave"), sent("deal", "bob", "dave")];
    const foreign = schemeIds.filter((id) => id !== scheme).map((id) => resharings[id]);
    for (const { rounds, firstRound } of [generating[scheme], ...foreign]) {
      for (const peer of ["bob", "dave"]) {
        const drawn = sent(accept, peer, "*");
        assert.ok(drawn.length <= maxFirstRound);
        assert.throws(() => firstRound.decode(drawn), TypeError);
      }
      for (const message of messages) {
        assert.throws(() => rounds.reveal.codec.decode(message), TypeError);
        assert.throws(() => rounds.deal.codec.decode(message), TypeError);
      }
    }
    const identity = only("bob", "reveal", () => written([badElements[group.curve][0]!.bytes, good], good));
    assertNamed(await run(identity), "malformed-message", ["bob"]);
  });

  Deno.test(`deal() names the sender of any bytes that do not decode, in every round, for ${scheme}`, async () => {
    for (const name of ["bob", "dave"]) {
      for (const round of [accept, "reveal", "deal", "confirm"]) {
        const noise: ((bytes: Uint8Array) => Uint8Array)[] = [
          () => new Uint8Array(),
          (bytes) => Uint8Array.of(...bytes, 0),
          (bytes) => bytes.subarray(1),
        ];
        for (const change of noise) {
          assertNamed(await run(only(name, round, change)), "malformed-message", [name]);
        }
      }
    }
  });
}
