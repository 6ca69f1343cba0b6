import assert from "node:assert/strict";
import "../../mod.ts";
import { tagsInUse } from "../../src/crypto/codec.ts";

const root = new URL("../../", import.meta.url);

async function* sources(folder: URL): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (/\.tsx?$/.test(name)) yield await Deno.readTextFile(new URL(name, folder));
  }
}

/** The tag of every call of `hash` and `expand` in `src`, as often as it is there. */
async function tagsHashed(): Promise<string[]> {
  const found: string[] = [];
  for await (const source of sources(new URL("src/", root))) {
    for (const [, tag] of source.matchAll(/\b(?:hash|expand)\(\s*(?:[^"(),]+,\s*)?"([^"]+)"/g)) {
      found.push(tag!);
    }
  }
  return found.sort();
}

/** The tags in the second column of the tables. */
async function tagsTold(): Promise<string[]> {
  const page = await Deno.readTextFile(new URL("docs/hash_inputs.md", root));
  const cells = page.split("\n").filter((line) => line.startsWith("| ")).map((line) => line.split("|")[2]!);
  const tags = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, tag]) => tag!));
  return tags.map((tag) => tag.startsWith("quorate/") ? tag : `quorate/1/${tag}`).sort();
}

Deno.test("docs/hash_inputs.md has every tag that is hashed under, once, and no other", async () => {
  const hashed = await tagsHashed();
  assert.ok(hashed.length > 35, `${hashed.length} tags found`);
  assert.deepEqual(await tagsTold(), hashed);
});

Deno.test("hash() is called under each tag in one place, and under none that a record has", async () => {
  const hashed = await tagsHashed();
  assert.deepEqual(hashed.filter((tag, i) => hashed.indexOf(tag) !== i), []);
  const records = tagsInUse();
  assert.ok(records.length > 30, `${records.length} records known`);
  assert.deepEqual(hashed.filter((tag) => records.includes(tag)), []);
});
