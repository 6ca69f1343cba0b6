/**
 * The check of a command line, before its command runs: citty itself takes whatever it is given.
 * @module
 */
import { parseArgs } from "node:util";
import type { ArgDef, ArgsDef, CommandDef } from "citty";
import { InputError } from "../../errors.ts";
import { resolved } from "./command.ts";

/** A command that the first words of a command line name. */
export interface NamedCommand {
  command: CommandDef;
  /** The words that name it, the program's name first. */
  path: readonly string[];
  /** The words that follow. */
  rest: readonly string[];
}

/**
 * The command that a command line names: a group of commands, if no word of it follows.
 *
 * @throws {InputError} `command`, for an unknown one.
 */
export async function namedCommand(
  program: CommandDef,
  { name, words }: { name: string; words: readonly string[] },
): Promise<NamedCommand> {
  let command = program;
  const path = [name];
  let rest = words;
  for (;;) {
    const commands = await resolved(command.subCommands);
    const [word] = rest;
    if (!commands || word === undefined || word.startsWith("-")) return { command, path, rest };
    if (!Object.hasOwn(commands, word)) {
      throw new InputError(
        "command",
        `expected ${oneOf(commands)} after “${path.join(" ")}”, found “${word}”`,
      );
    }
    command = (await resolved(commands[word]))!;
    path.push(word);
    rest = rest.slice(1);
  }
}

const oneOf = (named: object): string => {
  const names = Object.keys(named);
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
};

/**
 * Checks the words after a command's name.
 *
 * @throws {InputError} The flag or the argument that is unknown, missing, given twice, or not one of its choices.
 */
export async function checkArguments({ command, path, rest }: NamedCommand): Promise<void> {
  const args: ArgsDef = await resolved(command.args) ?? {};
  const flags = new Map(Object.entries(args).filter(([, { type }]) => type !== "positional"));
  const { tokens } = parseArgs({
    args: [...rest],
    options: Object.fromEntries(
      [...flags].map(([name, { type }]) => [name, { type: type === "boolean" ? "boolean" : "string" }]),
    ),
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string | undefined>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const flag = flags.get(name);
    if (!flag || rawName !== `--${name}`) {
      const known = flags.size === 0 ? "no flags" : oneOf(Object.fromEntries(flagNames(flags)));
      throw new InputError(rawName, `expected ${known} of “${path.join(" ")}”, found an unknown flag`);
    }
    if (given.has(name)) throw new InputError(rawName, "expected it once, found it twice");
    given.set(name, value);
    checkValue(rawName, flag, { value, isInline: inlineValue === true });
  }
  checkWords(args, words, path);
  for (const [name, flag] of flags) {
    if (flag.required && flag.default === undefined && !given.has(name)) {
      throw new InputError(`--${name}`, `expected it (${flag.description}), found none`);
    }
  }
}

const flagNames = (flags: ReadonlyMap<string, ArgDef>): [string, true][] =>
  [...flags.keys()].map((name) => [`--${name}`, true]);

/** @throws {InputError} */
function checkValue(
  field: string,
  flag: ArgDef,
  { value, isInline }: { value: string | undefined; isInline: boolean },
): void {
  if (flag.type === "boolean") {
    if (value !== undefined) throw new InputError(field, `expected no value, found “${value}”`);
    return;
  }
  if (value === undefined) throw new InputError(field, "expected a value, found none");
  if (!isInline && value.length > 1 && value.startsWith("-")) {
    throw new InputError(
      field,
      `expected a value, found “${value}”; write ${field}=${value} if that is the value`,
    );
  }
  checkChoice(field, flag, value);
}

/** @throws {InputError} */
function checkChoice(field: string, flag: ArgDef, value: string): void {
  const choices = flag.type === "enum" ? flag.options ?? [] : [];
  if (choices.length > 0 && !choices.includes(value)) {
    throw new InputError(field, `expected ${choices.join(", ")}, found “${value}”`);
  }
}

/** Checks the arguments that have a place instead of a name. @throws {InputError} */
function checkWords(args: ArgsDef, words: readonly string[], path: readonly string[]): void {
  const places = Object.entries(args).filter(([, { type }]) => type === "positional");
  for (const [i, [name, { required, default: preset, description }]] of places.entries()) {
    if (words[i] === undefined && required !== false && preset === undefined) {
      throw new InputError(name, `expected it after “${path.join(" ")}” (${description}), found none`);
    }
  }
  const more = words[places.length];
  if (more !== undefined) {
    const most = places.length === 0 ? "no argument" : `at most ${places.length}`;
    throw new InputError("arguments", `expected ${most} after “${path.join(" ")}”, found “${more}” too`);
  }
}
