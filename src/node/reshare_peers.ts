/**
 * The peers of a resharing, made out of what a request names and of what a node knows of the key.
 * @module
 */
import { checkPeers } from "../cluster/commands/check_command.ts";
import type { GroupKey } from "../cluster/keys/group_key.ts";
import { checkThreshold, type ReshareRequest } from "../cluster/records/key_name.ts";
import type { Roster } from "../cluster/roster/roster.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { resharingParty } from "../protocol/dealing.ts";

/** The facts that a node knows about members that could deal a key anew. */
export interface ReadyToDeal {
  readonly roster: Roster;
  /** The order in which they are chosen. */
  order(one: PeerId, other: PeerId): number;
  /** Whether a member has not said that it holds no share. */
  holds(peer: PeerId): boolean;
}

/** The peers that a command for a resharing names, each list sorted, and its party. */
export interface ResharePeers {
  members: PeerId[];
  dealers: PeerId[];
  gone: PeerId[];
  party: readonly PeerId[];
}

/**
 * @param key The key in its latest epoch.
 * @throws {InputError} `members`, `threshold`, `gone` or `dealers`.
 */
export function resharePeers(request: ReshareRequest, key: GroupKey, ready: ReadyToDeal): ResharePeers {
  const members = checkPeers("members", request.members, ready.roster);
  checkThreshold(request.threshold, members.length);
  const gone = goneOf(request, { key, members }, ready);
  const party = resharingParty(key, { recipients: members, gone });
  return { members, dealers: dealersOf(request, { key, gone }, ready), gone, party };
}

function goneOf(
  request: ReshareRequest,
  { key, members }: { key: GroupKey; members: readonly PeerId[] },
  { roster }: ReadyToDeal,
): PeerId[] {
  const isHolder = (peer: PeerId) =>
    roster.peers.some((known) => known.peer === peer && known.rights.includes("holder"));
  const gone = request.gone ?? key.members.filter((peer) => !isHolder(peer));
  for (const peer of gone) {
    if (!key.members.includes(peer)) {
      throw new InputError("gone", `expected members of the key, found ${peer}`);
    }
    if (members.includes(peer)) {
      throw new InputError("gone", `expected peers that get no share, found ${peer}, which gets one`);
    }
  }
  const stranger = key.members.find((peer) => !gone.includes(peer) && !isHolder(peer));
  if (stranger !== undefined) {
    throw new InputError(
      "gone",
      `expected every member that is no holder of the roster, found none of ${stranger}`,
    );
  }
  return [...new Set(gone)].sort();
}

function dealersOf(
  { dealers }: ReshareRequest,
  { key, gone }: { key: GroupKey; gone: readonly PeerId[] },
  { order, holds }: ReadyToDeal,
): PeerId[] {
  const { threshold } = key;
  const able = key.members.filter((peer) => !gone.includes(peer));
  const chosen = dealers ?? able.filter(holds).sort(order).slice(0, threshold);
  if (chosen.length !== threshold || new Set(chosen).size !== threshold) {
    throw new InputError("dealers", `expected ${threshold} members that hold shares, found ${chosen.length}`);
  }
  const strange = chosen.find((peer) => !able.includes(peer));
  if (strange !== undefined) {
    throw new InputError("dealers", `expected members of the key that are not gone, found ${strange}`);
  }
  return [...chosen].sort();
}
