/**
 * Bugs in the dealing of keys: in who deals what, in the three numberings of a resharing, in what stays of a key, and
 * in what may be opened.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const checks = (find: string, replace: string) => [patch("protocol/deal_checks.ts", find, replace)];
const table = (find: string, replace: string) => [patch("protocol/dealing.ts", find, replace)];
const net = (find: string, replace: string) => [patch("session/net.ts", find, replace)];
const caught = (file: string) => (test: string) => ({ file: `tests/protocol/${file}_test.ts`, test });
const deal = caught("deal"),
  input = caught("deal_input"),
  dealing = caught("dealing"),
  opening = caught("opening");
const signing = caught("reshare_sign");

export const dealMutants: readonly Mutant[] = [
  {
    name: "a dealer's constant term need not be its weighted share",
    patches: checks(
      "polynomial[0]!.equals(expected.get(from)!)",
      "expected.has(from) && polynomial.length > 0",
    ),
    caughtBy: deal("deal() names the dealer of another constant term"),
  },
  {
    name: "wrong constant terms may add up to the key",
    patches: checks(
      "polynomial[0]!.equals(expected.get(from)!)",
      'from === "bob" || polynomial[0]!.equals(expected.get(from)!)',
    ),
    caughtBy: deal("deal() names two dealers whose wrong constant terms add up to the key"),
  },
  {
    name: "a resharing makes a new chain code",
    patches: [patch("protocol/deal.ts", "chainCode: dealing.chainCode ??\n", "chainCode:\n")],
    caughtBy: caught("reshare")("reshare ten times"),
  },
  {
    name: "a resharing takes parts of a new chain code",
    patches: [patch("protocol/deal_messages.ts", 'act === "generate" ? 32 : 0', "32")],
    caughtBy: deal("deal() names who brings a part of a new chain code"),
  },
  {
    name: "Lagrange coefficients are of places in the party",
    patches: table(
      "const holders = dealing.dealers.map((peer) => holderIdentifier(key, peer));\n  return lagrange(group, holderIdentifier(key, dealer), holders);",
      "const holders = dealing.dealers.map((peer) => placeInParty(dealing, peer));\n  return lagrange(group, placeInParty(dealing, dealer), holders);",
    ),
    caughtBy: dealing("constantTerms() and dealersSecret() weigh shares"),
  },
  {
    name: "Lagrange coefficients are of identifiers in the new sharing",
    patches: table(
      "const holders = dealing.dealers.map((peer) => holderIdentifier(key, peer));\n  return lagrange(group, holderIdentifier(key, dealer), holders);",
      "const placeOf = (peer: PeerId) => dealing.recipients.indexOf(peer) + 1;\n  return lagrange(group, placeOf(dealer), dealing.dealers.map(placeOf));",
    ),
    caughtBy: dealing("constantTerms() and dealersSecret() weigh shares"),
  },
  {
    name: "shares are dealt for identifiers in the old sharing",
    patches: table(
      "numberIn(dealing.recipients, peer);",
      'numberIn(dealing.constantTerm.is === "random" ? dealing.recipients : dealing.constantTerm.of.members, peer);',
    ),
    caughtBy: dealing("recipientIdentifier() counts the new members"),
  },
  {
    name: "shares are dealt for places in the party",
    patches: table("numberIn(dealing.recipients, peer);", "numberIn(dealing.party, peer);"),
    caughtBy: dealing("recipientIdentifier() counts the new members"),
  },
  {
    name: "a promise is bound to an identifier, which dealers that leave lack",
    patches: table("numberIn(dealing.party, peer);", "numberIn(dealing.recipients, peer);"),
    caughtBy: dealing("recipientIdentifier() counts the new members"),
  },
  {
    name: "pairs are set up by places in the party",
    patches: [patch("protocol/setup_ecdsa.ts", "holders.indexOf(peer) + 1", "net.party.indexOf(peer) + 1")],
    caughtBy: signing("setupEcdsa() in a resharing makes the pairs of the new members"),
  },
  {
    name: "pairs are set up with whoever is in the party",
    patches: [
      patch(
        "protocol/setup_ecdsa.ts",
        "one !== other && holders.includes(one) && holders.includes(other);",
        "one !== other;",
      ),
      patch(
        "protocol/setup_ecdsa.ts",
        "holders.filter((peer) => isPair(self, peer))",
        "net.party.filter((peer) => peer !== self)",
      ),
    ],
    caughtBy: signing("setupEcdsa() in a resharing makes the pairs of the new members"),
  },
  {
    name: "a message of the set-up may be filled or empty, due or not",
    patches: [patch(
      "protocol/setup_ecdsa.ts",
      "(message !== null) === isPair(from, to)",
      "message !== null || !isPair(from, to)",
    )],
    caughtBy: signing("setupEcdsa() names who fills a message that is not due"),
  },
  {
    name: "more coefficients than the new threshold pass",
    patches: checks(
      "reveal.polynomial.length === dealing.threshold &&",
      "reveal.polynomial.length >= dealing.threshold &&",
    ),
    caughtBy: deal("deal() names the dealer whose polynomial has not exactly t' coefficients"),
  },
  {
    name: "a sum of polynomials may lose its top coefficient",
    patches: [patch("protocol/deal.ts", "[key!, top!, ...verifyingShares]", "[key!, ...verifyingShares]")],
    caughtBy: deal("deal() stops, and blames nobody, where the top coefficients add up to nothing"),
  },
  {
    name: "a root is looked for at the first recipient only",
    patches: checks("dealing.recipients.every(", "dealing.recipients.slice(0, 1).every("),
    caughtBy: deal("deal() names the dealer whose polynomial has a root at a recipient's identifier"),
  },
  {
    name: "a peer that deals nothing may promise",
    patches: [patch(
      "protocol/deal.ts",
      "(promises.get(peer)!.promise !== null) !== dealers.includes(peer)",
      "promises.get(peer)!.promise === null && dealers.includes(peer)",
    )],
    caughtBy: deal("deal() names who promises though it is no dealer"),
  },
  {
    name: "a share that is not due is accepted",
    patches: checks("(message !== null) === isDue(from, to)", "message !== null || !isDue(from, to)"),
    caughtBy: deal("deal() names who deals though it is no dealer"),
  },
  {
    name: "a share that is due may be left out",
    patches: checks("(message !== null) === isDue(from, to)", "message === null || isDue(from, to)"),
    caughtBy: deal("deal() names who deals to a peer that leaves, and who deals nothing to a recipient"),
  },
  {
    name: "an empty message need not be exact",
    patches: [patch(
      "protocol/empty_message.ts",
      "equal(input, encoded) ? null",
      "input.length <= encoded.length && equal(encoded, encoded) ? null",
    )],
    caughtBy: dealing("orEmpty() reads exactly the empty message as none"),
  },
  {
    name: "a dealer deals whatever share it has",
    patches: [
      patch("protocol/deal.ts", "if (expected !== undefined && !", "if (expected?.is0() && !"),
    ],
    caughtBy: input("drawKey() refuses a share that is not the dealer's"),
  },
  {
    name: "verifying shares need not be of their key",
    patches: table("if (!sum.equals(", "if (sum.is0() && !sum.equals("),
    caughtBy: input("drawKey() refuses a key whose verifying shares are not of its public key"),
  },
  {
    name: "more holders than the threshold deal",
    patches: table("dealers.length !== key.threshold", "dealers.length < key.threshold"),
    caughtBy: input("drawKey() refuses dealers that are not exactly t different members of the key"),
  },
  {
    name: "anybody deals",
    patches: table("if (!dealers.every(", "if (!dealers.some("),
    caughtBy: input("drawKey() refuses dealers that are not exactly t different members of the key"),
  },
  {
    name: "a drawn polynomial outlives its run",
    patches: [patch("protocol/deal.ts", "draw?.polynomial[Symbol.dispose]()", "void draw?.polynomial")],
    caughtBy: input("drawKey() drops its polynomial at the end of a run that fails"),
  },
  {
    name: "a resharing's shares are worthless once it has failed",
    patches: [patch(
      "protocol/deal_messages.ts",
      'dealCodec("reshare", scheme, group)))',
      'dealCodec("reshare", scheme, group)), "worthless")',
    )],
    caughtBy: opening("nothing is opened for malformed-message"),
  },
  {
    name: "a share that is not due is opened",
    patches: checks(
      'code: "malformed-message",\n    passes: (message, from, to)',
      'code: "malformed-message",\n    opens: true,\n    passes: (message, from, to)',
    ),
    caughtBy: opening("nothing is opened for malformed-message"),
  },
  {
    name: "a wrong share stays with its victim",
    patches: checks("    opens: true,\n", ""),
    caughtBy: opening("a wrong dealt share is opened, alone, and everyone names its dealer"),
  },
  {
    name: "an opened message is held against every check",
    patches: net("checks.filter(({ opens }) => opens)", "checks"),
    caughtBy: opening("a direct message that another opens for any other reason is not looked at"),
  },
  {
    name: "an opened message that does not decode accuses its author",
    patches: net(
      "return; // its recipient has nothing to open",
      'return this.#accuse("malformed-message", envelope.from, []);',
    ),
    caughtBy: opening("a direct message that another opens for any other reason is not looked at"),
  },
  {
    name: "two shares for one recipient are both shown",
    patches: net("this.#mayShow(envelope) ? [earlier", "envelope.body ? [earlier"),
    caughtBy: opening("nothing is opened for equivocation: two shares for one recipient"),
  },
  {
    name: "a direct message in a round of broadcasts is shown",
    patches: [patch(
      "protocol/deal_messages.ts",
      'broadcast(confirmCodec("reshare", scheme))',
      'broadcast(confirmCodec("reshare", scheme), "worthless")',
    )],
    caughtBy: opening("nothing is opened for unexpected-round"),
  },
  {
    name: "a message of an unknown round is shown",
    patches: [patch(
      "protocol/rounds.ts",
      'Object.hasOwn(rounds, name) && rounds[name]!.afterFailure === "worthless"',
      '(rounds[name]?.afterFailure ?? "worthless") === "worthless"',
    )],
    caughtBy: opening("nothing is opened for unexpected-round"),
  },
  {
    name: "a share is opened before the echoes agreed",
    patches: net("if (silent.length === 0) await this.#comparing;", ""),
    caughtBy: opening("two stories of a dealer are equivocation at everyone"),
  },
  {
    name: "what another opens is judged before the echoes that have come",
    patches: net(
      "this.#afterComparing(() => this.#judge(envelope, received, opening))",
      "this.#judge(envelope, received, opening)",
    ),
    caughtBy: opening("a witness compares the echoes that have come before it judges what another opens"),
  },
  {
    name: "the set-up of pairs is opened",
    patches: [patch(
      "protocol/setup_ecdsa_messages.ts",
      'orEmpty("quorate/1/setup-ecdsa/no-choose", choose))',
      'orEmpty("quorate/1/setup-ecdsa/no-choose", choose), "worthless")',
    )],
    caughtBy: opening("nothing is opened in the set-up of pairs of a resharing"),
  },
  {
    name: "an echo has room for sixteen only",
    patches: [patch("session/echo.ts", "list(entry, maxSessionParty)", "list(entry, maxSessionParty / 2)")],
    caughtBy: opening("a party of more than sixteen deals, with echoes of everyone"),
  },
];
