import assert from "node:assert/strict";

const root = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, root));
const page = await read("docs/architecture.md");

/** The text below a heading, up to the next of the same rank. */
function section(title: string): string {
  const found = page.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  assert.ok(found, `a section “${title}”`);
  return found;
}

/** The files that a text names. */
const filesIn = (text: string) =>
  [...text.matchAll(/`((?:src|web|tests|docs)\/[\w./-]*\w\.(?:tsx?|md))`/g)].map(([, path]) => path!);

/** The hops of a path: `n. src/a.ts  name → name`, each a file and the names to look for in it. */
function hops(title: string): { path: string; names: string[] }[] {
  return section(title).split("\n").flatMap((line) => {
    const [, path, rest] = line.match(/^ *\d+\.? +[⇢→ ]*((?:src|web)\/[\w./-]+\.tsx?) +(.*)$/) ?? [];
    if (!path) return [];
    const spoken = rest!.split(/ {2,}|: /)[0]!;
    return [{ path, names: [...spoken.matchAll(/#?[A-Za-z]\w+/g)].map(([name]) => name) }];
  });
}

/** Whether a module declares it: a function, a class, a method, a property or a constant of that name. */
function declares(source: string, name: string): boolean {
  const plain = name.replace("#", "#?");
  return new RegExp(
    `(?:function\\*? |class |const |let |interface |async |get |static |readonly |\\n\\s+)${plain}\\b\\s*(?:[(<=:{,?]|$)`,
    "m",
  ).test(source);
}

Deno.test("docs/architecture.md: every file that it names exists", async () => {
  const files = [...filesIn(page), ...hops("The path of one signature").map(({ path }) => path)];
  assert.ok(files.length > 40, `${files.length} files`);
  for (const path of files) await assert.doesNotReject(read(path), path);
});

for (const title of ["The path of one signature", "The path of a forged share, from the wire to the card"]) {
  Deno.test(`docs/architecture.md: “${title}” names what is declared in each file`, async () => {
    const path = hops(title);
    assert.ok(path.length > 10);
    for (const { path: file, names } of path) {
      assert.ok(names.length > 0, file);
      const source = await read(file);
      for (const name of names) assert.ok(declares(source, name), `${file} declares no ${name}`);
    }
  });
}

Deno.test("docs/architecture.md: one signature is at most 25 hops through 15 files, as it says", () => {
  const path = hops("The path of one signature");
  const files = new Set(path.map(({ path }) => path));
  assert.match(
    section("The path of one signature"),
    new RegExp(`${path.length} hops through ${files.size} files`),
  );
  assert.ok(path.length <= 25, `${path.length} hops`);
  assert.ok(files.size <= 15, `${files.size} files`);
});

Deno.test("docs/architecture.md: the rooms that it lists are the folders of src/", async () => {
  const listed = section("The rooms").split("\n").flatMap((line) =>
    line.match(/^\| `src\/(\w+)\/`/)?.[1] ?? []
  );
  const folders: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL("src/", root))) {
    if (isDirectory) folders.push(name);
  }
  // Inside other rooms' stories: the tables of failures and ports, the sentences about them, the words of text,
  // and the page as files.
  const beside = ["explain", "failures", "ports", "site", "text"];
  assert.deepEqual([...listed, ...beside].sort(), folders.sort());
});

Deno.test("docs/architecture.md: a scheme is added where the tests let one be spelled", async () => {
  const [, list = ""] = section("To add something").split("**A signature scheme**");
  const named = filesIn(list.split("\n**")[0]!);
  const spelling = await read("tests/schemes/spelled_test.ts");
  for (const [, path] of spelling.match(/const tables = \[(.*?)\]/s)![1]!.matchAll(/"([^"]+)"/g)) {
    assert.ok(named.includes(path!), path);
  }
});

Deno.test("declares() sees declarations, and not mere uses", () => {
  for (
    const code of ["function f(", "export const f = 1", "class A {\n  f(x) {}", "class A {\n  async #f() {}"]
  ) {
    assert.ok(declares(code, code.includes("#") ? "#f" : "f"), code);
  }
  for (const code of ["await f();", "x.f();", "// f is", 'import { f } from "f";']) {
    assert.ok(!declares(code, "f"), code);
  }
});
