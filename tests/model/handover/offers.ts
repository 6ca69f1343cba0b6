/**
 * The resharings of a model: real commands, keys and certificates of one epoch and of those that compete to follow it,
 * with signatures that are hashes.
 * @module
 */
import { groups } from "../../../src/crypto/group.ts";
import { commandRecord } from "../../../src/cluster/records/command.ts";
import { encodePreimage } from "../../../src/cluster/records/preimage.ts";
import { type Roster, rosterHash, signRoster } from "../../../src/cluster/roster/roster.ts";
import type { KeyRow } from "../../../src/keystore/key_rows.ts";
import { noOf, voteBody } from "../../../src/keystore/vote_signatures.ts";
import type { Envelope, Identity, PublicKeyPackage } from "../../../src/ports.ts";
import { resharingParty } from "../../../src/protocol/dealing.ts";
import { releaseRound, voteRound } from "../../../src/session/control.ts";
import { signEnvelope } from "../../../src/session/envelope.ts";
import { acceptRecord, attemptOf, inviteRecord, sessionOf } from "../../../src/session/invite.ts";
import { sign } from "../../../src/session/signed.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { stubIdentity } from "../../sim/identity.ts";

/** A resharing, its peers by their number. */
export interface Offer {
  /** The members of the new epoch. */
  readonly members: readonly number[];
  readonly threshold: number;
  readonly dealers: readonly number[];
  readonly gone: readonly number[];
}

/** The epoch that is dealt anew, and the resharings that compete for it: one or two. */
export interface Scenario {
  /** The number of peers, of which the first are `a`, `b`, `c`. */
  readonly peers: number;
  readonly members: readonly number[];
  readonly threshold: number;
  readonly offers: readonly Offer[];
}

/** A resharing with everything that can be signed in it. */
export interface Dealt extends Offer {
  readonly party: readonly number[];
  /** The certified epoch: the row of a key of which there is no share. */
  readonly row: KeyRow;
  readonly releases: ReadonlyMap<number, Envelope>;
  readonly votes: ReadonlyMap<number, Envelope>;
  /** The signed no of each peer, 64 bytes. */
  readonly nos: readonly Uint8Array[];
}

export interface Material {
  readonly scenario: Scenario;
  readonly identities: readonly Identity[];
  readonly roster: Roster;
  /** The certified epoch that is dealt anew, without a share. */
  readonly before: KeyRow;
  readonly dealt: readonly Dealt[];
}

const group = groups.ed25519;
const secret = 7n;
const none = new Uint8Array();
const filled = (length: number, fill: number) => new Uint8Array(length).fill(fill);

/** The letter of a peer: they sort as their numbers do. */
export const letter = (peer: number): string => "abcdefgh"[peer]!;

/** A sharing of the one secret: the verifying shares of the members 1..n on a polynomial of degree t - 1. */
function sharing(count: number, threshold: number, slope: bigint): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const x = BigInt(i + 1);
    let value = secret;
    for (let power = 1, term = x; power < threshold; power++, term *= x) {
      value += (slope + BigInt(power)) * term;
    }
    return group.encodeElement(group.multiplyBase(value));
  });
}

export async function material(scenario: Scenario): Promise<Material> {
  const { peers, members, threshold, offers } = scenario;
  const random = seededRandom("handover");
  const identities: Identity[] = [];
  for (let peer = 0; peer < peers; peer++) identities.push(await stubIdentity(random, letter(peer)));
  const admin = await stubIdentity(random, "admin");
  const rights = ["holder", "initiator", "manager"] as const;
  const entries = identities.map(({ peer }) => ({ peer, name: peer, addresses: [], rights: [...rights] }));
  const roster = await signRoster(admin, entries, null);
  const key: PublicKeyPackage = {
    wallet: "treasury",
    scheme: "ed25519",
    epoch: 1,
    threshold,
    members: members.map(letter),
    publicKey: group.encodeElement(group.multiplyBase(secret)),
    verifyingShares: sharing(members.length, threshold, 100n),
    chainCode: filled(32, 5),
  };
  const unvoted: KeyRow = {
    state: "active",
    session: filled(32, 1),
    key,
    transcript: filled(32, 2),
    share: none,
    opens: [],
    votes: [],
    nos: [],
    at: 0,
    preimage: none,
    parent: null,
    releases: [],
  };
  const votes = await all(members, (peer) => voted(identities[peer]!, unvoted));
  const before: KeyRow = {
    ...unvoted,
    votes: members.map((peer) => votes.get(peer)!.signature),
    nos: members.map(() => none),
  };
  const made = { identities, roster, before };
  const dealt = await Promise.all(offers.map((offer, at) => deal(made, offer, at)));
  return { scenario, ...made, dealt };
}

async function deal(
  { identities, roster, before }: Pick<Material, "identities" | "roster" | "before">,
  offer: Offer,
  at: number,
): Promise<Dealt> {
  const old = before.key!;
  const { members, threshold, dealers, gone } = offer;
  const recipients = members.map(letter);
  const peers = resharingParty(old, { recipients, gone: gone.map(letter) });
  const party = peers.map((peer) => identities.findIndex((one) => one.peer === peer));
  const by = identities[party[0]!]!;
  const command = await sign(by, commandRecord, {
    id: filled(16, at),
    cluster: roster.cluster,
    kind: "reshare",
    wallet: old.wallet,
    scheme: old.scheme,
    keyId: before.session,
    epoch: 1,
    threshold,
    members: recipients,
    dealers: dealers.map(letter),
    gone: gone.map(letter),
    signers: [],
    itemCount: 0,
    itemsHash: none,
    note: "",
    reference: "",
    coordinators: [by.peer],
    created: 0,
    expires: 60_000,
  });
  const invite = await sign(by, inviteRecord, {
    command: command.encoded,
    party: [...peers],
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    keyId: before.session,
    epoch: 1,
    nonce: filled(32, at),
  });
  const accepts: Uint8Array[] = [];
  for (const peer of party) {
    const accept = { attempt: attemptOf(invite.encoded), boot: filled(8, 1), nonce: filled(32, at) };
    accepts.push((await sign(identities[peer]!, acceptRecord, { ...accept, firstRound: none })).encoded);
  }
  const unsigned: KeyRow = {
    ...before,
    session: sessionOf(invite.encoded, accepts),
    key: {
      ...old,
      epoch: 2,
      threshold,
      members: recipients,
      verifyingShares: sharing(members.length, threshold, 200n + BigInt(at)),
    },
    transcript: filled(32, 10 + at),
    preimage: encodePreimage(invite.encoded, accepts),
    parent: { session: before.session, vote: voteBody(before) },
  };
  const { session } = unsigned;
  const votes = await all(members, (peer) => voted(identities[peer]!, unsigned));
  const body = voteBody(unsigned);
  const releases = await all(
    party,
    (peer) => signEnvelope(identities[peer]!, { session, round: releaseRound, to: "*", body }),
  );
  const row: KeyRow = {
    ...unsigned,
    votes: members.map((peer) => votes.get(peer)!.signature),
    nos: members.map(() => none),
    releases: dealers.map((peer) => releases.get(peer)!.signature),
  };
  const nos = await Promise.all(identities.map((identity) => noOf(identity, session)));
  return { ...offer, party, row, releases, votes, nos };
}

const voted = (identity: Identity, row: KeyRow): Promise<Envelope> =>
  signEnvelope(identity, { session: row.session, round: voteRound, to: "*", body: voteBody(row) });

async function all<T>(peers: readonly number[], of: (peer: number) => Promise<T>): Promise<Map<number, T>> {
  return new Map(await Promise.all(peers.map(async (peer) => [peer, await of(peer)] as const)));
}
