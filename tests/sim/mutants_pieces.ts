/**
 * Bugs in how a session cuts its messages into pieces, sends them, and joins them.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const pieces = (test: string) => ({ file: "tests/session/pieces_test.ts", test: `openWire() ${test}` });
const long = (test: string) => ({ file: "tests/session/long_message_test.ts", test: `runSession() ${test}` });
const patch = (file: string, find: string, replace: string) => ({
  file: `src/session/${file}`,
  find,
  replace,
});
const joined = (find: string, replace: string) => [patch("messages/pieces.ts", find, replace)];
const received = (find: string, replace: string) => [patch("messages/message_unsealer.ts", find, replace)];
const sent = (find: string, replace: string) => [patch("messages/message_sealer.ts", find, replace)];
const wire = (find: string, replace: string) => [patch("wire.ts", find, replace)];
const session = (find: string, replace: string) => [patch("session.ts", find, replace)];

export const piecesMutants: readonly Mutant[] = [
  {
    name: "a message may have any length",
    patches: joined("if (length > this.#maxMessage) {", "if (length < 0) {"),
    caughtBy: pieces("names whose message never ends"),
  },
  {
    name: "only one piece of a message is measured",
    patches: joined('(part === "whole" ? 0 : this.#length)', "0"),
    caughtBy: pieces("names whose message never ends"),
  },
  {
    name: "a message is used before it is whole",
    patches: joined('return part === "last" ? this.#join() : null;', "return this.#join();"),
    caughtBy: pieces("hands in a long message once its last piece has come"),
  },
  {
    name: "frames may come in any order",
    patches: received("counter === this.#next && counter < maxFrames", "counter < maxFrames"),
    caughtBy: pieces("finds the link lost when a piece is dropped"),
  },
  {
    name: "frames have no end",
    patches: received("counter === this.#next && counter < maxFrames", "counter === this.#next"),
    caughtBy: { file: "tests/session/wire_test.ts", test: "openWire() takes 1,024 frames of a peer" },
  },
  {
    name: "a piece that comes twice is joined twice",
    patches: received("if (counter < this.#next) {", "if (counter < 0) {").concat(
      received("counter === this.#next && counter < maxFrames", "counter <= this.#next"),
    ),
    caughtBy: pieces("counts a piece that comes twice"),
  },
  {
    name: "a piece that others follow may be short",
    patches: joined('if (part === "more" && bytes.length < maxPiece) {', 'if (part === "more" && false) {'),
    caughtBy: pieces("names who sends what is no piece, or pieces of another length"),
  },
  {
    name: "the last piece of a message may be the only one",
    patches: joined("(this.#length === 0 || bytes.length === 0)", "bytes.length === 0"),
    caughtBy: pieces("names who sends what is no piece, or pieces of another length"),
  },
  {
    name: "the last piece of a message may be empty",
    patches: joined("(this.#length === 0 || bytes.length === 0)", "this.#length === 0"),
    caughtBy: pieces("names who sends what is no piece, or pieces of another length"),
  },
  {
    name: "wrong pieces are nobody's fault",
    patches: received(
      'new SessionError("malformed-message", { culprits: [this.#options.peer], cause })',
      'new SessionError("link-lost", { missing: [this.#options.peer], cause })',
    ),
    caughtBy: pieces("names who sends what is no piece, or pieces of another length"),
  },
  {
    name: "an abort may be as long as any message",
    patches: wire("isControl ? maxPiece :", "isControl ? Infinity :"),
    caughtBy: pieces("names who sends an abort that takes more than one piece"),
  },
  {
    name: "a peer may send any number of messages to a protocol that has not begun",
    patches: wire("    taken.bytes += message.length;\n", ""),
    caughtBy: pieces("names who sends more to a protocol that has not begun"),
  },
  {
    name: "an abort waits for the longer message before it",
    patches: sent('      if (piece.part === "more") yield* this.#overtaking();\n', ""),
    caughtBy: pieces("sends an abort between the pieces of a longer message"),
  },
  {
    name: "every message overtakes a longer one",
    patches: sent("({ round }) => isControlRound(round)", "() => true"),
    caughtBy: pieces("sends an abort between the pieces of a longer message"),
  },
  {
    name: "an abort overtakes messages of one piece",
    patches: sent('if (piece.part === "more") yield* this.#overtaking();', "yield* this.#overtaking();"),
    caughtBy: pieces("keeps the order of messages of one piece"),
  },
  {
    name: "pieces do not wait while the stream is full",
    patches: wire("await out.channel.send(frame);", "void out.channel.send(frame);"),
    caughtBy: pieces("sends a long message in pieces, each in a frame, and waits"),
  },
  {
    name: "a message that is cut short goes on",
    patches: sent("      if (this.#isCutShort && !isControlRound(next.round)) return;\n", ""),
    caughtBy: pieces("sends nothing more of a protocol's messages once it is cut short"),
  },
  {
    name: "an abort lets the short messages pass that wait",
    patches: sent(
      "!isControlRound(next.round)) return;",
      '!isControlRound(next.round) && piece.part !== "whole") return;',
    ),
    caughtBy: pieces("sends nothing more of a protocol's messages once it is cut short"),
  },
  {
    name: "nothing at all is sent once messages are cut short",
    patches: sent("if (this.#isCutShort && !isControlRound(next.round))", "if (this.#isCutShort)"),
    caughtBy: pieces("sends nothing more of a protocol's messages once it is cut short"),
  },
  {
    name: "a session that fails sends its messages to their end",
    patches: session("      this.#wire.cutShort();\n", ""),
    caughtBy: long("sends its abort soon while a long message is under way"),
  },
  {
    name: "a session that is silenced cuts the message under way",
    patches: session(
      "    this.#out = plan.wrapWire?.(wire) ?? wire;",
      '    plan.control.silenced.addEventListener("abort", () => wire.cutShort());\n    this.#out = plan.wrapWire?.(wire) ?? wire;',
    ),
    caughtBy: {
      file: "tests/negative/ecdsa_silence_test.ts",
      test: "sign() of a long batch shows nothing of a failed check until the ban is on disk",
    },
  },
  {
    name: "a session that is silenced begins no message that it was given before",
    patches: sent("if (next === undefined) return;", "if (next === undefined || this.isSilent) return;")
      .concat(
        sent("  #isCutShort = false;", "  #isCutShort = false;\n  isSilent = false;"),
        wire(
          "  cutShort(): void {",
          "  silence() {\n    for (const { messages } of this.#outgoing.values()) messages.isSilent = true;\n  }\n  cutShort(): void {",
        ),
        session(
          "    this.#out = plan.wrapWire?.(wire) ?? wire;",
          '    plan.control.silenced.addEventListener("abort", () => wire.silence());\n    this.#out = plan.wrapWire?.(wire) ?? wire;',
        ),
      ),
    caughtBy: long("sends what it was given before it was silenced to the end"),
  },
  {
    name: "a session that is silenced takes more messages",
    patches: wire(
      "if (!silenced.aborted) wire.send(to, round, body, audience);",
      "wire.send(to, round, body, audience);",
    ),
    caughtBy: long("sends what it was given before it was silenced to the end"),
  },
  {
    name: "a session that is silenced takes short messages",
    patches: wire(
      "if (!silenced.aborted) wire.send(",
      "if (!silenced.aborted || body.length < maxPiece) wire.send(",
    ),
    caughtBy: long("sends what it was given before it was silenced to the end"),
  },
];
