import assert from "node:assert/strict";
import { InputError } from "../../../mod.ts";
import { plainInput } from "../../../web/text/plain_input.ts";

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

Deno.test("plainInput() counts the items of a batch from 1, and names their field", () => {
  const of = (field: string, problem: string) => plainInput(new InputError(field, problem));
  assert.equal(
    of("items[3].message", "expected bytes, found none"),
    "Message 4: expected bytes, found none.",
  );
  assert.equal(
    of("items[0].digest", "expected 32 bytes, found 0"),
    "Message 1, digest: expected 32 bytes, found 0.",
  );
  assert.equal(
    of("items", "expected 1 to 256, found 257"),
    "These cannot be signed together: expected 1 to 256, found 257.",
  );
});
