/**
 * One session's frames: signs, seals and sends; unseals, checks and hands in. Whatever is not authentically of this
 * session is dropped and counted here, and ends nothing.
 * @module
 */
import { bytesUpTo, equal, record, uint } from "../crypto/codec.ts";
import { directionKey, open as unseal, seal } from "../crypto/x25519.ts";
import { ChannelError, SessionError } from "../errors.ts";
import type { PeerId, WarningCode } from "../failure.ts";
import { maxSessionFrame } from "../limits.ts";
import type { Channel, Envelope, Identity, Wire } from "../ports.ts";
import { decodeEnvelope, encodeEnvelope, signEnvelope, statementOf, verifyStatement } from "./envelope.ts";

const frameRecord = record("quorate/1/frame", { counter: uint, sealed: bytesUpTo(maxSessionFrame) });

/** Frames of one direction of one session: rounds, votes, an abort. Far more than any protocol sends. */
const maxFrames = 1024;

/** The way to one peer: a channel on which both have said `open`, and the link secret of the pair. */
export interface Line {
  readonly channel: Channel;
  /** The peer's signed `open`, encoded. */
  readonly open: Uint8Array;
  /** 32 bytes; a copy of its own, so that the session outlives a rotation of the link. The wire overwrites it. */
  readonly linkSecret: Uint8Array;
}

export interface WireOptions {
  identity: Identity;
  /** 32 bytes. */
  session: Uint8Array;
  party: readonly PeerId[];
  /** An authentic envelope of this session, to this node or to all. */
  heard(envelope: Envelope): void;
  /** The peer's stream has ended, cleanly or not. */
  left(peer: PeerId): void;
  /** A peer that holds the keys sent what it never should. */
  fault(error: SessionError): void;
  warn(code: WarningCode, via: PeerId): void;
}

/** A wire, and what its session does with it. */
export interface SessionWire extends Wire {
  /** Begins to listen to, and makes it possible to send to, a peer. */
  add(peer: PeerId, line: Line): void;
  /** Sends what is under way and ends this side of every stream. Nothing is handed in any more. */
  finish(): Promise<void>;
  /** Resolves when the peers have ended their sides too; what they still say is read and forgotten. */
  ended(): Promise<void>;
  /** This node's own broadcasts of the protocol's rounds, encoded: what its peers' messages answer to. */
  said(): Uint8Array[];
  /** Drops every stream. */
  abort(): void;
}

export function openWire(options: WireOptions): SessionWire {
  const { identity, session, party } = options;
  const self = identity.peer;
  const signedForAll = new Map<string, Promise<Envelope>>();
  const said: Envelope[] = [];
  const lines = new Map<PeerId, Channel>();
  const outgoing = new Map<PeerId, { key: Uint8Array; counter: number; tail: Promise<void> }>();
  const listening: Promise<void>[] = [];
  let finished = false;

  /** A broadcast is signed once; one that says something else to somebody is signed again, and is what it is. */
  function envelopeFor(
    to: PeerId,
    round: string,
    body: Uint8Array,
    audience: "one" | "all",
  ): Promise<Envelope> {
    if (audience === "one") return signEnvelope(identity, { session, round, to, body });
    const known = `${round} ${body.toHex()}`;
    const earlier = signedForAll.get(known);
    if (earlier) return earlier;
    const fresh = signEnvelope(identity, { session, round, to: "*", body });
    signedForAll.set(known, fresh);
    void fresh.then((envelope) => said.push(envelope), () => {}); // who sends it hears of it
    return fresh;
  }

  async function listen(peer: PeerId, { channel, linkSecret }: Line): Promise<void> {
    const key = directionKey(linkSecret, session, peer, self); // before anything is waited for
    const seen = new Set<number>();
    let faulty = false;
    try {
      for (let frame = await channel.receive(); frame !== null; frame = await channel.receive()) {
        // Read to the end, also when nothing counts any more: the peer is still to get what this side says last.
        if (finished || faulty) continue;
        try {
          await take(frame, peer, key, seen);
        } catch (error) {
          faulty = true;
          const known = error instanceof SessionError
            ? error
            : new SessionError("internal", { cause: error });
          if (!finished) options.fault(known);
        }
      }
    } catch (error) {
      if (!(error instanceof ChannelError) && !finished) {
        options.fault(new SessionError("internal", { cause: error }));
      }
    } finally {
      key.fill(0);
      if (!finished) options.left(peer);
    }
  }

  async function take(frame: Uint8Array, peer: PeerId, key: Uint8Array, seen: Set<number>): Promise<void> {
    const plain = opened(frame, peer, key, seen);
    if (plain === null) return;
    const envelope = envelopeIn(plain, peer);
    if (await authentic(envelope, peer) && !finished) options.heard(envelope);
  }

  /** @throws {SessionError} `link-lost`: the stream is the peer's own, so that no outsider can have done it. */
  function opened(frame: Uint8Array, peer: PeerId, key: Uint8Array, seen: Set<number>): Uint8Array | null {
    const lost = (cause?: unknown) => new SessionError("link-lost", { missing: [peer], cause });
    let counter: number, sealed: Uint8Array;
    try {
      ({ counter, sealed } = frameRecord.decode(frame));
    } catch (cause) {
      throw lost(cause);
    }
    if (seen.has(counter)) {
      options.warn("replayed-frame", peer);
      return null;
    }
    const plain = counter < maxFrames ? unseal(key, counter, session, sealed) : null;
    if (plain === null) throw lost();
    seen.add(counter);
    return plain;
  }

  /** @throws {SessionError} `malformed-message`: the peer sealed this itself. */
  function envelopeIn(plain: Uint8Array, peer: PeerId): Envelope {
    try {
      return decodeEnvelope(plain);
    } catch (cause) {
      throw new SessionError("malformed-message", { culprits: [peer], cause });
    }
  }

  async function authentic(envelope: Envelope, via: PeerId): Promise<boolean> {
    const dropped = (code: WarningCode) => {
      options.warn(code, via);
      return false;
    };
    if (!equal(envelope.session, session)) return dropped("unknown-session");
    if (envelope.from !== via) return dropped("unauthentic-frame");
    if (envelope.to !== "*" && envelope.to !== self) return dropped("foreign-frame");
    if (!await verifyStatement(identity, statementOf(envelope))) return dropped("unauthentic-frame");
    return true;
  }

  return {
    self,
    party,
    verify: (statement) => verifyStatement(identity, statement),
    add(peer, line) {
      lines.set(peer, line.channel);
      const key = directionKey(line.linkSecret, session, self, peer);
      outgoing.set(peer, { key, counter: 0, tail: Promise.resolve() });
      listening.push(listen(peer, line));
      line.linkSecret.fill(0); // both directions have their keys
      if (finished) key.fill(0); // it came too late to be used
    },
    send(to, round, body, audience) {
      const out = outgoing.get(to);
      const channel = lines.get(to);
      if (!out || !channel || finished) return;
      const envelope = envelopeFor(to, round, body, audience);
      out.tail = out.tail.then(async () => {
        const counter = out.counter++;
        const sealed = seal(out.key, counter, session, encodeEnvelope(await envelope));
        await channel.send(frameRecord.encode({ counter, sealed }));
      }).catch((error) => {
        // A stream that broke is heard of by its reader, which names the peer; anything else is ours.
        if (!(error instanceof ChannelError)) options.fault(new SessionError("internal", { cause: error }));
      });
    },
    async finish() {
      finished = true;
      // Each by itself: a peer that takes no more bytes does not keep the others waiting for this side's end.
      await Promise.all([...lines].map(async ([peer, channel]) => {
        const out = outgoing.get(peer)!;
        await out.tail;
        out.key.fill(0);
        await channel.end();
      }));
    },
    said: () => said.filter(({ round }) => !round.startsWith("/")).map(encodeEnvelope),
    ended: () => Promise.all(listening).then(() => {}),
    abort() {
      finished = true;
      for (const channel of lines.values()) channel.abort();
      // What waits in line ends with its channel; nothing is sealed after that.
      for (const out of outgoing.values()) void out.tail.then(() => out.key.fill(0));
    },
  };
}
