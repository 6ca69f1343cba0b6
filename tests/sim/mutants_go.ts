/**
 * Bugs in accepts, gos and the streams that follow them.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const directed = (test: string) => ({ file: "tests/sim/directed_go_test.ts", test });
const unit = (test: string) => ({ file: "tests/session/go_test.ts", test });
const gate = (test: string) => ({ file: "tests/worker/consent_gate_test.ts", test });
const accepts = (test: string) => ({ file: "tests/negative/accepts_test.ts", test: `Accepts: ${test}` });
const patch = (file: string, find: string, replace: string) => ({ file: `src/${file}`, find, replace });

export const goMutants: readonly Mutant[] = [
  {
    name: "the gate draws without consent",
    patches: [patch("worker/consent_gate.ts", 'if (!consent.covers(task)) throw notCovered("draw");', "")],
    caughtBy: gate("consentGate() draws nothing but what its consent is for"),
  },
  {
    name: "a spent consent covers another draw",
    patches: [patch(
      "cluster/commands/consent/command_consent.ts",
      'this.#state !== "spent" && covers(',
      "covers(",
    )],
    caughtBy: gate("consentGate() spends a consent with the first message"),
  },
  {
    name: "a member opens by a go without its own accept",
    patches: [patch(
      "cluster/commands/member.ts",
      "|| !go.accepts.some((accept) => equal(accept.encoded, own))",
      "",
    )],
    caughtBy: directed("a member that has restarted between two accepts opens nothing"),
  },
  {
    name: "a stream is unsealed before its session is compared",
    patches: [patch(
      "cluster/links/session_streams.ts",
      "if (value.kind !== opens.kind || !equal(value.session, opens.session)) {",
      "if (value.kind !== opens.kind) {",
    )],
    caughtBy: { cells: ["equivocate @ go"] },
  },
  {
    name: "two gos are taken for a lie of whoever shows the other",
    patches: [patch(
      "cluster/links/session_streams.ts",
      "const culprits = [...new Set([opens.coordinator, ...acceptedTwice(own, other)])];",
      "const culprits = [peer];",
    )],
    caughtBy: directed("two gos of one attempt name the coordinator"),
  },
  {
    name: "a peer is believed that names another session and shows no go for it",
    patches: [patch(
      "cluster/links/session_streams.ts",
      "if (!own || !other || !equal(other.session, open.value.session) || open.value.kind !== opens.kind) {",
      "if (!own || !other) {",
    )],
    caughtBy: directed("a peer that names another session and shows no go"),
  },
  {
    name: "what was drawn for an accept that lapses is kept",
    patches: [patch(
      "cluster/commands/invitation.ts",
      "    this.#accepted?.drawn[Symbol.dispose]();\n",
      "",
    )],
    caughtBy: directed("what was drawn for an accept whose go is lost"),
  },
  {
    name: "what a coordinator has drawn for a party that falls apart is kept",
    patches: [patch(
      "cluster/commands/coordinator/proposal.ts",
      "    own[Symbol.dispose]();\n",
      "",
    )],
    caughtBy: directed("what was drawn for an accept whose accept is lost"),
  },
  {
    name: "what a coordinator has drawn is kept while a person thinks",
    patches: [patch(
      "cluster/commands/coordinator/proposal.ts",
      "      own[Symbol.dispose](); // no accept of this proposal outlives that person's thinking\n",
      "",
    )],
    caughtBy: directed("what was drawn for an accept is wiped while a person thinks"),
  },
  {
    name: "what a coordinator draws after it has heard that a person is asked is kept",
    patches: [patch(
      "cluster/commands/coordinator/proposal.ts",
      "    if (this.#over) this[Symbol.dispose]();\n",
      "",
    )],
    caughtBy: directed(
      "what was drawn for an accept is wiped while a person thinks, at a coordinator that drew after",
    ),
  },
  {
    name: "another party is proposed after a go",
    patches: [patch(
      "cluster/commands/coordinator/proposal.ts",
      "  sendGo(channels, encoded, job);\n",
      `  const sent = await Promise.allSettled([...channels.values()].map((channel) => channel.send(encoded)));
  if (sent.some(({ status }) => status === "rejected")) {
    for (const peer of channels.keys()) options.exclusions.peers.set(peer, null);
    return null;
  }
`,
    )],
    caughtBy: directed("after a go that does not reach its member"),
  },
  {
    name: "an accept counts in the place of a person's word",
    patches: [
      patch("cluster/commands/coordinator/answer.ts", '"accept" in answer && patience === late ?', "false ?"),
    ],
    caughtBy: accepts("one that comes after its member has said that it asks"),
  },
  {
    name: "a go is sent for accepts that have nearly lapsed",
    patches: [patch(
      "cluster/commands/coordinator/proposal.ts",
      "  if (answers.some((answer) => isOld(answer, context.clock))) return afterLapse(options, answers);\n",
      "",
    )],
    caughtBy: accepts("those that have nearly lapsed"),
  },
  {
    name: "a slow member is waited for again and again",
    patches: [
      patch("cluster/commands/coordinator/proposal.ts", "job.lapses++ < maxLapses", "job.lapses < maxLapses"),
    ],
    caughtBy: accepts("who is always so late"),
  },
  {
    name: "a go is sent for a command that was cancelled",
    patches: [patch(
      "cluster/commands/coordinator/proposal.ts",
      "{ attempt, accepts: signedAccepts });\n  if (signal.aborted) throw signal.reason;\n",
      "{ attempt, accepts: signedAccepts });\n",
    )],
    caughtBy: accepts("a command that is cancelled between the last one and the go"),
  },
  {
    name: "who has restarted between two accepts has lied",
    patches: [patch("session/invite.ts", "return equal(value.boot, second.boot) && !same", "return !same")],
    caughtBy: unit("acceptedTwice() names who has signed two accepts"),
  },
  {
    name: "who accepts twice in one boot is not named",
    patches: [
      patch("session/invite.ts", "&& !sameAccept(value, second) ? [by] : [];", "&& false ? [by] : [];"),
    ],
    caughtBy: unit("acceptedTwice() names who has signed two accepts"),
  },
  {
    name: "anybody may say go",
    patches: [patch("session/invite.ts", "if (go?.by !== coordinator || ", "if (go === null || ")],
    caughtBy: unit("readGo() reads no go of another"),
  },
  {
    name: "a go of another attempt opens this one",
    patches: [
      patch("session/invite.ts", "|| !equal(go.value.attempt, attempt)) return null;", ") return null;"),
    ],
    caughtBy: unit("readGo() reads no go of another"),
  },
  {
    name: "accepts of two attempts may be mixed",
    patches: [patch("session/invite.ts", " && equal(accept!.value.attempt, attempt));", ");")],
    caughtBy: unit("readGo() reads no go of another"),
  },
  {
    name: "a share is sent before its command is on disk as used",
    patches: [patch(
      "cluster/commands/session/session_plan.ts",
      "await replayGuard.add(commandKey(by, value.id), value.expires, contentOf(value).toHex());",
      "void replayGuard.add(commandKey(by, value.id), value.expires, contentOf(value).toHex());",
    )],
    caughtBy: directed("nothing of a protocol leaves before its command is on disk"),
  },
  {
    name: "a first round that does not decode is not looked for in the accepts",
    patches: [
      patch(
        "cluster/commands/session/session_plan.ts",
        "  checkFirstRounds(options, command, accepts);\n",
        "",
      ),
    ],
    caughtBy: { cells: ["garbage @ sign accept", "garbage @ key accept"] },
  },
  {
    name: "a session that fails before it hears anybody drops what it has just said",
    patches: [patch("session/wire.ts", "    this.#ends.push(ended);\n", "")],
    caughtBy: { cells: ["equivocate @ go"] },
  },
  {
    name: "what is dropped stays in the worker",
    patches: [patch(
      "worker/server.ts",
      "        drawn.get(data.run)?.task[Symbol.dispose]();\n        return",
      "        return",
    )],
    caughtBy: { file: "tests/worker/client_test.ts", test: "serveVault() wipes what is dropped" },
  },
  {
    name: "who drops what was drawn does not say so to the worker",
    patches: [patch("worker/client.ts", "    this.#remote.drop();\n", "")],
    caughtBy: {
      file: "tests/worker/client_test.ts",
      test: "workerVault() has its worker drop what was drawn",
    },
  },
];
