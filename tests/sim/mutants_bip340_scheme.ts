/**
 * Seeded bugs of BIP-340 as a signature scheme: in making keys, in signing with what a use makes of one, in the consent
 * to that, and in the evidence of a forged share.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const signing = (test: string) => ({ file: "tests/negative/bip340_test.ts", test });
const schemes = (test: string) => ({ file: "tests/schemes/schemes_test.ts", test });
const generating = {
  file: "tests/protocol/generate_test.ts",
  test: "generate() of one scheme understands no message of another",
};

export const bip340SchemeMutants: readonly Mutant[] = [
  {
    name: "bip340: a generated key keeps its odd y",
    patches: [patch(
      "schemes/bip340_secret.ts",
      "return { ...withEvenKey(made), pairs: new Map() };",
      "return { ...made, pairs: new Map() };",
    )],
    caughtBy: {
      file: "tests/worker/bip340_test.ts",
      test: "shareVault() makes keys of bip340 with an even y",
    },
  },
  {
    name: "bip340: the key is tweaked without its shares",
    patches: [patch(
      "schemes/bip340_secret.ts",
      "share: tweakedShare(task.share, tweaked) }",
      "share: task.share.slice() }",
    )],
    caughtBy: signing("sign() of bip340 signs with the key, its children"),
  },
  {
    name: "bip340: the shares are tweaked without the key",
    patches: [
      patch("schemes/bip340_secret.ts", "key: tweakedFrostKey(task.key, tweaked),", "key: task.key,"),
    ],
    caughtBy: signing("sign() of bip340 signs with the key, its children"),
  },
  {
    name: "bip340: FROST signs with the challenge of RFC 9591, and no sign of a nonce changes",
    patches: [
      patch(
        "crypto/frost_bip340.ts",
        "import { schnorr_FROST }",
        "import { secp256k1_FROST as schnorr_FROST }",
      ),
    ],
    caughtBy: { file: "tests/crypto/frost_bip340_test.ts", test: "commit(), signShare() and aggregate()" },
  },
  {
    name: "bip340: a signature verifies under the group key, whatever its use",
    patches: [
      patch(
        "schemes/verifying/bip340_verifying.ts",
        "xOnly(group.encodeElement(tweakedKeyOf(whole(parent), { path, merkleRoot }).point))",
        "xOnly(whole(parent).publicKey)",
      ),
    ],
    caughtBy: signing("sign() of bip340 signs with the key, its children"),
  },
  {
    name: "bip340: a Taproot output signs as its internal key",
    patches: [
      patch(
        "schemes/bip340.ts",
        "merkleRoot: tweakOptions.decode(options).merkleRoot });",
        "merkleRoot: null });",
      ),
      patch(
        "schemes/verifying/bip340_verifying.ts",
        "{ path, merkleRoot }).point",
        "{ path, merkleRoot: null }).point",
      ),
    ],
    caughtBy: signing("Consent of bip340 is asked for the output key"),
  },
  {
    name: "bip340: people are asked about the group key instead of the one that signs",
    patches: [
      patch(
        "cluster/commands/consent/approval.ts",
        "keys[i]!.publicKey",
        "key.publicKey",
      ),
    ],
    caughtBy: signing("Consent of bip340 is asked for the output key"),
  },
  {
    name: "bip340: people are not shown the Taproot output's root",
    patches: [patch(
      "cluster/commands/consent/approval.ts",
      "options: schemes[scheme].optionsOf(options),",
      "options: {},",
    )],
    caughtBy: signing("Consent of bip340 is asked for the output key"),
  },
  {
    name: "bip340: a command may have options that no node writes",
    patches: [patch(
      "schemes/bip340.ts",
      "    try {\n      tweakOptions.decode(options);\n    } catch {",
      "    try {\n    } catch {",
    )],
    caughtBy: schemes("checkItem() lets in only the options"),
  },
  {
    name: "bip340: a share of a tweaked key is held against the group key's",
    patches: [patch(
      "schemes/bip340.ts",
      "tweakedFrostKey(facts.key, tweakedFor(facts.key, item))",
      "facts.key",
    )],
    caughtBy: signing("sign() of bip340 names who forges a share, and evidence proves it"),
  },
  {
    name: "bip340: the message is signed where its hash was to be",
    patches: [
      patch(
        "schemes/verifying/bip340_verifying.ts",
        'hash === "none" ? message : digestOf(hash, message)',
        "message",
      ),
    ],
    caughtBy: schemes("signingItem() has the payload"),
  },
  {
    name: "bip340: a new wallet gets a key that nobody chose",
    patches: [{ file: "web/text/schemes.ts", find: "usual: false,", replace: "usual: true," }],
    caughtBy: {
      file: "tests/web/view/page_test.tsx",
      test: "Page makes a key for BIP-340 only if it is chosen",
    },
  },
  {
    name: "a key generation's promise is not bound to its scheme",
    patches: [patch(
      "protocol/deal_messages.ts",
      "[scheme, attempt, place,",
      "[attempt, place,",
    )],
    caughtBy: generating,
  },
  {
    name: "a proof in a key generation is not bound to its scheme",
    patches: [patch(
      "crypto/dlog_proof.ts",
      '"quorate/1/dlog-proof",\n    context.scheme,\n',
      '"quorate/1/dlog-proof",\n',
    )],
    caughtBy: generating,
  },
];
