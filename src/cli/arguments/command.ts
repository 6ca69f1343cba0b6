/**
 * The definition of a command of this command line: citty's, with examples.
 * @module
 */
import type { ArgsDef, CommandDef } from "citty";

/** The words about a command that its help shows. */
export interface CommandWords {
  /** Its name, as it is typed. */
  name: string;
  /** The program's version; of the program itself only. */
  version?: string;
  /** One line about it. */
  description: string;
  /** Whole command lines without the program's name, such as `run node.json --relay`. */
  examples: readonly string[];
}

/** A command with its words. */
export type Command<T extends ArgsDef = ArgsDef> = CommandDef<T> & { meta: CommandWords };

/** A command; the types of its arguments are inferred. */
export function defineCommand<const T extends ArgsDef = ArgsDef>(definition: Command<T>): Command<T> {
  return definition;
}

/** The flag with which a command prints its result as JSON. */
export const json = { type: "boolean", default: false, description: "print JSON" } as const;

/** The flags of a command that a peer asks the others for: its labels. */
export const labels = {
  id: {
    type: "string",
    description: "its id, 32 hex digits of your choice: the same command with it again is carried out once",
  },
  note: { type: "string", default: "", description: "why: shown to whoever approves it" },
  reference: { type: "string", default: "", description: "your own id of it" },
} as const;

/** A value that citty lets a definition give in any of these ways. */
type Resolvable<T> = T | Promise<T> | (() => T) | (() => Promise<T>);

/** The value itself. */
export async function resolved<T extends object>(given: Resolvable<T> | undefined): Promise<T | undefined> {
  return await (typeof given === "function" ? (given as () => T | Promise<T>)() : given);
}
