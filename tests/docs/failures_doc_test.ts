import assert from "node:assert/strict";
import { failures, warnings } from "../../src/failure.ts";
import { failuresPage, path } from "./failures_doc.ts";

Deno.test("docs/failures.md says what the tables say: run `deno task docs`", async () => {
  assert.equal(await Deno.readTextFile(path), failuresPage());
});

Deno.test("failuresPage() has every code and every warning", () => {
  const page = failuresPage();
  for (const code of Object.keys(failures)) assert.ok(page.includes(`### \`${code}\``), code);
  for (const code of Object.keys(warnings)) assert.ok(page.includes(`| \`${code}\` |`), code);
});
