import assert from "node:assert/strict";
import { configSchema, schemaFile } from "./config_schema.ts";

Deno.test("node.schema.json says what the code takes: run `deno task docs`", async () => {
  assert.equal(await Deno.readTextFile(schemaFile), configSchema());
});

Deno.test("configSchema() refuses unknown keys, and describes every known one", () => {
  const { properties, additionalProperties, required } = JSON.parse(configSchema());
  assert.equal(additionalProperties, false);
  assert.deepEqual(required, ["identity", "roster", "store", "listen"]);
  for (const [name, { description }] of Object.entries<{ description?: string }>(properties)) {
    assert.ok(description, name);
  }
  assert.deepEqual(properties.approve.anyOf.map((one: { const?: string }) => one.const).slice(0, 2), [
    "roster",
    "ask",
  ]);
});
