/**
 * The protected links between holders: each is the secret of a key exchange, made when two connect, made anew when it
 * breaks. An exchange is a session of two, with events and failures like any other.
 * @module
 */
import { hash } from "../../crypto/codec.ts";
import { keyPair, shared as agree } from "../../crypto/x25519.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import { failures, type PeerId } from "../../failure.ts";
import { acceptLapses, retryFirst, retryLast } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { confirmLink, linkConfirmation } from "../../protocol/ecdh.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { Lingering } from "../../session/linger.ts";
import { openNet } from "../../session/net.ts";
import { runSession } from "../../session/session.ts";
import { readSigned, sign } from "../../session/signed.ts";
import { type Context, has, protocols } from "../context.ts";
import type { History } from "../rollback/history.ts";
import { LinkSecrets } from "./link_secrets.ts";
import type { IsMember, OfMembers } from "../records/of_members.ts";
import { type Presence, presenceRecord, Presences } from "../rollback/presence.ts";
import { rosterHash } from "../roster/roster.ts";
import type { SessionFacts } from "../events/event_log.ts";

/** Exchanges that a peer may begin in so long, ms: one that is honest backs off, one that is not fills no memory. */
const mostAnswers = 16;
const answersWithin = 10_000;

/** How much longer the higher peer id waits before it begins an exchange itself, ms: normally it never has to. */
const higherWaits = 3_000;

interface Link {
  readonly secrets: LinkSecrets;
  failures: number;
  timer: Disposable | null;
  exchanging: number;
  /** When the peer began its last exchanges, by the monotonic clock. */
  answered: number[];
}

export class LinkKeys implements OfMembers {
  readonly #context: Context;
  readonly #boot: Uint8Array;
  readonly #history: History;
  readonly #links = new Map<PeerId, Link>();
  readonly #hellos = new Presences();
  readonly #lingering: Lingering;
  #generation = 0;

  constructor(context: Context, boot: Uint8Array, history: History) {
    this.#context = context;
    this.#boot = boot;
    this.#history = history;
    this.#lingering = new Lingering(context.clock);
    context.network.handle(protocols.link, (channel) => void this.#answer(channel));
  }

  /** Peers to which a link is up. */
  up(): PeerId[] {
    return [...this.#links].filter(([, { secrets }]) => !secrets.empty).map(([peer]) => peer);
  }

  state(peer: PeerId): "up" | "retrying" | "none" {
    const link = this.#links.get(peer);
    if (!link) return "none";
    return link.secrets.empty ? "retrying" : "up";
  }

  /** Whether there is a link to a peer. */
  has(peer: PeerId): boolean {
    return this.#links.get(peer)?.secrets.empty === false;
  }

  /** The link in force to a peer, or null: its id and a copy of its secret, 32 bytes each. The caller overwrites it. */
  current(peer: PeerId): { id: Uint8Array; secret: Uint8Array } | null {
    return this.#links.get(peer)?.secrets.current() ?? null;
  }

  /** A copy of the secret of a link that the peer names, while it is known. The caller overwrites it. */
  secret(peer: PeerId, id: Uint8Array): Uint8Array | null {
    return this.#links.get(peer)?.secrets.get(id) ?? null;
  }

  connected(peer: PeerId): void {
    if (!has(this.#context, peer, "holder") || !has(this.#context, this.#context.identity.peer, "holder")) {
      return;
    }
    if (this.#links.has(peer)) return;
    this.#links.set(peer, {
      secrets: new LinkSecrets(),
      failures: 0,
      timer: null,
      exchanging: 0,
      answered: [],
    });
    this.#schedule(peer, 0);
  }

  disconnected(peer: PeerId): void {
    const link = this.#links.get(peer);
    if (!link) return;
    link.timer?.[Symbol.dispose]();
    this.#links.delete(peer);
    if (!link.secrets.empty) this.#context.teller.tell({ type: "link", other: peer, state: "lost" });
    link.secrets.clear();
  }

  /** The link to a peer has shown to be broken: makes it anew. */
  renew(peer: PeerId): void {
    const link = this.#links.get(peer);
    if (!link) return;
    if (!link.secrets.empty) this.#context.teller.tell({ type: "link", other: peer, state: "lost" });
    link.secrets.clear();
    this.#schedule(peer, 0);
  }

  keepOnly(isMember: IsMember): void {
    this.#hellos.keepOnly(isMember);
  }

  stop(): void {
    for (const peer of [...this.#links.keys()]) this.disconnected(peer);
    this.#lingering.stop();
  }

  #schedule(peer: PeerId, ms: number): void {
    const link = this.#links.get(peer);
    if (!link || this.#context.stopping.aborted) return;
    link.timer?.[Symbol.dispose]();
    const mine = this.#context.identity.peer < peer;
    link.timer = this.#context.clock.timer(mine ? ms : ms + higherWaits, () => {
      if (this.#links.get(peer) === link && link.secrets.empty && link.exchanging === 0) {
        void this.#begin(peer);
      }
    });
  }

  async #begin(peer: PeerId): Promise<void> {
    const link = this.#links.get(peer)!;
    link.exchanging++;
    using patience = deadline(this.#context.clock, this.#context.limits.linkMs, this.#context.stopping);
    try {
      const channel = await this.#context.network.open(peer, protocols.link, { signal: patience.signal });
      await this.#exchange(channel, link, { answering: false });
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      this.#failed(peer, link);
    } finally {
      link.exchanging--;
    }
  }

  async #answer(channel: Channel): Promise<void> {
    // The peer may know of the connection before this side does.
    if (!this.#links.has(channel.peer)) this.connected(channel.peer);
    const link = this.#links.get(channel.peer);
    if (!link) return channel.abort();
    const now = this.#context.clock.monotonic();
    link.answered = [...link.answered.filter((at) => at > now - answersWithin), now].slice(-mostAnswers - 1);
    if (link.answered.length > mostAnswers) {
      this.#context.teller.warn("rejected-hello", channel.peer);
      return channel.abort();
    }
    link.exchanging++;
    await this.#exchange(channel, link, { answering: true }).finally(() => link.exchanging--);
  }

  #failed(peer: PeerId, link: Link): void {
    if (this.#links.get(peer) !== link || this.#context.stopping.aborted) return;
    const full = Math.min(retryLast, retryFirst * 2 ** link.failures++);
    const inMs = Math.round(full / 2 + full / 2 * this.#context.random(1)[0]! / 255);
    if (link.secrets.empty) {
      this.#context.teller.tell({ type: "link", other: peer, state: "retrying", inMs });
    }
    this.#schedule(peer, inMs);
  }

  /** One exchange over a fresh stream: hellos both ways, then key confirmation as a session of two. */
  async #exchange(channel: Channel, link: Link, { answering }: { answering: boolean }): Promise<void> {
    const { identity, random, teller, clock, limits } = this.#context;
    const peer = channel.peer;
    const party = [identity.peer, peer].sort();
    const id = random(16).toHex();
    const facts: SessionFacts = {
      story: id,
      initiator: party[0]!,
      id,
      attempt: null,
      session: null,
      kind: "ecdh",
      wallet: null,
      curve: null,
    };
    using mine = keyPair(random);
    let begun = false;
    let secret: Uint8Array | null = null;
    const begin = () => {
      begun = true;
      const deadline = clock.now() + limits.linkMs;
      teller.session(facts, { type: "began", deadline });
    };
    try {
      const hellos = await this.#hello(channel, mine.publicKey);
      const inOrder = identity.peer < peer ? [hellos.mine, hellos.theirs] : [hellos.theirs, hellos.mine];
      const shared = this.#shared(mine.secret, hellos.presence);
      const session = hash("quorate/1/link-session", ...inOrder);
      secret = hash("quorate/1/link-secret", shared, ...inOrder);
      shared.fill(0);
      facts.story = facts.id = hash("quorate/1/link-id", session).slice(0, 16).toHex();
      begin();
      await this.#confirm(channel, { facts, session, secret, party, open: hellos.theirs });
      this.#made(peer, link, session, secret);
    } catch (thrown) {
      secret?.fill(0);
      if (!(thrown instanceof SessionError || thrown instanceof ChannelError)) throw thrown;
      const error = thrown instanceof SessionError
        ? thrown
        : new SessionError("link-lost", { missing: [peer] });
      // Who was greeted badly, or not at all, has not begun anything: it has been counted.
      if (!begun && !(answering && error.code === "link-lost")) {
        begin();
        const { culprits, missing, claims } = error;
        const { remedy, key } = failures[error.code];
        teller.session(facts, {
          type: "failed",
          code: error.code,
          remedy,
          key,
          phase: "inviting",
          round: null,
          culprits,
          missing,
          claims,
        });
      }
      channel.abort();
      this.#failed(peer, link);
    }
  }

  #made(peer: PeerId, link: Link, session: Uint8Array, secret: Uint8Array): void {
    if (this.#links.get(peer) !== link) return void secret.fill(0);
    const news = link.secrets.empty;
    link.secrets.add(session, secret);
    link.failures = 0;
    if (news) this.#context.teller.tell({ type: "link", other: peer, state: "up" });
  }

  /** @throws {SessionError} `link-lost` for a hello that is not the peer's own or no news. */
  async #hello(
    channel: Channel,
    key: Uint8Array,
  ): Promise<{ mine: Uint8Array; theirs: Uint8Array; presence: Presence }> {
    const { identity, clock, teller, stopping } = this.#context;
    const mine = await sign(identity, presenceRecord, this.presence(key));
    using patience = deadline(clock, acceptLapses, stopping);
    await channel.send(mine.encoded);
    const theirs = await orAborted(channel.receive(), patience.signal);
    if (theirs === null) throw new SessionError("link-lost", { missing: [channel.peer] });
    const hello = await readSigned(identity, presenceRecord, theirs);
    if (!this.#context.member(channel.peer)) throw new SessionError("link-lost", { missing: [channel.peer] });
    const own = hello?.by === channel.peer && hello.value.peer === channel.peer;
    if (!own || !this.#hellos.greeted(hello.value)) {
      teller.warn("rejected-hello", channel.peer);
      throw new SessionError("link-lost", { missing: [channel.peer] });
    }
    await this.#history.heard(hello);
    teller.time(channel.peer, hello.value.time);
    return { mine: mine.encoded, theirs, presence: hello.value };
  }

  /** @throws {SessionError} `malformed-message`: the peer signed a key of low order. */
  #shared(secret: Uint8Array, { key, peer }: Presence): Uint8Array {
    try {
      return agree(secret, key);
    } catch (cause) {
      throw new SessionError("malformed-message", { culprits: [peer], cause });
    }
  }

  async #confirm(
    channel: Channel,
    { facts, session, secret, party, open }: {
      facts: SessionFacts;
      session: Uint8Array;
      secret: Uint8Array;
      party: readonly PeerId[];
      open: Uint8Array;
    },
  ): Promise<void> {
    const { identity, clock, limits, teller, wrapWire, stopping } = this.#context;
    const stop = new AbortController();
    const shutdown = () => stop.abort(new SessionError("shutdown"));
    stopping.addEventListener("abort", shutdown, { once: true });
    await runSession<void>({
      identity,
      clock,
      session,
      id: Uint8Array.fromHex(facts.id),
      kind: "ecdh",
      initiator: party[0]!,
      party,
      rounds: Object.keys(linkConfirmation),
      totalMs: limits.linkMs,
      roundMs: limits.linkMs / 2,
      openLine: () => Promise.resolve({ channel, linkSecret: secret.slice(), open }),
      run: (io) => {
        const options = {
          session,
          self: identity.peer,
          party,
          roundMs: limits.linkMs / 2,
          clock,
          openDirect: false,
        };
        return confirmLink(openNet(linkConfirmation, io, options), { secret, session });
      },
      resultHash: () => hash("quorate/1/link-done", session).toHex(),
      publish: (body) => {
        if (body.type === "opened") facts.session = session.toHex();
        teller.session(facts, body);
      },
      ban: () => Promise.reject(new Error("Cannot ban: no check of a link may")),
      muted: stop.signal,
      warn: (code, via) => teller.warn(code, via, facts),
      signal: stop.signal,
      ...(wrapWire
        ? { wrapWire: (wire) => wrapWire(wire, { id: facts.id, session, kind: "ecdh", curve: null, party }) }
        : {}),
    }, (end) => {
      stopping.removeEventListener("abort", shutdown);
      this.#lingering.add(end);
    });
  }

  /** What this node says of itself at this moment; another generation each time. */
  presence(key: Uint8Array): Presence {
    const { identity, clock, vault } = this.#context;
    const roster = this.#context.roster();
    return {
      peer: identity.peer,
      boot: this.#boot,
      ...this.#history.restoration.told,
      generation: ++this.#generation,
      key,
      time: clock.now(),
      rosterVersion: roster.version,
      rosterHash: rosterHash(roster),
      links: this.up(),
      locked: vault.locked ?? false,
    };
  }
}
