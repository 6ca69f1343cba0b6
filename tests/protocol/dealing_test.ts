import assert from "node:assert/strict";
import { lagrange } from "../../src/crypto/feldman.ts";
import { resharings } from "../../src/protocol/deal_messages.ts";
import {
  checkDealing,
  constantTerms,
  dealersSecret,
  generation,
  placeInParty,
  recipientIdentifier,
  resharing,
} from "../../src/protocol/dealing.ts";
import { orEmpty } from "../../src/protocol/empty_message.ts";
import { bytes, record } from "../../src/crypto/codec.ts";
import { party } from "./keys.ts";
import { carolsResharing } from "./reshares.ts";

const { group } = resharings.ed25519;
const options = await carolsResharing("ed25519");
const { key, shares } = options.made;
const dealing = resharing(key, options);

Deno.test("resharing() has a party of dealers and recipients, sorted, and keeps the chain code", () => {
  assert.deepEqual(dealing.party, ["bob", "carol", "dave", "erin"]);
  const recipients = ["zoe", "carol", "adam"];
  assert.deepEqual(resharing(key, { ...options, recipients }).party, ["adam", "bob", "carol", "zoe"]);
  assert.deepEqual(dealing.chainCode, key.chainCode);
  const made = generation(party, 2);
  assert.deepEqual([made.dealers, made.recipients, made.party, made.chainCode], [party, party, party, null]);
});

Deno.test("recipientIdentifier() counts the new members, placeInParty() the party", () => {
  const places = [["erin", 4], ["dave", 3], ["carol", 2], ["bob", 1]] as const;
  for (const [peer, place] of places) assert.equal(placeInParty(dealing, peer), place, peer);
  const identifiers = [["carol", 1], ["dave", 2], ["erin", 3]] as const;
  for (const [peer, identifier] of identifiers) {
    assert.equal(recipientIdentifier(dealing, peer), identifier, peer);
  }
  // 0 would be the place of the secret.
  assert.throws(() => recipientIdentifier(dealing, "bob"), /not in the list/);
  assert.throws(() => placeInParty(dealing, "alice"), /not in the list/);
});

Deno.test("constantTerms() and dealersSecret() weigh shares by the identifiers of the old members", () => {
  const [two, three] = [2, 3].map((x) => lagrange(group, x, [2, 3]));
  const secrets = new Map([
    ["bob", group.reduce(two! * group.decodeScalar(shares.get("bob")!))],
    ["carol", group.reduce(three! * group.decodeScalar(shares.get("carol")!))],
  ]);
  const terms = constantTerms(group, dealing)!;
  assert.deepEqual([...terms.keys()], ["bob", "carol"]);
  for (const [dealer, secret] of secrets) {
    assert.equal(dealersSecret(group, dealing, dealer, shares.get(dealer)!), secret);
    assert.ok(terms.get(dealer)!.equals(group.multiplyBase(secret)), dealer);
  }
  const made = generation(party, 2);
  assert.equal(constantTerms(group, made), null);
  assert.equal(dealersSecret(group, made, "bob", null), null);
});

Deno.test("checkDealing() takes a dealing of every act", () => {
  checkDealing(group, dealing);
  checkDealing(group, generation(party, 3));
});

Deno.test("orEmpty() reads exactly the empty message as none", () => {
  const codec = orEmpty("quorate/test/none", record("quorate/test/some", { value: bytes(1) }));
  const none = codec.encode(null), some = codec.encode({ value: Uint8Array.of(5) });
  assert.equal(codec.decode(none), null);
  assert.deepEqual(codec.decode(some), { value: Uint8Array.of(5) });
  for (const bad of [new Uint8Array(), none.subarray(1), Uint8Array.of(...none, 0), some.subarray(0, -1)]) {
    assert.throws(() => codec.decode(bad), TypeError);
  }
});
