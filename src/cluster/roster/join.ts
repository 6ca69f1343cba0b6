/**
 * How a peer gets into the roster: with a token that the holder of the admin key gave out, over the one protocol that
 * strangers reach. Here: what is said, and the side that asks.
 * @module
 */
import { base64urlnopad } from "@scure/base";
import * as v from "valibot";
import { bytes, bytesUpTo, record, text, uint } from "../../crypto/codec.ts";
import { ChannelError, InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { joinMs, maxInviteMs, maxJoinFrame } from "../../limits.ts";
import type { Channel, Clock, Identity, Network, Random } from "../../ports.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { protocols } from "../context.ts";
import { joinCommitment, joinDigest, joinNonceLength, joinReveal } from "./join_words.ts";
import { longestName, wrongPeerName } from "./peer_name.ts";
import { type Roster, verifyRoster } from "./roster.ts";
import { askRoster } from "../keys/sync.ts";

/** The first word of who asks. A name that nobody would sign does not decode. */
export const joinRecord = record("quorate/2/join", {
  token: bytes(16),
  /** {@linkcode joinCommitment}, 32 bytes. */
  commitment: bytes(32),
  name: v.pipe(text(longestName), v.check((name) => wrongPeerName(name) === null, "expected a name")),
});

/** Why an asker does not get in. */
export type Refusal = "used" | "expired" | "declined" | "full";

/**
 * `waiting` may come before one of the others: a person is asked as soon as the asker reveals its nonce. `joined`: it is in; the roster itself is asked
 * for like any peer asks for it.
 */
export const joinAnswer = record("quorate/2/join-answer", {
  says: v.picklist(["waiting", "joined", "used", "expired", "declined", "full"]),
  /** For `joined`: the roster's version. For `waiting`: for how long, ms. Else 0. */
  number: uint,
  /** For `waiting`: the admitting side's nonce, 32 bytes. Else empty. */
  nonce: bytesUpTo(joinNonceLength),
});

/** What is in a link's fragment: where to ask, and what to show. */
export interface Invitation {
  /** The cluster's id: the roster that comes back must be signed by it. */
  cluster: PeerId;
  /** Who holds the admin key. */
  peer: PeerId;
  /** Where it can be dialled: multiaddrs. */
  addresses: readonly string[];
  /** 16 bytes. */
  token: Uint8Array;
}

/** Why an invitation let nobody in. */
export type InvitationProblem =
  /** It is no invitation. */
  | "malformed"
  /** It was used, is being used, was withdrawn, or is unknown to whoever should have given it out. */
  | "used"
  | "expired"
  /** A person said no. */
  | "declined"
  /** The roster has no room. */
  | "full"
  /** Whoever gave it out is not there, or lets in nobody at all at this time. */
  | "unanswered"
  /** Who answered is not of the cluster that it names. */
  | "other-cluster";

/** What is wrong with an invitation. Its field is `invitation`. */
export class InvitationError extends InputError {
  /** Why it lets nobody in. */
  readonly why: InvitationProblem;

  /** Says why. */
  constructor(why: InvitationProblem, problem: string, options?: ErrorOptions) {
    super("invitation", problem, options);
    this.why = why;
  }
}

const invitationShape = v.strictTuple([
  v.literal("quorate/1"),
  v.string(),
  v.string(),
  v.array(v.string()),
  v.string(),
]);

/** An invitation as text without blanks, for the fragment of a link: it is never sent to a web server. */
export function formatInvitation({ cluster, peer, addresses, token }: Invitation): string {
  const json = JSON.stringify(["quorate/1", cluster, peer, addresses, base64urlnopad.encode(token)]);
  return base64urlnopad.encode(new TextEncoder().encode(json));
}

/** How every invitation begins: `["quorate` in base64url. */
const beginning = "WyJxdW9yYXRl";
const anyInvitation = new RegExp(`${beginning}[\\w-]*`);

/**
 * The invitation in a text, as {@linkcode formatInvitation} wrote it, or null if there is none. The text may be the
 * whole link, and may have come through a mail program: blanks, line ends, soft line ends and marks of a quotation are
 * never part of an invitation, and neither is what stands before or behind it: a bracket, a full stop, `&`.
 */
export function invitationIn(text: string): string | null {
  return anyInvitation.exec(inOneLine(text))?.[0] ?? null;
}

/** A text as it was before a mail program broke its lines. */
export function inOneLine(text: string): string {
  return text
    .replace(/=\r?\n/g, "") // a soft line end (RFC 2045 §6.7)
    .replace(/[\r\n]+[> ]*/g, "") // a line end, and what marks the next line as quoted
    .replace(/[\s\p{Cf}]/gu, "");
}

/**
 * Reads what {@linkcode formatInvitation} wrote, or the link that has it behind its #; see {@linkcode invitationIn} for
 * what is let pass besides.
 *
 * @throws {InvitationError} `malformed`
 */
export function parseInvitation(text: string): Invitation {
  try {
    const json = new TextDecoder().decode(base64urlnopad.decode(invitationIn(text) ?? ""));
    const [, cluster, peer, addresses, token] = v.parse(invitationShape, JSON.parse(json));
    return { cluster, peer, addresses, token: base64urlnopad.decode(token) };
  } catch (cause) {
    const problem = "expected what follows # in an invitation's link, found something else";
    throw new InvitationError("malformed", problem, { cause });
  }
}

const problems: Readonly<Record<Refusal, string>> = {
  used: "expected one that is open, found one that was used, is being used, was withdrawn or is unknown",
  expired: "expected one that is open, found one that has expired",
  declined: "expected to be let in, found that whoever holds the admin key said no",
  full: "expected room for one more, found that the cluster's roster is full",
};
const nobody = (cause?: unknown) =>
  new InvitationError("unanswered", "expected an answer, found that nobody gave one", { cause });

/** How one asks. */
export interface AskOptions {
  /** How the others will call this peer. */
  name: string;
  /** By which it is waited. */
  clock: Clock;
  /** The source of the nonce that the words are made of. */
  random: Random;
  /** Told when a person is being asked, with {@linkcode joinDigest}: what that person must hear as words. */
  waiting?: (digest: Uint8Array) => void;
  /** Calls it off. */
  signal: AbortSignal;
}

/**
 * Asks to join, as a stranger, and waits as long as a person is being asked.
 *
 * @param network Started, with nobody in its roster yet.
 * @returns The roster in which this peer is.
 * @throws {InputError} `name`, if it is none. {@linkcode InvitationError}, saying why it let nobody in. The signal's
 * reason, if that aborts.
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
    if (roster === null || roster.version < version) throw nobody();
    if (roster.cluster !== cluster || !await verifyRoster(identity, roster)) {
      throw new InvitationError(
        "other-cluster",
        `expected the roster of cluster ${cluster}, found another's`,
      );
    }
    if (!roster.peers.some((known) => known.peer === identity.peer)) throw nobody();
    return roster;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof ChannelError || error instanceof TypeError ? nobody(error) : error;
  }
}

/** @returns The version of the roster in which the asker is. @throws {InputError} @throws {ChannelError} @throws {TypeError} */
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
    let answer = await within(clock, joinMs, signal, (signal) => answerOf(channel, signal));
    if (answer.says === "waiting") {
      if (answer.nonce.length !== joinNonceLength) throw nobody();
      await channel.send(joinReveal.encode({ nonce }));
      waiting?.(joinDigest({ cluster, admin, joiner, token }, { joiner: nonce, admin: answer.nonce }));
      const ms = Math.min(answer.number, maxInviteMs) + joinMs;
      answer = await within(clock, ms, signal, (signal) => answerOf(channel, signal));
    }
    if (answer.says !== "joined") throw nobody();
    await channel.end();
    return answer.number;
  } catch (error) {
    channel.abort(); // whoever no longer waits gives its place free
    throw error;
  }
}

/** @throws {InputError} `name` */
export function checkName(name: string): void {
  const wrong = wrongPeerName(name);
  if (wrong !== null) throw new InputError("name", wrong);
}

/** The next answer that is no refusal. @throws {InvitationError} @throws {ChannelError} @throws {TypeError} */
async function answerOf(
  channel: Channel,
  signal: AbortSignal,
): Promise<ReturnType<typeof joinAnswer.decode>> {
  const frame = await orAborted(channel.receive(), signal);
  if (frame === null) throw nobody(signal.reason);
  const answer = joinAnswer.decode(frame);
  if (answer.says === "waiting" || answer.says === "joined") return answer;
  throw new InvitationError(answer.says, problems[answer.says]);
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
