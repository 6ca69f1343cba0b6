/**
 * The demo's page: the product's, and a panel to break something on purpose.
 * @module
 */
import { start } from "../main.tsx";
import type { Connect } from "../node/node_port.ts";
import { Misbehave } from "./misbehave.tsx";

/** As {@linkcode start}; the panel shows once a peer offers to misbehave. */
export function startDemo(root: Element, connect: Connect): Promise<void> {
  return start(root, connect, { breakPanel: Misbehave });
}
