/**
 * The completions of a program for a shell: a script that knows its commands, flags and choices. It starts
 * nothing while a person types, and evaluates nothing of what is typed.
 * @module
 */
import type { ArgDef, CommandDef } from "citty";
import { resolved } from "./command.ts";

/** The shells that there is a script for. */
export const shells = ["bash", "zsh", "fish"] as const;
/** One of them. */
export type Shell = typeof shells[number];

/** A word that can be typed, and what it means. */
interface Word {
  word: string;
  description: string;
}

/** A flag of a command. */
interface Flag extends Word {
  takesValue: boolean;
  choices: readonly string[];
}

/** A command, or a group of them. */
interface Node {
  /** The words that name it, without the program's. */
  path: readonly string[];
  commands: Word[];
  flags: Flag[];
}

const help: Flag = { word: "--help", description: "Show help", takesValue: false, choices: [] };
const version: Flag = { ...help, word: "--version", description: "Show the version" };

/** The script that completes a program's words. */
export async function completionScript(root: CommandDef, name: string, shell: Shell): Promise<string> {
  const nodes = await nodesOf(root, []);
  if (shell === "fish") return fishScript(nodes, name);
  const lines = posixScript(nodes, name);
  const load = shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  return `${load}${lines}`;
}

async function nodesOf(command: CommandDef, path: readonly string[]): Promise<Node[]> {
  const commands = Object.entries(await resolved(command.subCommands) ?? {});
  const node: Node = { path, commands: [], flags: [] };
  const below: Node[] = [];
  for (const [word, one] of commands) {
    const sub = (await resolved(one))!;
    const { description = "" } = await resolved(sub.meta) ?? {};
    node.commands.push({ word, description });
    below.push(...await nodesOf(sub, [...path, word]));
  }
  const own = path.length === 0 ? [help, version] : [help];
  node.flags = [...Object.entries(await resolved(command.args) ?? {}).flatMap(flagOf), ...own];
  return [node, ...below];
}

function flagOf([name, definition]: [string, ArgDef]): Flag[] {
  const { type, description = "" } = definition;
  if (type === "positional") return [];
  const choices = type === "enum" ? definition.options ?? [] : [];
  return [{ word: `--${name}`, description, takesValue: type !== "boolean", choices }];
}

/** A word in single quotes, for any of these shells. */
const quoted = (text: string): string => `'${text.replaceAll("'", "’")}'`;

const words = (all: readonly Word[]): string => quoted(all.map(({ word }) => word).join(" "));

/** Bash, and zsh in its emulation: an empty answer leaves the word to the completion of file names. */
function posixScript(nodes: readonly Node[], name: string): string {
  const places = nodes.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join("/")));
  const valued = nodes.flatMap(({ path, flags }) =>
    flags.filter(({ takesValue }) => takesValue)
      .map(({ word, choices }) => ({ place: quoted(`${path.join("/")} ${word}`), choices }))
  );
  const values = valued.filter(({ choices }) => choices.length > 0)
    .map(({ place, choices }) => `    ${place}) words=${quoted(choices.join(" "))}; value=1 ;;`);
  const free = valued.filter(({ choices }) => choices.length === 0).map(({ place }) => place);
  const others = nodes.map(({ path, commands, flags }) =>
    `      ${quoted(path.join("/"))}) commands=${words(commands)}; flags=${words(flags)} ;;`
  );
  return `_${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local at="" next words="" commands="" flags="" value="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${at:+$at/}\${COMP_WORDS[i]}"
    case "$next" in
      ${places.join("|")}) at="$next" ;;
      *) break ;;
    esac
  done
  case "$at $prev" in
${[...values, `    ${free.join("|")}) value=1 ;;`].join("\n")}
  esac
  if [ -z "$value" ]; then
    case "$at" in
${others.join("\n")}
    esac
    case "$cur" in
      -*) words="$flags" ;;
      *) words="$commands" ;;
    esac
  fi
  COMPREPLY=()
  while IFS= read -r next; do
    [ -n "$next" ] && COMPREPLY+=("$next")
  done < <(compgen -W "$words" -- "$cur")
}
complete -o default -F _${name} ${name}
`;
}

function fishScript(nodes: readonly Node[], name: string): string {
  const lines = nodes.flatMap(({ path, commands, flags }) => {
    const at = ["__" + name + "_at", ...path].join(" ");
    const next = ["__" + name + "_next", ...path].join(" ");
    return [
      ...commands.map(({ word, description }) =>
        `complete -c ${name} -n ${quoted(next)} -f -a ${word} -d ${quoted(description)}`
      ),
      ...flags.map(({ word, description, takesValue, choices }) => {
        const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : takesValue ? " -r" : "";
        const flag = `-l ${word.slice(2)} -d ${quoted(description)}`;
        return `complete -c ${name} -n ${quoted(path.length === 0 ? next : at)} ${flag}${value}`;
      }),
    ];
  });
  return `function __${name}_at
  set -l words (commandline -opc)
  set -l last (math (count $argv) + 1)
  test (count $words) -ge $last; and test "$words[2..$last]" = "$argv"
end
function __${name}_next
  set -l words (commandline -opc)
  test "$words[2..]" = "$argv"
end
${lines.join("\n")}
`;
}
