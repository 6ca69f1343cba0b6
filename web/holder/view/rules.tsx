/**
 * The rules in force: what this tab signs, or takes part in, without asking its person; each can be taken back.
 * @module
 */
import { clean } from "../../text/clean.ts";
import { curveTitles, type NameOf } from "../../text/names.ts";
import type { Rule } from "../approvals.ts";

export function Rules({ rules, nameOf, onForget }: {
  rules: readonly Rule[];
  nameOf: NameOf;
  onForget: (id: number) => void;
}) {
  if (rules.length === 0) return null;
  return (
    <section class="nag rules" aria-labelledby="rules-title">
      <h2 id="rules-title">Without asking you</h2>
      <ul>
        {rules.map((rule) => (
          <li key={rule.id}>
            <span>{ruleSentence(rule, nameOf)}</span>
            <button type="button" class="quiet" onClick={() => onForget(rule.id)}>Ask me again</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What a rule allows whom, and how often it has. */
export function ruleSentence({ about, readable, used }: Rule, nameOf: NameOf): string {
  const { kind, initiator, wallet, curve } = about;
  const name = `“${clean(wallet, 64)}”`;
  const what = kind === "sign"
    ? `sign with ${name} (${curveTitles[curve]}) whatever ${nameOf(initiator)} asks`
    : `hold a share of ${name} (${curveTitles[curve]}) when ${nameOf(initiator)} asks`;
  const which = kind !== "sign" ? "" : readable ? ", if it can be read" : ", if it cannot be read";
  const times = used === 0 ? "Not used yet." : used === 1 ? "Used once." : `Used ${used} times.`;
  return `This tab will ${what}${which}, until the page is closed. ${times}`;
}
