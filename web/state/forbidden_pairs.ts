/**
 * Who must not sign together with a key, who refuses to sign with it at all, and who can sign all the same. Pure.
 * @module
 */
import { findParty, forbiddenPairIn, type Pair } from "../../src/cluster/records/party_search.ts";
import type { PeerId } from "../../src/failure.ts";
import type { BanView, State } from "./model.ts";
import { keyId, sameKey } from "../text/names.ts";
import type { GroupKey, KeyName } from "../node/node_port.ts";

const bansKept = 256; // of each peer; a liar gets no more, and takes no room from the others

/** Adds a ban, once; of the same the first is kept. */
export function withBan(
  bans: readonly BanView[],
  { wallet, curve, by, other, at }: BanView,
): readonly BanView[] {
  const view = { wallet, curve, by, other, at };
  if (bans.some((one) => isSame(one, view))) return bans;
  const theirs = bans.filter((one) => one.by === by);
  const room = theirs.length < bansKept ? bans : bans.filter((one) => one !== theirs[0]);
  return [...room, view];
}

/** Takes one away that is over. */
export function withoutBan(bans: readonly BanView[], over: BanView): readonly BanView[] {
  return bans.filter((one) => !isSame(one, over));
}

const isSame = (one: BanView, other: BanView) =>
  one.wallet === other.wallet && one.curve === other.curve && one.by === other.by &&
  one.other === other.other;

/** The bans among a key's holders. */
export function bansOf(
  key: KeyName & Pick<GroupKey, "members">,
  { bans }: Pick<State, "bans">,
): readonly BanView[] {
  return bans.filter((ban) =>
    sameKey(key, ban) && key.members.includes(ban.by) && key.members.includes(ban.other)
  );
}

/** The quarantined pairs among a key's holders. */
export function quarantinesOf(
  key: KeyName & Pick<GroupKey, "members">,
  { quarantines }: Pick<State, "quarantines">,
): readonly BanView[] {
  return bansOf(key, { bans: quarantines });
}

/** Holders that say that they have frozen a key. */
export function frozenAt(
  key: KeyName & Pick<GroupKey, "members" | "session">,
  { keyStates }: Pick<State, "keyStates">,
): readonly PeerId[] {
  const told = keyStates.get(keyId(key));
  return key.members.filter((peer) => {
    const event = told?.get(peer);
    return event?.state === "frozen" && event.session === key.session;
  });
}

/** What keeps a key's holders apart. */
export interface Restraint {
  apart: readonly Pair[];
  /** Refuse to sign with this key at all. */
  frozen: readonly PeerId[];
}

export const unrestrained: Restraint = { apart: [], frozen: [] };

export function restraintOf(
  key: GroupKey | null,
  state: Pick<State, "bans" | "quarantines" | "keyStates">,
): Restraint {
  if (!key) return unrestrained;
  return {
    apart: [...bansOf(key, state), ...quarantinesOf(key, state)].map(({ by, other }) => [by, other] as const),
    frozen: frozenAt(key, state),
  };
}

/** Whether these may sign together. */
export function mayMeet(party: readonly PeerId[], { apart, frozen }: Restraint): boolean {
  return forbiddenPairIn(party, apart) === null && !party.some((peer) => frozen.includes(peer));
}

/**
 * Whether a key can sign: `now`; `later`, when a frozen key is unfrozen or a quarantined pair released; or `never`, when
 * every party has a pair in it that is banned, which nothing undoes.
 */
export function outlook(
  key: GroupKey,
  state: Pick<State, "bans" | "quarantines" | "keyStates">,
): "now" | "later" | "never" {
  if (freeParty(key, restraintOf(key, state)) !== null) return "now";
  const forGood = { apart: bansOf(key, state).map(({ by, other }) => [by, other] as const), frozen: [] };
  return freeParty(key, forGood) === null ? "never" : "later";
}

/**
 * Who signs where nobody was chosen: whoever the cluster draws, or, where some must not meet, a party that may.
 *
 * @param first Preferred, if they may.
 * @returns `any` if it does not matter; null if there is no party left.
 */
export function freeParty(
  { members, threshold }: Pick<GroupKey, "members" | "threshold">,
  { apart, frozen }: Restraint,
  first: readonly PeerId[] = [],
): readonly PeerId[] | "any" | null {
  if (apart.length === 0 && frozen.length === 0) return "any";
  const order = [
    ...first.filter((peer) => members.includes(peer)),
    ...members.filter((peer) => !first.includes(peer)),
  ];
  return findParty(order.filter((peer) => !frozen.includes(peer)), threshold, apart);
}
