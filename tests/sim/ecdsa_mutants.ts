/**
 * Bugs in ECDSA that the tests must find: in the mathematics, in what is bound to what, and in what a ban is.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const directed = (test: string) => ({ file: "tests/sim/directed_ecdsa_test.ts", test });
const protocol = (file: string, test: string) => ({ file: `tests/protocol/${file}_test.ts`, test });
const dkls = (file: string, test: string) => ({ file: `tests/crypto/dkls/${file}_test.ts`, test });
const cells = (...cells: string[]) => ({ cells });

export const ecdsaMutants: readonly Mutant[] = [
  {
    name: "one Δ for all pairs",
    patches: [patch(
      "protocol/setup_ecdsa.ts",
      "this.deltas = new Map(others.map((peer) => [peer, drawDelta(random)]));",
      "const one = drawDelta(random);\n    this.deltas = new Map(others.map((peer) => [peer, one.slice()]));",
    )],
    caughtBy: protocol("setup_ecdsa", "setupEcdsa() draws Δ for each pair and direction"),
  },
  {
    name: "a request is not bound to its session",
    patches: [patch(
      "protocol/sign_ecdsa_messages.ts",
      '"quorate/3/sign-ecdsa/request",\n    session,',
      '"quorate/3/sign-ecdsa/request",',
    )],
    caughtBy: protocol("sign_ecdsa_messages", "requestOf() binds session, item, key, digest and signers"),
  },
  {
    name: "shares of zero are the same in every session",
    patches: [
      patch("crypto/dkls/zero_share.ts", 'zero-share/share", seed, session)', 'zero-share/share", seed)'),
    ],
    caughtBy: dkls("zero_share", "zeroShare() is new in another session"),
  },
  {
    name: "the OT extension is not checked",
    patches: [patch("crypto/dkls/ot_extension.ts", "if (difference === 0) return rows;", "return rows;")],
    caughtBy: dkls("ot_extension", "extendAsSender() refuses a flipped bit of any u_i"),
  },
  {
    name: "what Bob unmasks is not checked",
    patches: [patch(
      "crypto/dkls/rvole.ts",
      "passes: () => difference === 0 && unmasked.size === items,",
      "passes: () => unmasked.size === items,",
    )],
    caughtBy: dkls("rvole", "Bob refuses a tampered η or μ in any item"),
  },
  {
    name: "it is not checked that Alice multiplied what she shows",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      "[bobs.get(peer)!.passes(), consistent.get(peer)!.holds()]",
      "[bobs.get(peer)!.passes()]",
    )],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() bans who did not multiply what it shows"),
  },
  {
    name: "what bans is checked before it is known that all are about the same",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      "if (others.some((peer) => !equal(extensions.get(peer)!.request, ofPair.get(peer)!))) {",
      "if (false) {",
    )],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() bans nobody when the signers are not about the same"),
  },
  {
    name: "the ban is written after the abort",
    patches: [
      patch(
        "protocol/sign_ecdsa.ts",
        "if (culprits.length > 0) await ban(culprits);",
        "if (culprits.length > 0) void ban(culprits).catch(() => {});",
      ),
    ],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() says store-failed if the ban could not be written"),
  },
  {
    name: "a node does not wait until its ban is on disk",
    patches: [
      patch(
        "cluster/commands/session/failed_checks.ts",
        "const written = await writing;",
        "const written: PromiseSettledResult<unknown>[] = [];",
      ),
    ],
    caughtBy: directed("nobody hears of a ban before it is on disk"),
  },
  {
    name: "a check that failed is forgotten in a pause",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      "  await banAndAccuse(new Set(others.filter((_, i) =>",
      "  await pause();\n  await banAndAccuse(new Set(others.filter((_, i) =>",
    )],
    caughtBy: {
      file: "tests/worker/ecdsa_test.ts",
      test: "shareVault() bans for what was wrong in correct, even if the run was ended",
    },
  },
  {
    name: "a ban ends only the session that found it",
    patches: [
      patch(
        "cluster/commands/session/failed_checks.ts",
        'for (const other of others) other.end(new SessionError("peer-banned"));',
        "",
      ),
    ],
    caughtBy: directed("a ban ends what else runs with that peer"),
  },
  {
    name: "sessions with a banned peer speak on while the ban is being written",
    patches: [patch("cluster/commands/session/failed_checks.ts", "      other.silence();\n", "")],
    caughtBy: directed("a ban ends what else runs with that peer"),
  },
  {
    name: "a session with a banned peer may end well while the ban is being written",
    patches: [
      patch("cluster/commands/session/failed_checks.ts", "      other.untilBanIsDurable = writing;\n", ""),
    ],
    caughtBy: directed("a ban ends what else runs with that peer"),
  },
  {
    name: "a banned pair keeps its state",
    patches: [patch(
      "cluster/commands/session/failed_checks.ts",
      "peers.map((peer) => erasePairs(rows, key.session, peer))",
      "peers.map(() => Promise.resolve())",
    )],
    caughtBy: cells("bad-multiplication @ sign extend"),
  },
  {
    name: "a ban is forgotten in a restart",
    patches: [
      patch(
        "cluster/keys/bans.ts",
        "for (const name of await options.rows.names(banRows)) {",
        "for (const name of [] as string[]) {",
      ),
    ],
    caughtBy: directed("a pair that is banned is not used again"),
  },
  {
    name: "others' bans are believed",
    patches: [
      patch(
        "cluster/keys/bans.ts",
        "      await this.#reported.take(ban);\n",
        "      await this.#reported.take(ban);\n      await this.#add({ ...value, other: by });\n",
      ),
    ],
    caughtBy: directed("nobody bans on another's word"),
  },
  {
    name: "a coordinator proposes a pair that it has banned",
    patches: [patch(
      "cluster/commands/party.ts",
      "const banned = bans.of(key).map((other) => [self, other] as const);",
      "const banned: (readonly [PeerId, PeerId])[] = [];",
    )],
    caughtBy: directed("a pair that is banned is not used again"),
  },
  {
    name: "silence bans",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      'net.exchange("correct", toEach(net, (peer) => ownCorrections.get(peer)!));',
      'net.exchange("correct", toEach(net, (peer) => ownCorrections.get(peer)!)).catch(async (error) => {\n' +
        "    await ban(others);\n    throw error;\n  });",
    )],
    caughtBy: protocol(
      "sign_ecdsa",
      "signEcdsa() says who is missing when a message never comes, and bans nobody",
    ),
  },
  {
    name: "what fails in the last step is not counted",
    patches: [patch("cluster/commands/session/failed_checks.ts", "!lastStep.includes(code)", "true")],
    caughtBy: directed("a pair whose last step fails three times is quarantined"),
  },
  {
    name: "a frozen key or pair thaws in a restart",
    patches: [patch(
      "cluster/keys/frozen.ts",
      "if (found) frozen.#known.set(place, frozenRecord.decode(found.plain));",
      "void found;",
    )],
    caughtBy: directed("a pair whose last step fails three times is quarantined"),
  },
  {
    name: "pairs of keys that never came to be stay on disk",
    patches: [
      patch(
        "keystore/pair_rows.ts",
        'if (!known(name.slice(pairRows.length).split("/")[0]!)) await rows.erase(name);',
        "void known;",
      ),
    ],
    caughtBy: directed("a pair without a key is swept"),
  },
  {
    name: "a signature need not lead back to its key",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      "if (!equations.allVerify(signed, random)) throw rejected();",
      "const turned = signed.map((one) => ({ ...one, s: group.reduce(-one.s) }));\n" +
        "  if (!equations.allVerify(signed, random) && !equations.allVerify(turned, random)) throw rejected();",
    )],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() rejects an s that the last signer has turned round"),
  },
  {
    name: "a promise of a nonce need not open",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      'accuse("invalid-commitment", (peer) => {',
      "void ((peer: PeerId) => {",
    )],
    caughtBy: protocol("sign_ecdsa", "who opens its promise to something else"),
  },
  {
    name: "a promise of a nonce opens in any mouth",
    patches: [patch(
      "crypto/dkls/sign.ts",
      'hash("quorate/3/dkls/sign/nonces", attempt, identifier,',
      'hash("quorate/3/dkls/sign/nonces", attempt,',
    )],
    caughtBy: protocol("sign_ecdsa", "who copies a promise and its opening"),
  },
  {
    name: "shares of the key need not add up to it",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      "if (!items.every(sumUp)) throw rejected();",
      "",
    )],
    caughtBy: protocol("sign_ecdsa", "when the ends of a pair have different seeds"),
  },
  {
    name: "what was heard of nonces and keys is not compared",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      "if (others.some((peer) => !equal(finished.get(peer)!.view, noncesView))) throw rejected();",
      "",
    )],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() rejects a sum that is no signature, and bans nobody"),
  },
  {
    name: "a scalar may be over the order",
    patches: [patch(
      "protocol/sign_ecdsa_messages.ts",
      'v.pipe(vector(each), v.check(canonical, "expected scalars below the order"))',
      "vector(each)",
    )],
    caughtBy: protocol("sign_ecdsa", "who sends a scalar that is not below the order"),
  },
  {
    name: "any OT state will do",
    patches: [
      patch("protocol/sign_ecdsa_messages.ts", 'pair-request", setup, ...', 'pair-request", ...'),
    ],
    caughtBy: protocol("sign_ecdsa", "when one has the OT state of another set-up"),
  },
  {
    name: "the extension's check does not wait for the columns",
    patches: [patch(
      "crypto/dkls/ot_extension.ts",
      "    session,\n    columns,\n  );",
      "    session,\n  );",
    )],
    caughtBy: dkls("ot_extension", "extendAsSender() refuses a flipped bit of any u_i"),
  },
  {
    name: "nothing hides what x~ tells of the choices",
    patches: [patch(
      "crypto/dkls/ot_extension.ts",
      "const choices = wordsOf(drawn);",
      "const choices = wordsOf(drawn).fill(0, 16);",
    )],
    caughtBy: dkls("ot_extension", "extendAsReceiver() draws its choices and the block behind them"),
  },
  {
    name: "θ does not wait for the corrections",
    patches: [
      patch(
        "crypto/dkls/rvole.ts",
        'rvole/challenge", session, item, corrections)',
        'rvole/challenge", session, item)',
      ),
    ],
    caughtBy: dkls("rvole", "rvoleAlice() hashes session and item into θ and μ"),
  },
  {
    name: "what hides Alice's factors is known",
    patches: [patch("crypto/dkls/rvole.ts", "() => randomScalar(random));", "() => 1n);")],
    caughtBy: dkls("rvole", "rvoleAlice() hides her factors behind two check inputs"),
  },
  {
    name: "Alice's nonce is not in her pads",
    patches: [
      patch("crypto/dkls/rvole.ts", "const session = sessions.alice;", "const session = sessions.bob;"),
    ],
    caughtBy: dkls("rvole", "rvoleAlice() does not repeat its pads when only her own nonce is new"),
  },
  {
    name: "Bob's nonce is always the same",
    patches: [
      patch("protocol/sign_ecdsa.ts", "const fresh = random(32);", "const fresh = new Uint8Array(32);"),
    ],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() draws a nonce for each multiplication"),
  },
  {
    name: "φ is always the same",
    patches: [patch("crypto/dkls/sign.ts", "mask: group.randomScalar(random),", "mask: 3n,")],
    caughtBy: dkls("sign", "drawNonces() draws r and φ anew for each item"),
  },
  {
    name: "two lies about what was multiplied may cancel out",
    patches: [patch(
      "crypto/dkls/sign.ts",
      "this.#f = weight(random);",
      "this.#f = 1n;",
    )],
    caughtBy: dkls("sign", "ConsistencyCheck holds for what was multiplied, and for nothing else"),
  },
  {
    name: "one k for all base OTs",
    patches: [patch("crypto/dkls/base_ot.ts", "const k = group.randomScalar(random);", "const k = 7n;")],
    caughtBy: dkls("base_ot", "chooseBaseOts() draws k and the other point anew for each base OT"),
  },
  {
    name: "the number of a base OT is not in its point",
    patches: [patch("crypto/dkls/base_ot.ts", 'base-ot/point", setup, index,', 'base-ot/point", setup,')],
    caughtBy: dkls("base_ot", "receiveChoices() refuses an answer that makes M the identity"),
  },
  {
    name: "the direction is not in the key of a base OT",
    patches: [patch("crypto/dkls/base_ot.ts", 'base-ot/key", setup, index,', 'base-ot/key", index,')],
    caughtBy: dkls(
      "base_ot",
      "receiveChoices() hashes the direction, the number, the branch and x into each key",
    ),
  },
  {
    name: "a part of a seed may be chosen after the other",
    patches: [
      patch(
        "protocol/setup_ecdsa.ts",
        "equal(offers.get(peer)!.promise, promiseOf(peer, peer, choices.get(peer)!))",
        "true",
      ),
    ],
    caughtBy: protocol("setup_ecdsa", "setupEcdsa() names who opens its part of the seed to something else"),
  },
  {
    name: "a failed check of an extension is forgotten in a pause",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      "if (alice !== null) alices.set(peer, alice);",
      "if (alice !== null) alices.set(peer, alice);\n    await pause();",
    )],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() makes its checks at once"),
  },
  {
    name: "a muted session tells how far it has come",
    patches: [patch(
      "session/session.ts",
      "if (this.#scope.signal.aborted || control.silenced.aborted) return;",
      "if (this.#scope.signal.aborted) return;",
    )],
    caughtBy: directed("a ban is all that a node tells of what else runs with that peer"),
  },
  {
    name: "a second check that failed shows in how the first session ends",
    patches: [patch(
      "cluster/commands/session/failed_checks.ts",
      "caught.filter((peer) => !bans.has(key.session.toHex(), peer));",
      "caught;",
    )],
    caughtBy: directed("a ban is all that a node tells of what else runs with that peer"),
  },
];
