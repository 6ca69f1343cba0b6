/**
 * The JSON schema of a node's configuration: written to `node.schema.json` when this file is run (`deno task docs`).
 * @module
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import { configShape } from "../../src/cli/config.ts";

/** The place of the schema, beside the package's own files. */
export const schemaFile = new URL("../../node.schema.json", import.meta.url);

/** The text of the schema as the code has it now. */
export function configSchema(): string {
  const schema = toJsonSchema(configShape, { typeMode: "input" });
  const title = "The configuration of a Quorate node, node.json";
  return `${JSON.stringify({ ...schema, title }, null, 2)}\n`;
}

if (import.meta.main) await Deno.writeTextFile(schemaFile, configSchema());
