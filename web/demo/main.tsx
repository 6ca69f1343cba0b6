/**
 * The demo's page: the product's page with a panel to break something on purpose.
 * @module
 */
import { start } from "../main.tsx";
import type { Connect } from "../node/node_port.ts";
import { Misbehave } from "./misbehave.tsx";

/** Like {@linkcode start}; the panel appears once a peer offers to misbehave. */
export function startDemo(root: Element, connect: Connect): Promise<void> {
  return start(root, connect, { breakPanel: Misbehave });
}
