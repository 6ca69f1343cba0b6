/**
 * Bugs that the tests must find: each is an exact patch of the product, and what is expected to catch it.
 * @module
 */

/** One place to change: `find` must be in `file` exactly once, so that no mutant outlives what it is about. */
export interface Patch {
  file: string;
  find: string;
  replace: string;
}

export interface Mutant {
  name: string;
  patches: readonly Patch[];
  /**
   * Cells in which the simulation finds it, or cells of resharings in which a line of epochs breaks that very invariant,
   * or a directed test that finds it.
   */
  caughtBy:
    | { cells: readonly string[]; most?: number }
    | { lines: readonly string[]; invariant: string }
    | { file: string; test: string };
}

const directed = (test: string) => ({ file: "tests/sim/directed_test.ts", test });
const generate = (test: string) => ({
  file: "tests/protocol/generate_test.ts",
  test: `generate() names ${test}`,
});
const cells = (...cells: string[]) => ({ cells });
const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});

export const mutants: readonly Mutant[] = [
  {
    name: "no echo is compared",
    patches: [patch("session/net.ts", "if (round === null || this.#fault) return;", "return;")],
    caughtBy: cells("equivocate @ key reveal"),
  },
  {
    name: "direct rounds travel in plaintext",
    patches: [
      patch(
        "crypto/x25519.ts",
        "return chacha20poly1305(key, nonce(counter), header).encrypt(plain);",
        "return new Uint8Array([...plain, ...new Uint8Array(16)]);",
      ),
      patch(
        "crypto/x25519.ts",
        "return chacha20poly1305(key, nonce(counter), header).decrypt(sealed);",
        "return sealed.slice(0, -16);",
      ),
    ],
    caughtBy: directed("a direct round is nowhere on the network as its sender wrote it"),
  },
  {
    name: "the gater is open",
    patches: [
      patch(
        "node/assembly/connections.ts",
        "admits: (peer) => rosterStore.peer(identity.peer) !== undefined && rosterStore.peer(peer) !== undefined,",
        "admits: () => true,",
      ),
    ],
    caughtBy: directed("a peer that is not in the roster gets no connection, and no stream"),
  },
  {
    name: "the vote goes out before the share is on disk",
    patches: [
      patch(
        "keystore/commit_key.ts",
        "if (!await stored(writeRow(rows, found.version, row)))",
        'if (row.state === "pending") ballot.cast(voteBody(row));\n  if (!await stored(writeRow(rows, found.version, row)))',
      ),
    ],
    caughtBy: cells("store @ vote"),
  },
  {
    name: "the own signature share leaves unchecked",
    patches: [
      patch(
        "protocol/sign_frost.ts",
        "if (!verifySignatureShare(suite, signing, identifierOf(self), share))",
        "if (false)",
      ),
    ],
    caughtBy: {
      file: "tests/protocol/sign_frost_test.ts",
      test: "signFrost() does not let a rotten share out, and blames nobody for it",
    },
  },
  {
    name: "silence is blamed",
    patches: [
      patch(
        "session/net.ts",
        '"round-timeout", { missing }',
        '"malformed-message", { culprits: missing }',
      ),
    ],
    caughtBy: cells("silence @ sign extend", "drop @ key reveal"),
  },
  {
    name: "a message that does not decode is dropped instead of blamed",
    patches: [
      patch(
        "session/net.ts",
        'this.#accuse("malformed-message", envelope.from, this.#asEvidence(envelope), cause);\n      return null;',
        "void cause;\n      return null;",
      ),
    ],
    caughtBy: cells("garbage @ sign share", "garbage @ key reveal"),
  },
  {
    name: "a second, different message in the same place is ignored",
    patches: [
      patch("session/net.ts", "if (equal(earlier.body, envelope.body)) return;", "return;"),
    ],
    caughtBy: cells("contradict @ key reveal"),
  },
  {
    name: "the sender inside of an envelope is believed",
    patches: [
      patch("session/wire.ts", 'if (envelope.from !== via) return dropped("unauthentic-frame");', ""),
    ],
    caughtBy: directed("openWire() drops what one peer passes on in another's name"),
  },
  {
    name: "the signature of an envelope is not checked",
    patches: [
      patch(
        "session/wire.ts",
        'if (!await verifyStatement(identity, statementOf(envelope))) return dropped("unauthentic-frame");',
        "",
      ),
    ],
    caughtBy: directed("openWire() drops an envelope that its author has not signed"),
  },
  {
    name: "an error in reading the store counts as absent",
    patches: [patch("cluster/keys/own_rows.ts", "own.#damaged.set(name, error);", "void error;")],
    caughtBy: directed("a key that cannot be read is not taken for one that is not there"),
  },
  {
    name: "a round has no deadline of its own",
    patches: [
      patch(
        "session/net.ts",
        "clock.timer(roundMs, () => {\n      late = true;",
        "clock.timer(roundMs, () => {",
      ),
    ],
    caughtBy: cells("silence @ key reveal", "drop @ sign extend"),
  },
  {
    name: "a session has no deadline",
    patches: [patch("session/session.ts", "this.#limit(totalMs)", "this.#limit(1e9)")],
    caughtBy: cells("drop @ vote", "silence @ vote"),
  },
  {
    name: "junk ends a session",
    patches: [
      patch(
        "session/messages/message_unsealer.ts",
        "replayed();\n      return null;",
        "throw lost();",
      ),
    ],
    caughtBy: cells("duplicate @ key reveal", "duplicate @ sign extend"),
  },
  {
    name: "an invite under another roster is accepted",
    patches: [
      patch("cluster/commands/invitation.ts", "|| !equal(hash, rosterHash(roster))", ""),
    ],
    caughtBy: directed("a member with another roster of the same version takes no part"),
  },
  {
    name: "a command is carried out a second time",
    patches: [
      patch(
        "cluster/commands/replay_guard.ts",
        "if (carried || isDamaged) throw",
        "if (isDamaged) throw",
      ),
    ],
    caughtBy: directed("a command that was carried out is not carried out again"),
  },
  {
    name: "a result leaves without being verified",
    patches: [
      patch(
        "worker/consent_gate.ts",
        "if (!good)",
        "if (false)",
      ),
    ],
    caughtBy: directed("a signature that does not verify is thrown away, whoever made it"),
  },
  {
    name: "the evidence of an abort is believed unchecked",
    patches: [
      patch(
        "session/peer_aborts.ts",
        "if (await verifyStatement(identity, statementOf(envelope))) {",
        "if (await verifyStatement(identity, statementOf(envelope)) || true) {",
      ),
    ],
    caughtBy: cells("slander @ key reveal", "slander @ sign share"),
  },
  {
    name: "hearsay is repeated as an accusation",
    patches: [
      patch(
        "session/peer_aborts.ts",
        '"aborted-by-peer", { claims: [...this.#claims] }',
        "abort.code, { culprits: abort.peers }",
      ),
    ],
    caughtBy: cells("slander @ key reveal", "slander @ sign share"),
  },
  {
    name: "a pending key is deleted on a time-out",
    patches: [
      patch(
        "keystore/commit_key.ts",
        "ballot.cast(body);\n  try {\n    await allVotes(ballot, body);",
        "ballot.cast(body);\n  try {\n    await allVotes(ballot, body).catch(async (cause) => {\n      await rows.erase(rowName(session));\n" +
          '      changed(row, "gone");\n      throw cause;\n    });',
      ),
    ],
    caughtBy: cells("drop @ vote", "late @ vote"),
  },
  {
    name: "a vote for another key counts",
    patches: [
      patch("keystore/commit_key.ts", "!equal(one.body, body)", "false"),
    ],
    caughtBy: cells("garbage @ vote"),
  },
  {
    name: "a key is active without the last vote",
    patches: [
      patch("session/words/signed_words.ts", "missing.length > 0; missing", "missing.length > 1; missing"),
    ],
    caughtBy: {
      file: "tests/negative/commit_test.ts",
      test: "generateKey() leaves a key pending, and safe from signing, until the last vote is there",
    },
  },
  {
    name: "a pending key is asked about only when peers meet",
    patches: [
      patch(
        "cluster/keys/sync/healing.ts",
        'if (state === "pending" || state === "released") void this.#retry();',
        "void state;",
      ),
    ],
    caughtBy: {
      file: "tests/negative/votes_test.ts",
      test: "A key of which each member has missed another's vote is finished by asking",
    },
  },
  {
    name: "an invite's stream stays open",
    patches: [
      patch(
        "cluster/commands/member.ts",
        "void channel.end(); // nothing follows; the streams of a peer are limited",
        "",
      ),
    ],
    caughtBy: cells("delay @ sign share"),
  },
  {
    name: "the abort is lost in a reset",
    patches: [
      patch(
        "session/wire.ts",
        "faulty = true;",
        "if (!this.#finished) fault(error as SessionError);\n          break;",
      ),
      patch("session/wire.ts", "    this.#ends.push(ended);\n", ""),
    ],
    caughtBy: { cells: ["corrupt @ key reveal", "corrupt @ sign share"], most: 60 },
  },
  {
    name: "the story of who only asked never ends",
    patches: [patch("cluster/commands/initiator/remote_command.ts", "await this.#finish(outcome);", "")],
    caughtBy: cells("delay @ command", "delay @ result"),
  },
  {
    name: "the stream of a command that failed stays open",
    patches: [patch("cluster/commands/initiator/remote_command.ts", "channel?.abort();\n", "")],
    caughtBy: cells("drop @ command", "garbage @ sign share", "bad-share @ sign share", "drop @ result"),
  },
  {
    name: "a timer outlives its session",
    patches: [patch("session/session.ts", "total[Symbol.dispose]();", "")],
    caughtBy: cells("delay @ sign share"),
  },
  {
    name: "more coefficients than the threshold pass",
    patches: [
      patch("protocol/deal_checks.ts", "reveal.polynomial.length === dealing.threshold &&\n", "\n"),
    ],
    caughtBy: { file: "tests/negative/generate_test.ts", test: "the threshold, consistently" },
  },
  {
    name: "a dealer's promise need not open",
    patches: [patch(
      "protocol/deal_checks.ts",
      "equal(promises.get(from)!.promise!, promiseOf(suite, attempt, placeInParty(dealing, from), reveal))",
      "true",
    )],
    caughtBy: generate("the peer who opens something else than it promised"),
  },
  {
    name: "a proof to know a secret is not looked at",
    patches: [patch(
      "protocol/deal_checks.ts",
      "verifyDlog(group, polynomial[0]!, proof, { scheme, session, identifier: placeInParty(dealing, from) })",
      'proof !== null && polynomial.length > 0 && from !== "" && scheme !== "" && session.length > 0',
    )],
    caughtBy: generate("the peer who cannot prove to know its secret"),
  },
  {
    name: "a dealt share is not looked at",
    patches: [patch(
      "protocol/deal_checks.ts",
      "group.multiplyBase(message.share).equals(publicShareOf(reveals.get(from)!.polynomial, to))",
      "message.share >= 0n || from === to",
    )],
    caughtBy: generate("the dealer of one bad share to its one victim"),
  },
  {
    name: "another outcome is confirmed",
    patches: [patch(
      "protocol/deal.ts",
      "passes: (confirmation) => equal(confirmation.outcome, outcome),",
      "passes: () => true,",
    )],
    caughtBy: generate("the peer who confirms another outcome"),
  },
];
