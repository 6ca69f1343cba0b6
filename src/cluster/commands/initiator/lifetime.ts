/**
 * The default lifetime of a command.
 * @module
 */
import { defaultCommandAge, maxCommandAge, setupMsPerPair } from "../../../limits.ts";
import { schemes } from "../../../schemes/schemes.ts";
import type { Command } from "../../records/command.ts";
import { furtherItemsMs } from "../session/task.ts";

/**
 * The default lifetime in ms: the set-up of pairs and the items of a batch take their time, and other commands
 * may be queued before it.
 */
export function lifetimeOf(
  { kind, scheme, members, itemCount }: Pick<Command, "kind" | "scheme" | "members" | "itemCount">,
): number {
  const { pairwise } = schemes[scheme];
  const setup = kind !== "sign" && pairwise ? setupMsPerPair * members.length : 0;
  const items = kind === "sign" ? furtherItemsMs(itemCount, pairwise ? 1 : 0) : 0;
  return Math.min(maxCommandAge, defaultCommandAge + setup + items);
}
