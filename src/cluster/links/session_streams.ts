/**
 * The streams of sessions. Each peer opens one to each other, and sends on it alone: no round trip passes
 * before its first message. The first frame says which session it is for; it is compared before anything is
 * unsealed.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { clockSkew, firstFrameMs, maxSessionFrame } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { openingRecord, openRecord } from "../../session/control.ts";
import { deadline, orAborted, pause } from "../../session/deadline.ts";
import { Early } from "../../session/early.ts";
import { readSigned, sign, type Signed } from "../../session/signed.ts";
import type { Streams } from "../../session/plan.ts";
import { acceptedTwice, type Attempt, readGo } from "../../session/go.ts";
import type { IncomingStream, OutgoingStream } from "../../session/wire.ts";
import type { Context } from "../events/event_context.ts";
import { protocols } from "../records/protocols.ts";
import type { LinkKeys } from "./link_keys.ts";

type Open = ReturnType<typeof openRecord.decode>;
/** The session that a node's streams are for. */
export interface Opens extends Pick<Open, "kind" | "session">, Attempt {
  /** The signed go, encoded. */
  readonly go: Uint8Array;
}
interface Arrived {
  channel: Channel;
  open: Signed<Open>;
  /** As the peer shows it, unchecked. */
  go: Uint8Array;
}

/** Attempts that are over and remembered, beside those whose command still lives. */
const endedKept = 1_024;

/** The time in which the stream of a peer that has dropped this node's may still come, ms. */
const crossingMs = 25;

/** The streams of one accepted attempt, which peers may open before this node has opened its session. */
class ExpectedStreams {
  /** One stream is kept for each peer. */
  readonly #arrived = new Map<PeerId, Early<Arrived>>();
  /** Rejects the promise of a stream that this node waits for. */
  readonly #waiting = new Map<PeerId, (error: ChannelError) => void>();

  /** Takes a stream that a peer has opened; a second one that nobody waits for is aborted. */
  arrive(arrived: Arrived): void {
    if (!this.#of(arrived.channel.peer).add(arrived)) arrived.channel.abort();
  }

  /**
   * Resolves with the stream that a peer opens, or has opened. Rejects with a `ChannelError` once it has
   * left.
   */
  from(peer: PeerId): Promise<Arrived> {
    const early = this.#of(peer);
    return new Promise((resolve, reject) => {
      this.#waiting.set(peer, reject);
      early.listen((arrived) => {
        early.unlisten();
        this.#waiting.delete(peer);
        resolve(arrived);
      });
    });
  }

  #of(peer: PeerId): Early<Arrived> {
    const early = this.#arrived.get(peer) ?? new Early<Arrived>(1);
    this.#arrived.set(peer, early);
    return early;
  }

  /** Gives up waiting for a peer that has disconnected. */
  left(peer: PeerId): void {
    const reject = this.#waiting.get(peer);
    if (!reject) return;
    this.#waiting.delete(peer);
    this.#of(peer).unlisten();
    reject(new ChannelError("left"));
  }

  /** Aborts every stream that nobody has taken. */
  drop(): void {
    for (const early of this.#arrived.values()) for (const { channel } of early.take()) channel.abort();
    this.#arrived.clear();
    this.#waiting.clear();
  }
}

export class SessionStreams {
  readonly #context: Context;
  readonly #links: LinkKeys;
  readonly #expected = new Map<string, ExpectedStreams>();
  /** The attempts that are over, with the wall time until which each is remembered at least, ms. */
  readonly #ended = new Map<string, number>();

  constructor(context: Context, links: LinkKeys) {
    this.#context = context;
    this.#links = links;
    context.network.handle(protocols.session, (channel) => void this.#arrive(channel), {
      maxFrame: maxSessionFrame,
    });
  }

  /**
   * Keeps streams of this attempt from now on.
   *
   * @returns False if the attempt is known already; nothing changes then.
   */
  expect(attempt: Uint8Array): boolean {
    const key = attempt.toHex();
    if (this.#expected.has(key) || this.#ended.has(key)) return false;
    this.#expected.set(key, new ExpectedStreams());
    return true;
  }

  /**
   * Takes no more streams of an attempt that is over or was given up.
   *
   * @param until The time until which the same attempt is not expected again, ms since 1970: while its command
   * lives, if it was accepted.
   */
  forget(attempt: Uint8Array, until = 0): void {
    const key = attempt.toHex();
    this.#expected.get(key)?.drop();
    if (!this.#expected.delete(key)) return;
    this.#ended.set(key, until + clockSkew);
    if (this.#ended.size <= endedKept) return;
    const now = this.#context.clock.now();
    for (const [known, end] of this.#ended) {
      if (this.#ended.size <= endedKept) return;
      if (end < now) this.#ended.delete(known);
    }
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
      const key = arrived.open.value.attempt.toHex();
      const expected = this.#expected.get(key);
      if (expected) return expected.arrive(arrived);
      eventLog.warn(this.#ended.has(key) ? "late-message" : "unknown-session", channel.peer);
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

  /** @throws {SessionError} `link-lost` */
  async #dial(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<OutgoingStream> {
    const { network, identity } = this.#context;
    const link = this.#links.current(peer);
    if (link === null) throw new SessionError("link-lost", { missing: [peer] });
    try {
      const channel = await network.open(peer, protocols.session, { maxFrame: maxSessionFrame, signal });
      const { kind, attempt, session, go } = opens;
      const open = await sign(identity, openRecord, { kind, attempt, session, link: link.id });
      const ended = this.#watch(channel, attempt);
      await channel.send(openingRecord.encode({ open: open.encoded, go }));
      return { channel, linkSecret: link.secret, ended };
    } catch (error) {
      link.secret.fill(0);
      throw error;
    }
  }

  /**
   * Reads a stream of this node to its end: a peer that drops it does not take part. One that ends it is done,
   * and its own stream may still be on its way.
   */
  async #watch(channel: Channel, attempt: Uint8Array): Promise<void> {
    try {
      while (await channel.receive() !== null);
      return;
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
    await pause(this.#context.clock, crossingMs, this.#context.stopping);
    this.#expected.get(attempt.toHex())?.left(channel.peer);
  }

  /** @throws {SessionError} `link-lost`, or as of {@linkcode SessionStreams.#differs}. */
  async #take(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<IncomingStream> {
    const expected = this.#expected.get(opens.attempt.toHex())!;
    const arriving = expected.from(peer);
    if (this.#links.state(peer) === "none") expected.left(peer);
    const arrived = await orAborted(arriving, signal);
    if (arrived === null) throw new ChannelError("left");
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
      // Its `open` proves nothing to others: it may have shown a go that the accuser keeps to itself.
      return new SessionError("malformed-message", { culprits: [peer] });
    }
    const culprits = [...new Set([opens.coordinator, ...acceptedTwice(own, other)])];
    return new SessionError("equivocation", {
      culprits,
      evidence: [own.encoded, other.encoded],
    });
  }

  /** Gives up waiting for the streams of a peer that has disconnected. */
  disconnected(peer: PeerId): void {
    for (const expected of this.#expected.values()) expected.left(peer);
  }

  stop(): void {
    for (const expected of this.#expected.values()) expected.drop();
    this.#expected.clear();
  }
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
