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
const unheard = (test: string) => ({ file: "tests/negative/rollback_unheard_test.ts", test });
const remembered = (test: string) => ({ file: "tests/cluster/rollback/rollbacks_test.ts", test });
const cells = (...cells: string[]) => ({ cells, most: 60 });

export const faultsMutants: readonly Mutant[] = [
  {
    name: "nobody compares the generations of a store",
    patches: [
      patch(
        "cluster/rollback/rollbacks.ts",
        "this.#mark(peer, isLater(known, presence.value) || !equal(boot, known.boot));",
        "this.#mark(peer, false);",
      ),
      patch(
        "cluster/rollback/rollbacks.ts",
        "if (store === rolledBackGeneration) return this.#mark(peer, true);",
        "",
      ),
    ],
    caughtBy: cells("rollback @ vote", "rollback @ result"),
  },
  {
    name: "who is shown its own later presence does not believe it",
    patches: [
      patch(
        "cluster/rollback/restoration.ts",
        'if (this.#state === null) this.#enter("rolled-back");',
        "if (this.#state === null) return;",
      ),
    ],
    caughtBy: cells("rollback @ vote", "rollback @ result"),
  },
  {
    name: "there are sessions with whoever has gone back",
    patches: [
      patch("cluster/rollback/store_history.ts", "this.restoration.check(key);", ""),
      patch(
        "cluster/rollback/store_history.ts",
        "party.filter((peer) => this.rollbacks.isRolledBack(peer))",
        "[] as PeerId[]",
      ),
    ],
    caughtBy: cells("rollback @ vote", "rollback @ result"),
  },
  {
    name: "who knows that its disk went back tells its own count",
    patches: [
      patch(
        "cluster/rollback/restoration.ts",
        "this.isCopy ? rolledBackGeneration : this.#options.generation.current",
        "this.#options.generation.current",
      ),
    ],
    caughtBy: directed("who knows that its disk went back says so to all"),
  },
  {
    name: "a copy of a disk says no",
    patches: [patch("cluster/keys/sync/healing.ts", "() => restoration.isCopy);", "() => false);")],
    caughtBy: directed("who knows that its disk went back says lost"),
  },
  {
    name: "a copy of a disk says no after the operator's word",
    patches: [patch("cluster/rollback/restoration.ts", "    await this.#options.doubtOpened();\n", "")],
    caughtBy: directed("who knows that its disk went back says lost"),
  },
  {
    name: "whose count has passed what it once told has not gone back",
    patches: [
      patch("cluster/rollback/restoration.ts", "generation.knows(boot, store)", "store < generation.current"),
    ],
    caughtBy: unheard("A disk that goes back is noticed after 4 starts"),
  },
  {
    name: "what a start told later than its store knows is not asked about",
    patches: [
      patch(
        "cluster/rollback/store_generation.ts",
        "return at >= 0 && count < ended;",
        "return at >= 0 && ended > 0;",
      ),
    ],
    caughtBy: remembered("StoreGeneration knows what was told"),
  },
  {
    name: "a machine that is resumed from a snapshot knows all that it has told",
    patches: [
      patch(
        "cluster/rollback/store_generation.ts",
        "this.#current + 1;\n    return",
        "Infinity;\n    return",
      ),
    ],
    caughtBy: remembered("StoreGeneration knows what was told"),
  },
  {
    name: "starts of long ago are taken for lost",
    patches: [
      patch(
        "cluster/rollback/store_generation.ts",
        "    if (count < this.#starts[0]!.began) return true;\n",
        "",
      ),
    ],
    caughtBy: remembered("StoreGeneration takes nothing for lost"),
  },
  {
    name: "of a peer the presence of its last boot alone is kept",
    patches: [
      patch(
        "cluster/rollback/rollbacks.ts",
        "filter(({ value }) => !equal(value.boot, boot))",
        "filter(() => false)",
      ),
    ],
    caughtBy: remembered("Rollbacks keeps the latest presence of each"),
  },
  {
    name: "boots of a peer are kept without end",
    patches: [
      patch("cluster/rollback/rollbacks.ts", "kept.splice(0, kept.length - bootsShown)", "kept.splice(0, 0)"),
    ],
    caughtBy: remembered("Rollbacks keeps the latest presence of each"),
  },
  {
    name: "a peer that has gone back is shown the last boot's presence alone",
    patches: [
      patch(
        "cluster/rollback/rollbacks.ts",
        "(this.#places.get(peer) ?? []).map(",
        "(this.#places.get(peer) ?? []).slice(-1).map(",
      ),
    ],
    caughtBy: unheard("A disk that goes back is noticed by the first that knows"),
  },
  {
    name: "a presence of the first version is no memory",
    patches: [
      patch(
        "cluster/rollback/presence.ts",
        "return { ...firstVersion.decode(encoded), life: 0 };",
        'throw new TypeError("Cannot decode it");',
      ),
    ],
    caughtBy: remembered("Rollbacks keeps what it remembers in a presence of the first version"),
  },
  {
    name: "what cannot be read of a peer's history is erased",
    patches: [
      patch(
        "cluster/rollback/rollbacks.ts",
        "if (seen?.by !== peer || seen.value.peer !== peer) continue;",
        "if (seen?.by !== peer || seen.value.peer !== peer) {\nawait rows.erase(name);\ncontinue;\n}",
      ),
    ],
    caughtBy: remembered("Rollbacks leaves a row that it cannot read"),
  },
  {
    name: "a life of a store goes on after its operator's word",
    patches: [
      patch("cluster/rollback/restoration.ts", "const life = this.#life + 1;", "const life = this.#life;"),
    ],
    caughtBy: { file: "tests/negative/rollback_test.ts", test: "A disk that goes back is noticed by all" },
  },
  {
    name: "after an operator's word no disk goes back any more",
    patches: [
      patch(
        "cluster/rollback/restoration.ts",
        "(life === this.#life && generation.knows(boot, store))",
        "this.#life > 0 || generation.knows(boot, store)",
      ),
    ],
    caughtBy: unheard("A disk that goes back twice is noticed twice"),
  },
  {
    name: "a backup leaves as opened what the disk under it had opened",
    patches: [patch("keystore/backup/restore_rows.ts", "  await loseOpened(rows, identity.peer);\n", "")],
    caughtBy: unheard("Whose disk went back past its vote, and was then mended"),
  },
  {
    name: "a backup takes the word away that a disk went back",
    patches: [
      patch("cluster/rollback/restoration.ts", 'if (state !== "rolled-back") await write(', "await write("),
    ],
    caughtBy: unheard("A disk that is known to have gone back stays so"),
  },
  {
    name: "an operator's word is not written over a mark that does not open",
    patches: [
      patch(
        "cluster/rollback/restoration.ts",
        "await overwrite(this.#options.rows,",
        "await write(this.#options.rows,",
      ),
    ],
    caughtBy: unheard("A mark that does not open says the worst"),
  },
  {
    name: "an operator's word for a stopped node is not written over a mark that does not open",
    patches: [patch("cluster/rollback/restoration.ts", "await overwrite(rows, {", "await write(rows, {")],
    caughtBy: remembered("confirmRestored() writes an operator's word over"),
  },
  {
    name: "a command of another time is carried out",
    patches: [
      patch(
        "cluster/commands/check_command.ts",
        "if (command.expires < now - clockSkew || command.created > now + clockSkew) {",
        "if (command.expires === command.created) {",
      ),
    ],
    caughtBy: cells("clock @ sign share", "clock @ command"),
  },
  {
    name: "a presence of another time is not heard of a boot that is known",
    patches: [
      patch(
        "cluster/rollback/presence.ts",
        "if (!known && Math.abs(presence.time - now) > clockSkew) return false;",
        "if (Math.abs(presence.time - now) > clockSkew) return false;",
      ),
    ],
    caughtBy: cells("clock @ sign share", "clock @ command"),
  },
  {
    name: "a presence of another time is taken of any boot",
    patches: [
      patch(
        "cluster/rollback/presence.ts",
        "if (!known && Math.abs(presence.time - now) > clockSkew) return false;\n",
        "",
      ),
    ],
    caughtBy: { file: "tests/cluster/rollback/presence_test.ts", test: "Presences.takeGossip()" },
  },
  {
    name: "a name that is taken is given again",
    patches: [
      patch(
        "cluster/keys/name_reservations.ts",
        'if (usable) throw new SessionError("wallet-exists");\n',
        "",
      ),
      patch("cluster/keys/name_reservations.ts", "if (own || (other &&", "if ((own && !own) || (other &&"),
    ],
    caughtBy: cells("rollback @ result", "clock @ vote"),
  },
  {
    name: "a page asks for a key's readiness by its name alone",
    patches: [
      {
        file: "web/node/pump.ts",
        find: "node.readiness({ ...key, keyId: key.session })",
        replace: "node.readiness(key)",
      },
    ],
    caughtBy: {
      file: "tests/web/node/actions_test.ts",
      test: "pump() asks for the readiness of each key by its id",
    },
  },
  {
    name: "whoever stops says that others are away, or that it was too late",
    patches: [
      patch(
        "cluster/commands/initiator/remote_command.ts",
        'if (stopping.aborted) throw new SessionError("shutdown");',
        "",
      ),
      patch(
        "cluster/commands/initiator/remote_command.ts",
        'throw stopping.aborted ? new SessionError("shutdown") : this.#late();',
        "throw this.#late();",
      ),
    ],
    caughtBy: {
      file: "tests/negative/codes_test.ts",
      test: "sign() at a node that stops before its command",
    },
  },
  {
    name: "a pending key is asked about at everybody",
    patches: [
      patch(
        "cluster/keys/sync/healing.ts",
        "network.connected().filter((peer) => members.has(peer))",
        "network.connected().filter(() => members)",
      ),
    ],
    caughtBy: {
      file: "tests/negative/healing_test.ts",
      test: "A pending key is asked about at its members alone",
    },
  },
  {
    name: "a stream is waited for that a peer which is gone was to open",
    patches: [
      patch("cluster/links/session_streams.ts", "this.#attempts.streams(attempt)?.left(peer);", "void peer;"),
    ],
    caughtBy: {
      file: "tests/cluster/links/session_streams_test.ts",
      test: "SessionStreams.incoming() does not wait",
    },
  },
];
