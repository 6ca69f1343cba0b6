/**
 * Seeded bugs in what a cluster does with disks that go back, clocks that leap, and names that are taken.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const directed = (test: string) => ({ file: "tests/sim/directed_faults_test.ts", test });
const cells = (...cells: string[]) => ({ cells, most: 60 });

export const faultsMutants: readonly Mutant[] = [
  {
    name: "nobody compares the generations of a store",
    patches: [
      patch(
        "cluster/rollbacks.ts",
        "this.#mark(peer, store < known.store || !equal(boot, known.boot));",
        "this.#mark(peer, false);",
      ),
      patch("cluster/rollbacks.ts", "if (store === wentBack) return this.#mark(peer, true);", ""),
    ],
    caughtBy: cells("rollback @ vote", "rollback @ result"),
  },
  {
    name: "who is shown its own later presence does not believe it",
    patches: [patch("cluster/restoration.ts", '    this.#enter("rolled-back");\n', "")],
    caughtBy: cells("rollback @ vote", "rollback @ result"),
  },
  {
    name: "there are sessions with whoever has gone back",
    patches: [
      patch("cluster/history.ts", "this.restoration.check(key);", ""),
      patch("cluster/history.ts", "party.filter((peer) => this.rollbacks.back(peer))", "[] as PeerId[]"),
    ],
    caughtBy: cells("rollback @ vote", "rollback @ result"),
  },
  {
    name: "who knows that its disk went back tells its own count",
    patches: [
      patch(
        "cluster/restoration.ts",
        "this.isCopy ? wentBack : this.#o.generation.current",
        "this.#o.generation.current",
      ),
    ],
    caughtBy: directed("who knows that its disk went back says so to all"),
  },
  {
    name: "a copy of a disk says no",
    patches: [patch("cluster/sync.ts", "() => restoration.isCopy", "() => false")],
    caughtBy: directed("who knows that its disk went back says lost"),
  },
  {
    name: "a copy of a disk says no after the operator's word",
    patches: [patch("cluster/restoration.ts", "    await this.#o.doubtOpened();\n", "")],
    caughtBy: directed("who knows that its disk went back says lost"),
  },
  {
    name: "a command of another time is carried out",
    patches: [
      patch(
        "cluster/command.ts",
        "if (command.expires < now - clockSkew || command.created > now + clockSkew) {",
        "if (command.expires === command.created) {",
      ),
    ],
    caughtBy: cells("clock @ sign commit", "clock @ command"),
  },
  {
    name: "a presence of another time is not heard of a boot that is known",
    patches: [
      patch(
        "cluster/presence.ts",
        "if (!known && Math.abs(presence.time - now) > clockSkew) return false;",
        "if (Math.abs(presence.time - now) > clockSkew) return false;",
      ),
    ],
    caughtBy: cells("clock @ sign commit", "clock @ command"),
  },
  {
    name: "a presence of another time is taken of any boot",
    patches: [
      patch(
        "cluster/presence.ts",
        "if (!known && Math.abs(presence.time - now) > clockSkew) return false;\n",
        "",
      ),
    ],
    caughtBy: { file: "tests/cluster/presence_test.ts", test: "Presences.passed()" },
  },
  {
    name: "a name that is taken is given again",
    patches: [
      patch(
        "cluster/keys.ts",
        'if (this.named(name).some(({ state }) => state !== "pending")) throw new SessionError("wallet-exists");\n',
        "",
      ),
      patch("cluster/keys.ts", "if (own || (making &&", "if ((own && !own) || (making &&"),
    ],
    caughtBy: cells("rollback @ result", "clock @ vote"),
  },
  {
    name: "a page asks for a key's readiness by its name alone",
    patches: [
      {
        file: "web/pump.ts",
        find: "node.readiness({ ...key, key: key.session })",
        replace: "node.readiness(key)",
      },
    ],
    caughtBy: {
      file: "tests/web/actions_test.ts",
      test: "pump() asks for the readiness of each key by its id",
    },
  },
];
