/** Resharings in which alice, a holder that neither deals nor receives, takes part all the same. */
import assert from "node:assert/strict";
import type { PeerId } from "../../src/failure.ts";
import { resharings } from "../../src/protocol/deal_messages.ts";
import {
  checkDealing,
  hasContent,
  isOf,
  placeInParty,
  recipientIdentifier,
} from "../../src/protocol/dealing.ts";
import { dealingEcdsa } from "../../src/protocol/setup_ecdsa_messages.ts";
import { drawEcdsaKey } from "../../src/protocol/setup_ecdsa.ts";
import { schemeIds } from "../../src/schemes/schemes.ts";
import { InputError } from "../../src/errors.ts";
import { diffieHellman } from "./ecdsa_keys.ts";
import { attempt, seeded, session } from "./keys.ts";
import { accept, results, runDrawn, slot, type Tamper } from "./local_net.ts";
import {
  assertNamed,
  carolsResharing,
  dealingOf,
  nextKey,
  reshareAll,
  witnessedResharing,
} from "./reshares.ts";

const others = ["bob", "carol", "dave", "erin"];
const only = (from: PeerId, round: string, change: (bytes: Uint8Array) => Uint8Array): Tamper => (m) =>
  m.from === from && m.round === round ? change(m.bytes) : m.bytes;

for (const scheme of schemeIds) {
  const { firstRound, rounds: { reveal, deal, confirm } } = resharings[scheme];
  const options = await witnessedResharing(scheme);
  const honest = await reshareAll(options);
  const sent = (round: string, from: PeerId, to: PeerId) => honest.sent.get(slot(round, from, to))!;

  Deno.test(`a witness learns the key that is dealt anew, has no share of it, and sends nothing of its own, for ${scheme}`, () => {
    assert.deepEqual(nextKey(options, honest).key.publicKey, options.made.key.publicKey);
    assert.equal(honest.endings.get("alice")!.result!.share, null);
    assert.equal(firstRound.decode(sent(accept, "alice", "*")).promise, null);
    for (const other of others) {
      assert.equal(reveal.codec.decode(sent("reveal", "alice", other)), null);
      assert.equal(deal.codec.decode(sent("deal", "alice", other)), null);
      assert.equal(deal.codec.decode(sent("deal", other, "alice")), null);
      assert.equal(confirm.codec.decode(sent("confirm", "alice", other)).outcome.length, 32);
    }
  });

  Deno.test(`deal() names the witness that promises, opens or deals, for ${scheme}`, async () => {
    const run = (tamper: Tamper) => reshareAll({ ...options, tamper });
    const promise = firstRound.decode(sent(accept, "bob", "*")).promise;
    const promised = only(
      "alice",
      accept,
      (bytes) => firstRound.encode({ ...firstRound.decode(bytes), promise }),
    );
    assertNamed(await run(promised), "malformed-message", ["alice"]);
    const opened = only("alice", "reveal", () => sent("reveal", "bob", "dave"));
    assertNamed(await run(opened), "malformed-message", ["alice"]);
    const dealt = only("alice", "deal", () => deal.codec.encode({ share: 5n }));
    assertNamed(await run(dealt), "malformed-message", ["alice"]);
  });

  Deno.test(`deal() names who deals to a witness, at the witness, for ${scheme}`, async () => {
    for (const name of ["bob", "dave"]) {
      const tamper: Tamper = (m) =>
        m.from === name && m.to === "alice" && m.round === "deal"
          ? deal.codec.encode({ share: 5n })
          : m.bytes;
      assertNamed(await reshareAll({ ...options, tamper }), "malformed-message", [name], ["alice"]);
    }
  });

  Deno.test(`deal() names the witness that confirms another outcome, and finds it missing if it is silent, for ${scheme}`, async () => {
    const tamper = only("alice", "confirm", () => confirm.codec.encode({ outcome: new Uint8Array(32) }));
    assertNamed(await reshareAll({ ...options, tamper }), "invalid-confirmation", ["alice"]);
    for (const round of ["reveal", "deal", "confirm"]) {
      const ran = await reshareAll({
        ...options,
        tamper: (m) => m.from === "alice" && m.round === round ? null : m.bytes,
      });
      for (const peer of others) {
        const { failed } = ran.endings.get(peer)!;
        assert.deepEqual(failed, { code: "round-timeout", culprits: [], missing: ["alice"] }, peer);
      }
    }
  });
}

Deno.test("a witness sets up no pair of an ECDSA key, and nobody one with it", async () => {
  const options = { ...await witnessedResharing("ecdsa"), recipients: ["carol", "dave"] };
  const dealing = dealingOf(options);
  const draw = (self: PeerId) => {
    const share = dealing.dealers.includes(self) ? options.made.shares.get(self)! : null;
    return drawEcdsaKey({ dealing, attempt, self, share, random: seeded(`witness ${self}`) });
  };
  const inputOf = (self: PeerId) => ({ session, random: seeded(`run ${self}`), diffieHellman });
  const ran = await runDrawn(dealingEcdsa.reshare, dealing.party, { draw, inputOf });
  const pairs = new Map(dealing.party.map((peer, i) => [peer, [...results(ran)[i]!.pairs.keys()]]));
  assert.deepEqual([...pairs], [["alice", []], ["bob", []], ["carol", ["dave"]], ["dave", ["carol"]]]);
  for (const round of ["offer", "choose"] as const) {
    const { codec } = dealingEcdsa.reshare[round];
    for (const [from, to] of [["alice", "carol"], ["carol", "alice"], ["alice", "bob"]] as const) {
      assert.equal(codec.decode(ran.sent.get(slot(round, from, to))!), null, `${round}: ${from} to ${to}`);
    }
  }
});

Deno.test("checkDealing() takes a resharing with a witness, and none that forgets one or has one that is gone", async () => {
  const options = await witnessedResharing("ed25519");
  const { group } = resharings.ed25519;
  const dealing = dealingOf(options);
  checkDealing(group, dealing);
  assert.deepEqual(dealing.party, ["alice", ...others]);
  assert.equal(placeInParty(dealing, "alice"), 1);
  assert.equal(recipientIdentifier(dealing, "carol"), 1);
  assert.throws(() => recipientIdentifier(dealing, "alice"), /not in the list/);
  const refused: [string, Partial<typeof dealing>][] = [
    ["party", { party: others }],
    ["party", { gone: ["alice"] }],
    ["gone", { gone: ["alice", "alice"], party: others }],
    ["gone", { gone: ["zoe"] }],
    ["gone", { gone: ["carol"] }],
    ["dealers", { gone: ["bob"], party: ["alice", "carol", "dave", "erin"] }],
  ];
  for (const [field, changes] of refused) {
    assert.throws(
      () => checkDealing(group, { ...dealing, ...changes }),
      (error) => error instanceof InputError && error.field === field,
      JSON.stringify(changes),
    );
  }
});

Deno.test("isOf() and hasContent() know the roles of a resharing", async () => {
  const { made: { key }, dealers, recipients } = await carolsResharing("ed25519");
  const party = ["alice", ...others];
  const peers = { dealers, recipients, gone: [] as PeerId[] };
  assert.ok(isOf(key, peers, party));
  assert.ok(isOf(key, { ...peers, gone: ["alice"] }, others));
  assert.ok(!isOf(key, peers, others), "alice is forgotten");
  assert.ok(!isOf(key, { ...peers, gone: ["alice"] }, party), "she is gone and takes part");
  assert.ok(!isOf(key, { ...peers, gone: ["bob"] }, ["alice", "carol", "dave", "erin"]), "a dealer is gone");
  assert.ok(!isOf(key, { ...peers, gone: ["carol"] }, party), "a recipient is gone");
  assert.ok(!isOf(key, { ...peers, gone: ["zoe"] }, party), "a stranger is gone");
  for (const wrong of [["bob"], ["bob", "bob"], ["bob", "dave"], ["alice", "bob", "carol"]]) {
    assert.ok(!isOf(key, { ...peers, dealers: wrong }, party), wrong.join());
  }
  const due = (round: string, from: PeerId, to: PeerId | "*") => hasContent(peers, { round, from, to });
  assert.deepEqual(party.map((peer) => due("reveal", peer, "*")), [false, true, true, false, false]);
  assert.deepEqual(party.map((peer) => due("deal", "bob", peer)), [false, false, true, true, true]);
  assert.deepEqual(party.map((peer) => due("deal", peer, "dave")), [false, true, true, false, false]);
  for (const round of ["offer", "choose"]) {
    assert.deepEqual(party.map((peer) => due(round, peer, "erin")), [false, false, true, true, true]);
    assert.deepEqual(party.map((peer) => due(round, "erin", peer)), [false, false, true, true, true]);
  }
  assert.ok(party.every((peer) => due("confirm", peer, "*")));
});
