import assert from "node:assert/strict";
import { InputError } from "../../mod.ts";
import { plainInput } from "../../web/text/plain_input.ts";

Deno.test("plainInput() says what was wrong without the library's name of the field", () => {
  const said = (field: string, problem: string) => plainInput(new InputError(field, problem));
  assert.equal(said("passphrase", "expected the right one, found another"), "That is not the passphrase.");
  assert.equal(
    said("name", "expected visible characters, found U+202E"),
    "That name cannot be used: expected visible characters, found U+202E.",
  );
  assert.equal(
    said("backup", "expected an age file, found something else"),
    "That file cannot be used: expected an age file, found something else.",
  );
  assert.equal(
    said("node", "expected a running node, found a stopped one"),
    "node: expected a running node, found a stopped one",
  );
});
