/**
 * One key exchange between two peers: hellos both ways, then key confirmation. It is a session of two, with
 * events and failures like any other.
 * @module
 */
import { hash } from "../../crypto/codec.ts";
import { keyPair, shared as sharedSecret } from "../../crypto/x25519.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import { failures, type PeerId } from "../../failure.ts";
import { maxPiece } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { confirmLink, linkConfirmation } from "../../protocol/ecdh.ts";
import type { ClosingStreams } from "../../session/closing_streams.ts";
import { openNet } from "../../session/net.ts";
import { runSession } from "../../session/session.ts";
import type { Context } from "../events/event_context.ts";
import type { SessionFacts } from "../events/session_facts.ts";
import type { Presence } from "../rollback/presence.ts";
import type { HelloPair, Hellos } from "./hellos.ts";

/** The result of an exchange. */
export interface NewLink {
  /** The session of the exchange, 32 bytes. */
  readonly id: Uint8Array;
  /** 32 bytes. Its receiver wipes it. */
  readonly secret: Uint8Array;
}

export interface LinkExchangeOptions {
  readonly context: Context;
  readonly hellos: Hellos;
  /** Takes the stream when the exchange is over. */
  readonly closing: ClosingStreams;
}

export class LinkExchange {
  readonly #options: LinkExchangeOptions;
  readonly #channel: Channel;
  /** Both peers, sorted. */
  readonly #party: readonly PeerId[];
  readonly #facts: SessionFacts;
  #begun = false;
  /** Whether the stream is closing by itself, after the last frame of the session. */
  #isClosing = false;

  /** @param channel A fresh stream to the peer. */
  constructor(options: LinkExchangeOptions, channel: Channel) {
    const { identity, random } = options.context;
    this.#options = options;
    this.#channel = channel;
    this.#party = [identity.peer, channel.peer].sort();
    const id = random(16).toHex();
    this.#facts = {
      historyKey: id,
      initiator: this.#party[0]!,
      id,
      attempt: null,
      session: null,
      kind: "ecdh",
      wallet: null,
      scheme: null,
    };
  }

  /**
   * Runs the exchange.
   *
   * @param options.answering Whether the peer began it.
   * @returns Null if it failed, which its events report.
   */
  async run({ answering }: { answering: boolean }): Promise<NewLink | null> {
    const { context, hellos } = this.#options;
    using own = keyPair(context.random);
    let link: NewLink | null = null;
    try {
      const pair = await hellos.exchange(this.#channel, own.publicKey);
      link = this.#derive(own.secret, pair);
      this.#facts.historyKey = this.#facts.id = hash("quorate/1/link-id", link.id).slice(0, 16).toHex();
      this.#begin();
      await this.#confirm(link, pair.other);
      return link;
    } catch (thrown) {
      link?.secret.fill(0);
      if (!(thrown instanceof SessionError || thrown instanceof ChannelError)) throw thrown;
      const error = thrown instanceof SessionError
        ? thrown
        : new SessionError("link-lost", { missing: [this.#channel.peer] });
      // A peer that does not take the stream has begun nothing: it is tried again.
      const refused = thrown instanceof ChannelError && thrown.reason === "refused";
      // Nor has one whose hello was bad or missing: the warning has counted it.
      if (!this.#begun && !refused && !(answering && error.code === "link-lost")) {
        this.#begin();
        this.#emitFailed(error);
      }
      if (!this.#isClosing) this.#channel.abort();
      return null;
    }
  }

  #begin(): void {
    const { clock, limits, eventLog } = this.#options.context;
    this.#begun = true;
    eventLog.emitSession(this.#facts, { type: "began", deadline: clock.now() + limits.linkMs });
  }

  #emitFailed({ code, culprits, missing, claims }: SessionError): void {
    const { remedy, key } = failures[code];
    this.#options.context.eventLog.emitSession(this.#facts, {
      type: "failed",
      code,
      remedy,
      key,
      phase: "inviting",
      round: null,
      culprits,
      missing,
      claims,
    });
  }

  /** @throws {SessionError} `malformed-message` */
  #derive(secret: Uint8Array, { own, other, presence }: HelloPair): NewLink {
    const inOrder = this.#party[0] === this.#channel.peer ? [other, own] : [own, other];
    const shared = agree(secret, presence);
    const id = hash("quorate/1/link-session", ...inOrder);
    const linkSecret = hash("quorate/1/link-secret", shared, ...inOrder);
    shared.fill(0);
    return { id, secret: linkSecret };
  }

  /** Both sides prove that they have the same secret. @param open The peer's hello. @throws {SessionError} */
  async #confirm({ id: session, secret }: NewLink, open: Uint8Array): Promise<void> {
    const { context: { identity, clock, limits, eventLog, wrapWire, stopping }, closing } = this.#options;
    const [channel, party, facts] = [this.#channel, this.#party, this.#facts];
    const roundMs = limits.linkMs / 2;
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
      voters: [],
      rounds: Object.keys(linkConfirmation),
      totalMs: limits.linkMs,
      roundMs,
      maxMessage: maxPiece,
      // The hellos have come over one stream, which goes on carrying both directions: it is read as the incoming.
      streams: {
        outgoing: () => Promise.resolve({ channel, linkSecret: secret.slice(), ended: Promise.resolve() }),
        incoming: () => Promise.resolve({ channel, linkSecret: secret.slice(), open }),
      },
      protocol: {
        run: (io) => {
          const options = { session, self: identity.peer, party, roundMs, clock };
          return confirmLink(openNet(linkConfirmation, io, options), { secret, session });
        },
      },
      resultHash: () => hash("quorate/1/link-done", session).toHex(),
      log: eventLog.sessionLog(facts, session),
      ban: () => Promise.reject(new Error("Cannot ban: no check of a link may")),
      control: { signal: stop.signal, silenced: stop.signal, untilBanIsDurable: Promise.resolve() },
      ...(wrapWire
        ? {
          wrapWire: (wire) =>
            wrapWire(wire, { id: facts.id, session, kind: "ecdh", scheme: null, itemCount: 0, party }),
        }
        : {}),
    }, (end) => {
      stopping.removeEventListener("abort", shutdown);
      this.#isClosing = true;
      closing.add(end);
    });
  }
}

/**
 * The shared secret, 32 bytes.
 *
 * @throws {SessionError} `malformed-message`, if the peer signed a key of low order.
 */
function agree(secret: Uint8Array, { key, peer }: Presence): Uint8Array {
  try {
    return sharedSecret(secret, key);
  } catch (cause) {
    throw new SessionError("malformed-message", { culprits: [peer], cause });
  }
}
