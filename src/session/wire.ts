/**
 * The wire of one session: signs, seals and sends this node's messages; unseals, checks and hands over those
 * of its peers. What is not authentically of this session is dropped and counted, and ends nothing.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { directionKey } from "../crypto/x25519.ts";
import { ChannelError, SessionError } from "../errors.ts";
import type { PeerId, WarningCode } from "../failure.ts";
import { maxPiece } from "../limits.ts";
import type { Channel, Envelope, Identity, Incoming, Statement, Wire } from "../ports.ts";
import { isControlRound } from "./control.ts";
import { Early } from "./early.ts";
import { decodeEnvelope, encodeEnvelope, signEnvelope, statementOf, verifyStatement } from "./envelope.ts";
import { MessageSealer } from "./messages/message_sealer.ts";
import { MessageUnsealer } from "./messages/message_unsealer.ts";

/** Messages that are kept for a protocol that has not begun. */
const maxEarly = 1024;

/**
 * All that one peer may send to the protocol in a session, in longest messages: ECDSA, which sends the most, needs 1.2
 * of them. It bounds what is kept for a protocol that has not begun.
 */
const longestMessages = 2;

/** A stream of one direction between this node and a peer. */
interface OneWayStream {
  readonly channel: Channel;
  /**
   * The secret of the link that its `open` names, 32 bytes; a copy of its own, so that the session outlives a
   * rotation of the link. The wire overwrites it.
   */
  readonly linkSecret: Uint8Array;
}

/** This node's stream to one peer, on which it has sent `open`. */
export interface OutgoingStream extends OneWayStream {
  /** Resolves when the peer has ended or dropped it. */
  readonly ended: Promise<void>;
}

/** The stream of a peer, of which the `open` was compared: it is of this session. */
export interface IncomingStream extends OneWayStream {
  /** The peer's signed `open`, encoded. */
  readonly open: Uint8Array;
}

export interface WireOptions {
  identity: Identity;
  /** 32 bytes. */
  session: Uint8Array;
  party: readonly PeerId[];
  /** The longest message of a peer, with its envelope, bytes. */
  maxMessage: number;
  /** Called with each authentic envelope of the session itself: an abort, a vote, a cancellation. */
  control(envelope: Envelope): void;
  /** Called when a peer's stream has ended, cleanly or not. */
  left(peer: PeerId): void;
  /** Called when a peer that holds the keys sent what it never should. */
  fault(error: SessionError): void;
  warn(code: WarningCode, via: PeerId): void;
}

/** The sending side of a stream. */
interface Outgoing {
  readonly channel: Channel;
  readonly messages: MessageSealer;
  /** Resolves when the last frame is handed over. */
  tail: Promise<void>;
}

/**
 * Opens a wire without streams: {@linkcode SessionWire.connect} and {@linkcode SessionWire.listenTo} bring
 * them.
 */
export function openWire(options: WireOptions): SessionWire {
  return new SessionWire(options);
}

/**
 * A wire, with the methods that its session uses. `verify` and `send` are own properties, so that a wrapper
 * can spread it.
 */
export class SessionWire implements Wire {
  readonly self: PeerId;
  readonly party: readonly PeerId[];
  /** The input of the protocol, kept until it listens. */
  readonly incoming = new Early<Incoming>(maxEarly);
  readonly #options: WireOptions;
  readonly #signedForAll = new Map<string, Promise<Envelope>>();
  readonly #ownBroadcasts: Envelope[] = [];
  readonly #outgoing = new Map<PeerId, Outgoing>();
  readonly #incoming: Channel[] = [];
  /** One for each stream: resolves when the peer has ended its side. */
  readonly #ends: Promise<void>[] = [];
  #finished = false;

  constructor(options: WireOptions) {
    this.#options = options;
    this.self = options.identity.peer;
    this.party = options.party;
  }

  readonly verify = (statement: Statement): Promise<boolean> =>
    verifyStatement(this.#options.identity, statement);

  /** Makes it possible to send to a peer. */
  connect(peer: PeerId, { channel, linkSecret, ended }: OutgoingStream): void {
    const { session } = this.#options;
    const key = directionKey(linkSecret, session, this.self, peer);
    linkSecret.fill(0);
    this.#ends.push(ended);
    const messages = new MessageSealer(key, session);
    this.#outgoing.set(peer, { channel, messages, tail: Promise.resolve() });
    if (!this.#finished) return;
    key.fill(0); // it came too late to be used
    channel.abort();
  }

  /** Begins to listen to a peer. */
  listenTo(peer: PeerId, { channel, linkSecret }: OneWayStream): void {
    const key = directionKey(linkSecret, this.#options.session, peer, this.self);
    linkSecret.fill(0);
    this.#incoming.push(channel);
    this.#ends.push(this.#listen(peer, channel, key));
    if (this.#finished && !this.#sendsOn(channel)) void channel.end();
  }

  /** Whether a stream is also this node's own: a link has one for both directions. */
  #sendsOn(channel: Channel): boolean {
    return [...this.#outgoing.values()].some((out) => out.channel === channel);
  }

  readonly send = (to: PeerId, round: string, body: Uint8Array, audience: "one" | "all"): void => {
    const out = this.#outgoing.get(to);
    if (!out || this.#finished) return;
    out.messages.add(round, this.#envelopeFor(to, round, body, audience));
    out.tail = out.tail.then(async () => {
      for await (const frame of out.messages.frames()) await out.channel.send(frame);
    }).catch((error) => {
      // The reader of a broken stream reports the peer; anything else is this node's own fault.
      if (!(error instanceof ChannelError)) {
        this.#options.fault(new SessionError("internal", { cause: error }));
      }
    });
  };

  /** Sends no further piece of the protocol's messages: the session has failed, and announces it. */
  cutShort(): void {
    for (const { messages } of this.#outgoing.values()) messages.cutShort();
  }

  /** Sends what is under way and ends this side of every stream. Nothing is handed over any more. */
  async finish(): Promise<void> {
    this.#finished = true;
    // Each by itself: a peer that takes no more bytes does not keep the others waiting for this side's end.
    const ending = [...this.#outgoing.values()].map(async (out) => {
      await out.tail;
      out.messages.wipe();
      await out.channel.end();
    });
    await Promise.all([
      ...ending,
      ...this.#incoming.filter((one) => !this.#sendsOn(one)).map((one) => one.end()),
    ]);
  }

  /**
   * This node's own broadcasts of the protocol's rounds, encoded: the messages that its peers' messages
   * answer.
   */
  ownBroadcasts(): Uint8Array[] {
    return this.#ownBroadcasts.filter(({ round }) => !round.startsWith("/")).map(encodeEnvelope);
  }

  /**
   * Resolves when the peers have ended their sides of every stream too: they have read this node's last words.
   * What they still send is read and forgotten.
   */
  async ended(): Promise<void> {
    await Promise.all(this.#ends);
  }

  /** Drops every stream. */
  abort(): void {
    this.#finished = true;
    for (const { channel } of this.#outgoing.values()) channel.abort();
    for (const channel of this.#incoming) channel.abort();
    // A frame that waits ends with its channel; nothing is sealed after that.
    for (const { messages, tail } of this.#outgoing.values()) void tail.then(() => messages.wipe());
  }

  /**
   * Signs a broadcast once. If the body differs for one recipient it is signed again, and the two prove
   * equivocation.
   */
  #envelopeFor(
    to: PeerId,
    round: string,
    body: Uint8Array,
    audience: "one" | "all",
  ): Promise<Envelope> {
    const { identity, session } = this.#options;
    if (audience === "one") return signEnvelope(identity, { session, round, to, body });
    const known = `${round} ${body.toHex()}`;
    const earlier = this.#signedForAll.get(known);
    if (earlier) return earlier;
    const fresh = signEnvelope(identity, { session, round, to: "*", body });
    this.#signedForAll.set(known, fresh);
    void fresh.then((envelope) => this.#ownBroadcasts.push(envelope), () => {}); // its sender fails too
    return fresh;
  }

  async #listen(peer: PeerId, channel: Channel, key: Uint8Array): Promise<void> {
    const { session, maxMessage, left, fault, warn } = this.#options;
    const replayed = () => warn("replayed-frame", peer);
    const messages = new MessageUnsealer({ peer, key, session, maxMessage, replayed });
    const taken = { bytes: 0 };
    let faulty = false;
    try {
      for (let frame = await channel.receive(); frame !== null; frame = await channel.receive()) {
        // Read to the end, also when nothing counts any more: the peer must still get this side's last words.
        if (this.#finished || faulty) {
          messages.clear();
          continue;
        }
        try {
          const message = messages.take(frame);
          if (message) await this.#take(message, peer, taken);
        } catch (error) {
          faulty = true;
          const known = error instanceof SessionError
            ? error
            : new SessionError("internal", { cause: error });
          if (!this.#finished) fault(known);
        }
      }
    } catch (error) {
      if (!(error instanceof ChannelError) && !this.#finished) {
        fault(new SessionError("internal", { cause: error }));
      }
    } finally {
      messages.wipe();
      if (!this.#finished) left(peer);
    }
  }

  /**
   * Hands one message over: to the session, or to its protocol.
   *
   * @param taken The bytes of this peer that the protocol was given.
   * @throws {SessionError} `malformed-message`: the peer sealed this itself.
   */
  async #take(message: Uint8Array, peer: PeerId, taken: { bytes: number }): Promise<void> {
    const envelope = envelopeIn(message, peer);
    if (!await this.#authentic(envelope, peer) || this.#finished) return;
    const isControl = isControlRound(envelope.round);
    const most = isControl ? maxPiece : longestMessages * this.#options.maxMessage - taken.bytes;
    if (message.length > most) throw new SessionError("malformed-message", { culprits: [peer] });
    if (isControl) return this.#options.control(envelope);
    taken.bytes += message.length;
    this.incoming.add({ type: "envelope", envelope, evidence: false });
  }

  async #authentic(envelope: Envelope, via: PeerId): Promise<boolean> {
    const { identity, session, warn } = this.#options;
    const dropped = (code: WarningCode) => {
      warn(code, via);
      return false;
    };
    if (!equal(envelope.session, session)) return dropped("unknown-session");
    if (envelope.from !== via) return dropped("unauthentic-frame");
    if (envelope.to !== "*" && envelope.to !== this.self) return dropped("foreign-frame");
    if (!await verifyStatement(identity, statementOf(envelope))) return dropped("unauthentic-frame");
    return true;
  }
}

/** The wire of a protocol: once silenced it takes no message; those taken before were fixed, and run out unchanged. */
export function protocolWire(wire: Wire, silenced: AbortSignal): Wire {
  return {
    self: wire.self,
    party: wire.party,
    verify: (statement) => wire.verify(statement),
    send: (to, round, body, audience) => {
      if (!silenced.aborted) wire.send(to, round, body, audience);
    },
  };
}

/** @throws {SessionError} `malformed-message`: the peer sealed this itself. */
function envelopeIn(plain: Uint8Array, peer: PeerId): Envelope {
  try {
    return decodeEnvelope(plain);
  } catch (cause) {
    throw new SessionError("malformed-message", { culprits: [peer], cause });
  }
}
