/**
 * The person's own answer to a command, for the line of its session. Pure.
 * @module
 */
import type { ApprovalRequest } from "../../mod.ts";
import { clean } from "../text/clean.ts";
import type { OwnAnswer } from "../view/page.tsx";
import type { Answered } from "./approvals.ts";
import { itemsWord, type Shown, shownRequest } from "./shown.ts";

const answers: Readonly<Record<Answered["how"], string>> = {
  accept: "You approved",
  decline: "You declined",
  rule: "Your rule approved",
  lapsed: "You did not answer",
};

/** The longest part of a message in the sentence, in characters. */
const longest = 160;

export function answerTo({ request, how }: Answered): OwnAnswer {
  const what = whatOf(request);
  const { note, reference } = request;
  const sentence = `${answers[how]}: ${what}.`;
  return { about: request.kind === "sign" ? what : null, sentence, remarks: { note, reference } };
}

function whatOf(request: ApprovalRequest): string {
  if (request.kind === "generate") return `holding a share of “${clean(request.wallet, 64)}”`;
  if (request.kind === "reshare") return `the resharing of “${clean(request.wallet, 64)}”`;
  const [first] = shownRequest(request);
  if (first === undefined) return "a request that showed nothing";
  const { length } = request.items;
  return length > 1 ? `${length} ${itemsWord(request)}, the first ${quoted(first)}` : quoted(first);
}

function quoted(first: Shown): string {
  return first.plain
    ? `“${clean(first.text.replaceAll("\n", " ↵ "), longest)}”`
    : `${first.label}: ${clean(first.text, 32)}`;
}
