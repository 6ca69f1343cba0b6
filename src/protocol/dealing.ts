/**
 * The table of who deals what to whom. Every act is one conversation, {@linkcode drawKey}: each dealer i shares
 * a secret a_i by a polynomial of degree t'-1, each recipient j adds up the f_i(x_j) dealt to it, and the key is
 * the sum of the a_i · G.
 *
 * | act      | dealers                | a_i       | A_i0 must be | recipients         | key and chain code |
 * | -------- | ---------------------- | --------- | ------------ | ------------------ | ------------------ |
 * | generate | all members            | random    | anything     | the same           | made by all        |
 * | reshare  | t holders of epoch e   | λ_i · s_i | λ_i · S_i    | members of e+1     | those of e         |
 *
 * To refresh shares, or to replace a lost one, is to reshare: only the sets differ (Desmedt–Jajodia 1997;
 * Wong–Wang–Wing 2002). Every dealer proves that it knows a_i.
 *
 * Three numberings are in use, and each has one purpose:
 * - a holder's identifier x_i, its place among the members of e, from 1: λ_i and S_i, nothing else
 * - a recipient's identifier x_j, its place among the members of e+1, from 1: shares, verifying shares, pairs
 * - a place in the party, from 1: promises, proofs and echoes
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { lagrange } from "../crypto/feldman.ts";
import type { Element, Group } from "../crypto/group.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxParties } from "../limits.ts";
import type { PublicKeyPackage } from "../ports.ts";

/** The acts of the table. */
export type Act = "generate" | "reshare";

/** The key of epoch e, as its certificate has it. */
export type HeldKey = Pick<
  PublicKeyPackage,
  "epoch" | "threshold" | "members" | "publicKey" | "verifyingShares" | "chainCode"
>;

/** The rule for a dealer's secret a_i, and with it for its commitment A_i0. */
export type ConstantTerm =
  /** A_i0 may be anything. */
  | { readonly is: "random" }
  /** a_i = λ_i · s_i, A_i0 = λ_i · S_i: the dealer's share of `of`, weighted among all dealers. */
  | { readonly is: "weighted-share"; readonly of: HeldKey };

/** One row of the table, with its peers. The same at everyone in the party. */
export interface Dealing {
  readonly act: Act;
  readonly dealers: readonly PeerId[];
  /** The members of the new sharing, in the order of their identifiers x_j = 1..n'. 2 to 16. */
  readonly recipients: readonly PeerId[];
  /**
   * Everyone who takes part, 2 to 32. In a generation the members; in a resharing, sorted, the recipients and every
   * holder of epoch e that is not gone: also those that neither deal nor receive have to know what becomes of the key.
   */
  readonly party: readonly PeerId[];
  /** The holders of epoch e that take no part: lost, or never to be asked again. */
  readonly gone: readonly PeerId[];
  /** t', from 2 to n'. */
  readonly threshold: number;
  readonly constantTerm: ConstantTerm;
  /** The chain code that the key has already, 32 bytes; null where everyone has a part in it. */
  readonly chainCode: Uint8Array | null;
}

/** The dealing that makes a key. @param members In the order of their identifiers 1..n. */
export function generation(members: readonly PeerId[], threshold: number): Dealing {
  return {
    act: "generate",
    dealers: members,
    recipients: members,
    party: members,
    gone: [],
    threshold,
    constantTerm: { is: "random" },
    chainCode: null,
  };
}

/** The peers of a resharing. */
export interface Resharing {
  /** Exactly t of the members of epoch e. */
  readonly dealers: readonly PeerId[];
  /** The members of epoch e+1, in the order of their new identifiers: any set of 2 to 16 peers. */
  readonly recipients: readonly PeerId[];
  /** t', from 2 to n'. */
  readonly threshold: number;
  /** Members of epoch e that take no part. */
  readonly gone: readonly PeerId[];
}

/** The dealing that gives a key to another set of members, or new shares to the same. */
export function resharing(key: HeldKey, { dealers, recipients, threshold, gone }: Resharing): Dealing {
  return {
    act: "reshare",
    dealers,
    recipients,
    party: resharingParty(key, { recipients, gone }),
    gone,
    threshold,
    constantTerm: { is: "weighted-share", of: key },
    chainCode: key.chainCode,
  };
}

/** The party of a resharing: its recipients, and the members of epoch e that are not gone. Sorted. */
export function resharingParty(
  { members }: Pick<HeldKey, "members">,
  { recipients, gone }: Pick<Resharing, "recipients" | "gone">,
): readonly PeerId[] {
  return [...new Set([...recipients, ...members.filter((peer) => !gone.includes(peer))])].sort();
}

/**
 * Whether a resharing is one of this key: exactly its threshold of its members deal, those that are gone were members
 * and get nothing, and everyone else of it is in the party, with the recipients.
 */
export function isOf(
  key: Pick<HeldKey, "members" | "threshold">,
  { dealers, recipients, gone }: Pick<Resharing, "dealers" | "recipients" | "gone">,
  party: readonly PeerId[],
): boolean {
  const areDealers = new Set(dealers).size === dealers.length && dealers.length === key.threshold &&
    dealers.every((peer) => key.members.includes(peer) && !gone.includes(peer));
  const areGone = gone.every((peer) => key.members.includes(peer) && !recipients.includes(peer));
  return areDealers && areGone && samePeers(resharingParty(key, { recipients, gone }), party);
}

/** The party that a dealing has to have. */
function partyOf({ constantTerm, recipients, gone }: Dealing): readonly PeerId[] {
  return constantTerm.is === "random" ? recipients : resharingParty(constantTerm.of, { recipients, gone });
}

/** Whether two lists have the same peers in the same order. */
export const samePeers = (one: readonly PeerId[], other: readonly PeerId[]): boolean =>
  one.length === other.length && one.every((peer, i) => peer === other[i]);

/**
 * Whether a message of a dealing has content: a dealer's opening, a share from a dealer to a recipient, and what two
 * recipients set their pair up with. Everyone confirms.
 *
 * @param to The recipient of a direct message; "*" for one that goes to all.
 */
export function hasContent(
  { dealers, recipients }: Pick<Dealing, "dealers" | "recipients">,
  { round, from, to }: { round: string; from: PeerId; to: PeerId | "*" },
): boolean {
  const isRecipient = (peer: PeerId | "*") => recipients.includes(peer);
  switch (round) {
    case "reveal":
      return dealers.includes(from);
    case "deal":
      return dealers.includes(from) && isRecipient(to);
    case "offer":
    case "choose":
      return isRecipient(from) && isRecipient(to);
    default:
      return true;
  }
}

/** A peer's number in a list, from 1: 0, a sharing's secret, is nobody's. @throws {Error} For a stranger. */
function numberIn(peers: readonly PeerId[], peer: PeerId): number {
  const index = peers.indexOf(peer);
  if (index < 0) throw new Error("Cannot number a peer: it is not in the list");
  return index + 1;
}

/** x_j: a recipient's identifier in the new sharing. @throws {Error} For a peer that is none. */
export const recipientIdentifier = (dealing: Dealing, peer: PeerId): number =>
  numberIn(dealing.recipients, peer);

/** A peer's place in the party, from 1. @throws {Error} For a stranger. */
export const placeInParty = (dealing: Dealing, peer: PeerId): number => numberIn(dealing.party, peer);

/** x_i: a holder's identifier in the sharing that is dealt anew. @throws {Error} For a peer that is none. */
const holderIdentifier = (key: HeldKey, peer: PeerId): number => numberIn(key.members, peer);

/** λ_i at 0 of a dealer's share, among all dealers. */
function weightOf(group: Group, key: HeldKey, dealing: Dealing, dealer: PeerId): bigint {
  const holders = dealing.dealers.map((peer) => holderIdentifier(key, peer));
  return lagrange(group, holderIdentifier(key, dealer), holders);
}

/**
 * The constant term A_i0 that each dealer's commitment must have; null where it may be anything.
 *
 * @throws {Error} If a verifying share is no element.
 */
export function constantTerms(group: Group, dealing: Dealing): ReadonlyMap<PeerId, Element> | null {
  const { constantTerm, dealers } = dealing;
  if (constantTerm.is === "random") return null;
  const { of: key } = constantTerm;
  return new Map(dealers.map((dealer) => {
    const verifyingShare = group.decodeElement(key.verifyingShares[holderIdentifier(key, dealer) - 1]!);
    return [dealer, group.combine([verifyingShare], [weightOf(group, key, dealing, dealer)])];
  }));
}

/**
 * The secret a_i that a dealer has to deal; null where it draws one.
 *
 * @param share Its share of epoch e, 32 bytes: only read.
 */
export function dealersSecret(
  group: Group,
  dealing: Dealing,
  dealer: PeerId,
  share: Uint8Array | null,
): bigint | null {
  const { constantTerm } = dealing;
  if (constantTerm.is === "random" || share === null) return null;
  return group.reduce(weightOf(group, constantTerm.of, dealing, dealer) * group.decodeScalar(share));
}

/**
 * @throws {InputError} If the dealing is in no row of the table, its peers or its threshold are not as in
 * {@linkcode Dealing}, or epoch e is not one sharing of one key.
 */
export function checkDealing(group: Group, dealing: Dealing): void {
  const { recipients, threshold, constantTerm } = dealing;
  checkRow(dealing);
  checkPeers("party", recipients);
  const n = recipients.length;
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > n) {
    throw new InputError("threshold", `expected 2 to ${n}, found ${threshold}`);
  }
  if (constantTerm.is === "weighted-share") checkHolders(group, dealing, constantTerm.of);
  if (!samePeers(dealing.party, partyOf(dealing))) {
    throw new InputError("party", "expected recipients and holders in their order, found others");
  }
}

/** Live shares are dealt in a resharing alone: a failed generation shows all that was dealt in it. */
function checkRow({ act, constantTerm, chainCode, dealers, recipients, gone }: Dealing): void {
  if (act !== (constantTerm.is === "random" ? "generate" : "reshare")) {
    throw new InputError("act", `expected constant terms to ${act}, found ${constantTerm.is}`);
  }
  if (constantTerm.is === "random" ? chainCode !== null : !isChainCode(chainCode, constantTerm.of)) {
    throw new InputError(
      "chainCode",
      "expected 32 bytes of the key that is dealt anew, or none, found others",
    );
  }
  if (act === "generate" && gone.length > 0) {
    throw new InputError("gone", `expected nobody, found ${gone.length} peers`);
  }
  if (act === "generate" && !samePeers(dealers, recipients)) {
    throw new InputError("dealers", "expected all members, found others");
  }
}

const isChainCode = (chainCode: Uint8Array | null, of: HeldKey): boolean =>
  chainCode?.length === 32 && equal(chainCode, of.chainCode);

/** @throws {InputError} If the dealers are not exactly t holders of one sharing of the key. */
function checkHolders(group: Group, dealing: Dealing, key: HeldKey): void {
  const { dealers, recipients, gone } = dealing;
  checkPeers("members", key.members);
  const isGone = gone.filter((peer) => key.members.includes(peer) && !recipients.includes(peer));
  if (new Set(gone).size !== gone.length || isGone.length !== gone.length) {
    throw new InputError("gone", "expected different members that receive nothing, found others");
  }
  if (key.verifyingShares.length !== key.members.length) {
    throw new InputError("key", `expected ${key.members.length} verifying shares, found another number`);
  }
  if (new Set(dealers).size !== dealers.length || dealers.length !== key.threshold) {
    throw new InputError("dealers", `expected ${key.threshold} different peers, found ${dealers.length}`);
  }
  if (!dealers.every((dealer) => key.members.includes(dealer) && !gone.includes(dealer))) {
    throw new InputError("dealers", "expected members of the key that are not gone, found another peer");
  }
  const sum = group.sum([...constantTerms(group, dealing)!.values()]);
  if (!sum.equals(group.decodeElement(key.publicKey))) {
    throw new InputError("key", "expected verifying shares of its public key, found others");
  }
}

function checkPeers(field: string, peers: readonly PeerId[]): void {
  const count = peers.length;
  if (count < 2 || count > maxParties || new Set(peers).size !== count) {
    throw new InputError(field, `expected 2 to ${maxParties} different peers, found ${count}`);
  }
}
