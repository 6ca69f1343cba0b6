/**
 * The names of peers in requests, and in what is printed.
 * @module
 */
import type { Roster } from "../../cluster/roster/roster.ts";
import { InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { publicKeyOf } from "../../identity/peer_key.ts";
import type { QuorateNode } from "../../node/api.ts";
import type { NamedPeer } from "../past_epochs.ts";

/** The names of a node's peers, for sentences. */
export const nameIn = (node: Pick<QuorateNode, "self" | "peers">) => (peer: PeerId): string =>
  peer === node.self ? "this peer" : node.peers.get(peer)?.name ?? peer;

/** The names in a roster; null for a peer that is no longer in it. */
export const nameInRoster = ({ peers }: Pick<Roster, "peers">) => (peer: PeerId): string | null =>
  peers.find((known) => known.peer === peer)?.name ?? null;

/**
 * The peers that a list of names or ids names.
 *
 * @param options.left Whether ids of peers that have left the roster are among them.
 * @throws {InputError} `field`
 */
export function peersNamed(
  field: string,
  words: readonly string[],
  { peers }: Pick<Roster, "peers">,
  { left = false } = {},
): PeerId[] {
  return words.map((word) => {
    const found = peers.find(({ peer, name }) => peer === word || name === word);
    if (found) return found.peer;
    if (left && publicKeyOf(word) !== null) return word;
    throw new InputError(field, `expected ${peers.map(({ name }) => name).join(", ")}, found “${word}”`);
  });
}

/** The words of a list on the command line, separated by commas. */
export const wordsIn = (text: string): string[] =>
  text.split(",").map((word) => word.trim()).filter((word) => word !== "");

/**
 * The peer of a quarantined pair.
 *
 * @param word Its name or its id.
 * @throws {InputError} `peer`
 */
export function quarantinedPeer(
  word: string,
  quarantined: readonly PeerId[],
  nameOf: (peer: PeerId) => string | null,
): NamedPeer {
  const other = quarantined.find((peer) => peer === word || nameOf(peer) === word);
  if (other !== undefined) return { peer: other, name: nameOf(other) };
  const names = quarantined.map((peer) => nameOf(peer) ?? peer).join(", ") || "none";
  throw new InputError("peer", `expected a quarantined one (${names}), found ${word}`);
}
