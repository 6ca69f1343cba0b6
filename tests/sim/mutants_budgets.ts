/**
 * Bugs of budgets and of what follows a rollback that the tests must find.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const toldBans = (test: string) => ({ file: "tests/negative/told_bans_test.ts", test });
const rollback = (test: string) => ({ file: "tests/negative/rollback_test.ts", test });
const history = (test: string) => ({ file: "tests/cluster/rollback/store_history_test.ts", test });
const gossip = (test: string) => ({ file: "tests/negative/gossip_budget_test.ts", test });
const conflict = (test: string) => ({ file: "tests/negative/roster_conflict_test.ts", test });

const origin = (test: string) => ({ file: "tests/transport/origin_test.ts", test });

export const budgetMutants: readonly Mutant[] = [
  {
    name: "a question about keys for every word of gossip",
    patches: [
      patch("cluster/roster/turns.ts", "return here.next ??= this.#turn(here, work);", "return work();"),
    ],
    caughtBy: gossip("Gossip about keys costs one question at a time"),
  },
  {
    name: "answers are read without an end",
    patches: [
      patch("cluster/roster/sync_question.ts", "if (items-- === 0 || bytes < 0) return excess?.();", ""),
    ],
    caughtBy: gossip("Answers about keys are read up to a budget"),
  },
  {
    name: "a key that is known is asked for",
    patches: [
      patch(
        "node/assembly/parts.ts",
        "if (!sessions.every((session) => keys.certain(session)))",
        "if (sessions.length > 0)",
      ),
    ],
    caughtBy: gossip("Gossip about a key whose certificate is known asks for nothing"),
  },
  {
    name: "questions of one peer are answered without a bound",
    patches: [
      patch(
        "cluster/keys/sync/served_questions.ts",
        "new AnsweredAtOnce(maxQuestions)",
        "new AnsweredAtOnce(Infinity)",
      ),
    ],
    caughtBy: gossip("A peer has eight questions answered at the same time"),
  },
  {
    name: "bans are not handed back to their finder",
    patches: [
      patch(
        "cluster/keys/bans.ts",
        "return [...this.#signed.values(), ...this.#reported.of(peer)];",
        "return [...this.#signed.values()];",
      ),
    ],
    caughtBy: toldBans("A ban that its finder has lost is handed back to it"),
  },
  {
    name: "bans of others are in memory only",
    patches: [
      patch(
        "cluster/keys/reported_bans.ts",
        "if (this.#keep(name, ban)) await this.#rows.swap(name, null, ban.encoded).catch(unlessStore);",
        "this.#keep(name, ban);",
      ),
    ],
    caughtBy: toldBans("also by who was restarted meanwhile"),
  },
  {
    name: "made-up bans of one peer hide those of others",
    patches: [
      patch("cluster/keys/reported_bans.ts", "count >= maxPerPeer", "this.#reported.size >= 1024"),
    ],
    caughtBy: toldBans("Bans.tell() keeps bans of each peer"),
  },
  {
    name: "a restored node signs at once",
    patches: [
      patch("node/restore.ts", "await markRestored(mendable(store, key, random));", ""),
    ],
    caughtBy: rollback("A node restored from a backup takes no session"),
  },
  {
    name: "a restored node signs with whoever it meets first",
    patches: [
      patch(
        "cluster/rollback/restoration.ts",
        "return compared >= Math.min(threshold, others.length);",
        "return compared >= 1;",
      ),
    ],
    caughtBy: rollback("A restored node signs once it was compared with as many others as sign"),
  },
  {
    name: "the highest generation is forgotten at a restart",
    patches: [
      patch(
        "cluster/rollback/rollbacks.ts",
        "all.push(seen);",
        "await rows.erase(name);",
      ),
    ],
    caughtBy: rollback("A disk that goes back is noticed"),
  },
  {
    name: "the generation grows at each start only",
    patches: [
      patch(
        "cluster/rollback/store_history.ts",
        "keys.onChange(() => generation.raise());",
        "void keys;",
      ),
      patch(
        "cluster/rollback/rollbacks.ts",
        "isLater(known, presence.value) || !equal(boot, known.boot)",
        "isLater(known, presence.value)",
      ),
    ],
    caughtBy: rollback("A disk that goes back is noticed"),
  },
  {
    name: "a row that nothing is told of leaves the generation where it is",
    patches: [
      patch("cluster/rollback/store_history.ts", "keys.onChange(() => generation.raise());", ""),
      patch("cluster/rollback/store_history.ts", 'return event.state === "frozen";', "return true;"),
    ],
    caughtBy: rollback("A disk that goes back past a key that was never made"),
  },
  {
    name: "a contradiction leaves the generation where it is",
    patches: [
      patch("cluster/rollback/store_history.ts", "keys.onChange(() => generation.raise());", ""),
      patch("cluster/rollback/store_history.ts", 'return event.state === "frozen";', "return true;"),
    ],
    caughtBy: history("another says no to what is active"),
  },
  {
    name: "a no leaves the generation where it is",
    patches: [patch("cluster/keys/own_rows.ts", "this.#written(over);", "this.place(over);")],
    caughtBy: history("an opened session becomes a no"),
  },
  {
    name: "what the disk has forgotten leaves the generation where it is",
    patches: [
      patch(
        "cluster/keys/own_rows.ts",
        "forgotten, (row) => this.#written(row));",
        "forgotten, (row) => this.place(row));",
      ),
    ],
    caughtBy: history("what the disk has forgotten is lost"),
  },
  {
    name: "who comes later is not told of quarantines",
    patches: [patch("cluster/keys/sync/sync.ts", "    await this.quarantines(peer);\n", "")],
    caughtBy: { file: "tests/negative/ecdsa_quarantine_test.ts", test: "quarantines() of a console shows" },
  },
  {
    name: "anybody releases another's quarantined pair, as it is shown",
    patches: [
      patch(
        "cluster/keys/reported_quarantines.ts",
        "this.take(peer, state",
        "this.take([...this.#reported.keys()][0] ?? peer, state",
      ),
    ],
    caughtBy: {
      file: "tests/cluster/keys/reported_quarantines_test.ts",
      test: "ReportedQuarantines takes a peer's word",
    },
  },
  {
    name: "quarantines of one peer are kept without end",
    patches: [patch("cluster/keys/reported_quarantines.ts", "all.slice(0, maxReportedQuarantines)", "all")],
    caughtBy: {
      file: "tests/cluster/keys/reported_quarantines_test.ts",
      test: "ReportedQuarantines takes a peer's word",
    },
  },
  {
    name: "anybody's word of a later state is believed",
    patches: [
      patch(
        "cluster/rollback/restoration.ts",
        "if (read?.by !== identity.peer || read.value.peer !== identity.peer) return;",
        "if (read?.value.peer !== identity.peer) return;",
      ),
    ],
    caughtBy: rollback("Nobody is said to have gone back"),
  },
  {
    name: "a second roster of one version is passed over in silence",
    patches: [
      patch("cluster/roster/roster_store.ts", "      this.#conflicting(before, rosterHash(roster));\n", ""),
    ],
    caughtBy: conflict("Two rosters of one version"),
  },
  {
    name: "nobody looks at which roster a new one follows",
    patches: [patch("cluster/roster/roster_store.ts", "    this.#conflicting(before, next.previous);\n", "")],
    caughtBy: conflict("A roster that follows another"),
  },
  {
    name: "strangers of one address may take all places",
    patches: [
      patch("transport/libp2p/gater.ts", "    if (origin === null) return false;", "    return false;"),
    ],
    caughtBy: origin("gater() gives the strangers of one address"),
  },
  {
    name: "each address of an IPv6 network counts for itself",
    patches: [patch("transport/libp2p/origin.ts", "const ownNetwork = 8;", "const ownNetwork = 16;")],
    caughtBy: origin("originOf()"),
  },
  {
    name: "all that a peer gossips of events is heard",
    patches: [
      patch("cluster/links/gossip.ts", " || !this.#affords(read.by, read.items)", ""),
    ],
    caughtBy: gossip("Of one peer a node hears 40 batches"),
  },
  {
    name: "an earlier start of a peer is at the cost of its latest",
    patches: [
      patch("cluster/links/gossip.ts", 'spend(by, isLatest ? "latest" : "earlier")', 'spend(by, "latest")'),
    ],
    caughtBy: gossip("Of one peer a node hears 40 batches"),
  },
  {
    name: "a batch that is said again costs its author",
    patches: [patch("cluster/links/gossip.ts", "this.#taken.has(read.by, message) || ", "")],
    caughtBy: gossip("A batch that was heard"),
  },
  {
    name: "all that a peer says of itself is passed on",
    patches: [
      patch(
        "cluster/links/gossip.ts",
        '    if (read.by !== from && !this.#budget.spend(read.by, "presence")) return "ignore";\n',
        "",
      ),
    ],
    caughtBy: gossip("Of one peer a node passes on 40 presences"),
  },
  {
    name: "what others told outlives their place in the roster",
    patches: [patch("node/assemble.ts", "rosterStore.onChange(keepMembers);", "")],
    caughtBy: {
      file: "tests/negative/removal_test.ts",
      test: "remove() leaves nothing behind of what a peer has told",
    },
  },
];
