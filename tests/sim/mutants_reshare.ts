/**
 * Bugs in resharings: in the order of releases, writes and votes, in what a consent covers, in which epoch is used, and
 * in which share is erased.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const commit = (find: string, replace: string) => [patch("keystore/commit_key.ts", find, replace)];
const consent = (find: string, replace: string) => [
  patch("cluster/commands/consent/command_consent.ts", find, replace),
];
const eraser = (find: string, replace: string) => [patch("cluster/keys/epochs/eraser.ts", find, replace)];
const caught = (file: string) => (test: string) => ({ file: `tests/${file}_test.ts`, test });
const committing = caught("keystore/commit_key"),
  signatures = caught("keystore/vote_signatures"),
  command = caught("cluster/commands/reshare_command"),
  epochs = caught("cluster/keys/epochs"),
  refused = caught("negative/reshare_refused"),
  bound = caught("negative/reshare_commit");
const covers = command("CommandConsent covers exactly the resharing");
const release = committing("commitKey() releases the epoch before it votes");

export const reshareMutants: readonly Mutant[] = [
  {
    name: "an epoch is released before that is on disk",
    patches: [
      ...commit(
        '  await advance(options, session, "opened", ballot, { ...facts, state: "released" });\n',
        "",
      ),
      ...commit(
        "  const others = await ballot.release(body);\n",
        '  const others = await ballot.release(body);\n  await advance(options, session, "opened", ballot, { ...facts, state: "released" });\n',
      ),
    ],
    caughtBy: release,
  },
  {
    name: "a member votes before the epoch is released by all",
    patches: commit(
      "  const releases = dealtFrom === null ? []",
      "  ballot.cast(body);\n  const releases = dealtFrom === null ? []",
    ),
    caughtBy: release,
  },
  {
    name: "the releases of dealers are in the order of who has sent them",
    patches: commit(
      "return dealtFrom!.dealers.map((peer) =>",
      "return dealtFrom!.dealers.toReversed().map((peer) =>",
    ),
    caughtBy: release,
  },
  {
    name: "what others release is not compared",
    patches: commit("  throwIfOther(others, body);\n  return dealtFrom!", "  return dealtFrom!"),
    caughtBy: committing("names everyone who releases the epoch to another key"),
  },
  {
    name: "a witness casts a vote",
    patches: commit(
      "  await stored(change(rows, session, waiting, changed));\n",
      "  await stored(change(rows, session, waiting, changed));\n  ballot.cast(body);\n",
    ),
    caughtBy: committing("commitKey() of a peer that gets no share casts no vote"),
  },
  {
    name: "a word is given about an epoch that has been dealt anew meanwhile",
    patches: commit("  dealtFrom?.check();\n", ""),
    caughtBy: committing("commitKey() gives no word to a session whose epoch another one"),
  },
  {
    name: "a vote does not bind the epoch before",
    patches: [patch("keystore/vote_signatures.ts", "    parent?.vote ?? none,\n", "    none,\n")],
    caughtBy: signatures("voteBody() binds the epoch that was dealt anew"),
  },
  {
    name: "a vote is a release",
    patches: [patch(
      "keystore/vote_signatures.ts",
      "statementOf({ session, round: releaseRound, from,",
      "statementOf({ session, round: voteRound, from,",
    )],
    caughtBy: signatures("voteBody() binds the epoch that was dealt anew"),
  },
  {
    name: "a session waits for no release",
    patches: [patch(
      "session/words/votes.ts",
      "const all = await this.#releases.collect();",
      "const all = await Promise.resolve(this.#releases.all());",
    )],
    caughtBy: bound("reshare() finds missing, and blames for nothing, who releases nothing: alice"),
  },
  {
    name: "an epoch is released to two sessions",
    patches: [
      patch(
        "cluster/commands/invited/kind_checks.ts",
        '  if (keys.rows.releasedTo(row.session).length > 0) throw new SessionError("wallet-busy");\n',
        "",
      ),
      patch(
        "cluster/commands/session/session_plan.ts",
        '  if (keys.rows.releasedTo(keyId).length > 0) throw new SessionError("wallet-busy");\n',
        "",
      ),
    ],
    caughtBy: bound("reshare() leaves the key in use, and dealt anew by no other session"),
  },
  {
    name: "a retired epoch is dealt anew",
    patches: [
      patch(
        "cluster/commands/invited/kind_checks.ts",
        "if (!isNamed || !isEpoch || keys.epochs.isRetired(session.toHex())) {",
        "if (!isNamed || !isEpoch) {",
      ),
      patch(
        "cluster/commands/party.ts",
        "if (row.key!.epoch !== epoch || keys.epochs.isRetired(keyId.toHex())) {",
        "if (row.key!.epoch !== epoch) {",
      ),
    ],
    caughtBy: refused("A command for a resharing is carried out as it is asked for"),
  },
  {
    name: "a retired epoch still signs",
    patches: [
      patch(
        "cluster/commands/invited/kind_checks.ts",
        "  keys.epochs.checkCurrent(command.keyId.toHex());\n",
        "",
      ),
      patch(
        "cluster/commands/party.ts",
        "  keys.epochs.checkCurrent(command.keyId.toHex());\n",
        "",
      ),
    ],
    caughtBy: refused("A command for a resharing is carried out as it is asked for"),
  },
  {
    name: "a consent to a resharing covers any threshold",
    patches: consent(
      "return task.threshold === covered.threshold && task.recipients.join()",
      "return task.recipients.join()",
    ),
    caughtBy: covers,
  },
  {
    name: "a consent to a resharing covers any members",
    patches: consent("task.recipients.join() === covered.members.join()", "task.recipients.length > 0"),
    caughtBy: covers,
  },
  {
    name: "a consent to a resharing covers any dealers",
    patches: consent("task.dealers.join() === covered.dealers.join()", "task.dealers.length > 0"),
    caughtBy: covers,
  },
  {
    name: "a consent to a resharing covers whoever is called gone",
    patches: consent(" && task.gone.join() === covered.gone.join()", ""),
    caughtBy: covers,
  },
  {
    name: "a consent to a resharing covers any key",
    patches: consent(
      "  if (!equal(task.keyId, covered.keyId)) return false;",
      '  if (task.kind === "sign" && !equal(task.keyId, covered.keyId)) return false;',
    ),
    caughtBy: covers,
  },
  {
    name: "a rule for signatures covers resharings",
    patches: [patch(
      "cluster/commands/consent.ts",
      'kind === "reshare" ? approval.managers ?? {} : approval.initiators',
      'kind === "reshare" ? approval.managers ?? approval.initiators : approval.initiators',
    )],
    caughtBy: refused("reshare() is covered by no rule for signatures"),
  },
  {
    name: "a consent to a resharing shows this node's own bans alone",
    patches: [
      patch("cluster/keys/refusals.ts", '...ofKey("ban", bans.all())', '...ofKey("ban", bans.own())'),
    ],
    caughtBy: caught("negative/reshare_consent")("reshare() shows a ban to its finder, to another member"),
  },
  {
    name: "a consent to a resharing shows the bans of other keys",
    patches: [patch("cluster/keys/refusals.ts", "one.keyId === keyId && members", "members")],
    caughtBy: caught("cluster/keys/refusals")("refusalsOf() leaves out those of another key"),
  },
  {
    name: "a consent to a resharing shows bans that strangers to the key make up",
    patches: [patch("cluster/keys/refusals.ts", "members.has(one.by) && ", "")],
    caughtBy: caught("cluster/keys/refusals")("refusalsOf() leaves out those of another key"),
  },
  {
    name: "a consent to a resharing shows no freeze",
    patches: [patch("cluster/keys/refusals.ts", "frozen: frozen.has(keyId)", 'frozen: frozen.has("")')],
    caughtBy: caught("negative/reshare_consent")("reshare() shows a ban to its finder, to another member"),
  },
  {
    name: "silence pauses the resharing of a key",
    patches: [patch(
      "cluster/commands/session_runner.ts",
      'if (command.kind === "reshare" && outcome.culprits.length > 0) await',
      'if (command.kind === "reshare") await',
    )],
    caughtBy: caught("negative/reshare_ends")("reshare() is not paused by peers that fall silent"),
  },
  {
    name: "unfreezing a key leaves its resharing paused",
    patches: [patch(
      "cluster/keys/unfreeze.ts",
      "  if (isPaused) await failedResharings.forgive(keyId);\n",
      "",
    )],
    caughtBy: caught("cli/keys")("quorate keys list shows that the resharing of a key is paused"),
  },
  {
    name: "whoever may sign may deal a key anew",
    patches: [patch("cluster/records/rights.ts", 'reshare: "manager"', 'reshare: "initiator"')],
    caughtBy: command("checkCommand() takes a resharing by a manager"),
  },
  {
    name: "the dealers of a command are not looked at",
    patches: [patch(
      "cluster/commands/check_command.ts",
      '  checkSorted("dealers", dealers, roster);\n',
      "",
    )],
    caughtBy: command("checkCommand() names the field of a resharing"),
  },
  {
    name: "a peer that is called gone may take part",
    patches: [patch(
      "cluster/commands/check_command.ts",
      "gone.find((peer) => members.includes(peer) || dealers.includes(peer))",
      "gone.find((peer) => peer.length === 0)",
    )],
    caughtBy: command("checkCommand() names the field of a resharing"),
  },
  {
    name: "two commands at a time deal one key anew",
    patches: [
      patch(
        "cluster/keys/name_reservations.ts",
        'if (other && other.command !== command && !givesWay) throw new SessionError("wallet-busy");',
        "",
      ),
      patch(
        "cluster/keys/name_reservations.ts",
        'if (before && before.command !== command) throw new SessionError("wallet-busy");',
        "",
      ),
    ],
    caughtBy: command("NameReservations.hold() lets one command at a time"),
  },
  {
    name: "a share of a forked epoch is erased",
    patches: eraser("if (!key || others.length > 0) return false;", "if (!key) return false;"),
    caughtBy: epochs("Eraser: a forked epoch is kept"),
  },
  {
    name: "whoever leaves erases when one new holder says so",
    patches: eraser(
      "keys.holding(next!).size >= key.threshold",
      "keys.holding(next!).size > 0",
    ),
    caughtBy: epochs("Eraser: whoever leaves erases a share"),
  },
  {
    name: "a share is erased while a session signs with it",
    patches: eraser(" && !inUse(row)", " && (inUse(row) || true)"),
    caughtBy: epochs("Eraser: whoever stays erases a share"),
  },
  {
    name: "a share outlives an epoch that was handed over itself",
    patches: eraser("      keyId = next!;", "      return false;"),
    caughtBy: epochs("Eraser: a share outlives no epoch after the next"),
  },
  {
    name: "an epoch is retired again by its second successor",
    patches: [
      patch(
        "cluster/keys/epochs/epochs.ts",
        "const isFirst = known.size === 0;",
        "const isFirst = known.size < 2;",
      ),
    ],
    caughtBy: epochs("Epochs: an epoch is retired by its first successor"),
  },
];
