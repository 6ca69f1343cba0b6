/**
 * The streams of sessions. Each peer opens one to each other, and sends on it alone: no round trip passes
 * before its first message. The first frame says which session it is for; it is compared before anything is
 * unsealed.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { firstFrameMs, maxSessionFrame } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { openingRecord, openRecord } from "../../session/control.ts";
import { deadline, orAborted, pause } from "../../session/deadline.ts";
import { readSigned, sign } from "../../session/signed.ts";
import type { Streams } from "../../session/plan.ts";
import { acceptedTwice, type Attempt, readGo } from "../../session/invite.ts";
import type { IncomingStream, OutgoingStream } from "../../session/wire.ts";
import type { Context } from "../events/event_context.ts";
import { protocols } from "../records/protocols.ts";
import { Attempts } from "./attempts.ts";
import type { Arrived } from "./expected_streams.ts";
import type { LinkKeys } from "./link_keys.ts";

type Open = ReturnType<typeof openRecord.decode>;
/** The session that a node's streams are for. */
export interface Opens extends Pick<Open, "kind" | "session">, Attempt {
  /** The signed go, encoded. */
  readonly go: Uint8Array;
}

/** The time in which the stream of a peer that has dropped this node's may still come, ms. */
const crossingMs = 25;

export class SessionStreams {
  readonly #context: Context;
  readonly #links: LinkKeys;
  readonly #attempts: Attempts;

  constructor(context: Context, links: LinkKeys) {
    this.#context = context;
    this.#links = links;
    this.#attempts = new Attempts(context.clock);
    context.network.handle(protocols.session, (channel) => void this.#arrive(channel), {
      maxFrame: maxSessionFrame,
    });
  }

  /** Notes that an attempt is under way. @returns False if it is known already, or too many are. */
  begin(attempt: Uint8Array): boolean {
    return this.#attempts.begin(attempt);
  }

  /** Keeps the streams of an attempt's party: call it before this node's accept leaves. @param expires ms since 1970. */
  accept(attempt: Uint8Array, party: readonly PeerId[], expires: number): void {
    this.#attempts.accept(attempt, party, expires);
  }

  /** Takes no more streams of an attempt that is over or was given up. */
  end(attempt: Uint8Array): void {
    this.#attempts.end(attempt);
  }

  async #arrive(channel: Channel): Promise<void> {
    const { clock, stopping, eventLog } = this.#context;
    using patience = deadline(clock, firstFrameMs, stopping);
    try {
      const first = await orAborted(channel.receive(), patience.signal);
      const arrived = first === null ? null : await this.#read(first, channel);
      if (arrived === null) {
        if (first !== null) eventLog.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      const { attempt } = arrived.open.value;
      const expected = this.#attempts.streams(attempt);
      if (expected) return expected.arrive(arrived);
      eventLog.warn(this.#attempts.knows(attempt) ? "late-message" : "unknown-session", channel.peer);
      channel.abort();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /** Reads the first frame of a stream; null if it is not its sender's own. */
  async #read(frame: Uint8Array, channel: Channel): Promise<Arrived | null> {
    let opening: ReturnType<typeof openingRecord.decode>;
    try {
      opening = openingRecord.decode(frame);
    } catch {
      return null; // the caller warns
    }
    const open = await readSigned(this.#context.identity, openRecord, opening.open);
    return open?.by === channel.peer ? { channel, open, go: opening.go } : null;
  }

  /** The streams of one session. */
  of(opens: Opens): Streams {
    return {
      outgoing: (peer, signal) => leaving(peer, this.#dial(peer, opens, signal)),
      incoming: (peer, signal) => leaving(peer, this.#take(peer, opens, signal)),
    };
  }

  /** @throws {SessionError} `link-lost` where the link is being made anew; a `ChannelError` if the peer has left. */
  async #dial(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<OutgoingStream> {
    const { network, identity } = this.#context;
    const link = this.#links.current(peer);
    if (link === null && this.#links.state(peer) === "none") throw new ChannelError("left");
    if (link === null) throw new SessionError("link-lost", { missing: [peer] });
    try {
      const channel = await network.open(peer, protocols.session, { maxFrame: maxSessionFrame, signal });
      const { kind, attempt, session, go } = opens;
      const open = await sign(identity, openRecord, { kind, attempt, session, link: link.id });
      const reading = readToTheEnd(channel);
      void reading.then((how) => how === "dropped" ? this.#dropped(peer, attempt) : undefined);
      const ended = reading.then(() => {});
      await channel.send(openingRecord.encode({ open: open.encoded, go }));
      return { channel, linkSecret: link.secret, ended };
    } catch (error) {
      link.secret.fill(0);
      throw error;
    }
  }

  /** Gives up waiting for the stream of a peer that has dropped this node's: it does not take part. */
  async #dropped(peer: PeerId, attempt: Uint8Array): Promise<void> {
    await pause(this.#context.clock, crossingMs, this.#context.stopping);
    this.#attempts.streams(attempt)?.left(peer);
  }

  /** @throws {SessionError} `link-lost`, or as of {@linkcode SessionStreams.#differs}. */
  async #take(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<IncomingStream> {
    const expected = this.#attempts.streams(opens.attempt)!;
    const arriving = expected.from(peer);
    if (this.#links.state(peer) === "none") expected.left(peer);
    const arrived = await orAborted(arriving, signal);
    if (arrived === null) {
      arriving.then(({ channel }) => channel.abort(), () => {}); // it may still come before the session has ended
      throw new ChannelError("left");
    }
    const { channel, open: { value, encoded } } = arrived;
    try {
      if (value.kind !== opens.kind || !equal(value.session, opens.session)) {
        throw await this.#differs(arrived, opens);
      }
      const linkSecret = this.#links.secret(peer, value.link);
      if (linkSecret === null) throw new SessionError("link-lost", { missing: [peer] });
      return { channel, open: encoded, linkSecret };
    } catch (error) {
      channel.abort();
      throw error;
    }
  }

  /**
   * The failure of a session that a peer says is another one. Two gos for one attempt are the coordinator's
   * lie, and of each member that accepted twice; a peer that shows no go for what it says lies itself.
   */
  async #differs({ channel: { peer }, open, go }: Arrived, opens: Opens): Promise<SessionError> {
    const { identity } = this.#context;
    const [own, other] = await Promise.all([opens.go, go].map((one) => readGo(identity, one, opens)));
    if (!own || !other || !equal(other.session, open.value.session) || open.value.kind !== opens.kind) {
      return new SessionError("malformed-message", { culprits: [peer] }); // that it showed no go proves nobody else
    }
    const culprits = [...new Set([opens.coordinator, ...acceptedTwice(own, other)])];
    return new SessionError("equivocation", {
      culprits,
      evidence: [own.encoded, other.encoded],
    });
  }

  stop(): void {
    this.#attempts.stop();
  }
}

/**
 * Waits for the end of a stream on which nothing comes. A peer that ends its side is done, and its own stream may
 * still be on its way; one that drops it, or sends something, does not take part.
 */
async function readToTheEnd(channel: Channel): Promise<"ended" | "dropped"> {
  try {
    if (await channel.receive() === null) return "ended";
    channel.abort();
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
  }
  return "dropped";
}

/** A stream, or the failure that its peer has left. */
async function leaving<T>(peer: PeerId, stream: Promise<T>): Promise<T> {
  try {
    return await stream;
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    throw new SessionError("peer-left", { missing: [peer], cause: error });
  }
}
