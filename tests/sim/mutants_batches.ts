/**
 * Bugs in ECDSA batches that the tests must find: one item that stands for all, items that are mixed up, and checks that
 * tell of which item they are.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const rvole = (find: string, replace: string) => patch("crypto/dkls/rvole.ts", find, replace);
const sign = (find: string, replace: string) => patch("protocol/sign_ecdsa.ts", find, replace);
const messages = (find: string, replace: string) => patch("protocol/sign_ecdsa_messages.ts", find, replace);
const batch = (test: string) => ({ file: "tests/protocol/sign_ecdsa_batch_test.ts", test });
const protocol = (file: string, test: string) => ({ file: `tests/protocol/${file}_test.ts`, test });
const dkls = (file: string, test: string) => ({ file: `tests/crypto/dkls/${file}_test.ts`, test });
const vault = (file: "vault" | "ecdsa") => ({
  file: `tests/worker/${file}_test.ts`,
  test: "workerVault() reports how far a long batch is",
});

export const batchMutants: readonly Mutant[] = [
  {
    name: "a batch: the number of an item is not in θ",
    patches: [
      rvole('rvole/challenge", session, item, corrections)', 'rvole/challenge", session, corrections)'),
    ],
    caughtBy: dkls("rvole", "rvoleAlice() hashes session and item into θ and μ"),
  },
  {
    name: "a batch: the number of an item is not in μ",
    patches: [rvole('rvole/digest", session, item, sums.bytes)', 'rvole/digest", session, sums.bytes)')],
    caughtBy: dkls("rvole", "rvoleAlice() hashes session and item into θ and μ"),
  },
  {
    name: "a batch: pads know the row of an item only",
    patches: [rvole("shortOracle(prefix, 0, row, r0,", "shortOracle(prefix, 0, j, r0,")],
    caughtBy: dkls("rvole", "rvoleAlice() has other pads for each row of the whole batch"),
  },
  {
    name: "a batch: an item is multiplied as often as asked",
    patches: [rvole("if (multiplied.has(item)) throw", "if (multiplied.size > 256) throw")],
    caughtBy: dkls("rvole", "rvoleAlice() multiplies once for an item"),
  },
  {
    name: "a batch: Alice's rows outlive her multiplications",
    patches: [rvole("[Symbol.dispose]: () => void rows.fill(0),", "[Symbol.dispose]: () => void rows,")],
    caughtBy: dkls("rvole", "rvoleAlice() wipes her rows when it leaves scope"),
  },
  {
    name: "a batch: Bob's multiplicands outlive the run",
    patches: [rvole("      multiplicands.length = 0;\n", "")],
    caughtBy: dkls("rvole", "rvoleBob() draws other b's for each call, and wipes its choices"),
  },
  {
    name: "a batch: the check of the corrections is made of the first item only",
    patches: [
      rvole("for (let i = 0; i < 32; i++) difference", "for (let i = 32 * item; i < 32; i++) difference"),
    ],
    caughtBy: batch("a batch bans who cheats with a~"),
  },
  {
    name: "a batch: items that were not unmasked pass",
    patches: [rvole("difference === 0 && unmasked.size === items", "difference === 0")],
    caughtBy: dkls(
      "rvole",
      "Bob refuses two items whose corrections changed places, and a batch that lacks one",
    ),
  },
  {
    name: "a batch: one χ for all items",
    patches: [patch(
      "crypto/dkls/ot_extension.ts",
      "const choices = wordsOf(drawn);",
      "const choices = wordsOf(drawn);\n  for (let w = 16; w < rowWords - 4; w++) choices[w] = choices[w % 16]!;",
    )],
    caughtBy: batch("a batch draws r, χ, φ and a share of zero for each item"),
  },
  {
    name: "a batch: one challenge of the extension for all items",
    patches: [patch(
      "crypto/dkls/ot_extension.ts",
      "words.subarray(item * itemWords, (item + 1) * itemWords)",
      "words.subarray(0 * item, itemWords)",
    )],
    caughtBy: dkls("ot_extension", "extendAsSender() has χ's of their own for each item"),
  },
  {
    name: "a batch: the check of the extension leaves out the last item",
    patches: [patch(
      "crypto/dkls/ot_extension.ts",
      "for (const [item, table] of tables.entries()) {",
      "for (const [item, table] of tables.slice(0, Math.max(1, tables.length - 1)).entries()) {",
    )],
    caughtBy: dkls("ot_extension", "extendAsSender() has χ's of their own for each item"),
  },
  {
    name: "a batch: the promise is of the first R only",
    patches: [patch(
      "crypto/dkls/sign.ts",
      "commitments.map(group.encodeElement)",
      "commitments.slice(0, 1).map(group.encodeElement)",
    )],
    caughtBy: batch("a batch names who opens its promise to R's in another order"),
  },
  {
    name: "a batch: what is shown is checked of the first item only",
    patches: [sign("consistent.get(peer)!.add({", "if (item === 0) consistent.get(peer)!.add({")],
    caughtBy: batch("a batch bans who cheats with Γ^u"),
  },
  {
    name: "a batch: lies about two items may cancel out",
    patches: [patch(
      "crypto/dkls/sign.ts",
      "const e = this.#weights.length === 0 ? 1n : weight(this.#random);",
      "const e = 1n;",
    )],
    caughtBy: dkls("sign", "ConsistencyCheck holds for what was multiplied, and for nothing else"),
  },
  {
    name: "a batch: only the first signature is verified",
    patches: [sign("equations.allVerify(signed, random)", "equations.allVerify(signed.slice(0, 1), random)")],
    caughtBy: batch("a batch rejects what is wrong in one item's last shares"),
  },
  {
    name: "a batch: wrong signatures may cancel out",
    patches: [patch(
      "crypto/dkls/sign.ts",
      "const e = weights.length === 0 ? 1n : weight(random);",
      "const e = 1n;",
    )],
    caughtBy: dkls(
      "sign",
      "allVerify() takes signatures that lead back to their keys, and none that does not",
    ),
  },
  {
    name: "a batch: finish leaves before the checks",
    patches: [
      sign(
        "  await banAndAccuse(new Set(others.filter((_, i) =>",
        "  let judged: Promise<void> | null = null;\n" +
          "  (judged = banAndAccuse(new Set(others.filter((_, i) =>",
      ),
      sign(
        "passed[i]!.every((passes) => passes))));",
        "passed[i]!.every((passes) => passes))))).catch(() => {});",
      ),
      sign(
        "  if (others.some((peer) => !equal(finished",
        "  await judged;\n  if (others.some((peer) => !equal(finished",
      ),
    ],
    caughtBy: batch("a batch bans who cheats with a~"),
  },
  {
    name: "a batch: it stops at the first item that fails",
    patches: [
      rvole("difference === 0 && unmasked.size === items", "difference === 0"),
      sign(
        "      if (i + item > 0) await pause();",
        "      if (!bob.passes()) break;\n      if (i + item > 0) await pause();",
      ),
    ],
    caughtBy: batch("a batch bans who cheats with a~"),
  },
  {
    name: "a batch: items with one key and digest have one request",
    patches: [
      messages(
        "    session,\n    item,\n    publicKey,\n    digest,\n    signers.length,",
        "    session,\n    publicKey,\n    digest,\n    signers.length,",
      ),
    ],
    caughtBy: batch("a batch draws r, χ, φ and a share of zero for each item"),
  },
  {
    name: "a batch: a pair's request is of the first item only",
    patches: [messages('pair-request", setup, ...requests)', 'pair-request", setup, requests[0]!)')],
    caughtBy: batch("a batch bans nobody when the signers have other items"),
  },
  {
    name: "a batch: what was heard is of the first item only",
    patches: [
      messages("joined(items.flatMap(({ nonce, key })", "joined(items.slice(0, 1).flatMap(({ nonce, key })"),
    ],
    caughtBy: protocol("sign_ecdsa_messages", "viewOfNonces() changes with every part and with the order"),
  },
  {
    name: "a batch: a message may have more items than were agreed on",
    patches: [messages("if (found === length) continue;", "if (found >= length!) continue;")],
    caughtBy: batch("a batch names, and does not ban, who sends a vector of an item less or more"),
  },
  {
    name: "a batch: it may have any number of items",
    patches: [
      patch(
        "protocol/sign_ecdsa_task.ts",
        "items.length < 1 || items.length > most",
        "items.length > 10 * most",
      ),
    ],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() refuses other than t members"),
  },
  {
    name: "a batch: ECDSA's progress counts items alone, however many others sign",
    patches: [
      patch(
        "schemes/ecdsa_secret.ts",
        "reporting(effects, items.length * (task.party.length - 1))",
        "reporting(effects, items.length)",
      ),
    ],
    caughtBy: vault("ecdsa"),
  },
  {
    name: "a batch: ECDSA reports no progress",
    patches: [patch("schemes/ecdsa_secret.ts", "ban, pause, progress });", "ban, pause });")],
    caughtBy: vault("ecdsa"),
  },
  {
    name: "a batch: FROST's progress counts items alone, however many others sign",
    patches: [patch("schemes/frost_secret.ts", "items.length * (party.length - 1)", "items.length")],
    caughtBy: vault("vault"),
  },
  {
    name: "a batch: a short one reports its progress too",
    patches: [patch("schemes/run/paced.ts", "steps >= reportedFrom && ", "")],
    caughtBy: vault("vault"),
  },
];
