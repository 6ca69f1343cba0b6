/**
 * Bugs in what a node remembers of attempts, and in the streams that it keeps for them.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const attempts = (test: string) => ({ file: "tests/cluster/links/attempts_test.ts", test });
const streams = (test: string) => ({ file: "tests/cluster/links/session_streams_test.ts", test });
const negative = (test: string) => ({ file: "tests/negative/accepts_test.ts", test });
const directed = (test: string) => ({ file: "tests/sim/directed_go_test.ts", test });
const patch = (file: string, find: string, replace: string) => ({
  file: `src/cluster/${file}`,
  find,
  replace,
});
const inAttempts = (find: string, replace: string) => [patch("links/attempts.ts", find, replace)];
const inStreams = (find: string, replace: string) => [patch("links/expected_streams.ts", find, replace)];

export const attemptMutants: readonly Mutant[] = [
  {
    name: "an attempt is begun twice",
    patches: inAttempts("if (this.knows(attempt) || ", "if ("),
    caughtBy: attempts("Attempts.begin() refuses an attempt that is under way"),
  },
  {
    name: "an attempt that was accepted is expected again",
    patches: inAttempts(" || this.#accepted.has(key) ||", " ||"),
    caughtBy: directed("an attempt that was accepted is not accepted again"),
  },
  {
    name: "an accepted attempt counts as not accepted once its invite is reset",
    patches: inAttempts(
      "if (!this.#begun.delete(key)) return;",
      "if (!this.#begun.delete(key) && !this.#accepted.delete(key)) return;",
    ),
    caughtBy: negative("Accepts: who resets the stream of one"),
  },
  {
    name: "an accepted attempt is forgotten when the wall clock leaps",
    patches: inAttempts("if (kept.monotonic <= monotonic && kept.wall", "if (kept.wall"),
    caughtBy: attempts("Attempts forgets an accepted attempt when both clocks are past it"),
  },
  {
    name: "an accepted attempt is forgotten though the wall clock still lets its command in",
    patches: inAttempts(" && kept.wall <= wall) this", ") this"),
    caughtBy: attempts("Attempts forgets an accepted attempt when both clocks are past it"),
  },
  {
    name: "accepted attempts are remembered without an end",
    patches: inAttempts("this.knows(attempt) || this.#accepted.size >= maxCommandIds", "this.knows(attempt)"),
    caughtBy: attempts("Attempts refuses the next attempt when it remembers too many"),
  },
  {
    name: "one accepted attempt from a wrong clock keeps all later ones",
    patches: inAttempts("else if (!full) return;", "else return;"),
    caughtBy: attempts("Attempts forgets old attempts when full"),
  },
  {
    name: "attempts that were not accepted are all remembered",
    patches: inAttempts("if (this.#notAccepted.size > notAcceptedKept) ", "if (notAcceptedKept < 0) "),
    caughtBy: attempts("Attempts knows an accepted attempt whose invite was reset"),
  },
  {
    name: "streams of who is not in the party are kept",
    patches: inStreams(" && this.#party.includes(channel.peer) &&", " &&"),
    caughtBy: streams("SessionStreams keeps no stream before the accept"),
  },
  {
    name: "a stream is waited for though its peer left before",
    patches: inStreams("    this.#left.add(peer);\n", ""),
    caughtBy: attempts("ExpectedStreams.from() rejects for a peer that left before"),
  },
  {
    name: "who waits for a stream of an attempt that is over waits on",
    patches: inStreams("    for (const peer of [...this.#waiting.keys()]) this.left(peer);\n", ""),
    caughtBy: attempts("ExpectedStreams.drop() ends who waits"),
  },
  {
    name: "a stream that comes when the attempt is over stays open",
    patches: inStreams("!this.#dropped && ", ""),
    caughtBy: attempts("ExpectedStreams.drop() ends who waits"),
  },
  {
    name: "a peer that sends on a stream of one direction takes part",
    patches: [patch(
      "links/session_streams.ts",
      'if (await channel.receive() === null) return "ended";\n    channel.abort();\n',
      'while (await channel.receive() !== null);\n    return "ended";\n',
    )],
    caughtBy: streams("SessionStreams gives up waiting for a peer that sends something"),
  },
  {
    name: "a peer that has ended is taken for one that left",
    patches: [patch("links/session_streams.ts", '=== null) return "ended";', '=== null) return "dropped";')],
    caughtBy: streams("SessionStreams goes on waiting for a peer that ends its side"),
  },
  {
    name: "an accept does not count as open while its first round is drawn",
    patches: [patch(
      "commands/invitation.ts",
      "const places = [sessions.reserve(command.value, command.by), this.#open(invited)];",
      "const places = [sessions.reserve(command.value, command.by)];",
    )],
    caughtBy: negative("Accepts: of 100 invites of one inviter"),
  },
  {
    name: "the bytes of early streams are bounded for no node as a whole",
    patches: [patch("commands/invitation.ts", "maxAcceptsPerInviter || crowded)", "maxAcceptsPerInviter)")],
    caughtBy: negative("Accepts: of all inviters together"),
  },
  {
    name: "a data channel counts as a stream that can be held back",
    patches: [
      patch("commands/invited/early_bytes.ts", ' || kind === "memory" ?', ' || kind !== "websocket" ?'),
    ],
    caughtBy: negative("Accepts: of all inviters together"),
  },
  {
    name: "the bytes of early streams are freed by the carrier of later",
    patches: [
      patch(
        "commands/invitation.ts",
        "this.#earlyBytes += accepts * early;",
        "this.#earlyBytes += accepts * earlyBytes(this.#options.context.network, party);",
      ),
    ],
    caughtBy: negative("Accepts: of all inviters together"),
  },
];
