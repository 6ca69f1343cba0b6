/**
 * The streams of sessions: one per session and pair, opened by the lower peer id, on which both first say what they
 * believe to be opening.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { joinMs, maxSessionFrame } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { openRecord } from "../../session/control.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { readSigned, sign, type Signed } from "../../session/signed.ts";
import type { Line } from "../../session/wire.ts";
import { type Context, protocols } from "../context.ts";
import type { LinkKeys } from "./link_keys.ts";

type Open = ReturnType<typeof openRecord.decode>;
/** Which session is opened. */
export type Opens = Pick<Open, "kind" | "attempt" | "session">;
interface Arrived {
  channel: Channel;
  open: Signed<Open>;
}

/** Streams that come for one accepted attempt, before and after this node has opened it. */
class Expected {
  readonly #arrived = new Map<PeerId, Arrived>();
  readonly #waiting = new Map<PeerId, PromiseWithResolvers<Arrived>>();

  arrive(arrived: Arrived): void {
    const { peer } = arrived.channel;
    const waiter = this.#waiting.get(peer);
    if (waiter) waiter.resolve(arrived);
    else if (this.#arrived.has(peer)) arrived.channel.abort();
    else this.#arrived.set(peer, arrived);
    this.#waiting.delete(peer);
  }

  from(peer: PeerId): Promise<Arrived> {
    const here = this.#arrived.get(peer);
    this.#arrived.delete(peer);
    if (here) return Promise.resolve(here);
    const waiting = Promise.withResolvers<Arrived>();
    this.#waiting.set(peer, waiting);
    return waiting.promise;
  }

  /** The peer is gone: it opens nothing any more. */
  left(peer: PeerId): void {
    this.#waiting.get(peer)?.reject(new ChannelError("left"));
    this.#waiting.delete(peer);
  }

  drop(): void {
    for (const { channel } of this.#arrived.values()) channel.abort();
    this.#arrived.clear();
    this.#waiting.clear();
  }
}

export class SessionStreams {
  readonly #context: Context;
  readonly #links: LinkKeys;
  readonly #expected = new Map<string, Expected>();
  readonly #ended = new Map<string, number>();

  constructor(context: Context, links: LinkKeys) {
    this.#context = context;
    this.#links = links;
    context.network.handle(protocols.session, (channel) => void this.#arrive(channel), {
      maxFrame: maxSessionFrame,
    });
  }

  /** From now on streams of this attempt are kept. @returns False for one that is known already, which stays as it is. */
  expect(attempt: Uint8Array): boolean {
    const key = attempt.toHex();
    if (this.#expected.has(key) || this.#ended.has(key)) return false;
    this.#expected.set(key, new Expected());
    return true;
  }

  /** The attempt is over, or was given up: its streams are no longer taken. */
  forget(attempt: Uint8Array): void {
    const key = attempt.toHex();
    this.#expected.get(key)?.drop();
    if (!this.#expected.delete(key)) return;
    this.#ended.set(key, 0);
    if (this.#ended.size > 1024) this.#ended.delete([...this.#ended.keys()][0]!);
  }

  async #arrive(channel: Channel): Promise<void> {
    const { clock, stopping, identity, teller } = this.#context;
    using patience = deadline(clock, joinMs, stopping);
    try {
      const first = await orAborted(channel.receive(), patience.signal);
      const open = first === null ? null : await readSigned(identity, openRecord, first);
      if (open === null || open.by !== channel.peer) {
        if (first !== null) teller.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      const key = open.value.attempt.toHex();
      const expected = this.#expected.get(key);
      if (expected) return expected.arrive({ channel, open });
      teller.warn(this.#ended.has(key) ? "late-message" : "unknown-session", channel.peer);
      channel.abort();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /**
   * Opens this session's stream to a peer, or takes the one that the peer opens, and agrees with it on the session.
   *
   * @throws {SessionError} `session-mismatch`, `link-lost`, `peer-left`.
   */
  async open(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<Line> {
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

  async #dial(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<Line> {
    const { network, identity } = this.#context;
    const link = this.#links.current(peer);
    if (link === null) throw new SessionError("link-lost", { missing: [peer] });
    try {
      const channel = await network.open(peer, protocols.session, { maxFrame: maxSessionFrame, signal });
      const mine = await sign(identity, openRecord, { ...opens, link: link.id });
      await channel.send(mine.encoded);
      const first = await orAborted(channel.receive(), signal);
      const open = first === null ? null : await readSigned(identity, openRecord, first);
      return this.#agree({ channel, open }, opens, link.secret);
    } catch (error) {
      link.secret.fill(0);
      throw error;
    }
  }

  async #take(peer: PeerId, opens: Opens, signal: AbortSignal): Promise<Line> {
    const expected = this.#expected.get(opens.attempt.toHex())!;
    const arriving = expected.from(peer);
    if (this.#links.state(peer) === "none") expected.left(peer);
    const arrived = await orAborted(arriving, signal);
    if (arrived === null) throw new SessionError("peer-left", { missing: [peer] });
    const { link } = arrived.open.value;
    const mine = await sign(this.#context.identity, openRecord, { ...opens, link });
    await arrived.channel.send(mine.encoded);
    const secret = this.#links.secret(peer, link);
    try {
      return this.#agree(arrived, opens, secret);
    } catch (error) {
      secret?.fill(0);
      throw error;
    }
  }

  /** @param linkSecret Goes with the line; the caller overwrites it if there is none. */
  #agree(
    { channel, open }: { channel: Channel; open: Signed<Open> | null },
    { kind, attempt, session }: Opens,
    linkSecret: Uint8Array | null,
  ): Line {
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

  /** A peer is gone: nobody waits for a stream that it was to open. */
  disconnected(peer: PeerId): void {
    for (const expected of this.#expected.values()) expected.left(peer);
  }

  stop(): void {
    for (const expected of this.#expected.values()) expected.drop();
    this.#expected.clear();
  }
}
