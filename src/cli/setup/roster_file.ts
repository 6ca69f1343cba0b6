/**
 * The roster's file of a running node, in which newer rosters are kept, unless it is mounted to be read only.
 * @module
 */
import { formatRoster, type Roster } from "../../cluster/roster/roster.ts";
import { replaceFile } from "../files.ts";
import { isCode } from "../../platform/system_errors.ts";

/** The options of keeping newer rosters in a file. */
export interface RosterFileOptions {
  /** Called when a newer roster is in the store alone. */
  isReadOnly(version: number): void;
  /** Default: replaces the file. */
  replace?(field: string, path: string, text: string): Promise<void>;
}

/**
 * Keeps newer rosters in a file. One on a read-only disk, such as a ConfigMap, is left as it is: the store has the newer
 * roster, which counts more at the next start.
 *
 * @returns The option `keepRoster` of a node. It throws if the file cannot be replaced for any other reason.
 */
export function rosterFile(
  path: string,
  { isReadOnly, replace = replaceFile }: RosterFileOptions,
): (roster: Roster) => Promise<void> {
  return async (roster) => {
    try {
      await replace("roster", path, formatRoster(roster));
    } catch (error) {
      if (!(error instanceof Error) || !isCode(error.cause, "EROFS")) throw error;
      isReadOnly(roster.version);
    }
  };
}
