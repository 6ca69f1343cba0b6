/**
 * How a member answers an invite: at once, with its own checks made, and with nothing kept that could not lapse.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import type { DigestHash } from "../crypto/ecdsa_signature.ts";
import type { Curve } from "../events.ts";
import { ChannelError, type FailureCode, type PeerId, SessionError } from "../failure.ts";
import { acceptLapses, joinMs, maxAcceptsPerInviter, maxCommandFrame } from "../limits.ts";
import type { Channel } from "../ports.ts";
import { deadline, orAborted, pause } from "../session/deadline.ts";
import {
  acceptRecord,
  askingRecord,
  attemptOf,
  declineRecord,
  goRecord,
  inviteRecord,
  sessionOf,
} from "../session/invite.ts";
import { readSigned, sign, type Signed } from "../session/signed.ts";
import type { Bans } from "./bans.ts";
import { checkCommand, type Command, commandRecord, type Order } from "./command.ts";
import type { CommandsSeen } from "./commands_seen.ts";
import { type Context, has, protocols } from "./context.ts";
import type { Frozen } from "./frozen.ts";
import type { Keys } from "./keys.ts";
import type { Lines } from "./lines.ts";
import type { Links } from "./link.ts";
import { rosterHash } from "./roster.ts";
import type { Sessions } from "./sessions.ts";
import { decodeOrder, isMessageOf } from "./order.ts";
import { encodePreimage } from "./preimage.ts";
import { payloadOf } from "./signing.ts";
import type { SessionFacts } from "./telling.ts";
import type { Sync } from "./sync.ts";

/** What a person, or a rule, is asked before this node signs. */
export interface SigningRequest {
  /** The wallet's name. */
  wallet: string;
  /** The curve of its key. */
  curve: Curve;
  /** Who asks. */
  initiator: PeerId;
  /** What is to be signed, 0 to 65,536 bytes; null if whoever asks shows its digest alone. */
  message: Uint8Array | null;
  /** ECDSA: what is signed, 32 bytes; null for ed25519, which signs the message itself. */
  digest: Uint8Array | null;
  /** What makes the digest of the message, or is said to have made it; null for ed25519. */
  hash: DigestHash | null;
  /** Of the child that signs; empty for the key itself. */
  path: readonly number[];
  /** Who would sign, this node among them. */
  party: readonly PeerId[];
  /** Until when an answer counts, ms since 1970. */
  expires: number;
}
/** Decides whether this node signs; the signal aborts when the command expires. */
export type Approve = (
  request: SigningRequest,
  options: { signal: AbortSignal },
) => Promise<"accept" | "decline">;

type Invite = ReturnType<typeof inviteRecord.decode>;
export interface Invited extends Order {
  invite: Signed<Invite>;
  attempt: Uint8Array;
}

/** How soon a rule must have answered before the coordinator is told that a person is being asked, ms. */
const atOnce = 50;

export interface MemberOptions {
  context: Context;
  keys: Keys;
  bans: Bans;
  frozen: Frozen;
  links: Links;
  lines: Lines;
  seen: CommandsSeen;
  sessions: Sessions;
  sync: Sync;
  approve: Approve | null;
  /** Whether this node takes no new sessions. */
  draining(): boolean;
}

export class Member {
  readonly #o: MemberOptions;
  readonly #unopened = new Map<PeerId, number>();

  constructor(options: MemberOptions) {
    this.#o = options;
    const handler = (channel: Channel) =>
      void this.#invited(channel).catch((error) => {
        if (!(error instanceof ChannelError)) throw error; // the inviter went away: the accept lapses
      });
    options.context.network.handle(protocols.invite, handler, { maxFrame: maxCommandFrame });
  }

  async #invited(channel: Channel): Promise<void> {
    const { context: { clock, stopping, identity, teller }, lines } = this.#o;
    using patience = deadline(clock, joinMs, stopping);
    const first = await orAborted(channel.receive(), patience.signal);
    const read = first === null ? null : decodeOrder(first);
    const invite = read && await readSigned(identity, inviteRecord, read.signed);
    const command = invite && await readSigned(identity, commandRecord, invite.value.command);
    if (!invite || !command || invite.by !== channel.peer || !isMessageOf(command.value, read.message)) {
      if (first !== null) teller.warn("unauthentic-frame", channel.peer);
      return channel.abort();
    }
    const invited = { invite, command, message: read.message, attempt: attemptOf(invite.encoded) };
    lines.expect(invited.attempt);
    try {
      if (!await this.#answer(channel, invited)) return;
    } finally {
      if (!this.#opened.delete(invited.attempt.toHex())) lines.forget(invited.attempt);
      void channel.end(); // all is said; a peer has only so many streams
    }
  }

  readonly #opened = new Set<string>();

  /** @returns Whether a session came of it. */
  async #answer(channel: Channel, invited: Invited): Promise<boolean> {
    const { context: { identity, random }, sync } = this.#o;
    const { attempt, invite } = invited;
    let name: Disposable;
    try {
      if (invite.value.rosterVersion > this.#o.context.roster().version) await sync.roster(invite.by);
      this.check(invited);
      await this.approved(invited, async () => {
        await channel.send((await sign(identity, askingRecord, { attempt })).encoded);
      });
      this.check(invited); // a person takes time
      // From here on another invite for this name is declined: its session would end as soon as it began.
      name = this.#o.sessions.reserve(invited.command.value);
    } catch (error) {
      const { code, peers } = declining(error);
      await channel.send((await sign(identity, declineRecord, { attempt, code, peers })).encoded);
      await channel.end();
      return false;
    }
    using _name = name;
    const accept = await sign(identity, acceptRecord, { attempt, nonce: random(32) });
    return await this.#accepted(channel, invited, accept);
  }

  async #accepted(
    channel: Channel,
    invited: Invited,
    accept: Signed<ReturnType<typeof acceptRecord.decode>>,
  ): Promise<boolean> {
    const { clock, stopping } = this.#o.context;
    const inviter = channel.peer;
    this.#unopened.set(inviter, (this.#unopened.get(inviter) ?? 0) + 1);
    using patience = deadline(clock, acceptLapses, stopping);
    try {
      await channel.send(accept.encoded);
      const go = await orAborted(channel.receive(), patience.signal);
      if (go === null) {
        channel.abort();
        return false;
      }
      return await this.#go(go, invited, accept.encoded);
    } finally {
      this.#unopened.set(inviter, this.#unopened.get(inviter)! - 1);
    }
  }

  /** The coordinator's go, with everyone's accepts: computes the session's id and opens it. */
  async #go(encoded: Uint8Array, invited: Invited, mine: Uint8Array): Promise<boolean> {
    const { context: { teller }, sessions } = this.#o;
    const { command, message, invite, attempt } = invited;
    const accepts = await this.accepts(encoded, invited);
    if (accepts === null || !accepts.some((accept) => equal(accept, mine))) {
      teller.warn("unauthentic-frame", invite.by);
      return false;
    }
    const { value } = command;
    const facts: SessionFacts = {
      id: value.id.toHex(),
      attempt: attempt.toHex(),
      session: null,
      kind: value.kind,
      wallet: value.wallet,
      curve: value.curve,
    };
    this.#opened.add(attempt.toHex());
    teller.session(facts, { type: "began", initiator: command.by, deadline: value.expires });
    const opening = {
      command: value,
      message,
      initiator: command.by,
      party: invite.value.party,
      attempt,
      session: sessionOf(invite.encoded, accepts),
      preimage: encodePreimage(invite.encoded, accepts),
      facts,
      signal: new AbortController().signal,
    };
    // Its failure has been told, by its terminal event and its signed result.
    void sessions.run(opening).catch(() => {});
    return true;
  }

  /** All accepts of an attempt in the order of the party, or null if they are not that. */
  async accepts(encoded: Uint8Array, { invite, attempt }: Invited): Promise<Uint8Array[] | null> {
    let go: ReturnType<typeof goRecord.decode>;
    try {
      go = goRecord.decode(encoded);
    } catch {
      return null; // the caller warns
    }
    const { party } = invite.value;
    if (!equal(go.attempt, attempt) || go.accepts.length !== party.length) return null;
    const read = await Promise.all(
      go.accepts.map((a) => readSigned(this.#o.context.identity, acceptRecord, a)),
    );
    const good = read.every((accept, i) => accept?.by === party[i] && equal(accept!.value.attempt, attempt));
    return good ? go.accepts : null;
  }

  /**
   * This node's own checks of an invite.
   *
   * @throws {SessionError} What it declines with.
   */
  check(invited: Invited): void {
    const { invite, command } = invited;
    const { context, links, seen, sessions } = this.#o;
    const self = context.identity.peer;
    const roster = context.roster();
    const { party, rosterVersion } = invite.value;
    const { value } = command;
    if (this.#o.draining()) throw new SessionError("shutdown");
    if (rosterVersion !== roster.version || !equal(invite.value.rosterHash, rosterHash(roster))) {
      throw new SessionError("roster-mismatch");
    }
    checkCommand(invited, roster, seen.now());
    if (value.coordinator !== invite.by) throw new SessionError("not-authorized");
    if (seen.has(value.id.toHex())) throw new SessionError("replayed-command");
    if (!isParty(party, self, context)) throw new SessionError("session-mismatch");
    if (context.vault.locked) throw new SessionError("store-locked");
    if (value.kind === "generate") this.#checkGenerate(value, invite.value);
    else this.#checkSign(value, invite.value);
    const unlinked = party.filter((peer) => peer !== self && links.current(peer) === null);
    if (unlinked.length > 0) throw new SessionError("link-lost", { missing: unlinked });
    const waiting = this.#unopened.get(invite.by) ?? 0;
    if (sessions.count >= context.limits.sessions || waiting >= maxAcceptsPerInviter) {
      throw new SessionError("overloaded");
    }
  }

  #checkGenerate(command: Command, { party, key, epoch }: Invite): void {
    if (party.join() !== command.members.join() || key.length > 0 || epoch !== 0) {
      throw new SessionError("session-mismatch");
    }
    this.#o.sessions.reserve(command)[Symbol.dispose]();
  }

  #checkSign(command: Command, { party, key, epoch }: Invite): void {
    const row = this.#o.keys.own(command);
    if (!row) throw new SessionError("unknown-wallet");
    if (!equal(row.session, command.key)) throw new SessionError("epoch-mismatch");
    if (row.state === "pending") throw new SessionError("wallet-busy");
    if (row.key!.epoch !== epoch || !equal(row.session, key)) throw new SessionError("epoch-mismatch");
    if (this.#o.frozen.has(row.session.toHex())) throw new SessionError("key-frozen");
    this.#o.bans.check(row);
    const chosen = command.signers.length === 0 || command.signers.join() === party.join();
    const members = new Set(row.key!.members);
    if (party.length !== row.key!.threshold || !chosen || !party.every((peer) => members.has(peer))) {
      throw new SessionError("session-mismatch");
    }
    const banned = this.#o.bans.of(row.session.toHex()).filter((peer) => party.includes(peer));
    if (banned.length > 0) throw new Apart("peer-banned", banned);
    const quarantined = this.#o.frozen.quarantined(row.session.toHex()).filter((peer) =>
      party.includes(peer)
    );
    if (quarantined.length > 0) throw new Apart("pair-quarantined", quarantined);
  }

  /**
   * Asks whoever decides at this node.
   *
   * @param asking Told when that takes longer.
   * @throws {SessionError} `declined`.
   */
  async approved({ command, message, invite }: Invited, asking: () => Promise<void>): Promise<void> {
    const { context: { clock, stopping, identity }, approve } = this.#o;
    const { kind, wallet, curve, path, expires } = command.value;
    if (approve === null || kind !== "sign" || command.by === identity.peer) return;
    using patience = deadline(clock, Math.max(0, expires - clock.now()), stopping);
    const { party } = invite.value;
    const request = {
      wallet,
      curve,
      initiator: command.by,
      party,
      path,
      expires,
      ...shown({ ...command.value, message }),
    };
    const answer = approve(request, { signal: patience.signal });
    const soon = await Promise.race([answer, pause(clock, atOnce, patience.signal).then(() => null)]);
    if (soon === null) await asking();
    const said = soon ?? await orAborted(answer, patience.signal);
    if (said !== "accept") throw new SessionError("declined");
  }
}

/** Sorted, each once, this node among them, all holders. */
function isParty(party: readonly PeerId[], self: PeerId, context: Context): boolean {
  return party.includes(self) && party.every((peer, i) => i === 0 || party[i - 1]! < peer) &&
    party.every((peer) => has(context, peer, "holder"));
}

/** What a person gets to see of what is to be signed. */
function shown(
  command: Command & { message: Uint8Array },
): Pick<SigningRequest, "message" | "digest" | "hash"> {
  const { curve, message, digest, hash } = command;
  if (curve === "ed25519" || hash === "none") return { message, digest: null, hash: null };
  return { message: digest.length > 0 ? null : message, digest: payloadOf(command), hash };
}

/** A decline that says with whom: the coordinator may find a party without that pair. */
class Apart extends SessionError {
  readonly peers: readonly PeerId[];

  constructor(code: "peer-banned" | "pair-quarantined", peers: readonly PeerId[]) {
    super(code);
    this.peers = peers;
  }
}

function declining(error: unknown): { code: FailureCode; peers: PeerId[] } {
  if (error instanceof Apart) return { code: error.code, peers: [...error.peers] };
  if (error instanceof SessionError) return { code: error.code, peers: [...error.missing] };
  if (error instanceof ChannelError) throw error;
  return { code: "internal", peers: [] };
}
