/**
 * A key's certificate as a coordinator and its members could have made it, honestly or not. Not a test by itself.
 * @module
 */
import { type Command, commandRecord } from "../../../src/cluster/records/command.ts";
import { encodePreimage } from "../../../src/cluster/records/preimage.ts";
import { type Roster, rosterHash } from "../../../src/cluster/roster/roster.ts";
import type { PeerId } from "../../../src/failure.ts";
import type { Identity, PublicKeyPackage } from "../../../src/ports.ts";
import type { KeyRow, Parent } from "../../../src/keystore/key_rows.ts";
import { voteBody } from "../../../src/keystore/vote_signatures.ts";
import { releaseRound, voteRound } from "../../../src/session/control.ts";
import { signEnvelope } from "../../../src/session/envelope.ts";
import { acceptRecord, attemptOf, inviteRecord, sessionOf } from "../../../src/session/invite.ts";
import { sign } from "../../../src/session/signed.ts";

/** What is otherwise than it should be. */
export interface MadeOptions {
  /** Whose roster the invite names; a key of which everything is in order is made under it. */
  roster: Roster;
  /** Who asks. */
  by: Identity;
  /** Of the key; who accepts and votes unless said otherwise. */
  members: readonly Identity[];
  threshold?: number;
  wallet?: string;
  /** Makes the public key, and whatever is random. */
  fill?: number;
  /** What the command says instead. */
  asked?: Partial<Command>;
  /** What the certified key says instead. */
  key?: Partial<PublicKeyPackage>;
  invited?: Partial<ReturnType<typeof inviteRecord.decode>>;
  /** Whose votes there are, in the place of the members'. */
  voters?: readonly Identity[];
  /** The session that was voted in, instead of the one that was asked for. */
  session?: Uint8Array;
  /** The attempt that was accepted. */
  attempt?: Uint8Array;
  /** The epoch that is dealt anew, who deals, and who takes part beside the members. */
  from?: { before: KeyRow; dealers: readonly Identity[]; others?: readonly Identity[] };
  /** What the certificate says of the epoch before instead. */
  parent?: Parent | null;
  /** Who has released it, in the place of the dealers. */
  releasers?: readonly Identity[];
}

const inOrder = (identities: readonly Identity[]) =>
  [...new Set(identities)].sort((a, b) => a.peer < b.peer ? -1 : 1);

export async function madeKey(options: MadeOptions): Promise<KeyRow> {
  const { roster, by, threshold = 2, wallet = "treasury", fill = 1 } = options;
  const { from } = options;
  const members = [...options.members].sort((a, b) => a.peer < b.peer ? -1 : 1);
  const party = from ? inOrder([...members, ...from.dealers, ...from.others ?? []]) : members;
  const dealers = from ? inOrder(from.dealers) : [];
  const peers = members.map(({ peer }): PeerId => peer);
  const none = new Uint8Array();
  const bytes = (length: number) => new Uint8Array(length).fill(fill);
  const command = await sign(by, commandRecord, {
    id: bytes(16),
    cluster: roster.cluster,
    kind: "generate",
    wallet,
    scheme: "ed25519",
    keyId: none,
    epoch: 0,
    threshold,
    members: peers,
    dealers: [],
    gone: [],
    signers: [],
    itemCount: 0,
    itemsHash: none,
    note: "",
    reference: "",
    coordinators: [peers[0]!],
    created: 0,
    expires: 60_000,
    ...(from && {
      kind: "reshare" as const,
      keyId: from.before.session,
      epoch: from.before.key!.epoch,
      dealers: dealers.map(({ peer }) => peer),
    }),
    ...options.asked,
  });
  const invite = await sign(members[0]!, inviteRecord, {
    command: command.encoded,
    party: from ? party.map(({ peer }) => peer) : command.value.members,
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    keyId: command.value.keyId,
    epoch: command.value.epoch,
    nonce: bytes(32),
    ...options.invited,
  });
  const attempt = options.attempt ?? attemptOf(invite.encoded);
  const accepts: Uint8Array[] = [];
  for (const member of party) {
    const accept = { attempt, boot: bytes(8), nonce: bytes(32), firstRound: none };
    accepts.push((await sign(member, acceptRecord, accept)).encoded);
  }
  const session = options.session ?? sessionOf(invite.encoded, accepts);
  const key: PublicKeyPackage = {
    wallet,
    scheme: "ed25519",
    epoch: 1,
    threshold,
    members: peers,
    publicKey: bytes(32),
    verifyingShares: members.map(() => bytes(32)),
    chainCode: bytes(32),
    ...options.key,
  };
  const transcript = bytes(32);
  const parent = options.parent !== undefined
    ? options.parent
    : from
    ? { session: from.before.session, vote: voteBody(from.before) }
    : null;
  const body = voteBody({ key, transcript, parent });
  const releases: Uint8Array[] = [];
  for (const releaser of options.releasers ?? dealers) {
    releases.push((await signEnvelope(releaser, { session, round: releaseRound, to: "*", body })).signature);
  }
  const votes: Uint8Array[] = [];
  for (const voter of options.voters ?? members) {
    votes.push((await signEnvelope(voter, { session, round: voteRound, to: "*", body })).signature);
  }
  const preimage = encodePreimage(invite.encoded, accepts);
  return {
    state: "active",
    session,
    key,
    transcript,
    share: none,
    opens: [],
    votes,
    nos: [],
    at: 0,
    preimage,
    parent,
    releases,
  };
}
