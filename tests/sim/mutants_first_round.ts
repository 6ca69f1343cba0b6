/**
 * Bugs in what is drawn before a session has an id: in what an accept's first round is bound to, in whether it is
 * opened, and in how often what was drawn is used.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const protocol = (file: string, test: string) => ({ file: `tests/protocol/${file}_test.ts`, test });
const schemes = (test: string) => ({ file: "tests/schemes/drawn_for_test.ts", test });
const negative = (test: string) => ({ file: "tests/negative/go_test.ts", test });

export const firstRoundMutants: readonly Mutant[] = [
  {
    name: "a key generation's promise is not bound to its attempt",
    patches: [
      patch("protocol/deal_messages.ts", "[scheme, attempt, place,", "[scheme, place,"),
    ],
    caughtBy: protocol("generate", "generate() names the peer who brings its promise from another attempt"),
  },
  {
    name: "a key generation's promise is not bound to its author",
    patches: [
      patch("protocol/deal_messages.ts", "[scheme, attempt, place,", "[scheme, attempt,"),
    ],
    caughtBy: protocol("generate", "generate() names the peer who copies another's promise and its opening"),
  },
  {
    name: "a promise is not in the session's id",
    patches: [patch(
      "session/invite.ts",
      'return hash("quorate/1/session", signedInvite, ...signedAccepts);',
      'return hash("quorate/1/session", signedInvite);',
    )],
    caughtBy: negative("Go: the accepts that two of them carry make two sessions"),
  },
  {
    name: "a promise of a nonce is not bound to its attempt",
    patches: [patch(
      "crypto/dkls/sign.ts",
      'hash("quorate/3/dkls/sign/nonces", attempt,',
      'hash("quorate/3/dkls/sign/nonces",',
    )],
    caughtBy: protocol("sign_ecdsa", "who brings its promise and its opening from another attempt"),
  },
  {
    name: "the promises are left out of a key's transcript",
    patches: [patch("protocol/deal_messages.ts", "    ...promises.map(firstRound.encode),\n", "")],
    caughtBy: protocol("generate", "outcomeOf(), chainCodeOf() and transcriptOf() bind each of their fields"),
  },
  {
    name: "drawn secrets run as often as asked",
    patches: [patch("protocol/drawn.ts", "      used = true;\n      using", "      using")],
    caughtBy: protocol("first_round", "drawnOnce() lends secrets to one run"),
  },
  {
    name: "drawn secrets outlive their run",
    patches: [patch("protocol/drawn.ts", "      using _wiped = secrets;\n", "")],
    caughtBy: protocol("first_round", "drawnOnce() lends secrets to one run"),
  },
  {
    name: "secrets of an abandoned accept are kept",
    patches: [patch("protocol/drawn.ts", "      secrets[Symbol.dispose]();\n", "")],
    caughtBy: protocol("first_round", "drawnOnce() wipes on disposal"),
  },
  {
    name: "secrets of an abandoned accept still run",
    patches: [patch("protocol/drawn.ts", "      used = true;\n      secrets", "      secrets")],
    caughtBy: protocol("first_round", "drawnOnce() wipes on disposal"),
  },
  {
    name: "FROST's nonces are not wiped with what was drawn",
    patches: [patch("crypto/frost.ts", "[drawn.nonces.hiding, drawn.nonces.binding, secret", "[secret")],
    caughtBy: protocol("sign_frost", "drawFrostSignatures() wipes nonces and its copy of the share"),
  },
  {
    name: "the copy of a share is not wiped with what was drawn",
    patches: [
      patch("crypto/frost.ts", "drawn.nonces.binding, secret.signingShare]", "drawn.nonces.binding]"),
    ],
    caughtBy: protocol("sign_frost", "drawFrostSignatures() wipes nonces and its copy of the share"),
  },
  {
    name: "FROST's nonces are left when what was drawn is disposed of",
    patches: [patch("crypto/frost.ts", "      nonces = null;\n      wipe();\n", "      nonces = null;\n")],
    caughtBy: protocol("sign_frost", "drawFrostSignatures() wipes nonces and its copy of the share"),
  },
  {
    name: "FROST's nonces sign twice",
    patches: [patch("crypto/frost.ts", "      nonces = null;\n      try {", "      try {")],
    caughtBy: { file: "tests/crypto/frost_test.ts", test: "signShare() works once" },
  },
  {
    name: "a signer goes on with another first round than it drew",
    patches: [patch("protocol/first_round.ts", "!equal(accepted, own)", "equal(own, new Uint8Array())")],
    caughtBy: protocol("first_round", "readFirstRounds() stops where its own is not the one that was drawn"),
  },
  {
    name: "one bad first round hides another",
    patches: [patch(
      "protocol/first_round.ts",
      "const culprits = party.filter((peer) => !decoded.has(peer));",
      "const culprits = party.filter((peer) => !decoded.has(peer)).slice(0, 1);",
    )],
    caughtBy: protocol("first_round", "readFirstRounds() names everyone whose first round does not decode"),
  },
  {
    name: "a run that failed before its rounds leaves what was drawn",
    patches: [patch("schemes/run/drawn_for.ts", "      using _wiped = drawn;\n", "")],
    caughtBy: schemes("drawnFor() wipes what was drawn, though the run has not come to use it"),
  },
];
