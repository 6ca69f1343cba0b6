/**
 * Bugs of what a command says of itself, its coordinators, its epoch and its remarks, that the tests must find.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({ file, find, replace });
const command = (test: string) => ({ file: "tests/negative/command_test.ts", test });
const invite = (test: string) => ({ file: "tests/negative/invite_test.ts", test });
const waits = (test: string) => ({
  file: "tests/negative/places_test.ts",
  test: `sign() that waits for room ${test}`,
});
const refused = command("Commands are refused for what their signer may not ask, or not like this");
const declined = invite("Member declines an invite that is not what its command");

export const commandMutants: readonly Mutant[] = [
  {
    name: "command: its note goes out by gossip",
    patches: [
      patch("src/cluster/links/gossip.ts", "JSON.stringify(outgoing(event))", "JSON.stringify(event)"),
    ],
    caughtBy: { file: "tests/negative/remarks_test.ts", test: "nobody else receives them if it succeeds" },
  },
  {
    name: "command: a note that another peer tells is taken",
    patches: [
      patch(
        "src/cluster/events/event_schema.ts",
        'type: type("began"), deadline: time',
        'type: type("began"), deadline: time, note: v.optional(v.string())',
      ),
    ],
    caughtBy: {
      file: "tests/cluster/events/event_schema_test.ts",
      test: "readEvent() takes no note and no reference from another peer",
    },
  },
  {
    name: "command: any of its coordinators carries it out",
    patches: [
      patch(
        "src/cluster/commands/coordinator/inviting.ts",
        "turns.check(job.command, identity.peer);",
        "",
      ),
      patch("src/cluster/commands/invitation.ts", "this.turns.check(command, invite.by);", ""),
    ],
    caughtBy: refused,
  },
  {
    name: "command: anybody carries it out",
    patches: [
      patch(
        "src/cluster/commands/coordinator.ts",
        'if (!value.coordinators.includes(context.identity.peer)) throw new SessionError("not-authorized");',
        "",
      ),
    ],
    caughtBy: refused,
  },
  {
    name: "command: any of its coordinators may invite",
    patches: [patch("src/cluster/commands/invitation.ts", "this.turns.check(command, invite.by);", "")],
    caughtBy: declined,
  },
  {
    name: "command: its coordinators may be anybody, and anybody twice",
    patches: [
      patch(
        "src/cluster/commands/check_command.ts",
        'checkPeers("coordinators", command.coordinators, roster);',
        "",
      ),
    ],
    caughtBy: refused,
  },
  {
    name: "command: a coordinator invites for any epoch",
    patches: [
      patch(
        "src/cluster/commands/party.ts",
        'if (row.key!.epoch !== command.epoch) throw new SessionError("epoch-mismatch");',
        "",
      ),
    ],
    caughtBy: refused,
  },
  {
    name: "command: a member looks at the invite's epoch only",
    patches: [
      patch(
        "src/cluster/commands/invited/kind_checks.ts",
        "key!.epoch === command.epoch && key!.epoch === epoch",
        "key!.epoch === epoch",
      ),
    ],
    caughtBy: declined,
  },
  {
    name: "command: a new key of a later epoch",
    patches: [
      patch(
        "src/cluster/commands/check_command.ts",
        'generate: ["keyId", "epoch",',
        'generate: ["keyId",',
      ),
    ],
    caughtBy: command("checkCommand() names the field of a signature that a command for a new key has"),
  },
  {
    name: "command: a preimage is of any epoch",
    patches: [patch("src/cluster/records/preimage.ts", " || epoch !== command.epoch", "")],
    caughtBy: { file: "tests/negative/preimage_test.ts", test: "readPreimage() wants every signature" },
  },
  {
    name: "command: its note may hide something",
    patches: [patch("src/cluster/commands/check_command.ts", "checkRemarks(command);", "")],
    caughtBy: refused,
  },
  {
    name: "command: an id that is in use ends the session that has it",
    patches: [
      patch(
        "src/cluster/commands/initiator.ts",
        "if (before && before.content !== content) return this.#refused(command);",
        "",
      ),
    ],
    caughtBy: {
      file: "tests/negative/command_id_test.ts",
      test: "another command with it ends with id-reused",
    },
  },
  {
    name: "command: consent is for an id, whatever else it says",
    patches: [
      patch(
        "src/cluster/commands/consent.ts",
        '({ encoded }: Signed<Command>): string => hash("quorate/3/consent", encoded)',
        '({ value }: Signed<Command>): string => hash("quorate/3/consent", value.id)',
      ),
    ],
    caughtBy: {
      file: "tests/cluster/commands/consent_bounds_test.ts",
      test: "Consents ask again about a command whose note",
    },
  },
  {
    name: "command: its note is not marked as the asker's",
    patches: [
      patch(
        "web/holder/view/approve.tsx",
        "shownRemarks(request, nameOf(request.initiator))",
        "shownRemarks(request, null)",
      ),
    ],
    caughtBy: { file: "tests/web/holder/approve_test.tsx", test: "ApproveDialog says who asks for what" },
  },
  {
    name: "command: the report of a session has its note",
    patches: [patch("web/view/session/report.tsx", "events.map(outgoing)", "events")],
    caughtBy: { file: "tests/web/view/remarks_test.tsx", test: "Report has neither note nor reference" },
  },
  {
    name: "command: the end of another's session wakes nobody that waits for room",
    patches: [patch("src/cluster/commands/coordinator.ts", "    this.#places.fill();\n", "")],
    caughtBy: waits("goes on when another's session has ended here"),
  },
  {
    name: "command: what waits for room cannot be cancelled",
    patches: [
      patch(
        "src/cluster/commands/coordinator.ts",
        "this.#places.enter(job, job.stop.signal)",
        "this.#places.enter(job, new AbortController().signal)",
      ),
    ],
    caughtBy: waits("ends at once when it is cancelled"),
  },
];
