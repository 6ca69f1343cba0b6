/**
 * The page's own check of the evidence behind a failure.
 * @module
 */
import { checkEvidence, type QuorateNode } from "../../mod.ts";
import type { Console } from "./node_port.ts";

/** Fetches the signed messages through `node`, from the peer that reports the failure, and checks them in this page. */
export function evidenceChecker(node: Pick<QuorateNode, "evidence">): Console["verifyEvidence"] {
  return async (failure, items) => {
    const evidence = await node.evidence(failure);
    return evidence === null ? "not-fetched" : await checkEvidence(failure, evidence, { items });
  };
}
