/**
 * The rules in force: requests that this tab approves without asking its person. Each rule can be revoked.
 * @module
 */
import { clean } from "../../text/clean.ts";
import type { NameOf } from "../../text/names.ts";
import { schemeTexts } from "../../text/schemes.ts";
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

/** A rule as a sentence: whose requests it approves, and how often it has. */
export function ruleSentence({ about, readable, used }: Rule, nameOf: NameOf): string {
  const { kind, initiator, wallet, scheme } = about;
  const name = `“${clean(wallet, 64)}”`;
  const what = kind === "sign"
    ? `sign with ${name} (${schemeTexts[scheme].title}) whatever ${nameOf(initiator)} asks`
    : `hold a share of ${name} (${schemeTexts[scheme].title}) when ${nameOf(initiator)} asks`;
  const which = kind !== "sign" ? "" : readable ? ", if it can be read" : ", if it cannot be read";
  const times = used === 0 ? "Not used yet." : used === 1 ? "Used once." : `Used ${used} times.`;
  return `This tab will ${what}${which}, until the page is closed. ${times}`;
}
