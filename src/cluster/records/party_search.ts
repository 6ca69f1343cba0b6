/**
 * The search for a party in which no two members are forbidden to sign together. Pure: a node and a page both use it.
 * @module
 */
import type { PeerId } from "../../failure.ts";

/** Two peers, in either order. */
export type Pair = readonly [PeerId, PeerId];

/** The first forbidden pair whose two peers are both in `party`, or null. */
export function forbiddenPairIn(party: readonly PeerId[], forbidden: readonly Pair[]): Pair | null {
  return forbidden.find(([a, b]) => a !== b && party.includes(a) && party.includes(b)) ?? null;
}

/**
 * The first party of `size` peers without a forbidden pair, in the order of `candidates`; null if there is none. Of 16
 * candidates or fewer it tries at most the 12,870 parties that exist.
 *
 * @param chosen Members that the party must have.
 */
export function findParty(
  candidates: readonly PeerId[],
  size: number,
  forbidden: readonly Pair[],
  chosen: readonly PeerId[] = [],
): PeerId[] | null {
  if (chosen.length === size) return [...chosen];
  for (const [i, peer] of candidates.entries()) {
    if (forbiddenPairIn([...chosen, peer], forbidden)) continue;
    const party = findParty(candidates.slice(i + 1), size, forbidden, [...chosen, peer]);
    if (party) return party;
  }
  return null;
}
