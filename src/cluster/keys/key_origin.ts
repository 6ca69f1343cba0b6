/**
 * The origin of a key: the proof that a manager of this cluster asked for exactly this key. Without it, a
 * certificate only proves that its own signers made some key, under a name of their choice.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import { certified } from "../../keystore/vote_signatures.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import { readPreimage } from "../records/preimage.ts";
import type { Roster } from "../roster/roster.ts";
import type { Right } from "../records/rights.ts";

/** The means by which an origin is checked. */
export interface OriginChecks {
  identity: Pick<Identity, "verify">;
  /** The cluster's id: its admin key. */
  cluster: PeerId;
  /** The roster with a hash, signed by its admin key; null if it cannot be found. */
  rosterOf(hash: Uint8Array): Promise<Roster | null>;
}

/**
 * Whether a certificate is of a key of this cluster: all members have signed it, and in its session a manager
 * asked for it under that name, with these members, all of them holders, and this threshold. The rights are
 * those of the roster under which the session took place. A manager that was removed since could backdate a
 * command.
 */
export async function isAskedFor(
  row: Pick<KeyRow, "session" | "key" | "transcript" | "votes" | "preimage">,
  { identity, cluster, rosterOf }: OriginChecks,
): Promise<boolean> {
  const { session, key } = row;
  if (key === null) return false;
  const preimage = await readPreimage(identity, row.preimage);
  if (preimage === null || !equal(preimage.session, session)) return false;
  const { command, initiator, invited } = preimage;
  const asked = command.kind === "generate" && command.cluster === cluster &&
    command.wallet === key.wallet && command.scheme === key.scheme && command.threshold === key.threshold &&
    command.members.join() === key.members.join() && key.epoch === 1;
  if (!asked || !await certified(identity, row)) return false;
  const roster = await rosterOf(invited.rosterHash);
  if (roster === null || roster.cluster !== cluster || roster.version !== invited.rosterVersion) return false;
  const may = (peer: PeerId, right: Right) =>
    roster.peers.some((known) => known.peer === peer && known.rights.includes(right));
  return may(initiator, "manager") && key.members.every((member) => may(member, "holder"));
}
