/**
 * The help of a command: what it takes, and examples.
 * @module
 */
import { type CommandDef, renderUsage } from "citty";
import type { CommandWords } from "./command.ts";
import type { NamedCommand } from "./check_arguments.ts";

/** The help of a command, with colours. */
export async function usageOf({ command, path }: Pick<NamedCommand, "command" | "path">): Promise<string> {
  const meta = command.meta as CommandWords;
  const parent: CommandDef = { meta: { name: path.slice(0, -1).join(" ") } };
  const name = path.at(-1)!;
  const usage = await renderUsage({ ...command, meta: { ...meta, name } }, parent);
  const examples = meta.examples.map((line) => `  ${path[0]} ${line}`.trimEnd());
  const lines = usage.trimEnd().split("\n").map((line) => line.trimEnd());
  return [...lines, "", examples.length === 1 ? "EXAMPLE" : "EXAMPLES", "", ...examples].join("\n");
}
