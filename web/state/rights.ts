/**
 * What a tab may ask of its cluster, by its rights in the roster. Pure.
 * @module
 */
import type { Right } from "../node/node_port.ts";

/** The right that it takes to ask for each kind of session. */
const needed = { generate: "manager", reshare: "manager", sign: "initiator" } as const satisfies Record<
  string,
  Right
>;

/** Whether whoever has these rights may ask for such a session. */
export function mayAsk(rights: readonly Right[], kind: keyof typeof needed): boolean {
  return rights.includes(needed[kind]);
}
