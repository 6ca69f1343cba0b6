/**
 * Checks of whether the peers of a roster can be reached: mistakes in the list of peers, and peers that were never connected.
 * @module
 */
import type { RosterPeer } from "../cluster/roster/roster.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { publicKeyOf } from "../identity/peer_key.ts";
import type { QuorateNode } from "../node/api.ts";
import { undialable } from "../transport/libp2p/dialable.ts";

/** An address that nobody can dial. */
export interface BadAddress {
  peer: PeerId;
  name: string;
  address: string;
  why: string;
}

/** A peer that is not reached for this long, ms, is told of. */
export const patienceMs = 30_000;

export function badAddresses(peers: readonly RosterPeer[]): BadAddress[] {
  return peers.flatMap(({ peer, name, addresses }) =>
    addresses.flatMap((address) => {
      const why = undialable(address, peer);
      return why === null ? [] : [{ peer, name, address, why }];
    })
  );
}

/** Refuses a list of peers that nobody can have meant. @throws {InputError} */
export function checkReach(peers: readonly RosterPeer[]): void {
  const seen = new Map<string, string>();
  for (const [i, { peer, name, addresses, rights }] of peers.entries()) {
    if (publicKeyOf(peer) === null) {
      throw new InputError(`peers[${i}].peer`, `expected a peer id (12D3Koo…), found “${peer}”`);
    }
    if (rights.length === 0) {
      throw new InputError(`peers[${i}].rights`, `expected some right of ${name}, found none`);
    }
    if (new Set(rights).size < rights.length) {
      throw new InputError(
        `peers[${i}].rights`,
        `expected each right of ${name} once, found ${rights.join(", ")}`,
      );
    }
    for (const [j, address] of addresses.entries()) {
      const other = seen.get(address);
      if (other !== undefined) {
        throw new InputError(
          `peers[${i}].addresses[${j}]`,
          `expected an address once, found ${other}'s again: ${address}`,
        );
      }
      seen.set(address, name);
    }
  }
}

/** What is to be said where somebody else answers at a peer's address. */
export function elsewhere(node: Pick<QuorateNode, "peers">, peer: PeerId, found: PeerId): string {
  const known = (id: PeerId) => {
    const name = node.peers.get(id)?.name;
    return name === undefined ? id : `${name} (${id})`;
  };
  const addresses = node.peers.get(peer)?.addresses.join(", ") ?? "";
  const where = `${known(peer)} was dialled at ${addresses}`;
  return `${where}, and somebody else answers there, by its own word ${
    known(found)
  }. Correct that address in ` +
    "the roster, or start that peer there with its own key file.";
}

/** The peers that are expected to be reached, and are not connected. */
export function unreached(node: Pick<QuorateNode, "peers" | "addresses">): { peer: PeerId; name: string }[] {
  return [...node.peers].filter(([, { connected, addresses }]) => !connected && addresses.length > 0)
    .map(([peer, { name }]) => ({ peer, name }));
}
