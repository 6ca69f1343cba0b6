/**
 * `completions`: prints the script with which a shell completes the words of this program.
 * @module
 */
import type { CommandDef } from "citty";
import { defineCommand } from "../arguments/command.ts";
import { InputError } from "../../errors.ts";
import { completionScript, type Shell, shells } from "../arguments/completions.ts";

const shell = { type: "positional", required: true, description: shells.join(", ") } as const;

/**
 * The command for the program that `root` gives.
 *
 * @param root Called once the command runs: the program has this command itself.
 */
export const completionsCommand = (root: () => CommandDef) =>
  defineCommand({
    meta: {
      name: "completions",
      description: "Print a script that completes the words of this program in a shell",
      examples: [
        "completions bash > ~/.local/share/bash-completion/completions/quorate",
        "completions zsh >> ~/.zshrc",
        "completions fish > ~/.config/fish/completions/quorate.fish",
      ],
    },
    args: { shell },
    async run({ args }) {
      if (!(shells as readonly string[]).includes(args.shell)) {
        throw new InputError("shell", `expected ${shells.join(", ")}, found “${args.shell}”`);
      }
      console.log(await completionScript(root(), "quorate", args.shell as Shell));
    },
  });
