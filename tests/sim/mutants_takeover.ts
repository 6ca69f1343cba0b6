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
const split = (test: string) => ({ file: "tests/negative/takeover_split_test.ts", test });
const ends = (test: string) => ({ file: "tests/negative/takeover_ends_test.ts", test });
const given = takeover("takes nothing before the turn that the initiator gives");
const turns = "invited/coordinator_turns.ts";
const open = takeover("only when no accept for the one before is open, and never again from that one");

export const takeoverMutants: readonly Mutant[] = [
  {
    name: "takeover: accepted while an accept for another order is open",
    patches: [
      patch(
        turns,
        "turn !== undefined && isOpenToOther(",
        "turn !== undefined && turn.place < 0 && isOpenToOther(",
      ),
    ],
    caughtBy: takeover("compares no places of two lists"),
  },
  {
    name: "takeover: the old coordinator comes back",
    patches: [patch(turns, "return place < turn.place;", "return turn.place < 0;")],
    caughtBy: open,
  },
  {
    name: "takeover: accepted without the initiator's word",
    patches: [patch(turns, "if (place > 0 && !isGiven || isOpen || isPast)", "if (isOpen || isPast)")],
    caughtBy: takeover("from no later one that the initiator has not named"),
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
        "initiator/coordinators_in_turn.ts",
        "const mayGoOn = isGone && (!isLast || isBack);",
        "const mayGoOn = isGone && isLast && isBack;",
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
        "coordinator/inviting.ts",
        "if (!isOthersTurn(error) || clock.monotonic() > job.until) throw error;",
        "throw error;",
      ),
    ],
    caughtBy: takeover("waits for a coordinator that waits for its turn"),
  },
  {
    name: "takeover: goes on though as many as can sign do not answer",
    patches: [
      patch(
        "initiator/earlier_command.ts",
        'if (!early) throw new SessionError("outcome-unknown", { missing: silent });',
        "if (!early) return null;",
      ),
    ],
    caughtBy: split("ends with outcome-unknown where as many holders as sign do not answer"),
  },
  {
    name: "takeover: a node that has just started waits for no holder",
    patches: [patch("initiator/earlier_command.ts", "options.started + findingMs;", "options.started;")],
    caughtBy: split("just after a start waits for the holders"),
  },
  {
    name: "takeover: the threshold counts one holder more",
    patches: [
      patch("initiator/possible_parties.ts", "others.length >= needed", "others.length > needed"),
    ],
    caughtBy: split("to no other coordinator where the first is lost with so many that they can sign"),
  },
  {
    name: "takeover: with chosen signers nobody else can have carried it out",
    patches: [
      patch(
        "initiator/possible_parties.ts",
        'if (signers.length > 0 && under === "wanted") return',
        "if (signers.length > 0) return",
      ),
    ],
    caughtBy: split("with signers that did not sign before"),
  },
  {
    name: "takeover: an id is asked about at the holders of one key only",
    patches: [
      patch(
        "initiator/earlier_command.ts",
        'under === "any" ? [...own, ...holdersOf(options)] : own',
        "own",
      ),
    ],
    caughtBy: split("asks that one's holders too"),
  },
  {
    name: "takeover: an id that was asked about counts as one that was not",
    patches: [patch("initiator.ts", 'used.under = "wanted";', "")],
    caughtBy: split("waits for nobody else"),
  },
  {
    name: "takeover: those that answer go on taking from the first",
    patches: [
      patch(
        "outcome/outcome_server.ts",
        "return turns.moveTo(initiator, key, turn) ? {",
        'return key !== "" ? {',
      ),
    ],
    caughtBy: given,
  },
  {
    name: "takeover: an id is asked for anew without a word to those that answer",
    patches: [
      patch(
        "initiator/earlier_command.ts",
        "peers.every((peer) => unaware.has(peer) ||",
        "peers.every((peer) => true ||",
      ),
    ],
    caughtBy: split("what comes of the first order later is refused"),
  },
  {
    name: "takeover: an accept that is open counts as nothing",
    patches: [
      patch(
        "outcome/outcome_server.ts",
        "const open = turns.open(key);",
        "const open = turns.open(initiator);",
      ),
    ],
    caughtBy: given,
  },
  {
    name: "takeover: the initiator's word does not give a turn",
    patches: [patch(turns, "if (place > 0 && !isGiven || isOpen", "if (place > 0 || isOpen")],
    caughtBy: given,
  },
  {
    name: "takeover: an order that the initiator has replaced is taken",
    patches: [
      patch(
        turns,
        "return turn.givenBy !== null || turn.created === null ||",
        "return turn.created !== null &&",
      ),
    ],
    caughtBy: given,
  },
  {
    name: "takeover: places of two lists are compared",
    patches: [patch(turns, "if (isOf(turn, command)) return", "if (isOf(turn, command) || turn) return")],
    caughtBy: takeover("compares no places of two lists"),
  },
  {
    name: "takeover: the former of two orders comes back",
    patches: [patch(turns, "command.value.created <= turn.created;", "command.value.created < 0;")],
    caughtBy: takeover("compares no places of two lists"),
  },
  {
    name: "takeover: one initiator gives any number of turns",
    patches: [patch(turns, "this.#givenBy(initiator) >= maxTurnsGiven", "this.#givenBy(initiator) < 0")],
    caughtBy: takeover("are kept in a number"),
  },
  {
    name: "takeover: turns of commands that were carried out take the place of others",
    patches: [patch(turns, " && !this.#replayGuard.carried(key)) given++;", ") given++;")],
    caughtBy: takeover("are kept in a number"),
  },
  {
    name: "takeover: an order of which nothing can come leaves its turn",
    patches: [
      patch("coordinator/inviting.ts", "turns.invite(job, identity.peer)", "turns.take(job, identity.peer)"),
    ],
    caughtBy: takeover("only where it has accepted its own invite"),
  },
  {
    name: "takeover: a turn in which the coordinator has accepted is forgotten",
    patches: [patch(turns, "if (isNew && this.#turns.get(key) === turn)", "if (isNew)")],
    caughtBy: takeover("only where it has accepted its own invite"),
  },
  {
    name: "takeover: a coordinator that has forgotten the order does not get it again",
    patches: [
      patch(
        "initiator/coordinators_in_turn.ts",
        "isThere && givenAgain < mostGivenAgain;",
        "isThere && givenAgain < 0;",
      ),
    ],
    caughtBy: takeover("one that alone may carry it out, and gets it again"),
  },
  {
    name: "takeover: a turn is given once, to those that answer",
    patches: [
      patch("initiator/coordinators_in_turn.ts", "place > 0 ? givingAgain(", "place < 0 ? givingAgain("),
    ],
    caughtBy: split("later to a holder that it did not reach at first"),
  },
  {
    name: "takeover: a word of the initiator that comes late takes a turn back",
    patches: [patch(turns, "known.place > place) return true;", "known.place < 0) return true;")],
    caughtBy: given,
  },
  {
    name: "takeover: what is cancelled during the questions is begun",
    patches: [
      patch(
        "initiator/earlier_command.ts",
        'if (cancelled.aborted) throw new SessionError("cancelled");',
        "",
      ),
      patch(
        "initiator/coordinators_in_turn.ts",
        'if (cancelled.aborted) throw new SessionError("cancelled");',
        "",
      ),
    ],
    caughtBy: ends("keeps it from the next coordinator, and from the first"),
  },
  {
    name: "takeover: whoever waits no longer tells no coordinator",
    patches: [patch("initiator/coordinators_in_turn.ts", "if (isLate(error)) void cancelAt(", "void (")],
    caughtBy: ends("that ends because nobody has answered in time is not signed later"),
  },
  {
    name: "takeover: what is cancelled at once is handed over",
    patches: [
      patch(
        "initiator/coordinators_in_turn.ts",
        'if (cancelled.aborted) throw new SessionError("cancelled");',
        "",
      ),
      patch(
        "initiator/remote_command.ts",
        'if (cancelled.aborted) throw new SessionError("cancelled");',
        "",
      ),
    ],
    caughtBy: ends("at once keeps a command from every coordinator"),
  },
  {
    name: "takeover: what is cancelled while a stream is opened is handed over",
    patches: [
      patch(
        "initiator/remote_command.ts",
        'if (cancelled.aborted) throw new SessionError("cancelled");',
        "",
      ),
    ],
    caughtBy: ends("while a stream to a coordinator is opened keeps the command from it"),
  },
  {
    name: "takeover: what is cancelled without a stream is asked about no more",
    patches: [
      patch(
        "initiator/coordinators_in_turn.ts",
        "const mayGoOn = isGone && (!isLast || isBack);",
        "const mayGoOn = isGone && !cancelled.aborted && (!isLast || isBack);",
      ),
    ],
    caughtBy: ends("while the stream to a coordinator is broken ends the command there"),
  },
  {
    name: "takeover: a coordinator that waits for its turn is silent",
    patches: [
      patch("command_server.ts", "await sendNoEvents(this.#context, channel);", "await Promise.resolve();"),
    ],
    caughtBy: takeover("waits for a coordinator that waits for its turn"),
  },
  {
    name: "takeover: a turn that was given stays, whatever is asked later",
    patches: [
      patch("outcome/outcome_server.ts", 'isDamaged || turns.has(key) ? "earlier" : "unknown"', '"unknown"'),
    ],
    caughtBy: split("though the order before was given a turn"),
  },
  {
    name: "takeover: an order that was handed over counts as one that was not",
    patches: [patch("initiator/coordinators_in_turn.ts", "isHandedOver ||= remote.isHandedOver;", "")],
    caughtBy: split("gives the order to no other coordinator where the first is lost with so many"),
  },
  {
    name: "takeover: an order that nobody was given may have been carried out",
    patches: [
      patch("initiator/coordinators_in_turn.ts", 'isHandedOver ? "wanted" : "none"', '"wanted"'),
    ],
    caughtBy: {
      file: "tests/negative/codes_test.ts",
      test: "name all who are not there when nothing was handed over",
    },
  },
];
