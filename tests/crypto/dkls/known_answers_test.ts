import assert from "node:assert/strict";
import { knownAnswers, vectorsFolder } from "./known_answers.ts";

for (const [name, answers] of Object.entries(await knownAnswers())) {
  Deno.test(`DKLs23 comes to the known answers of ${name}`, async () => {
    const known = JSON.parse(await Deno.readTextFile(new URL(name, vectorsFolder)));
    assert.deepEqual(JSON.parse(JSON.stringify(answers)), known);
  });
}
