/**
 * Whether signed messages show what a failure says, checked by this page itself.
 * @module
 */
import { checkEvidence, type QuorateNode } from "../../mod.ts";
import type { Console } from "./node_port.ts";

/** Fetches the messages through `node`, from the peer that tells of the failure, and checks them here. */
export function evidenceChecker(node: Pick<QuorateNode, "evidence">): Console["verifyEvidence"] {
  return async (failure, message) => {
    const evidence = await node.evidence(failure);
    return evidence === null ? "not-fetched" : await checkEvidence(failure, evidence, { message });
  };
}
