/**
 * How a member answers an invite: at once, or when its person has, with nothing kept that could not lapse.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import { acceptLapses, joinMs, maxCommandFrame } from "../../limits.ts";
import type { Channel, Consent } from "../../ports.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import {
  acceptRecord,
  askingRecord,
  attemptOf,
  consentedRecord,
  declineRecord,
  goRecord,
  inviteRecord,
  sessionOf,
} from "../../session/invite.ts";
import { readSigned, sign } from "../../session/signed.ts";
import { commandRecord, factsOf } from "../records/command.ts";
import { type Context, protocols } from "../context.ts";
import { type Agreed, declining, type Invitation, type Invited } from "./invitation.ts";
import type { SessionStreams } from "../links/session_streams.ts";
import { decodeOrder, isMessageOf } from "../records/order.ts";
import { encodePreimage } from "../records/preimage.ts";
import type { Sessions } from "./session_runner.ts";

export interface MemberOptions {
  context: Context;
  lines: SessionStreams;
  sessions: Sessions;
  invitation: Invitation;
}

export class Member {
  readonly #options: MemberOptions;
  /** Attempts of which a session came. */
  readonly #opened = new Set<string>();

  constructor(options: MemberOptions) {
    this.#options = options;
    const handler = (channel: Channel) =>
      void this.#invited(channel).catch((error) => {
        if (!(error instanceof ChannelError)) throw error; // the inviter went away: the accept lapses
      });
    options.context.network.handle(protocols.invite, handler, { maxFrame: maxCommandFrame });
  }

  async #invited(channel: Channel): Promise<void> {
    const { context: { clock, stopping, identity, teller }, lines } = this.#options;
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
    if (!lines.expect(invited.attempt)) {
      // The same invite once more: the session that came of the first one keeps its streams.
      teller.warn("replayed-frame", channel.peer);
      return channel.abort();
    }
    try {
      await this.#answer(channel, invited);
    } finally {
      if (!this.#opened.delete(invited.attempt.toHex())) lines.forget(invited.attempt);
      void channel.end(); // all is said; a peer has only so many streams
    }
  }

  async #answer(channel: Channel, invited: Invited): Promise<void> {
    const { context: { identity, random }, invitation } = this.#options;
    const { attempt } = invited;
    const waiting = new AbortController();
    let agreed: Agreed;
    try {
      agreed = await invitation.agree(invited, {
        waiting: waiting.signal,
        asking: async () => {
          void ended(channel).then(() => waiting.abort());
          await channel.send((await sign(identity, askingRecord, { attempt })).encoded);
        },
      });
    } catch (error) {
      if (error instanceof ChannelError) throw error;
      const { code, peers } = declining(error);
      return await channel.send((await sign(identity, declineRecord, { attempt, code, peers })).encoded);
    }
    using _name = agreed;
    if (agreed.asked) {
      return await channel.send((await sign(identity, consentedRecord, { attempt })).encoded);
    }
    const accept = await sign(identity, acceptRecord, { attempt, nonce: random(32) });
    await this.#accepted(channel, invited, accept.encoded, agreed.consent);
  }

  async #accepted(channel: Channel, invited: Invited, accept: Uint8Array, consent: Consent): Promise<void> {
    const { context: { clock, stopping }, invitation } = this.#options;
    using _counted = invitation.unopened(channel.peer);
    using patience = deadline(clock, acceptLapses, stopping);
    await channel.send(accept);
    const go = await orAborted(channel.receive(), patience.signal);
    if (go === null) return channel.abort();
    await this.#go(go, invited, accept, consent);
  }

  /** The coordinator's go, with everyone's accepts: computes the session's id and opens it. */
  async #go(encoded: Uint8Array, invited: Invited, own: Uint8Array, consent: Consent): Promise<void> {
    const { context: { teller }, sessions, invitation } = this.#options;
    const { command, message, invite, attempt } = invited;
    const accepts = await this.#accepts(encoded, invited);
    if (accepts === null || !accepts.some((accept) => equal(accept, own))) {
      return teller.warn("unauthentic-frame", invite.by);
    }
    try {
      invitation.stands(invited);
    } catch (error) {
      // The roster or this node has changed in the moment since: the accept lapses, and no session comes of it.
      if (error instanceof SessionError) return;
      throw error;
    }
    const { value } = command;
    const facts = { ...factsOf(command.by, value), attempt: attempt.toHex() };
    this.#opened.add(attempt.toHex());
    teller.session(facts, { type: "began", deadline: value.expires });
    const opening = {
      command: value,
      message,
      consent,
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
  }

  /** All accepts of an attempt in the order of the party, or null if they are not that. */
  async #accepts(encoded: Uint8Array, { invite, attempt }: Invited): Promise<Uint8Array[] | null> {
    let go: ReturnType<typeof goRecord.decode>;
    try {
      go = goRecord.decode(encoded);
    } catch {
      return null; // the caller warns
    }
    const { party } = invite.value;
    if (!equal(go.attempt, attempt) || go.accepts.length !== party.length) return null;
    const read = await Promise.all(
      go.accepts.map((a) => readSigned(this.#options.context.identity, acceptRecord, a)),
    );
    const good = read.every((accept, i) => accept?.by === party[i] && equal(accept!.value.attempt, attempt));
    return good ? go.accepts : null;
  }
}

/** Resolves when the coordinator has ended its stream, and so no longer waits. Nothing else is due from it meanwhile. */
async function ended(channel: Channel): Promise<void> {
  try {
    while (await channel.receive() !== null);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
  }
}
