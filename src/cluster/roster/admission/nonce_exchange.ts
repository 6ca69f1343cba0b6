/**
 * The exchange of nonces on the admitting side, from which both sides make the four words.
 * @module
 */
import { ChannelError } from "../../../errors.ts";
import { joinMs } from "../../../limits.ts";
import type { Channel } from "../../../ports.ts";
import { deadline, orAborted } from "../../../session/deadline.ts";
import type { RosterContext } from "../roster_context.ts";
import type { Applicant } from "./applicant.ts";
import { joinAnswer, joinReveal } from "./join_records.ts";
import { joinDigest, joinNonceLength, opensCommitment } from "./join_words.ts";

/**
 * The number of nonces that an invitation gives out beyond its uses; then it closes. Each nonce gives an
 * attacker one chance in 2^44 to be shown with another peer's words, even if it leaves before anybody has
 * seen them. An honest peer needs one nonce, and another when its connection breaks.
 */
const spareNonces = 64;

/**
 * Sends a nonce, and receives the one that the applicant has committed to.
 *
 * @param ms The time that the invitation lasts, which is sent to the applicant.
 * @returns The digest that the four words are made of; null if the applicant reveals another nonce, none, or
 * too late, or if the invitation has given out too many nonces.
 */
export async function exchangeNonces(
  { clock, random, stopping, identity, roster }: RosterContext,
  channel: Channel,
  applicant: Applicant,
  ms: number,
): Promise<Uint8Array | null> {
  const { peer: joiner, frame: { token, commitment }, invite } = applicant;
  if (++invite.nonces > invite.uses + spareNonces) {
    invite.uses = 0;
    applicant.decide("used");
    return null;
  }
  const admin = identity.peer;
  const own = random(joinNonceLength);
  using patience = deadline(clock, joinMs, stopping);
  try {
    await channel.send(joinAnswer.encode({ state: "waiting", number: ms, nonce: own }));
    const frame = await orAborted(channel.receive(), patience.signal);
    const nonce = frame === null ? null : revealed(frame);
    if (nonce === null || !opensCommitment(commitment, nonce, { admin, joiner })) return null;
    const { cluster } = roster();
    return joinDigest({ cluster, admin, joiner, token }, { joiner: nonce, admin: own });
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return null; // the applicant has left
  }
}

function revealed(frame: Uint8Array): Uint8Array | null {
  try {
    return joinReveal.decode(frame).nonce;
  } catch {
    return null; // counts as abandoned
  }
}
