/**
 * Bugs in what a signature scheme answers for its keys, and in who may ask it.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const patch = (file: string, find: string, replace: string) => ({ file: `src/${file}`, find, replace });
const types = { file: "tests/node/sign_types_test.ts", test: "sign() narrows its result by the scheme" };
const schemes = (test: string) => ({ file: "tests/schemes/schemes_test.ts", test });

export const schemeMutants: readonly Mutant[] = [
  {
    name: "sign() takes a digest for ed25519",
    patches: [patch("schemes/schemes.ts", "ed25519: Ed25519Input;", "ed25519: EcdsaInput;")],
    caughtBy: types,
  },
  {
    name: "the result of sign() is not narrowed by its scheme",
    patches: [
      patch(
        "node/api.ts",
        "options?: RequestOptions): Session<Signature<S>>;",
        "options?: RequestOptions): Session<Signature>;",
      ),
    ],
    caughtBy: types,
  },
  {
    name: "an accuser's word that nobody can check it takes the place of evidence",
    patches: [
      patch("cluster/events/event_schema.ts", "if (checkableBy && !hidden) return false;", ""),
    ],
    caughtBy: {
      file: "tests/cluster/events/event_schema_test.ts",
      test: "readEvent() drops a failure that says that nobody else can check",
    },
  },
  {
    name: "a wrong share of ECDSA is told as if anyone could check it",
    patches: [patch("protocol/sign_ecdsa.ts", ', checkableBy: "recipient"', "")],
    caughtBy: {
      file: "tests/negative/ecdsa_ending_test.ts",
      test: "sign() names who ends badly if there is only one other",
    },
  },
  {
    name: "the worker keeps to itself that only the recipient can check",
    patches: [
      patch(
        "worker/messages.ts",
        "return { code, culprits, missing, claims, evidence, checkableBy, items };",
        "return { code, culprits, missing, claims, evidence, checkableBy: null, items };",
      ),
    ],
    caughtBy: {
      file: "tests/worker/ecdsa_test.ts",
      test: "workerVault() says that only the recipient can check a share",
    },
  },
  {
    name: "a scheme that keeps pairs does not say so",
    patches: [patch("schemes/ecdsa.ts", "pairwise: true", "pairwise: false")],
    caughtBy: schemes("ecdsa: pairs are expected where their state is written"),
  },
  {
    name: "a wrong share of FROST is shown by the wrong round",
    patches: [patch("schemes/ed25519.ts", 'share: "share"', 'share: "finish"')],
    caughtBy: schemes("ed25519: shares go to all, or no share can be shown"),
  },
  {
    name: "the path of a command is not checked",
    patches: [patch("schemes/schemes.ts", "  checkPath(item.path);\n", "")],
    caughtBy: schemes("ecdsa: a child of the empty path is the key itself"),
  },
  {
    name: "ed25519 takes a hash that it does not use",
    patches: [patch("schemes/verifying/ed25519_verifying.ts", 'if (hash !== "none")', "if (false)")],
    caughtBy: schemes("itemOf() takes from a caller without types"),
  },
  {
    name: "what a caller gave to sign is still the caller's to change",
    patches: [patch("schemes/sign_fields.ts", "message: message.slice()", "message")],
    caughtBy: schemes("itemOf() takes from a caller without types"),
  },
  {
    name: "verify() forgets what the input makes of the key",
    patches: [patch(
      "node/verify.ts",
      "return verifyingSchemes[key.scheme].verifyingKeyOf(key, use);",
      "return key.publicKey;",
    )],
    caughtBy: { file: "tests/node/verify_test.ts", test: "verify() takes a signature under what the root" },
  },
  {
    name: "a root is dropped by schemes that have none",
    patches: [
      patch(
        "schemes/sign_fields.ts",
        "if (merkleRoot !== undefined && merkleRoot !== null) {",
        "if (false) {",
      ),
    ],
    caughtBy: schemes("itemOf() takes from a caller without types"),
  },
  {
    name: "evidence hides that only the recipient can check a failure",
    patches: [
      patch(
        "schemes/run/proven.ts",
        "evidence: net.evidence(culprits), checkableBy,",
        "evidence: net.evidence(culprits),",
      ),
    ],
    caughtBy: { file: "tests/schemes/proven_test.ts", test: "proven() adds evidence" },
  },
  {
    name: "a command for a new key may have items",
    patches: [
      patch(
        "cluster/commands/check_command.ts",
        '"gone", "itemCount", "itemsHash"],\n  reshare',
        '"gone", "itemCount"],\n  reshare',
      ),
    ],
    caughtBy: { file: "tests/negative/command_test.ts", test: "checkCommand() names the field" },
  },
  {
    name: "an accuser chooses the scheme by which it is believed",
    patches: [{ file: "web/state/trust.ts", find: "failure.scheme === scheme && ", replace: "" }],
    caughtBy: {
      file: "tests/web/state/summary_test.ts",
      test: "summarize() does not believe a failure of another scheme",
    },
  },
  {
    name: "verify() throws for a scheme that there is not",
    patches: [patch("node/verify.ts", "!schemeIds.includes(scheme) ||", "")],
    caughtBy: { file: "tests/node/verify_test.ts", test: "verify() is false, and no error, for a scheme" },
  },
];
