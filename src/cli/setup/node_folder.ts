/**
 * The folder of a new node: its key file, its roster and its configuration, which names both.
 * @module
 */
import { mkdir } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { InputError } from "../../errors.ts";
import type { ConfigFile } from "../config.ts";
import { isThere, readText, replaceFile } from "../files.ts";
import { isVariable, secretPlace } from "../secrets.ts";

/** The arguments of a command that makes a node's configuration. */
export const nodeArguments = {
  listen: { type: "string", description: "multiaddrs to listen on, separated by commas" },
  approve: {
    type: "enum",
    options: ["ask", "roster"] as ("ask" | "roster")[],
    default: "ask",
    description: "who decides before a share here is used: a person, or yes to whatever the roster allows",
  },
  passphrase: { type: "string", description: `the passphrase that locks what is made: ${secretPlace}` },
} as const;

/** The words of a list that is separated by commas. */
export const listOf = (list: string): string[] =>
  list.split(",").map((one) => one.trim()).filter((one) => one !== "");

/** The paths of a node's files in its folder. */
export interface NodeFolder {
  readonly path: string;
  readonly identity: string;
  readonly admin: string;
  readonly roster: string;
  readonly config: string;
}

/** The paths of a folder; nothing is made. */
export function nodeFolder(path: string): NodeFolder {
  const [identity, admin] = [join(path, "identity.age"), join(path, "admin.age")];
  return { path, identity, admin, roster: join(path, "roster.json"), config: join(path, "node.json") };
}

/** Checks that none of these files is there. @throws {InputError} `dir` */
export async function checkFree(folder: NodeFolder, files: readonly (keyof NodeFolder)[]): Promise<void> {
  for (const file of files) {
    if (await isThere(folder[file])) {
      throw new InputError("dir", `expected to make ${folder[file]}, found that something is there already`);
    }
  }
}

/** Makes the folder, for its owner only, unless it is there. */
export async function makeFolder({ path }: Pick<NodeFolder, "path">): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** The settings of a new node that are not the names of its files. */
export interface NewNode {
  listen: readonly string[];
  approve: "ask" | "roster";
  /** The place of the passphrase that locks its key files, as a person in the working directory names it. */
  passphrase: string | undefined;
  /** Whether it has the admin key. */
  admin: boolean;
}

/** The text of a new node's configuration. */
export function configText(
  folder: Pick<NodeFolder, "path">,
  { listen, approve, passphrase, admin }: NewNode,
): string {
  const locked = passphrase === undefined ? undefined : placeFrom(folder, passphrase);
  const config: ConfigFile = {
    identity: "identity.age",
    roster: "roster.json",
    store: "shares.db",
    listen: [...listen],
    approve,
    ...(locked !== undefined && { passphrase: locked }),
    ...(admin && { admin: "admin.age", ...(locked !== undefined && { adminPassphrase: locked }) }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/**
 * Checks that a configuration can be written: none is there, or the very same, which a command that ended half-way has
 * left.
 *
 * @returns Whether it is there.
 * @throws {InputError} `config`
 */
export async function isWritten(path: string, text: string): Promise<boolean> {
  if (!await isThere(path)) return false;
  if (await readText("config", path) === text) return true;
  throw new InputError("config", `expected to make ${path}, found that something else is there already`);
}

/** Writes the configuration of a new node in one step, unless it is there. @throws {InputError} `config` */
export async function writeConfig(path: string, text: string): Promise<void> {
  if (!await isWritten(path, text)) await replaceFile("config", path, text, 0o600);
}

/** The place of a secret as a file in the folder names it. */
function placeFrom({ path }: Pick<NodeFolder, "path">, place: string): string {
  return isVariable(place) || isAbsolute(place) ? place : relative(path, resolve(place));
}
