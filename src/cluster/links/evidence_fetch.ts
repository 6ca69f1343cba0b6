/**
 * The fetching of evidence that another peer's failure event names: from that peer, when a person wants to
 * see it.
 * @module
 */
import type { Failure } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { evidenceFetches } from "../../limits.ts";
import { evidenceHash, type EvidenceStore } from "./evidence_store.ts";

/** The places of evidence. */
export interface EvidenceSources {
  /** The evidence of this node's own failures. */
  own: EvidenceStore;
  /** The evidence that it has fetched. */
  fetched: EvidenceStore;
  /** Asks a peer for evidence by its hash; null if the peer does not send it. */
  ask(peer: PeerId, hash: string): Promise<Uint8Array | null>;
}

/**
 * A function that finds the evidence of a failure. Fetched evidence is kept, and never fetched twice at the
 * same time.
 */
export function evidenceFetcher({ own, fetched, ask }: EvidenceSources) {
  const asking = new Map<string, Promise<Uint8Array | null>>();

  async function fetchFrom(peer: PeerId, hash: string): Promise<Uint8Array | null> {
    const found = await ask(peer, hash);
    if (found === null || evidenceHash(found) !== hash) return null;
    fetched.add(found, null);
    return found;
  }

  /** The evidence; null if it is not here and cannot be fetched now. */
  return async ({ peer, evidence: hash }: Pick<Failure, "peer" | "evidence">): Promise<Uint8Array | null> => {
    if (hash === undefined) return null;
    const here = own.get(hash) ?? fetched.get(hash);
    if (here) return here.encoded.slice();
    const under = asking.get(`${peer} ${hash}`);
    if (under) return await under;
    if (asking.size >= evidenceFetches) return null;
    const answer = fetchFrom(peer, hash).finally(() => asking.delete(`${peer} ${hash}`));
    asking.set(`${peer} ${hash}`, answer);
    return await answer;
  };
}
