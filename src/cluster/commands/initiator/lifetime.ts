/**
 * The default lifetime of a command.
 * @module
 */
import { defaultCommandAge, maxCommandAge, setupMsPerPair } from "../../../limits.ts";
import { schemes } from "../../../schemes/schemes.ts";
import type { Command } from "../../records/command.ts";

/**
 * The default lifetime in ms: the set-up of pairs takes its time, and other commands may be queued before it.
 */
export function lifetimeOf({ kind, scheme, members }: Pick<Command, "kind" | "scheme" | "members">): number {
  const setup = kind === "generate" && schemes[scheme].pairwise ? setupMsPerPair * members.length : 0;
  return Math.min(maxCommandAge, defaultCommandAge + setup);
}
