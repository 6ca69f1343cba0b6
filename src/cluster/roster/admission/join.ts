/**
 * The asking side of joining: a peer without a roster shows its token, waits while a person is asked, and
 * gets the roster.
 * @module
 */
import { ChannelError, InputError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { joinMs, maxInviteMs, maxJoinFrame } from "../../../limits.ts";
import type { Channel, Clock, Identity, Network, Random } from "../../../ports.ts";
import { deadline, orAborted } from "../../../session/deadline.ts";
import { protocols } from "../../records/protocols.ts";
import { wrongPeerName } from "../peer_name.ts";
import { type Roster, verifyRoster } from "../roster.ts";
import { askRoster } from "../roster_sync.ts";
import { type Invitation, InvitationError } from "./invitation_link.ts";
import { type JoinAnswer, joinAnswer, joinRecord, joinReveal, type Rejection } from "./join_records.ts";
import { joinCommitment, joinDigest, joinNonceLength } from "./join_words.ts";

const problems: Readonly<Record<Rejection, string>> = {
  used: "expected one that is open, found one that was used, is being used, was withdrawn or is unknown",
  expired: "expected one that is open, found one that has expired",
  declined: "expected to be let in, found that whoever holds the admin key said no",
  full: "expected room for one more, found that the cluster's roster is full",
};
const unanswered = (cause?: unknown) =>
  new InvitationError("unanswered", "expected an answer, found that nobody gave one", { cause });

/** The options of asking. */
export interface AskOptions {
  /** The name that the peer asks for. */
  name: string;
  /** The clock of all time limits. */
  clock: Clock;
  /** The source of the nonce that the words are made of. */
  random: Random;
  /**
   * Called when a person is being asked, with {@linkcode joinDigest}, which that person must get as words.
   */
  waiting?: (digest: Uint8Array) => void;
  /** Cancels it. */
  signal: AbortSignal;
}

/**
 * Asks to join, as a stranger, and waits while a person is being asked.
 *
 * @param network Started, with nobody in its roster yet.
 * @returns The roster that has this peer in it.
 * @throws {InputError} `name`, if it is not a valid name. {@linkcode InvitationError}, with the reason for
 * which the invitation did not admit this peer. The signal's reason, if that aborts.
 */
export async function askToJoin(
  network: Network,
  identity: Pick<Identity, "verify" | "peer">,
  invitation: Invitation,
  { name, signal, ...options }: AskOptions,
): Promise<Roster> {
  checkName(name);
  const { cluster, peer, addresses } = invitation;
  const { clock } = options;
  try {
    const channel = await within(clock, joinMs, signal, async (signal) => {
      await network.connect(peer, addresses, signal);
      return await network.open(peer, protocols.join, { maxFrame: maxJoinFrame, signal });
    });
    const version = await ask(channel, identity.peer, invitation, { name, signal, ...options });
    const roster = await within(clock, joinMs, signal, (signal) => askRoster(network, peer, signal));
    if (roster === null || roster.version < version) throw unanswered();
    if (roster.cluster !== cluster || !await verifyRoster(identity, roster)) {
      throw new InvitationError(
        "other-cluster",
        `expected the roster of cluster ${cluster}, found another's`,
      );
    }
    if (!roster.peers.some((known) => known.peer === identity.peer)) throw unanswered();
    return roster;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof ChannelError || error instanceof TypeError ? unanswered(error) : error;
  }
}

/**
 * @returns The version of the roster that has the peer in it.
 *
 * @throws {InputError}
 *
 * @throws {ChannelError}
 *
 * @throws {TypeError}
 */
async function ask(
  channel: Channel,
  joiner: PeerId,
  { cluster, peer: admin, token }: Invitation,
  { name, clock, random, waiting, signal }: AskOptions,
): Promise<number> {
  const nonce = random(joinNonceLength);
  try {
    const commitment = joinCommitment(nonce, { admin, joiner });
    await channel.send(joinRecord.encode({ token, commitment, name }));
    let answer = await within(clock, joinMs, signal, (signal) => answerOn(channel, signal));
    if (answer.state === "waiting") {
      if (answer.nonce.length !== joinNonceLength) throw unanswered();
      await channel.send(joinReveal.encode({ nonce }));
      waiting?.(joinDigest({ cluster, admin, joiner, token }, { joiner: nonce, admin: answer.nonce }));
      const ms = Math.min(answer.number, maxInviteMs) + joinMs;
      answer = await within(clock, ms, signal, (signal) => answerOn(channel, signal));
    }
    if (answer.state !== "joined") throw unanswered();
    await channel.end();
    return answer.number;
  } catch (error) {
    channel.abort(); // releases the use of the invitation
    throw error;
  }
}

/** @throws {InputError} `name` */
export function checkName(name: string): void {
  const wrong = wrongPeerName(name);
  if (wrong !== null) throw new InputError("name", wrong);
}

/**
 * The next answer, `waiting` or `joined`.
 *
 * @throws {InvitationError}
 *
 * @throws {ChannelError}
 *
 * @throws {TypeError}
 */
async function answerOn(channel: Channel, signal: AbortSignal): Promise<JoinAnswer> {
  const frame = await orAborted(channel.receive(), signal);
  if (frame === null) throw unanswered(signal.reason);
  const answer = joinAnswer.decode(frame);
  if (answer.state === "waiting" || answer.state === "joined") return answer;
  throw new InvitationError(answer.state, problems[answer.state]);
}

async function within<T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using patience = deadline(clock, ms, parent);
  return await act(patience.signal);
}
