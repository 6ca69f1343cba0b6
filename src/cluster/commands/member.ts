/**
 * The member that is invited to a session: it answers at once, or when its person has answered, and keeps
 * nothing that does not lapse.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import { acceptLapses, firstFrameMs, maxCommandFrame } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import {
  askingRecord,
  attemptOf,
  consentedRecord,
  declineRecord,
  inviteRecord,
  readGo,
} from "../../session/invite.ts";
import { readSigned, sign } from "../../session/signed.ts";
import { commandRecord } from "../records/command.ts";
import { factsOf } from "../events/session_facts.ts";
import type { Context } from "../events/event_context.ts";
import { protocols } from "../records/protocols.ts";
import { type Agreement, declining, type Invitation, type Invited } from "./invitation.ts";
import type { SessionStreams } from "../links/session_streams.ts";
import { areItemsOf } from "../records/items.ts";
import { decodeOrder } from "../records/order.ts";
import { sendResult, signResult } from "./results.ts";
import type { Sessions } from "./session_runner.ts";

export interface MemberOptions {
  context: Context;
  streams: SessionStreams;
  sessions: Sessions;
  invitation: Invitation;
}

export class Member {
  readonly #options: MemberOptions;
  /** The attempts that became a session. */
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
    const { context: { clock, stopping, identity, eventLog }, streams } = this.#options;
    using patience = deadline(clock, firstFrameMs, stopping);
    const first = await orAborted(channel.receive(), patience.signal);
    const read = first === null ? null : decodeOrder(first);
    const invite = read && await readSigned(identity, inviteRecord, read.signed);
    const command = invite && await readSigned(identity, commandRecord, invite.value.command);
    if (!invite || !command || invite.by !== channel.peer || !areItemsOf(command.value, read.items)) {
      if (first !== null) eventLog.warn("unauthentic-frame", channel.peer);
      return channel.abort();
    }
    const invited = { invite, command, items: read.items, attempt: attemptOf(invite.encoded) };
    if (!streams.begin(invited.attempt)) {
      // The same invite once more: the session of the first one keeps its streams.
      eventLog.warn("replayed-frame", channel.peer);
      return channel.abort();
    }
    try {
      await this.#answer(channel, invited);
    } catch (error) {
      if (error instanceof ChannelError) await this.#abandoned(invited);
      throw error;
    } finally {
      if (!this.#opened.delete(invited.attempt.toHex())) streams.end(invited.attempt);
      void channel.end(); // nothing follows; the streams of a peer are limited
    }
  }

  async #answer(channel: Channel, invited: Invited): Promise<void> {
    const { context: { identity }, invitation } = this.#options;
    const { attempt } = invited;
    const waiting = new AbortController();
    let answer: Agreement;
    try {
      answer = await invitation.agree(invited, {
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
    using agreement = answer;
    if (agreement.accept !== null) {
      return await this.#accepted(channel, invited, agreement.accept.encoded, agreement);
    }
    await channel.send((await sign(identity, consentedRecord, { attempt })).encoded);
  }

  /**
   * Reports to the initiator that the coordinator has left before its go: this node opens no session of that
   * attempt any more, and nobody else can tell.
   */
  async #abandoned({ command: { by, value }, invite, attempt }: Invited): Promise<void> {
    const { context } = this.#options;
    if (by === context.identity.peer || by === invite.by) return;
    const ids = { id: value.id, attempt, session: new Uint8Array() };
    const left = new SessionError("peer-left", { missing: [invite.by] });
    await sendResult(context, by, await signResult(context, ids, left));
  }

  async #accepted(
    channel: Channel,
    invited: Invited,
    accept: Uint8Array,
    agreement: Agreement,
  ): Promise<void> {
    const { context: { clock, stopping }, streams } = this.#options;
    const { command: { value }, invite, attempt } = invited;
    streams.accept(attempt, invite.value.party, value.expires);
    using patience = deadline(clock, acceptLapses, stopping);
    await channel.send(accept);
    const go = await orAborted(channel.receive(), patience.signal);
    if (go === null) return channel.abort();
    await this.#go(go, invited, accept, agreement);
  }

  /**
   * Takes the coordinator's go, with everyone's accepts: computes the session's id and opens it. The first go
   * uses up what was drawn for the accept, whatever comes of it.
   */
  async #go(encoded: Uint8Array, invited: Invited, own: Uint8Array, agreement: Agreement): Promise<void> {
    const { context: { eventLog, identity }, sessions, invitation } = this.#options;
    const { command, invite, attempt } = invited;
    const go = await readGo(identity, encoded, {
      attempt,
      invite: invite.encoded,
      coordinator: invite.by,
      party: invite.value.party,
    });
    if (go === null || !go.accepts.some((accept) => equal(accept.encoded, own))) {
      return eventLog.warn("unauthentic-frame", invite.by);
    }
    try {
      invitation.stands(invited);
    } catch (error) {
      // The roster or this node has changed in the moment since: the accept lapses, and no session comes of
      // it.
      if (error instanceof SessionError) return;
      throw error;
    }
    const { value } = command;
    const facts = { ...factsOf(command.by, value), attempt: attempt.toHex() };
    this.#opened.add(attempt.toHex());
    eventLog.emitSession(facts, { type: "began", deadline: value.expires });
    const { signal } = new AbortController();
    // Its terminal event and its signed result report the failure.
    void sessions.run({ ...invited, go, drawn: agreement.take(), facts, signal }).catch(() => {});
  }
}

/**
 * Resolves when the coordinator has ended its stream, and so no longer waits. It sends nothing else
 * meanwhile.
 */
async function ended(channel: Channel): Promise<void> {
  try {
    while (await channel.receive() !== null);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
  }
}
