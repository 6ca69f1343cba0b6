/**
 * Bugs of the turns of a command's coordinators, that the tests must find.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/cluster/commands/${file}`,
  find,
  replace,
});
const takeover = (test: string) => ({ file: "tests/negative/takeover_test.ts", test });
const turns = "invited/coordinator_turns.ts";
const open = takeover("only when no accept for the one before is open, and never again from that one");

export const takeoverMutants: readonly Mutant[] = [
  {
    name: "takeover: accepted while an accept for the one before is open",
    patches: [patch(turns, "turn.place !== place && turn.open > 0;", "turn.place < 0;")],
    caughtBy: open,
  },
  {
    name: "takeover: the old coordinator comes back",
    patches: [
      patch(turns, "turn !== undefined && turn.place > place;", "turn !== undefined && turn.place < 0;"),
    ],
    caughtBy: open,
  },
  {
    name: "takeover: accepted while those before are there",
    patches: [patch(turns, "if (!isTurn || isOpen || isPast)", "if (isOpen || isPast)")],
    caughtBy: takeover("from none while one before it is there"),
  },
  {
    name: "takeover: accepted from whoever is not in the list",
    patches: [patch(turns, 'if (place < 0) throw new SessionError("not-authorized");', "")],
    caughtBy: takeover("from no coordinator that is not in the list"),
  },
  {
    name: "takeover: nobody follows a coordinator that is lost",
    patches: [
      patch(
        "initiator.ts",
        '!isOver && (remote.isLost || ["shutdown", "suspended"].includes(error.code))',
        "false",
      ),
    ],
    caughtBy: takeover("goes on with the next coordinator if the first dies before its go"),
  },
  {
    name: "takeover: what a member says of the attempt before is the next coordinator's failure",
    patches: [
      patch(
        "initiator/member_results.ts",
        "this.take(result, attempt.length === 0 || session.length > 0);",
        "this.take(result, attempt.length + session.length >= 0);",
      ),
    ],
    caughtBy: takeover("which the others miss later"),
  },
  {
    name: "takeover: a coordinator gives up while another is still there",
    patches: [
      patch(
        "coordinator.ts",
        "if (!isOthersTurn(error) || clock.monotonic() > job.until) throw error;",
        "throw error;",
      ),
    ],
    caughtBy: takeover("which the others still see"),
  },
];
