/**
 * The rights of a peer in a cluster.
 * @module
 */
import type { Command } from "./command.ts";

/**
 * A right of a peer: `holder` may hold shares, `initiator` may ask for signatures, `manager` may ask for keys
 * to be made and changed, `observer` may watch. No right includes another.
 */
export type Right = "holder" | "initiator" | "manager" | "observer";
export const rights = ["holder", "initiator", "manager", "observer"] as const satisfies readonly Right[];

/** The right that each kind of command requires. */
export const rightFor = {
  generate: "manager",
  reshare: "manager",
  sign: "initiator",
} as const satisfies Record<
  Command["kind"],
  Right
>;
