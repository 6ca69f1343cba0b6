import assert from "node:assert/strict";
import { graph, source } from "./layers/graph.ts";
import { comments, identifiers, longFunctions } from "./layers/style.ts";

/** Metaphors and former names, which no identifier has: the word to use is in the glossary of docs/architecture.md. */
const formerNames = [
  /teller|telling/i,
  /roster(book|pen)/i,
  /desk/i,
  /commandsSeen/i,
  /door/i,
  /linger/i,
  /mouth/i,
  /thaw/i,
  /(kept|passing)Identity/i,
  /turn(ed)?Away/i,
  /inPublic/i,
  /^(Gave|End)$/,
  /^#(o|looking|counted|mute|muted|held|said|told|came)$/,
];

/** The same, for `src/` alone: they are good names of components on the page. */
const formerNamesInSrc = [/^(Lines|Links)$/];

/** Words that a protocol replaces by its paper's: commitment, share, signature. */
const notThePapers = /^(mine|theirs|answers?)$/;

/** Metaphors that no comment uses. */
const metaphors = /\b(tellers?|desks?|doors?|linger\w*|mouths?|thaw\w*|turn(s|ed|ing)? away|stor(y|ies))\b/i;

/** The beginnings of a clause that stands for a noun. A comment begins with the noun. */
const headless =
  /^(What|Whatever|Who|Whom|Whose|Whoever|Which|Whichever|Where|Why|How|When|(By|For|From|In|Of|On|To|Under|With) (what|which|whom|whose)|So that)\b/;

/** A `When` that begins a whole sentence: `When full, commands are refused.` */
const sentence = /^(When|Where)\b[^.:;]*,/;

async function everyFile<T>(find: (path: string, code: string) => readonly T[]): Promise<[string, T][]> {
  const found: [string, T][] = [];
  for (const path of (await graph()).keys()) {
    for (const one of find(path, await source(path))) found.push([path, one]);
  }
  return found;
}

const isFormer = (path: string, name: string) =>
  formerNames.some((former) => former.test(name)) ||
  (path.startsWith("src/") && formerNamesInSrc.some((former) => former.test(name))) ||
  (path.startsWith("src/protocol/") && notThePapers.test(name));

const isHeadless = (text: string) => headless.test(text) && !sentence.test(text);

Deno.test("style: no identifier is a metaphor or a former name", async () => {
  const all = await everyFile(identifiers);
  assert.ok(all.length > 50_000, `${all.length} identifiers were found`);
  const former = all.filter(([path, { text }]) => isFormer(path, text));
  assert.deepEqual(former.map(([path, { text, line }]) => `${path}:${line} ${text}`), []);
});

Deno.test("style: no comment uses a metaphor, or begins with a clause instead of the thing", async () => {
  const all = await everyFile(comments);
  assert.ok(all.length > 2_000, `${all.length} comments were found`);
  const hard = all.filter(([, { text }]) => metaphors.test(text) || isHeadless(text));
  assert.deepEqual(hard.map(([path, { text, line }]) => `${path}:${line} ${text.split("\n")[0]}`), []);
});

Deno.test("style: at most five functions have over 80 lines, each with its reason above it", async () => {
  const long = await everyFile((path, code) => longFunctions(path, code, 80));
  const named = long.map(([path, { name, lines }]) => `${path} ${name}: ${lines} lines`);
  assert.ok(long.length <= 5, named.join("\n"));
  for (const [path, { name, line }] of long) {
    const above = comments(path, await source(path)).filter(({ end }) => end === line - 1);
    assert.ok(
      above.some(({ text }) => text.startsWith("Long because ")),
      `${path} ${name} says why it is long`,
    );
  }
});

Deno.test("style: identifiers(), comments() and longFunctions() find what a file has, and nothing else", () => {
  const code = `/**
 * What it is.
 * @module
 */
export class Desk {
  #o = "mouth"; // in a string
  // Who asks
  // for it.
  run(): Story {
    const answer: string = \`\${this.#o}\`;
    return answer;
  }
}
export const longer = () => {
  return <p>Door</p>;
};
`;
  const path = "src/example.tsx";
  const names = identifiers(path, code).map(({ text }) => text);
  for (const name of ["Desk", "#o", "run", "Story", "answer", "longer"]) {
    assert.ok(names.includes(name), name);
  }
  assert.ok(!names.includes("mouth") && !names.includes("Door"));
  assert.deepEqual(comments(path, code), [
    { text: "What it is.\n@module", line: 1, end: 4 },
    { text: "in a string", line: 6, end: 6 },
    { text: "Who asks\nfor it.", line: 7, end: 8 },
  ]);
  assert.deepEqual(longFunctions(path, code, 3), [{ name: "run", line: 9, lines: 4 }]);
  assert.deepEqual(longFunctions(path, code, 2).map(({ name }) => name), ["run", "longer"]);
  assert.ok(isFormer("src/protocol/a.ts", "mine") && !isFormer("src/store/a.ts", "mine"));
  assert.ok(isFormer("src/cluster/a.ts", "Links") && !isFormer("web/view/a.tsx", "Links"));
  assert.ok(
    isFormer("web/a.ts", "CommandDesk") && isFormer("web/a.ts", "#looking") && !isFormer("a.ts", "counted"),
  );
  assert.ok(isHeadless("What is sent.") && isHeadless("Under which name.") && isHeadless("When it came."));
  assert.ok(!isHeadless("When full, commands are refused.") && !isHeadless("Whether it came."));
});
