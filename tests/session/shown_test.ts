import assert from "node:assert/strict";
import { maxShown, maxShownItems } from "../../src/limits.ts";
import { allOrNone } from "../../src/session/shown.ts";

const messages = (count: number, length: number) =>
  Array.from({ length: count }, () => new Uint8Array(length));

Deno.test("allOrNone() gives all of what was shown, or nothing where one message or one byte is too many", () => {
  for (const fitting of [messages(maxShownItems, 1), messages(1, maxShown), messages(2, maxShown / 2)]) {
    assert.deepEqual(allOrNone(fitting), fitting);
    assert.equal(allOrNone([...fitting, new Uint8Array(maxShown)]), null);
  }
  assert.equal(allOrNone(messages(maxShownItems + 1, 1)), null, "one message more");
  assert.equal(allOrNone([...messages(1, maxShown), new Uint8Array(1)]), null, "one byte more");
});
