/**
 * The requests that a tab may make, by its rights in the roster. Pure.
 * @module
 */
import type { Right } from "../node/node_port.ts";

/** The right that each kind of session requires of its initiator. */
const needed = { generate: "manager", reshare: "manager", sign: "initiator" } as const satisfies Record<
  string,
  Right
>;

/** Whether these rights allow a request of this kind. */
export function mayAsk(rights: readonly Right[], kind: keyof typeof needed): boolean {
  return rights.includes(needed[kind]);
}
