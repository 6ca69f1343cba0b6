/**
 * Whether signed messages show what a failure says, checked by this page itself.
 * @module
 */
import { checkEvidence, type QuorateNode } from "../mod.ts";
import type { Console } from "./node_port.ts";

/** Checks against the keys that `node` knows. */
export function evidenceChecker(node: Pick<QuorateNode, "keys">): Console["verifyEvidence"] {
  return async (failure, key, message) => {
    const keys = await node.keys();
    const known = keys.find(({ session }) => session === key?.session) ?? null;
    return await checkEvidence(failure, { key: known, message });
  };
}
