/**
 * Writes `docs/failures.md` from the tables in `src/failures/`: `deno task docs`.
 * @module
 */
import { explain } from "../../src/explain.ts";
import {
  type FailureCode,
  type FailureRow,
  failures,
  keySafety,
  type Remedy,
  type WarningCode,
  warnings,
} from "../../src/failure.ts";
import { failureAliases } from "../../src/failures/aliases.ts";

export const path = new URL("../../docs/failures.md", import.meta.url);

const remedies: Record<Remedy, string> = {
  retry: "the same peers, a new session",
  exclude: "without the named peers",
  ban: "never again with the named peers on this key: retrying would leak it",
  fix: "the request, or a node's set-up, is to be mended first",
  stop: "this node is wrong: find out why before anything else",
};
const families = {
  culprits: ["Somebody broke the protocol", "`culprits`: shown to this node by what they sent it."],
  missing: [
    "Somebody is not there",
    "`missing`: still waited for. Silence proves nothing, and nobody is blamed.",
  ],
  claims: ["Somebody says so", "`claims`: what others say. It is shown, and nothing follows from it."],
  nobody: ["Nobody is at fault, or nobody can be named", "Names nobody."],
} as const;
const checks = {
  anyone: "anyone with the signed messages",
  recipient: "only who received the message",
  nobody: "nobody",
};

/** Codes that belong to a key generation; the others are shown as a signing tells them. */
const makingKeys = new Set<FailureCode>([
  "invalid-commitment",
  "invalid-proof",
  "invalid-dealt-share",
  "invalid-confirmation",
  "wallet-pending",
  "wallet-exists",
  "wallet-busy",
]);

const names: Record<string, string> = { A: "Alice", B: "Bob", C: "Carol" };

function row(code: FailureCode): string {
  const of: FailureRow = failures[code];
  const kind = makingKeys.has(code) ? "generate" : "sign";
  const said = explain({
    type: "failed",
    code,
    kind,
    wallet: "treasury",
    peer: "A",
    round: kind === "generate" ? "reveal" : "share",
    culprits: of.names === "culprits" ? ["B"] : [],
    missing: of.names === "missing" ? ["B"] : [],
    claims: of.names === "claims" ? [{ by: "B", code: "invalid-signature-share", peers: ["C"] }] : [],
    key: keySafety(code, kind),
    phase: "exchanging",
  }, (peer) => names[peer]!);
  return `### \`${code}\`

**${said.what}**

| | |
|---|---|
| Who | ${said.who} |
| Key | ${said.key} |
| Now | ${said.next} |
| Remedy | \`${of.remedy}\`: ${remedies[of.remedy]} |
| Checked by | ${checks[of.checkedBy]} |
| mpcium | \`${failureAliases[code].mpcium}\` |
`;
}

/** The page as it should be. */
export function failuresPage(): string {
  const codes = Object.keys(failures) as FailureCode[];
  const sections = Object.entries(families).map(([family, [title, list]]) =>
    [`## ${title}`, "", list, "", ...codes.filter((code) => failures[code].names === family).map(row)].join(
      "\n",
    )
  );
  const odd = (Object.keys(warnings) as WarningCode[]).map((code) =>
    `| \`${code}\` | 47 ${warnings[code].what}. |`
  );
  const used = Object.entries(remedies).map(([remedy, means]) => `| \`${remedy}\` | ${means} |`);
  return `<!-- Written by \`deno task docs\` from src/failures/: change it there. -->

# When it fails

Every session that does not succeed ends, at each of its peers, in exactly one \`failed\` event with one of these codes.
The sentences are those of \`explain()\`, here as Alice's node says them when it is about Bob.

A code that names culprits is \`malformed-message\`, \`unexpected-round\`, \`equivocation\` or begins with \`invalid-\`. No
other ever accuses anyone, and a node never names itself.

| remedy | means |
|---|---|
${used.join("\n")}

A ban and a freeze are of a key's shares, not of the key: they end when the key is reshared. Whoever may have cheated is
left out first of all; the key and its addresses stay. On the page that is “Change holders…” beside the key, or a button
of the failure's card; on the command line, here without Bob:

\`\`\`sh
quorate keys reshare treasury --scheme ecdsa --members alice,carol --threshold 2 --gone bob
\`\`\`

A resharing that fails leaves the key as it was. Its sentences are those of a key generation or a signature, with
“reshare” as the act.

${sections.join("\n")}
## Warnings

Something is wrong and ends nothing. They are counted, and blame nobody.

| code | reads |
|---|---|
${odd.join("\n")}
`;
}

if (import.meta.main) await Deno.writeTextFile(path, failuresPage());
