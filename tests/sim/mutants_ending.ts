/**
 * Seeded bugs in when an initiator that holds no share takes its command for over after its coordinator's death.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/cluster/commands/initiator/${file}`,
  find,
  replace,
});
const run = (test: string) => ({
  file: "tests/cluster/commands/remote_command_test.ts",
  test: `run() ${test}`,
});
const death = (test: string) => ({ file: "tests/negative/coordinator_death_test.ts", test });

export const endingMutants: readonly Mutant[] = [
  {
    name: "a command is over though one survivor is still silent",
    patches: [patch("member_results.ts", "return members.every((peer) =>", "return members.some((peer) =>")],
    caughtBy: run("waits for a member that is silent"),
  },
  {
    name: "a command is over by reports of another attempt",
    patches: [patch("member_results.ts", " && result.attempt.toHex() === attempt;", " && attempt !== null;")],
    caughtBy: run("ends by no report of an earlier attempt"),
  },
  {
    name: "whoever reported an earlier attempt is not heard about the later",
    patches: [
      patch(
        "member_results.ts",
        "if (known && (known.code === null || equal(known.attempt, value.attempt))) return;",
        "void equal;\n    if (known) return;",
      ),
    ],
    caughtBy: run("ends by no report of an earlier attempt"),
  },
  {
    name: "a success without its signature is a report of the end",
    patches: [
      patch(
        "member_results.ts",
        "result !== undefined && result.code !== null &&",
        "result !== undefined &&",
      ),
    ],
    caughtBy: run("counts no success without its signature"),
  },
  {
    name: "a key is pending by a member's word",
    patches: [
      patch(
        "member_results.ts",
        "if (!await certified(this.#options.context.identity, row)) return;",
        "await certified(this.#options.context.identity, row);",
      ),
    ],
    caughtBy: run("tells of a key as pending if a member shows the votes of all"),
  },
  {
    name: "a coordinator whose stream broke is dead",
    patches: [
      patch(
        "remote_command.ts",
        "if (!network.connected().includes(coordinator) && this.#allReported()) return;",
        "if (network && coordinator && this.#allReported()) return;",
      ),
    ],
    caughtBy: run("waits for a coordinator that is still connected"),
  },
  {
    name: "a party of nobody but its coordinator has reported",
    patches: [patch("remote_command.ts", " && others.length > 0 &&", " &&")],
    caughtBy: run("waits where it knows of no party"),
  },
  {
    name: "whoever asked waits for nobody's report, and 2 s for its coordinator's death",
    patches: [
      patch("remote_command.ts", "this.#results.haveAll(others, this.#attempt);", "others.length > 99;"),
    ],
    caughtBy: {
      cells: ["crash @ go", "crash @ key reveal", "crash @ vote", "crash @ sign share"],
      most: 120,
    },
  },
  {
    name: "a member whose invite broke off reports to nobody",
    patches: [{
      file: "src/cluster/commands/member.ts",
      find: "if (error instanceof ChannelError) await this.#abandoned(invited);",
      replace: "",
    }],
    caughtBy: death(
      "sign() of who holds no share ends within 150 ms of the death of its coordinator before its go",
    ),
  },
  {
    name: "a member whose invite broke off reports to the coordinator too",
    patches: [{
      file: "src/cluster/commands/member.ts",
      find: "if (by === context.identity.peer || by === invite.by) return;",
      replace: "if (by === context.identity.peer) return;",
    }],
    caughtBy: death("A member reports to nobody that an invite broke off"),
  },
  {
    name: "another initiator's session is over for whoever looks while it runs",
    patches: [{
      file: "src/node/assembly/running_node.ts",
      find: "): Promise<null> {",
      replace: '): Promise<null> {\n  if (feed.past().at(-1)?.type !== "failed") return null;',
    }],
    caughtBy: {
      file: "tests/node/handles_test.ts",
      test: "resolves with null when that is done and not before",
    },
  },
  {
    name: "the peers of a node are new at each look",
    patches: [{
      file: "src/node/assembly/running_node.ts",
      find: "if (!isSame(this.#peers, now)) this.#peers = now;",
      replace: "this.#peers = now;",
    }],
    caughtBy: {
      file: "tests/node/handles_test.ts",
      test: "peers is the same map until something of them changes",
    },
  },
];
