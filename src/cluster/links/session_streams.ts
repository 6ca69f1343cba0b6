/**
 * The streams of sessions: one for each session and pair of peers. The peer with the lower id opens it, and
 * both first send which session they open.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { firstFrameMs, maxSessionFrame } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { openRecord } from "../../session/control.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { Early } from "../../session/early.ts";
import { readSigned, sign, type Signed } from "../../session/signed.ts";
import type { Streams } from "../../session/plan.ts";
import type { SessionStream } from "../../session/wire.ts";
import type { Context } from "../events/event_context.ts";
import { protocols } from "../records/protocols.ts";
import type { LinkKeys } from "./link_keys.ts";

type Open = ReturnType<typeof openRecord.decode>;
/** The session that a stream opens. */
export type Opens = Pick<Open, "kind" | "attempt" | "session">;
interface Arrived {
  channel: Channel;
  open: Signed<Open>;
}

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

  /** Takes no more streams of an attempt that is over or was given up. */
  forget(attempt: Uint8Array): void {
    const key = attempt.toHex();
    this.#expected.get(key)?.drop();
    if (!this.#expected.delete(key)) return;
    this.#ended.set(key, 0);
    if (this.#ended.size > 1024) this.#ended.delete([...this.#ended.keys()][0]!);
  }

  async #arrive(channel: Channel): Promise<void> {
    const { clock, stopping, identity, eventLog } = this.#context;
    using patience = deadline(clock, firstFrameMs, stopping);
    try {
      const first = await orAborted(channel.receive(), patience.signal);
      const open = first === null ? null : await readSigned(identity, openRecord, first);
      if (open === null || open.by !== channel.peer) {
        if (first !== null) eventLog.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      const key = open.value.attempt.toHex();
      const expected = this.#expected.get(key);
      if (expected) return expected.arrive({ channel, open });
      eventLog.warn(this.#ended.has(key) ? "late-message" : "unknown-session", channel.peer);
      channel.abort();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /** The streams of one session. */
  of(opens: Opens): Streams {
    return { open: (peer, signal) => this.#open(peer, opens, signal) };
  }

  /**
   * Opens this session's stream to a peer, or takes the one that the peer opens, and agrees with it on the
   * session.
   *
   * @throws {SessionError} `session-mismatch`, `link-lost`, `peer-left`.
   */
  async #open(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<SessionStream> {
    const self = this.#context.identity.peer;
    try {
      return self < peer ? await this.#dial(peer, opens, signal) : await this.#take(peer, opens, signal);
    } catch (error) {
      if (error instanceof ChannelError) {
        throw new SessionError("peer-left", { missing: [peer], cause: error });
      }
      throw error;
    }
  }

  async #dial(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<SessionStream> {
    const { network, identity } = this.#context;
    const link = this.#links.current(peer);
    if (link === null) throw new SessionError("link-lost", { missing: [peer] });
    try {
      const channel = await network.open(peer, protocols.session, { maxFrame: maxSessionFrame, signal });
      const own = await sign(identity, openRecord, { ...opens, link: link.id });
      await channel.send(own.encoded);
      const first = await orAborted(channel.receive(), signal);
      const open = first === null ? null : await readSigned(identity, openRecord, first);
      return this.#agree({ channel, open }, opens, link.secret);
    } catch (error) {
      link.secret.fill(0);
      throw error;
    }
  }

  async #take(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<SessionStream> {
    const expected = this.#expected.get(opens.attempt.toHex())!;
    const arriving = expected.from(peer);
    if (this.#links.state(peer) === "none") expected.left(peer);
    const arrived = await orAborted(arriving, signal);
    if (arrived === null) throw new SessionError("peer-left", { missing: [peer] });
    const { link } = arrived.open.value;
    const own = await sign(this.#context.identity, openRecord, { ...opens, link });
    await arrived.channel.send(own.encoded);
    const secret = this.#links.secret(peer, link);
    try {
      return this.#agree(arrived, opens, secret);
    } catch (error) {
      secret?.fill(0);
      throw error;
    }
  }

  /** @param linkSecret Goes with the stream; the caller overwrites it if this throws. */
  #agree(
    { channel, open }: { channel: Channel; open: Signed<Open> | null },
    { kind, attempt, session }: Opens,
    linkSecret: Uint8Array | null,
  ): SessionStream {
    const { peer } = channel;
    const fail = (error: SessionError) => {
      channel.abort();
      throw error;
    };
    if (open === null || open.by !== peer) return fail(new SessionError("peer-left", { missing: [peer] }));
    const { value } = open;
    const same = value.kind === kind && equal(value.attempt, attempt) && equal(value.session, session);
    if (!same) return fail(new SessionError("session-mismatch"));
    if (linkSecret === null) return fail(new SessionError("link-lost", { missing: [peer] }));
    return { channel, open: open.encoded, linkSecret };
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
