/**
 * Bugs that the tests must find: in what a node does with clocks, with the ids of commands, with hellos, with the
 * secrets of links, and with backups of many keys.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const seen = (test: string) => ({
  file: "tests/cluster/commands/replay_guard_test.ts",
  test: `ReplayGuard ${test}`,
});
const presences = (test: string) => ({
  file: "tests/cluster/rollback/presence_test.ts",
  test: `Presences${test}`,
});
const clock = (test: string) => ({ file: "tests/negative/clock_test.ts", test });

export const clocksMutants: readonly Mutant[] = [
  {
    name: "wall time never goes back at a node",
    patches: ["cluster/commands/coordinator.ts", "cluster/commands/invitation.ts"].map((file) =>
      patch(file, "context.clock.now())", "this.highest = Math.max(this.highest ?? 0, context.clock.now()))")
    ),
    caughtBy: clock("A whole cluster that was eight hours ahead"),
  },
  {
    name: "what was forgotten is taken again",
    patches: [
      patch(
        "cluster/commands/replay_guard.ts",
        "if (this.#forgotten.has(minuteOf(expires))) throw",
        "if (false) throw",
      ),
    ],
    caughtBy: seen("takes no command twice"),
  },
  {
    name: "a command is forgotten before that is on disk",
    patches: [patch(
      "cluster/commands/replay_guard.ts",
      "    await this.#writeForgotten(this.#forgotten.with(buckets.map(minuteIn)));\n",
      "",
    )],
    caughtBy: seen("has on disk what it forgets"),
  },
  {
    name: "a clock that leaps ahead makes a node forget at once",
    patches: [
      patch(
        "cluster/commands/replay_guard.ts",
        " && this.#options.monotonic() - since >= rememberedAtLeast",
        "",
      ),
    ],
    caughtBy: seen("takes a new command at once"),
  },
  {
    name: "old commands are read before they are forgotten",
    patches: [patch(
      "cluster/commands/replay_guard.ts",
      "    await guard.#forget((bucket) => guard.#isPast(minuteIn(bucket))).catch(unlessStore);\n",
      "",
    )],
    caughtBy: seen("forgets without reading"),
  },
  {
    name: "a difference of clocks is called an expired command",
    patches: [
      patch(
        "cluster/commands/check_command.ts",
        'throw new SessionError("clock-skew")',
        'throw new SessionError("expired")',
      ),
    ],
    caughtBy: clock("sign() ends as clock-skew"),
  },
  {
    name: "nobody is told that a clock is off",
    patches: [
      patch("cluster/links/hellos.ts", "    eventLog.peerTime(peer, hello.value.time);\n", ""),
      patch(
        "cluster/links/gossip.ts",
        "    context.eventLog.peerTime(read.by, read.value.time);\n",
        "",
      ),
    ],
    caughtBy: clock("Links come up between clocks"),
  },
  {
    name: "a failure does not say whose clock is how far off",
    patches: [
      patch("cluster/events/event_log.ts", "{ clocks: this.#clocks.off() } : {}", "{ clocks: [] } : {}"),
    ],
    caughtBy: clock("sign() ends as clock-skew"),
  },
  {
    name: "every boot of a peer is kept",
    patches: [patch("cluster/rollback/presence.ts", ".slice(-bootsKept)", "")],
    caughtBy: presences(" keeps a few boots"),
  },
  {
    name: "a hello of a boot that is over is taken",
    patches: [patch(
      "cluster/rollback/presence.ts",
      "    if (this.#isOver(presence)) return false;\n    return this.#take(presence);",
      "    return this.#take(presence);",
    )],
    caughtBy: presences(".takeHello()"),
  },
  {
    name: "anybody can put an old boot in the place of the latest",
    patches: [patch(
      "cluster/rollback/presence.ts",
      "if (!known && last && presence.time < last.time) return false;",
      "",
    )],
    caughtBy: presences(".takeGossip()"),
  },
  {
    name: "a link's secret that is dropped stays in memory",
    patches: [patch("cluster/links/link_secrets.ts", "    this.#secrets.get(id)?.fill(0);\n", "")],
    caughtBy: { file: "tests/cluster/links/link_secrets_test.ts", test: "LinkSecrets overwrites a secret" },
  },
  {
    name: "a session's copy of the link's secret stays in memory",
    patches: [patch(
      "session/wire.ts",
      "this.self, peer);\n    linkSecret.fill(0);\n",
      "this.self, peer);\n",
    )],
    caughtBy: { file: "tests/session/wire_test.ts", test: "openWire() overwrites the copies" },
  },
  {
    name: "the copy of the link's secret for what a peer sends stays in memory",
    patches: [patch(
      "session/wire.ts",
      "peer, this.self);\n    linkSecret.fill(0);\n",
      "peer, this.self);\n",
    )],
    caughtBy: { file: "tests/session/wire_test.ts", test: "openWire() overwrites the copies" },
  },
  {
    name: "a backup that is short of a row passes for whole",
    patches: [patch("keystore/backup/backup.ts", "if (rows.size !== count) throw", "if (false) throw")],
    caughtBy: { file: "tests/keystore/backup_test.ts", test: "readBackup() refuses one that is not whole" },
  },
  {
    name: "a backup has at most 100,000 rows",
    patches: [patch(
      "keystore/backup/backup.ts",
      "  const first = await next() ?? new Uint8Array();\n  const { peer, peerSeed: seed, storageKey, rows: count, ...rest } = headRecord.decode(first);",
      "  const first = await next() ?? new Uint8Array();\n  const { peer, peerSeed: seed, storageKey, rows: count, ...rest } = headRecord.decode(first);\n  if (count > 100_000) throw new TypeError();",
    )],
    caughtBy: { file: "tests/keystore/backup_test.ts", test: "sealBackup() makes a backup of 100001 rows" },
  },
  {
    name: "a worker goes on with a file that nobody reads any more",
    patches: [patch("worker/passphrases.ts", "    cancel: () => worker.terminate(),\n", "")],
    caughtBy: {
      file: "tests/worker/passphrases_test.ts",
      test: "workerPassphrases() locks and opens what is large piece by piece",
    },
  },
  {
    name: "a console asks for keys once",
    patches: [patch("cluster/keys/sync/key_sync.ts", "    return more ? last : null;", "    return null;")],
    caughtBy: { file: "tests/negative/many_keys_test.ts", test: "A console learns of all keys" },
  },
  {
    name: "all keys are told each time",
    patches: [patch("cluster/keys/key_index.ts", "if (changed > after) yield", "yield")],
    caughtBy: { file: "tests/cluster/keys/key_index_test.ts", test: "KeyIndex.since() gives each key once" },
  },
];
