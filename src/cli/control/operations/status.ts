/**
 * The state of a running node: itself, its peers, its keys, and whatever keeps it from signing.
 * @module
 */
import type { RolledBack } from "../../../cluster/rollback/restoration.ts";
import type { OpenInvite } from "../../../cluster/roster/admission/invites.ts";
import type { Right } from "../../../cluster/records/rights.ts";
import type { Reservation, Scheme } from "../../../events.ts";
import type { PeerId } from "../../../failure.ts";
import type { PeerStatus, QuorateNode } from "../../../node/api.ts";
import type { NamedPeer } from "../../past_epochs.ts";
import { until } from "../wait.ts";
import { nameIn, nameInRoster } from "../peer_names.ts";
import type { Performing } from "../performing.ts";
import type { RequestOf } from "../requests.ts";
import { knownKeys } from "./known_keys.ts";

/** Another peer, as a node sees it. */
export interface ListedPeer extends PeerStatus {
  peer: PeerId;
}

/** A key in short. */
export interface KeyInShort {
  wallet: string;
  scheme: Scheme;
  epoch: number;
  state: "active" | "pending" | "frozen" | "given-up";
  /** True if this node takes part in no resharing of it for now. */
  paused: boolean;
  threshold: number;
  /** The number of its members. */
  members: number;
  ready: boolean;
  missing: NamedPeer[];
}

/** A pair of peers that do not use a key together. */
export interface ApartPair {
  wallet: string;
  scheme: Scheme;
  by: NamedPeer;
  other: NamedPeer;
}

/** The state of a node. */
export interface NodeStatus {
  peer: PeerId;
  /** Its name in the roster; null if it is no longer in it. */
  name: string | null;
  rights: readonly Right[];
  /** Since its start. */
  uptimeSeconds: number;
  addresses: readonly string[];
  reservations: readonly Reservation[];
  roster: { cluster: PeerId; version: number };
  /** True if its shares are locked. */
  locked: boolean;
  /** True if its store is an earlier copy. */
  rolledBack: RolledBack | null;
  peers: ListedPeer[];
  keys: KeyInShort[];
  /** Pairs that never use a key together again. */
  bans: ApartPair[];
  /** Pairs that do not use it until they are released. */
  quarantines: ApartPair[];
  /** Peers that ask to join, and wait for a person. */
  joining: { peer: PeerId; name: string; rights: readonly Right[] }[];
  invites: readonly OpenInvite[];
  /** The questions that wait for an answer over the control socket. */
  questions: number;
}

/** The state of a node. */
export async function status({ node, approver, started }: Performing): Promise<NodeStatus> {
  const { self, roster } = node;
  const nameOf = nameInRoster(roster);
  const named = (peer: PeerId): NamedPeer => ({ peer, name: nameOf(peer) });
  const apart = <P extends ApartPairFacts>({ wallet, scheme, by, other }: P): ApartPair => ({
    wallet,
    scheme,
    by: named(by),
    other: named(other),
  });
  const { keys } = await knownKeys(node);
  return {
    peer: self,
    name: nameOf(self),
    rights: roster.peers.find(({ peer }) => peer === self)?.rights ?? [],
    uptimeSeconds: Math.floor((Date.now() - started) / 1000),
    addresses: node.addresses,
    reservations: node.reservations,
    roster: { cluster: roster.cluster, version: roster.version },
    locked: node.locked,
    rolledBack: node.rolledBack,
    peers: listed(node),
    keys: keys.map(({ wallet, scheme, epoch, state, paused, threshold, members, ready, missing }) => ({
      ...{ wallet, scheme, epoch, state, paused, threshold, ready, missing },
      members: members.length,
    })),
    bans: node.bans().map(apart),
    quarantines: node.quarantines().map(apart),
    joining: node.joining().map(({ peer, name, rights }) => ({ peer, name, rights })),
    invites: node.invites(),
    questions: approver?.questions().length ?? 0,
  };
}

interface ApartPairFacts {
  wallet: string;
  scheme: Scheme;
  by: PeerId;
  other: PeerId;
}

/** The other peers of the roster, once those with an address are connected, or after the time to wait. */
export async function peers(
  { waitMs }: RequestOf<"peers">,
  { node, signal, progress }: Performing,
): Promise<ListedPeer[]> {
  await until(
    () => {
      const away = [...node.peers].filter(([, { connected, addresses }]) =>
        !connected && addresses.length > 0
      );
      if (away.length > 0) progress(`waiting for ${away.map(([peer]) => nameIn(node)(peer)).join(", ")} …`);
      return Promise.resolve(away.length === 0);
    },
    waitMs,
    signal,
  );
  return listed(node);
}

const listed = ({ peers }: QuorateNode): ListedPeer[] =>
  [...peers].map(([peer, status]) => ({ peer, ...status }));
