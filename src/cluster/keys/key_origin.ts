/**
 * The origin of a key: the proof that a manager of this cluster asked for exactly this key. Without it, a
 * certificate only proves that its own signers made some key, under a name of their choice.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import { isOf } from "../../protocol/dealing.ts";
import { schemes } from "../../schemes/schemes.ts";
import { certified, isRelease, voteBody } from "../../keystore/vote_signatures.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import { type Preimage, readPreimage } from "../records/preimage.ts";
import type { Roster } from "../roster/roster.ts";
import type { Right } from "../records/rights.ts";

/** The means by which an origin is checked. */
export interface OriginChecks {
  identity: Pick<Identity, "verify">;
  /** The cluster's id: its admin key. */
  cluster: PeerId;
  /** The roster with a hash, signed by its admin key; null if it cannot be found. */
  rosterOf(hash: Uint8Array): Promise<Roster | null>;
  /** The certified epoch that a session made, which was checked in the same way before; undefined if it is not known. */
  epochOf(session: Uint8Array): CertifiedKey | undefined;
}

/** A certificate that names its key. */
export type CertifiedKey = Pick<
  KeyRow,
  "session" | "key" | "transcript" | "votes" | "preimage" | "parent" | "releases"
>;

/**
 * Whether a certificate is of a key of this cluster: all members have signed it, and in its session a manager
 * asked for it under that name, with these members, all of them holders, and this threshold. The rights are
 * those of the roster under which the session took place. A manager that was removed since could backdate a
 * command.
 *
 * The certificate of a later epoch is checked against the one before, so that a chain of them leads back to a command
 * that made the key: see {@linkcode follows}.
 */
export async function isAskedFor(row: CertifiedKey, checks: OriginChecks): Promise<boolean> {
  const { identity, cluster, rosterOf } = checks;
  const { session, key } = row;
  if (key === null) return false;
  const preimage = await readPreimage(identity, row.preimage);
  if (preimage === null || !equal(preimage.session, session)) return false;
  const { command, initiator, invited } = preimage;
  const named = command.cluster === cluster && command.wallet === key.wallet &&
    command.scheme === key.scheme &&
    command.threshold === key.threshold && command.members.join() === key.members.join();
  if (!named || !await certified(identity, row)) return false;
  if (command.kind === "generate" ? !isFirst(row) : !await follows(row, preimage, checks)) return false;
  const roster = await rosterOf(invited.rosterHash);
  if (roster === null || roster.cluster !== cluster || roster.version !== invited.rosterVersion) return false;
  const may = (peer: PeerId, right: Right) =>
    roster.peers.some((known) => known.peer === peer && known.rights.includes(right));
  return may(initiator, "manager") && preimage.party.every((peer) => may(peer, "holder"));
}

const isFirst = ({ key, parent, releases }: CertifiedKey): boolean =>
  key!.epoch === 1 && parent === null && releases.length === 0;

/**
 * Whether a certified epoch is the one before, dealt anew: the command names that epoch, its members that are not gone
 * took part, exactly its threshold of them dealt, and each dealer has signed what came of it. The key is the same, and
 * the new verifying shares are of one sharing of it.
 */
async function follows(row: CertifiedKey, preimage: Preimage, checks: OriginChecks): Promise<boolean> {
  const { command, party } = preimage;
  const { parent, releases } = row;
  const key = row.key!;
  if (command.kind !== "reshare" || parent === null || !equal(parent.session, command.keyId)) return false;
  const before = checks.epochOf(parent.session);
  if (!before?.key || !equal(parent.vote, voteBody(before))) return false;
  const { key: old } = before;
  const isSame = key.wallet === old.wallet && key.scheme === old.scheme && command.epoch === old.epoch &&
    key.epoch === old.epoch + 1 && equal(key.publicKey, old.publicKey) && equal(key.chainCode, old.chainCode);
  const { dealers, gone, members: recipients } = command;
  if (!isSame || !isOf(old, { dealers, recipients, gone }, party) || releases.length !== dealers.length) {
    return false;
  }
  if (key.verifyingShares.length !== key.members.length || !schemes[key.scheme].isOneSharing(key)) {
    return false;
  }
  const signed = await Promise.all(
    dealers.map((dealer, i) => isRelease(checks.identity, row, dealer, releases[i]!)),
  );
  return signed.every(Boolean);
}
