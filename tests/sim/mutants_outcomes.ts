/**
 * Bugs of ids and outcomes, that the tests must find: who is answered, with what, and for how long.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/cluster/commands/${file}`,
  find,
  replace,
});
/** An id is one command's, whoever uses it. */
const sameKeyForAll: readonly Patch[] = [
  {
    file: "src/cluster/records/command.ts",
    find: 'command-initiator", initiator)',
    replace: 'command-initiator", "")',
  },
  {
    file: "src/cluster/records/command.ts",
    find: 'command-key", initiator, id)',
    replace: 'command-key", "", id)',
  },
];
const outcome = (test: string) => ({ file: "tests/negative/outcome_test.ts", test });
const ids = (test: string) => ({ file: "tests/negative/command_id_test.ts", test });
const guard = (test: string) => ({ file: "tests/cluster/commands/replay_guard_test.ts", test });
const lies = (test: string) => ({ file: "tests/negative/outcome_lies_test.ts", test });
const unopened = (test: string) => ({ file: "tests/cluster/commands/unopened_failures_test.ts", test });
const room = (test: string) => ({ file: "tests/cluster/commands/room_test.ts", test: `makeRoom() ${test}` });
const kept = (test: string) => ({ file: "tests/cluster/commands/outcomes_test.ts", test });

export const outcomeMutants: readonly Mutant[] = [
  {
    name: "outcomes: one that is longer than a frame is not told",
    patches: [patch("outcome/outcome_server.ts", "{ maxFrame: maxOutcomeFrame }", "{ maxFrame: 65_536 }")],
    caughtBy: outcome("of the longest message is told too"),
  },
  {
    name: "outcomes: another command's key is this one's",
    patches: [
      patch(
        "initiator/earlier_outcome.ts",
        "if (made?.initiator !== by || !equal(made.command.id, command.id))",
        "if (!made)",
      ),
    ],
    caughtBy: outcome("no key that another command has made before"),
  },
  {
    name: "outcomes: one peer's word makes a culprit",
    patches: [
      patch(
        "initiator/earlier_failure.ts",
        "if (value.culprits.length > 0) return",
        "if (value.culprits.length < 0) return",
      ),
    ],
    caughtBy: outcome("believes no order that this peer has not signed"),
  },
  {
    name: "outcomes: whom a coordinator accuses is a culprit of who asked",
    patches: [
      patch(
        "initiator/told_failure.ts",
        "if (culprits.length === 0) return new SessionError(code, { missing, claims });",
        "if (claims.length === 0) return new SessionError(code, { culprits, missing, claims });",
      ),
    ],
    caughtBy: {
      file: "tests/cluster/commands/remote_command_test.ts",
      test: "shows the accusation of a coordinator as its claim",
    },
  },
  {
    name: "outcomes: whoever asks again is told the end of the time before",
    patches: [patch("coordinator.ts", "historyOf(key)?.ended)", "historyOf(key) === null)")],
    caughtBy: {
      file: "tests/negative/lock_test.ts",
      test: "follows a coordinator that was locked meanwhile",
    },
  },
  {
    name: "outcomes: what this process has signed is unknown while the signers are away",
    patches: [
      patch("initiator.ts", "if (begun?.done) return", "if (begun?.done && !begun.history.ended) return"),
      patch(
        "initiator.ts",
        'return { state: "done", order: begun.order, outcome: await begun.outcome };',
        "await begun.outcome;\n    return earlier;",
      ),
    ],
    caughtBy: ids("also while everyone who signed is away"),
  },
  {
    name: "outcomes: what this process has signed is what others say of it",
    patches: [
      patch("initiator.ts", "if (begun?.done) return", "if (begun?.done && !begun.history.ended) return"),
    ],
    caughtBy: ids("whatever those that answer have lost"),
  },
  {
    name: "outcomes: an id that a damaged row may have is unknown",
    patches: [patch("outcome/outcome_server.ts", "if (isDamaged) return null;", "")],
    caughtBy: ids("whose rows of ids are damaged as one that may have signed"),
  },
  {
    name: "outcomes: damage is not looked for where nothing is given yet",
    patches: [
      patch(
        "outcome/outcome_server.ts",
        'isDamaged || turns.has(key) ? "earlier"',
        'turns.has(key) ? "earlier"',
      ),
    ],
    caughtBy: ids("counts all whose are as one that may have signed"),
  },
  {
    name: "outcomes: a damaged row may have the ids of every initiator",
    patches: [
      patch(
        "replay_guard.ts",
        "return end >= kept && bucket === bucketOf(id, end - 1);",
        "return end >= kept;",
      ),
    ],
    caughtBy: guard("may have ids of its own initiator, and no other's"),
  },
  {
    name: "outcomes: what an id stands for is not compared at a node",
    patches: [
      patch(
        "replay_guard.ts",
        'if (carried && carried.content !== content) throw new SessionError("id-reused");',
        "",
      ),
    ],
    caughtBy: guard("says id-reused for other content under an id"),
  },
  {
    name: "outcomes: what an id stands for is not compared by who asks again",
    patches: [
      patch(
        "initiator/earlier_outcome.ts",
        "if (wanted && orders.some(({ command }) => !isSame(options, command.value, wanted))) {",
        "if (wanted && orders.length < 0) {",
      ),
    ],
    caughtBy: ids("used before a restart of a console ends with id-reused"),
  },
  {
    name: "outcomes: a note is no part of what is asked for",
    patches: [{
      file: "src/cluster/records/command.ts",
      find: "itemCount, itemsHash, note, reference];",
      replace: "itemCount, itemsHash, reference];",
    }],
    caughtBy: ids("another command with it ends with id-reused"),
  },
  {
    name: "outcomes: a result is given to whoever has its id",
    patches: [
      patch(
        "outcome/outcome_server.ts",
        "const key = commandKey(initiator, id);",
        'const key = commandKey("", id);',
      ),
      ...sameKeyForAll,
    ],
    caughtBy: outcome("reach who asked only"),
  },
  {
    name: "outcomes: one is dropped a day too early",
    patches: [
      patch(
        "outcome/outcomes.ts",
        "endOf(minuteIn(bucket)) + this.#options.keptMs <= now",
        "endOf(minuteIn(bucket)) + this.#options.keptMs - 86_400_000 <= now",
      ),
    ],
    caughtBy: kept("are kept for seven days"),
  },
  {
    name: "outcomes: an id is forgotten before its outcome",
    patches: [
      patch("replay_guard.ts", "    this.#options.forgotten?.(buckets);\n", ""),
    ],
    caughtBy: guard("forgets the oldest commands when it is full, with their outcomes"),
  },
  {
    name: "outcomes: a full table forgets whoever has expired first, not whoever has most",
    patches: [
      patch("buckets.ts", "const initiator = bucket.slice(0, initiatorDigits);", 'const initiator = "";'),
    ],
    caughtBy: guard("forgets its ids and none of another's"),
  },
  {
    name: "outcomes: full memory drops the oldest outcomes, whoever has most",
    patches: [
      patch("buckets.ts", "const initiator = bucket.slice(0, initiatorDigits);", 'const initiator = "";'),
    ],
    caughtBy: kept("of an initiator that has less than its share stay"),
  },
  {
    name: "outcomes: an initiator with less than a share loses ids if whoever has most cannot",
    patches: [patch("buckets.ts", " && size * shares.size >= all", "")],
    caughtBy: guard("forgets its ids and none of another's"),
  },
  {
    name: "outcomes: an id is forgotten when its outcome is, and a new session comes of it",
    patches: [
      patch(
        "replay_guard.ts",
        "return this.#isExpired(minute) && endOf(minute) + this.#options.idsMs <= this.#options.now();",
        "return this.#isExpired(minute);",
      ),
    ],
    caughtBy: outcome("ends with outcome-forgotten once the outcome's time is over"),
  },
  {
    name: "outcomes: members keep none",
    patches: [patch("session_runner.ts", "else outcomes.keepLater(filed, outcome);", "")],
    caughtBy: outcome("gives the signature from every member of the session alone"),
  },
  {
    name: "outcomes: nobody keeps any",
    patches: [
      patch(
        "session_runner.ts",
        "    if (running.isCounted) {",
        "    if (running.isCounted && session.length < 32) {",
      ),
    ],
    caughtBy: { cells: ["duplicate @ sign share"] },
  },
  {
    name: "outcomes: a failure before the session is not kept",
    patches: [
      patch(
        "coordinator.ts",
        "    this.#keepUnopened(job, encodeOutcome(job, context.identity.peer, result.encoded));\n",
        "",
      ),
    ],
    caughtBy: ids("gives its failure, also after a restart of a console"),
  },
  {
    name: "outcomes: a failure before the session takes a row in the table of ids",
    patches: [
      patch(
        "coordinator.ts",
        "    this.#unopened.keep(by, key, { content, outcome });\n",
        `    this.#unopened.keep(by, key, { content, outcome });
    this.#options.replayGuard.add(key, this.#options.context.clock.now() + 60_000, content).catch(() => {});
`,
      ),
    ],
    caughtBy: ids("leaves no row"),
  },
  {
    name: "outcomes: an initiator's failures push out another's",
    patches: [
      patch(
        "outcome/unopened_failures.ts",
        "const share = this.#shares.get(initiator) ??",
        "const share = this.#shares.values().next().value ??",
      ),
    ],
    caughtBy: unopened("push out its own oldest only"),
  },
  {
    name: "outcomes: a peer may have any number of questions",
    patches: [
      patch(
        "outcome/outcome_server.ts",
        "new AnsweredAtOnce(maxOutcomeQuestions)",
        "new AnsweredAtOnce(2 * maxOutcomeQuestions)",
      ),
    ],
    caughtBy: outcome("have a limit of questions of one peer at once"),
  },
  {
    name: "outcomes: each question reads every row of a minute",
    patches: [
      patch(
        "outcome/outcomes.ts",
        "if (!this.#unread.delete(row)) continue;",
        "if (!this.#unread.has(row)) continue;",
      ),
    ],
    caughtBy: kept("are read once"),
  },
  {
    name: "outcomes: what a full disk does not take is kept without end",
    patches: [
      patch(
        "outcome/outcomes.ts",
        "    for (const [id, { expires, outcome }] of this.#unwritten) count(bucketOf(id, expires), outcome.length);\n",
        "",
      ),
    ],
    caughtBy: kept("bounded in memory too"),
  },
  {
    name: "outcomes: an order is believed that somebody else has signed",
    patches: [
      patch("initiator/outcome_question.ts", "order?.command.by !== identity.peer || ", "!order || "),
    ],
    caughtBy: outcome("believes no order that this peer has not signed"),
  },
  {
    name: "outcomes: a signature is believed that does not verify",
    patches: [{
      file: "src/cluster/commands/results.ts",
      find: "  return good ? signatures : null;",
      replace: "  return good || true ? signatures : null;",
    }],
    caughtBy: outcome("no result that proves nothing"),
  },
  {
    name: "outcomes: whoever says that it coordinated is believed",
    patches: [
      patch("initiator/earlier_failure.ts", " && by === order.command.value.coordinators[0] &&", " &&"),
    ],
    caughtBy: lies("takes a failure of who did not coordinate for that peer's claim"),
  },
  {
    name: "outcomes: a session is believed that nobody has agreed to",
    patches: [
      patch("initiator/earlier_failure.ts", "&& result.value.session.length === 0;", "&& result !== null;"),
    ],
    caughtBy: lies("takes a failure of who did not coordinate for that peer's claim"),
  },
  {
    name: "outcomes: a session proves the failure of whatever command",
    patches: [
      patch(
        "initiator/outcome_question.ts",
        "initiator === order.command.by && equal(command.id, order.command.value.id);",
        "initiator === order.command.by && command !== order.command.value;",
      ),
    ],
    caughtBy: lies("takes no session for proof of another command's failure"),
  },
  {
    name: "outcomes: one peer puts words into another's mouth",
    patches: [
      patch(
        "initiator/earlier_failure.ts",
        "[claim.by, self].includes(by) || hasSigned(claim, told)",
        'claim.by !== ""',
      ),
    ],
    caughtBy: lies("shows nobody as the author of a claim"),
  },
  {
    name: "outcomes: nobody is named who says that one is lost",
    patches: [patch("initiator/earlier_failure.ts", "by.map((peer) => (", "by.slice(9).map((peer) => (")],
    caughtBy: lies("says who says that an outcome is lost"),
  },
  {
    name: "outcomes: one peer's word that it runs hides a failure",
    patches: [patch("initiator/earlier_outcome.ts", "if (running && !isOver(told)) {", "if (running) {")],
    caughtBy: lies("though a member says that it still runs"),
  },
  {
    name: "outcomes: a coordinator's word that it runs hides what all others say",
    patches: [
      patch("initiator/earlier_failure.ts", "left.length === 1 && session.party.length > 2", "false"),
    ],
    caughtBy: lies("of a session of 3 that has failed is its failure"),
  },
  {
    name: "outcomes: a command runs of which its coordinator knows nothing",
    patches: [
      patch(
        "initiator/earlier_outcome.ts",
        "by === coordinator || !unaware.has(coordinator!)",
        "by !== null",
      ),
    ],
    caughtBy: lies("of which its coordinator knows nothing"),
  },
  {
    name: "outcomes: ids of minutes that count as forgotten are forgotten at the next start",
    patches: [
      patch(
        "replay_guard.ts",
        "for (const row of found) guard.#bucket(row.bucket).rows.add(row);",
        `const isDead = ({ bucket }: Row) => guard.#forgotten.has(minuteIn(bucket));
    commands.bury(found.filter(isDead));
    for (const row of found) if (!isDead(row)) guard.#bucket(row.bucket).rows.add(row);`,
      ),
    ],
    caughtBy: guard("though its row of forgotten minutes was damaged"),
  },
  {
    name: "outcomes: after damage nothing counts as forgotten",
    patches: [patch("replay_guard.ts", "new Minutes([[0, minuteOf(", "new Minutes([[0, 0 * minuteOf(")],
    caughtBy: guard("though its row of forgotten minutes was damaged"),
  },
  {
    name: "outcomes: rows of ids are read one after the other",
    patches: [
      patch("replay_guard.ts", "Array.from({ length: readAtOnce }, read)", "Array.from({ length: 1 }, read)"),
    ],
    caughtBy: guard("reads many rows at the same time"),
  },
  {
    name: "outcomes: an id that has failed in this process stays failed",
    patches: [
      patch("initiator.ts", "const known = failure === null ? before : undefined;", "const known = before;"),
    ],
    caughtBy: ids("after a failure in the same process is carried out"),
  },
  {
    name: "outcomes: what is asked for again has the events of what has failed",
    patches: [
      patch(
        "initiator.ts",
        "(failure === null ? eventLog.history(facts) : eventLog.historyAgain(facts));",
        "eventLog.history(facts);",
      ),
    ],
    caughtBy: ids("its events end as its result does"),
  },
  {
    name: "outcomes: a refusal that is asked for again is another failure",
    patches: [
      patch(
        "initiator.ts",
        "throw failure === null || isOwn(error, cancelled) ? error : failure;",
        "throw error;",
      ),
    ],
    caughtBy: ids("gives the refusal as it was"),
  },
  {
    name: "outcomes: what is asked for again and cancelled meanwhile ends as the time before",
    patches: [patch("initiator.ts", 'if (aborted) codes.push("cancelled");', "")],
    caughtBy: ids("ends with its signal's reason if that aborts during the questions"),
  },
  {
    name: "outcomes: every peer hears what came of another's command",
    patches: [
      patch(
        "outcome/outcome_server.ts",
        "const key = commandKey(initiator, id);",
        'const key = commandKey("", id);',
      ),
      ...sameKeyForAll,
    ],
    caughtBy: { cells: ["duplicate @ sign share"] },
  },
  {
    name: "outcomes: a node does not believe what it has kept itself",
    patches: [patch("initiator/earlier_failure.ts", "[claim.by, self].includes(by)", "claim.by === by")],
    caughtBy: {
      file: "tests/cli/control/requests_test.ts",
      test: "outcome gives again what came of a command under its id",
    },
  },
  {
    name: "outcomes: rows that were not read yet are taken for long",
    patches: [patch("outcome/outcomes.ts", "if (!this.#isMeasured) {", "if (false) {")],
    caughtBy: kept("of small rows from before a restart stay"),
  },
  {
    name: "outcomes: the lengths of rows from before a restart are never read",
    patches: [patch("outcome/outcomes.ts", "this.#measuring ??= this.#measure();", "")],
    caughtBy: kept("of small rows from before a restart stay"),
  },
  {
    name: "outcomes: a minute that is full keeps everybody's later ones out",
    patches: [patch("outcome/room.ts", "minuteIn(coming)", "0")],
    caughtBy: room("forgets a minute that alone is full"),
  },
  {
    name: "outcomes: a minute that is full keeps another initiator's out",
    patches: [
      patch(
        "outcome/room.ts",
        "isOfOneInitiator(bucket, coming)) ? older : all",
        "isOfOneInitiator(bucket, coming)) ? older : older",
      ),
    ],
    caughtBy: room("forgets a minute that alone is full"),
  },
];
