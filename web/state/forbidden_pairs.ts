/**
 * The pairs of peers that must not use a key together, the peers that have frozen it, and the parties that remain. Pure.
 * @module
 */
import { findParty, forbiddenPairIn, type Pair } from "../../src/cluster/commands/party_search.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import type { GroupKey, KeyName } from "../node/node_port.ts";
import { hasSameName, keyId } from "../text/names.ts";
import type { KnownBan, State } from "./model.ts";

const bansKept = 256; // of each peer: a peer that floods takes no room from the others

/** Adds a ban. Of two equal ones it keeps the first, with the key's id if either has it. */
export function withBan(bans: readonly KnownBan[], ban: KnownBan): readonly KnownBan[] {
  const { wallet, scheme, keyId: key, by, other, at } = ban;
  const known = bans.findIndex((one) => isSame(one, ban));
  if (known >= 0) {
    return bans[known]!.keyId === null ? bans.with(known, { ...bans[known]!, keyId: key }) : bans;
  }
  const ofPeer = bans.filter((one) => one.by === by);
  const room = ofPeer.length < bansKept ? bans : bans.filter((one) => one !== ofPeer[0]);
  return [...room, { wallet, scheme, keyId: key, by, other, at }];
}

/** Removes a ban that is over. */
export function withoutBan(bans: readonly KnownBan[], over: KnownBan): readonly KnownBan[] {
  return bans.filter((one) => !isSame(one, over));
}

const isSame = (one: KnownBan, other: KnownBan) =>
  hasSameName(one, other) && (one.keyId === null || other.keyId === null || one.keyId === other.keyId) &&
  one.by === other.by && one.other === other.other;

type Held = KeyName & Pick<GroupKey, "members" | "session">;

/** The bans among a key's holders. */
export function bansOf(key: Held, { bans }: Pick<State, "bans">): readonly KnownBan[] {
  const isOfKey = (ban: KnownBan) => ban.keyId === null ? hasSameName(key, ban) : ban.keyId === keyId(key);
  return bans.filter((ban) =>
    isOfKey(ban) && key.members.includes(ban.by) && key.members.includes(ban.other)
  );
}

/** The quarantined pairs among a key's holders. */
export function quarantinesOf(
  key: Held,
  { quarantines }: Pick<State, "quarantines">,
): readonly KnownBan[] {
  return bansOf(key, { bans: quarantines });
}

/** The holders that report the key as frozen. */
export function frozenAt(
  key: Pick<GroupKey, "members" | "session">,
  { keyStates }: Pick<State, "keyStates">,
): readonly PeerId[] {
  const reported = keyStates.get(keyId(key));
  return key.members.filter((peer) => reported?.get(peer)?.state === "frozen");
}

/** Whether a code reports a pair that must not use the key together, at all or for now. */
export const forbidsPair = ({ code }: { code: FailureCode }) =>
  code === "peer-banned" || code === "pair-quarantined";

/** The limits on the parties of a key. */
export interface Restraint {
  forbidden: readonly Pair[];
  /** Peers that refuse to sign with this key at all. */
  frozen: readonly PeerId[];
}

export const unrestrained: Restraint = { forbidden: [], frozen: [] };

export function restraintOf(
  key: GroupKey | null,
  state: Pick<State, "bans" | "quarantines" | "keyStates">,
): Restraint {
  if (!key) return unrestrained;
  return {
    forbidden: pairsIn([...bansOf(key, state), ...quarantinesOf(key, state)]),
    frozen: frozenAt(key, state),
  };
}

const pairsIn = (bans: readonly KnownBan[]): readonly Pair[] => bans.map(({ by, other }) => [by, other]);

/** Whether these peers may sign together. */
export function mayMeet(party: readonly PeerId[], { forbidden, frozen }: Restraint): boolean {
  return forbiddenPairIn(party, forbidden) === null && !party.some((peer) => frozen.includes(peer));
}

/** Whether `peer` could join the picked signers. */
export function mayJoin(peer: PeerId, picked: readonly PeerId[], restraint: Restraint): boolean {
  return picked.includes(peer) || mayMeet([...picked, peer], restraint);
}

/**
 * Whether a key can sign: `now`; `later`, once a frozen key is unfrozen or a quarantined pair is released; or `never`, if
 * every party contains a banned pair, since a ban is final.
 */
export function outlook(
  key: GroupKey,
  state: Pick<State, "bans" | "quarantines" | "keyStates">,
): "now" | "later" | "never" {
  if (freeParty(key, restraintOf(key, state)) !== null) return "now";
  return freeParty(key, { forbidden: pairsIn(bansOf(key, state)), frozen: [] }) === null ? "never" : "later";
}

/**
 * The signers if nobody was picked.
 *
 * @param first Peers to prefer.
 * @returns `any` if nothing restrains the key, so that the cluster chooses; null if no party is left.
 */
export function freeParty(
  { members, threshold }: Pick<GroupKey, "members" | "threshold">,
  { forbidden, frozen }: Restraint,
  first: readonly PeerId[] = [],
): readonly PeerId[] | "any" | null {
  if (forbidden.length === 0 && frozen.length === 0) return "any";
  const order = [
    ...first.filter((peer) => members.includes(peer)),
    ...members.filter((peer) => !first.includes(peer)),
  ];
  return findParty(order.filter((peer) => !frozen.includes(peer)), threshold, forbidden);
}

/**
 * The signers to ask for: the picked ones; else a party with the armed peer, if there is one; else a party that may sign;
 * null if the cluster may choose.
 */
export function signersFor(
  key: Pick<GroupKey, "members" | "threshold">,
  { picked, armed, ready, restraint }: {
    picked: readonly PeerId[] | null;
    armed: PeerId | null;
    ready: readonly PeerId[];
    restraint: Restraint;
  },
): readonly PeerId[] | null {
  if (picked) return picked;
  const { forbidden, frozen } = restraint;
  if (armed && key.members.includes(armed) && !frozen.includes(armed)) {
    const others = key.members.filter((peer) => peer !== armed && !frozen.includes(peer));
    const party = findParty(others, key.threshold, forbidden, [armed]);
    if (party) return party;
  }
  const free = freeParty(key, restraint, ready);
  return free === "any" ? null : free;
}
