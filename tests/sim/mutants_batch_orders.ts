/**
 * Bugs in batches of any scheme: in what is consented to, in what an order brings, and in what is taken for a result.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const gate = (test: string) => ({ file: "tests/worker/consent_gate_test.ts", test: `consentGate() ${test}` });
const commands = (test: string) => ({ file: "tests/negative/batch_command_test.ts", test });
const ecdsa = (test: string) => ({ file: "tests/negative/batch_ecdsa_test.ts", test });
const claims = (test: string) => ({ file: "tests/negative/batch_claims_test.ts", test });

const onlyConsented = gate("draws nothing but what its consent is for");
const consent = "cluster/commands/consent/command_consent.ts";
const covered = "items.map((item) => hashOf(signingItem(scheme, item)))";
const compared = "equal(hashOf(item), covered.items[i]!)";

/** A consent that looks at one field of the first item alone. */
const onlyOfTheFirst = (field: string, nothing: string): Patch[] => [
  patch(
    consent,
    covered,
    `items.map((item, i) => hashOf({ ...signingItem(scheme, item), ...(i > 0 && { ${field}: ${nothing} }) }))`,
  ),
  patch(
    consent,
    compared,
    `equal(hashOf({ ...item, ...(i > 0 && { ${field}: ${nothing} }) }), covered.items[i]!)`,
  ),
];

export const batchOrderMutants: readonly Mutant[] = [
  {
    name: "batch: a consent covers the first item alone",
    patches: [patch(consent, "task.items.every(", "task.items.slice(0, 1).every(")],
    caughtBy: onlyConsented,
  },
  {
    name: "batch: a consent covers any number of items",
    patches: [patch(consent, "task.items.length === covered.items.length &&", "")],
    caughtBy: onlyConsented,
  },
  {
    name: "batch: a consent covers the path of the first item alone",
    patches: onlyOfTheFirst("path", "[]"),
    caughtBy: onlyConsented,
  },
  {
    name: "batch: a consent covers the options of the first item alone",
    patches: onlyOfTheFirst("options", "new Uint8Array()"),
    caughtBy: onlyConsented,
  },
  {
    name: "batch: a consent covers the message of the first item alone",
    patches: onlyOfTheFirst("payload", "new Uint8Array()"),
    caughtBy: onlyConsented,
  },
  {
    name: "batch: a person is shown the first item alone",
    patches: [
      patch(
        "cluster/commands/consent/approval.ts",
        "items: items.map((item, i) =>",
        "items: items.slice(0, 1).map((item, i) =>",
      ),
    ],
    caughtBy: commands("Consent to a batch: a person is shown every item in order"),
  },
  {
    name: "batch: a person is shown the items in another order, as the simulation sees it",
    patches: [
      patch(
        "cluster/commands/consent/approval.ts",
        "items: items.map((item, i) =>",
        "items: items.toReversed().map((item, i) =>",
      ),
    ],
    caughtBy: { cells: ["drop @ sign commit"] },
  },
  {
    name: "batch: a member does not look whether the items are those of the command",
    patches: [
      patch("cluster/commands/member.ts", " || !areItemsOf(command.value, read.items)", ""),
    ],
    caughtBy: commands("Invites for a batch are dropped"),
  },
  {
    name: "batch: a coordinator does not look whether the items are those of the command",
    patches: [
      patch("cluster/records/order.ts", "command && areItemsOf(command.value, read.items) ?", "command ?"),
    ],
    caughtBy: commands("Commands for a batch are dropped"),
  },
  {
    name: "batch: the number of items in a command is not looked at",
    patches: [patch("cluster/records/items.ts", "command.itemCount === itemCount && ", "")],
    caughtBy: commands("Commands for a batch are dropped"),
  },
  {
    name: "batch: the hash of the items is of the first alone",
    patches: [
      patch(
        "cluster/records/items.ts",
        'items-hash", encodeItems(items))',
        'items-hash", encodeItems(items.slice(0, 1)))',
      ),
    ],
    caughtBy: commands("Commands for a batch are dropped"),
  },
  {
    name: "batch: one item is checked, and not the others",
    patches: [
      patch(
        "cluster/records/items.ts",
        "of items.entries()) ofItem",
        "of items.slice(0, 1).entries()) ofItem",
      ),
    ],
    caughtBy: commands("Commands for a batch are refused"),
  },
  {
    name: "batch: a signature of nothing",
    patches: [patch("cluster/records/items.ts", "items.length < 1 || ", "")],
    caughtBy: commands("Commands for a batch are refused"),
  },
  {
    name: "batch: messages are as long together as anybody likes",
    patches: [patch("cluster/records/items.ts", "if (bytes > maxMessage) {", "if (false) {")],
    caughtBy: commands("Commands for a batch are refused"),
  },
  {
    name: "batch: who asks for more than an order can bring is not told so",
    patches: [patch("cluster/records/items.ts", "if (length > maxItemsBytes) {", "if (false) {")],
    caughtBy: commands("sign() names the item of a batch that it does not take"),
  },
  {
    name: "batch: a message beside the items is left out in silence",
    patches: [patch("node/requests.ts", "      checkNoInputBeside(request);\n", "")],
    caughtBy: commands("sign() names the item of a batch that it does not take"),
  },
  {
    name: "batch: an error does not name the item",
    patches: [
      patch("cluster/records/items.ts", "new InputError(`items[${i}].${field}`, ", "new InputError(field, "),
    ],
    caughtBy: commands("sign() names the item of a batch that it does not take"),
  },
  {
    name: "batch: as many items as an order brings are signed by any scheme",
    patches: [patch("cluster/commands/invited/kind_checks.ts", "tooMany || party.length", "party.length")],
    caughtBy: claims("Batches of ecdsa are refused that are longer"),
  },
  {
    name: "batch: ecdsa tells which item was spoilt",
    patches: [
      patch(
        "protocol/sign_ecdsa.ts",
        'new SessionError("invalid-signature-share", { culprits: others, checkableBy: "recipient" })',
        'new SessionError("invalid-signature-share", { culprits: others, checkableBy: "recipient", items: [0] })',
      ),
    ],
    caughtBy: ecdsa("sign() of a batch of ecdsa bans nobody for another request"),
  },
  {
    name: "batch: the gate verifies the first signature alone",
    patches: [patch("worker/consent_gate.ts", "task.items.every(", "task.items.slice(0, 1).every(")],
    caughtBy: gate("lets out a signature of each item that verifies"),
  },
  {
    name: "batch: the gate lets out more signatures than there are items",
    patches: [
      patch(
        "worker/consent_gate.ts",
        "signatures.length === task.items.length",
        "signatures.length >= task.items.length",
      ),
    ],
    caughtBy: gate("lets out a signature of each item that verifies"),
  },
  {
    name: "batch: the gate lets out fewer signatures than there are items",
    patches: [
      patch("worker/consent_gate.ts", "signatures.length === task.items.length &&", ""),
      patch("worker/consent_gate.ts", "task.items.every(({ payload }, i) =>", "signatures.every((_, i) =>"),
      patch(
        "worker/consent_gate.ts",
        "keys[i]!, payload",
        "keys[i]!, task.items[i]!.payload",
      ),
    ],
    caughtBy: gate("lets out a signature of each item that verifies"),
  },
  {
    name: "batch: a result with a signature too many is taken",
    patches: [
      patch(
        "cluster/commands/results.ts",
        "if (signatures.length !== items.length) return null;",
        "if (signatures.length < items.length) return null;",
      ),
    ],
    caughtBy: claims("sign() of a batch takes no result with a signature too few"),
  },
  {
    name: "batch: a result with its signatures in another order is taken",
    patches: [
      patch(
        "cluster/commands/results.ts",
        "vault.verify(keys[i]!, signingItem(key.scheme, item).payload, signatures[i]!)",
        "signatures.some((one) => vault.verify(keys[i]!, signingItem(key.scheme, item).payload, one))",
      ),
    ],
    caughtBy: claims("sign() of a batch takes no result with a signature too few"),
  },
  {
    name: "batch: a node takes multiplications beyond its memory",
    patches: [
      patch("cluster/commands/invitation.ts", "multiplications > maxMultiplicationsUnderWay;", "false;"),
    ],
    caughtBy: claims("Batches of ecdsa wait, or are refused"),
  },
  {
    name: "batch: accepts that are not opened take no memory",
    patches: [
      patch(
        "cluster/commands/invitation.ts",
        "sessions.multiplications + this.#multiplications;",
        "sessions.multiplications;",
      ),
    ],
    caughtBy: claims("Batches of ecdsa wait, or are refused"),
  },
];
