/**
 * What this tab's person said to a command, and to what. Pure.
 * @module
 */
import type { ApprovalRequest } from "../../mod.ts";
import { clean } from "../text/clean.ts";
import type { OwnAnswer } from "../view/page.tsx";
import type { Answered } from "./approvals.ts";
import { shownRequest } from "./shown.ts";

const said: Readonly<Record<Answered["how"], string>> = {
  accept: "You approved",
  decline: "You said no to",
  rule: "Your rule approved",
  lapsed: "You were asked and gave no answer to",
};

/** So much of a message is in the sentence, characters. */
const longest = 160;

export function answerTo({ request, how }: Answered): OwnAnswer {
  const what = whatOf(request);
  return { about: request.kind === "sign" ? what : null, sentence: `${said[how]}: ${what}.` };
}

function whatOf(request: ApprovalRequest): string {
  if (request.kind === "generate") return `holding a share of “${clean(request.wallet, 64)}”`;
  const [first] = shownRequest(request);
  if (first === undefined) return "something that was not shown";
  return first.plain
    ? `“${clean(first.text.replaceAll("\n", " ↵ "), longest)}”`
    : `${first.label}: ${clean(first.text, 32)}`;
}
