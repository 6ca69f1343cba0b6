/**
 * Where a key comes from: that a manager of this cluster asked for exactly it. Without that proof a certificate says
 * only that its own signers made some key, under a name of their choice.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import { certified, type KeyRow } from "../../keystore/key_rows.ts";
import { readPreimage } from "../records/preimage.ts";
import type { Right, Roster } from "../roster/roster.ts";

/** What an origin is checked by. */
export interface OriginChecks {
  identity: Pick<Identity, "verify">;
  /** The cluster's id: its admin key. */
  cluster: PeerId;
  /** The roster with this hash, signed by its admin key; null if it cannot be had. */
  rosterOf(hash: Uint8Array): Promise<Roster | null>;
}

/**
 * Whether a certificate is of a key of this cluster: all members have signed it, and its session is the one in which a
 * manager asked for it under that name, with these members, all of them holders, and this threshold. The rights are
 * those of the roster that the session was held under. A manager that was removed since could date a command back.
 */
export async function isAskedFor(
  row: Pick<KeyRow, "session" | "key" | "transcript" | "votes" | "preimage">,
  { identity, cluster, rosterOf }: OriginChecks,
): Promise<boolean> {
  const { session, key } = row;
  if (key === null) return false;
  const preimage = await readPreimage(identity, row.preimage);
  if (preimage === null || !equal(preimage.session, session)) return false;
  const { command, initiator, invite } = preimage;
  const asked = command.kind === "generate" && command.cluster === cluster &&
    command.wallet === key.wallet && command.curve === key.curve && command.threshold === key.threshold &&
    command.members.join() === key.members.join() && key.epoch === 1;
  if (!asked || !await certified(identity, row)) return false;
  const roster = await rosterOf(invite.rosterHash);
  if (roster === null || roster.cluster !== cluster || roster.version !== invite.rosterVersion) return false;
  const may = (peer: PeerId, right: Right) =>
    roster.peers.some((known) => known.peer === peer && known.rights.includes(right));
  return may(initiator, "manager") && key.members.every((member) => may(member, "holder"));
}
