/**
 * Bugs in asking for consent, in the gate before a vault and in how one command makes way for another.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const caughtBy = (test: string) => ({ file: "tests/negative/consent_test.ts", test: `Consent: ${test}` });
const hostile = (test: string) => ({
  file: "tests/negative/consent_hostile_test.ts",
  test: `Consent: ${test}`,
});
const bounds = (test: string) => ({ file: "tests/cluster/commands/consent_bounds_test.ts", test });
const gate = (test: string) => ({ file: "tests/worker/consent_gate_test.ts", test });
const patch = (file: string, find: string, replace: string) => ({ file: `src/${file}`, find, replace });

export const consentMutants: readonly Mutant[] = [
  {
    name: "consent: a coordinator does not ask itself",
    patches: [patch(
      "cluster/commands/invitation.ts",
      "const consent = await consents.given(",
      "const consent = invite.by === context.identity.peer ? { covers: () => true, take: () => ({ spend() {}, [Symbol.dispose]() {} }) } : await consents.given(",
    )],
    caughtBy: caughtBy("a coordinator asks itself before its share is used, whoever names it (ed25519)"),
  },
  {
    name: "consent: a coordinator does not ask itself, as the simulation sees it",
    patches: [patch(
      "cluster/commands/invitation.ts",
      "const consent = await consents.given(",
      "const consent = invite.by === context.identity.peer ? { covers: () => true, take: () => ({ spend() {}, [Symbol.dispose]() {} }) } : await consents.given(",
    )],
    caughtBy: { cells: ["foreign @ command"] },
  },
  {
    name: "consent: a further proposal of a command asks again",
    patches: [patch("cluster/commands/consent.ts", "if (known) return known;", "")],
    caughtBy: caughtBy("who asks is not asked, and a person that takes ten seconds is asked once"),
  },
  {
    name: "consent: a signature by the own key counts as having asked for it here",
    patches: [patch(
      "cluster/commands/consent.ts",
      "if (known) return known;",
      "if (known) return known;\n    if (proposed.command.by === self) return new CommandConsent(proposed);",
    )],
    caughtBy: caughtBy("a command of the own key that this node did not ask for"),
  },
  {
    name: "consent: a new key is not asked about",
    patches: [patch(
      "cluster/commands/consent.ts",
      "const ruled = this.#byRule(proposed);",
      'const ruled = proposed.command.value.kind === "generate" ? "accept" : this.#byRule(proposed);',
    )],
    caughtBy: caughtBy("an allow-list says yes"),
  },
  {
    name: "consent: who is asked keeps the command's place",
    patches: [patch(
      "cluster/commands/coordinator/inviting.ts",
      'job.stop.abort(new SessionError("overloaded"));\n    this.#places.leave(job);',
      'job.stop.abort(new SessionError("overloaded"));',
    )],
    caughtBy: caughtBy("people who think hold up nobody else's commands"),
  },
  {
    name: "consent: who did not answer could not be reached",
    patches: [patch(
      "cluster/commands/coordinator/proposal.ts",
      '"unanswered" in answer ? [answer.peer] : []',
      '"unanswered" in answer && !answer ? [job.command.by] : []',
    )],
    caughtBy: caughtBy("nobody answered is unanswered"),
  },
  {
    name: "consent: after a person's yes nobody is invited once more",
    patches: [
      patch(
        "cluster/commands/coordinator/proposal.ts",
        '"consented" in answer)) return "again";',
        '"consented" in answer)) return null;',
      ),
    ],
    caughtBy: caughtBy("who asks is not asked, and a person that takes ten seconds is asked once"),
  },
  {
    name: "consent: a question stays open though nobody waits for it",
    patches: [patch(
      "cluster/commands/consent.ts",
      "if (question.waiting === 0 && open) void this.#withdrawSoon(question);",
      "",
    )],
    caughtBy: caughtBy("a question is withdrawn when nobody waits"),
  },
  {
    name: "consent: a digest passes beside a message",
    patches: [
      patch(
        "schemes/verifying/ecdsa_verifying.ts",
        "if (digest.length > 0 && message.length > 0) {",
        "if (false) {",
      ),
    ],
    caughtBy: hostile("an item is a message or a digest"),
  },
  {
    name: "consent: after the coordinator's own no others are asked",
    patches: [patch(
      "cluster/commands/coordinator/inviting.ts",
      "if (exclusions.peers.has(self)) throw noParty(exclusions, command.value);",
      "",
    )],
    caughtBy: hostile("after the coordinator's own no nobody else is asked"),
  },
  {
    name: "consent: a new roster voids a person's yes",
    patches: [
      patch(
        "cluster/commands/coordinator/proposal.ts",
        'if (isNewRoster(context, job, invited, answers)) return "again";',
        "",
      ),
    ],
    caughtBy: hostile("a roster that changes while a person thinks"),
  },
  {
    name: "consent: the go is not held against the roster of its moment",
    patches: [patch("cluster/commands/member.ts", "invitation.stands(invited);", "")],
    caughtBy: hostile("the go of a command whose initiator was taken out"),
  },
  {
    name: "consent: one member's word ends the time of all",
    patches: [patch(
      "cluster/commands/coordinator/answer.ts",
      "return { peer, declined: { by: peer, code, peers } };\n  }\n  const asking",
      'return code === "unanswered"\n      ? { peer, unanswered: true }\n      : { peer, declined: { by: peer, code, peers } };\n  }\n  const asking',
    )],
    caughtBy: hostile("a member that says at once that its person did not answer"),
  },
  {
    name: "the same invite twice takes the streams of its session",
    patches: [
      patch(
        "cluster/commands/member.ts",
        "if (!streams.begin(invited.attempt)) {",
        "if (!streams.begin(invited.attempt) && false) {",
      ),
    ],
    caughtBy: caughtBy("the same invite twice leaves the session"),
  },
  {
    name: "the gate lets a task with another payload through",
    patches: [
      patch(
        "cluster/commands/consent/command_consent.ts",
        'hash("quorate/1/consent-item", options, payload,',
        'hash("quorate/1/consent-item", options,',
      ),
    ],
    caughtBy: gate("consentGate() draws nothing but what its consent is for"),
  },
  {
    name: "the gate lets a task with another key through",
    patches: [
      patch(
        "cluster/commands/consent/command_consent.ts",
        "  if (!equal(task.keyId, covered.keyId)) return false;\n",
        "",
      ),
    ],
    caughtBy: gate("consentGate() draws nothing but what its consent is for"),
  },
  {
    name: "the gate lets a task with another child through",
    patches: [
      patch(
        "cluster/commands/consent/command_consent.ts",
        "payload, path.length, ...path)",
        "payload)",
      ),
    ],
    caughtBy: gate("consentGate() draws nothing but what its consent is for"),
  },
  {
    name: "the gate lets a task with other options of its scheme through",
    patches: [
      patch(
        "cluster/commands/consent/command_consent.ts",
        'hash("quorate/1/consent-item", options,',
        'hash("quorate/1/consent-item", payload.subarray(0, 0),',
      ),
    ],
    caughtBy: gate("consentGate() draws nothing but what its consent is for"),
  },
  {
    name: "a consent is never spent",
    patches: [patch("worker/consent_gate.ts", "      use.spend();\n", "")],
    caughtBy: gate("consentGate() spends a consent with the first message"),
  },
  {
    name: "a consent outlives the call that asked",
    patches: [patch("cluster/commands/consent.ts", "        consent.withdraw();\n", "")],
    caughtBy: gate("Consents: what is asked for here is consented to until"),
  },
  {
    name: "of two who ask for one name nobody gives way",
    patches: [
      patch(
        "cluster/keys/name_reservations.ts",
        "if (before && command < before.command) before.giveWay?.();",
        "",
      ),
    ],
    caughtBy: {
      file: "tests/cluster/commands/busy_test.ts",
      test: "generateKey() of one name by two at the same moment",
    },
  },
  {
    name: "consent: an invite is sent for a party that has fallen apart",
    patches: [
      patch(
        "cluster/commands/coordinator/answer.ts",
        "if (over.aborted) {\n      channel.abort();\n      return { peer, dropped: true };\n    }",
        "",
      ),
    ],
    caughtBy: hostile("an invite whose stream opens when the party has fallen apart"),
  },
  {
    name: "consent: a coordinator tells each time that somebody is being asked",
    patches: [
      patch(
        "cluster/commands/coordinator/answer.ts",
        "if (patience === soon) question.asking(peer);",
        "question.asking(peer);",
      ),
    ],
    caughtBy: hostile("a coordinator tells once that somebody is being asked"),
  },
  {
    name: "consent: one initiator has people asked without end",
    patches: [
      patch(
        "cluster/commands/coordinator/inviting.ts",
        "if (waiting.length > maxAskingPerInitiator) job",
        "if (false) job",
      ),
    ],
    caughtBy: hostile("a coordinator tells once that somebody is being asked"),
  },
  {
    name: "consent: a person is asked about one command without end",
    patches: [
      patch("cluster/commands/consent.ts", "if (times >= maxTimesAsked) throw", "if (times < 0) throw"),
    ],
    caughtBy: bounds("Consents ask about one command three times at most"),
  },
  {
    name: "consent: answers to one initiator are kept without end",
    patches: [
      patch(
        "cluster/commands/consent.ts",
        "if (full || decisions.length >= maxAnswersPerInitiator)",
        "if (full)",
      ),
    ],
    caughtBy: bounds("Consents keep so many answers to one initiator"),
  },
  {
    name: "consent: answers are kept though nothing can come of them any more",
    patches: [
      patch(
        "cluster/commands/consent.ts",
        "if (expires + clockSkew < now) this.#known.delete(key);",
        "if (now < 0) this.#known.delete(key);",
      ),
    ],
    caughtBy: bounds("Consents keep so many answers to one initiator"),
  },
];
