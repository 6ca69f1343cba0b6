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
      "const deltas = new Map(others.map((peer) => [peer, drawDelta(random)]));",
      "const one = drawDelta(random);\n  const deltas = new Map(others.map((peer) => [peer, one.slice()]));",
    )],
    caughtBy: protocol("setup_ecdsa", "setupEcdsa() draws Δ for each pair and direction"),
  },
  {
    name: "a request is not bound to its session",
    patches: [patch(
      "protocol/sign_ecdsa_messages.ts",
      'hash("quorate/1/sign-ecdsa/request", session, publicKey,',
      'hash("quorate/1/sign-ecdsa/request", publicKey,',
    )],
    caughtBy: protocol("sign_ecdsa_messages", "requestOf() binds session, key, digest and signers"),
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
    patches: [patch("crypto/dkls/rvole.ts", "return difference === 0 ? result : null;", "return result;")],
    caughtBy: dkls("rvole", "Bob refuses a tampered η or μ"),
  },
  {
    name: "it is not checked that Alice multiplied what she shows",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      "if (shares && equations.gammaHolds({ multiplicand, shares, consistency: theirs, random })) {",
      "if (shares) {",
    )],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() bans who did not multiply what it shows"),
  },
  {
    name: "what bans is checked before it is known that all are about the same",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      "if (failing((peer) => equal(heard.get(peer)!.request, requests.get(peer)!)).length > 0) {",
      "if (false) {",
    )],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() bans nobody when the signers are not about the same"),
  },
  {
    name: "the ban is written after the abort",
    patches: [
      patch(
        "protocol/sign_ecdsa.ts",
        "      await ban(culprits);\n",
        "      void ban(culprits).catch(() => {});\n",
      ),
    ],
    caughtBy: protocol("sign_ecdsa", "signEcdsa() says store-failed if the ban could not be written"),
  },
  {
    name: "a node does not wait until its ban is on disk",
    patches: [
      patch(
        "cluster/sessions.ts",
        "const written = await writing;",
        "const written: PromiseSettledResult<unknown>[] = [];",
      ),
    ],
    caughtBy: directed("nobody hears of a ban before it is on disk"),
  },
  {
    name: "a check that failed is forgotten in a pause",
    patches: [patch("protocol/sign_ecdsa.ts", "if (asBob.size > i) await pause();", "await pause();")],
    caughtBy: {
      file: "tests/vault/ecdsa_test.ts",
      test: "shareVault() bans for what was wrong in correct, even if the run was ended",
    },
  },
  {
    name: "a ban ends only the session that found it",
    patches: [
      patch(
        "cluster/sessions.ts",
        'for (const { stop } of others) stop.abort(new SessionError("peer-banned"));',
        "",
      ),
    ],
    caughtBy: directed("a ban ends what else runs with that peer"),
  },
  {
    name: "sessions with a banned peer speak on while the ban is being written",
    patches: [patch("cluster/sessions.ts", "      other.mute.abort();\n", "")],
    caughtBy: directed("a ban ends what else runs with that peer"),
  },
  {
    name: "a session with a banned peer may end well while the ban is being written",
    patches: [patch("cluster/sessions.ts", "      other.held = writing;\n", "")],
    caughtBy: directed("a ban ends what else runs with that peer"),
  },
  {
    name: "a banned pair keeps its state",
    patches: [patch(
      "cluster/sessions.ts",
      "peers.map((peer) => erasePairs(rows, key.session, peer))",
      "peers.map(() => Promise.resolve())",
    )],
    caughtBy: cells("bad-multiplication @ sign extend"),
  },
  {
    name: "a ban is forgotten in a restart",
    patches: [
      patch(
        "cluster/bans.ts",
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
        "cluster/bans.ts",
        "if (ban.by === this.#o.self) return;",
        "this.#own.set(nameOf(ban.key, ban.by), { ...ban, other: ban.by, by: this.#o.self });",
      ),
    ],
    caughtBy: directed("nobody bans on another's word"),
  },
  {
    name: "a coordinator proposes a pair that it has banned",
    patches: [patch(
      "cluster/party.ts",
      "const apart = [...refusals.apart, ...bans.of(key).map((other) => [self, other] as const)];",
      "const apart = [...refusals.apart];",
    )],
    caughtBy: directed("a pair that is banned is not used again"),
  },
  {
    name: "silence bans",
    patches: [patch(
      "protocol/sign_ecdsa.ts",
      '  const answers = await net.exchange("correct", toEach(corrected));',
      '  const answers = await net.exchange("correct", toEach(corrected)).catch(async (error) => {\n' +
        "    await ban(others);\n    throw error;\n  });",
    )],
    caughtBy: protocol(
      "sign_ecdsa",
      "signEcdsa() says who is missing when a message never comes, and bans nobody",
    ),
  },
  {
    name: "what fails in the last step is not counted",
    patches: [patch("cluster/sessions.ts", "!lastStep.includes(code)", "true")],
    caughtBy: directed("a key whose last step fails three times is frozen"),
  },
  {
    name: "a frozen key thaws in a restart",
    patches: [patch(
      "cluster/frozen.ts",
      "if (found) frozen.#known.set(name.slice(frozenRows.length), frozenRecord.decode(found.plain));",
      "void found;",
    )],
    caughtBy: directed("a key whose last step fails three times is frozen"),
  },
  {
    name: "pairs of keys that never came to be stay on disk",
    patches: [
      patch(
        "session/pair_rows.ts",
        'if (!known(name.slice(pairRows.length).split("/")[0]!)) await rows.erase(name);',
        "void known;",
      ),
    ],
    caughtBy: directed("a pair without a key is swept"),
  },
];
