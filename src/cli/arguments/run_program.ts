/**
 * One run of a program that consists of commands: help, version, or the command that its words name.
 * @module
 */
import { type CommandDef, runCommand } from "citty";
import { InputError } from "../../errors.ts";
import { checkArguments, namedCommand } from "./check_arguments.ts";
import { usageOf } from "./usage.ts";

/** A program, and where it prints. */
export interface Program {
  /** The name that is typed. */
  name: string;
  version: string;
  /** All of its commands. */
  root: CommandDef;
  /** Prints help, with colours, or the version. */
  print(text: string): void;
}

/** Runs the command that the words name. @throws {InputError} If they are wrong; then nothing has run. */
export async function runProgram(
  { name, version, root, print }: Program,
  words: readonly string[],
): Promise<void> {
  const named = await namedCommand(root, { name, words });
  const { command, path, rest } = named;
  const end = rest.indexOf("--");
  const flags = end === -1 ? rest : rest.slice(0, end);
  if (flags.includes("--help") || flags.includes("-h")) return print(await usageOf(named));
  if (path.length === 1 && rest.length === 1 && (rest[0] === "--version" || rest[0] === "-v")) {
    return print(version);
  }
  if (!command.run) {
    const [found] = rest;
    const problem = `expected a command after “${path.join(" ")}”, found`;
    const help = `${path.join(" ")} --help shows them`;
    if (found === undefined) throw new InputError("command", `${problem} none: ${help}`);
    throw new InputError(found, `${problem} an unknown flag: ${help}`);
  }
  await checkArguments(named);
  await runCommand(command, { rawArgs: [...rest] });
}
