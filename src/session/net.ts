/**
 * The net of one run of a protocol: sends and receives the messages of its rounds, echoes them, waits for the
 * others, and names each peer that broke the rules. It knows no sockets: messages arrive authentic from
 * {@linkcode RunIo.listen}, and leave through the run's wire.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { Clock, Envelope, Incoming, RunIo } from "../ports.ts";
import {
  type Check,
  echoedIn,
  isWorthless,
  type MessageOf,
  type Net,
  type Rounds,
} from "../protocol/rounds.ts";
import { type Received, ReceivedMessages } from "./received.ts";
import { EchoCheck, echoOf, messageRecord } from "./echo.ts";
import { encodeEnvelope } from "./envelope.ts";

export interface NetOptions {
  /** 32 bytes. */
  session: Uint8Array;
  self: PeerId;
  party: readonly PeerId[];
  /** The time that each round may take, ms. */
  roundMs: number;
  clock: Clock;
}

/** A net, with the evidence of its rounds. */
export interface OpenNet<P extends Rounds> extends Net<P> {
  /**
   * The broadcasts of `culprits` in the round under way, and everyone's of the rounds before it, encoded; none
   * before the first exchange.
   */
  evidence(culprits: readonly PeerId[]): Uint8Array[];
}

/**
 * The time in which peers that leave are named together, ms: the streams of a whole network break one after
 * the other.
 */
const leftTogetherMs = 25;

/**
 * Opens the rounds of a run.
 *
 * @throws {Error} If the last round would have to be echoed: no round follows it.
 */
export function openNet<P extends Rounds>(rounds: P, io: RunIo, options: NetOptions): OpenNet<P> {
  return new RoundNet(rounds, io, options);
}

class RoundNet<P extends Rounds> implements OpenNet<P> {
  readonly self: PeerId;
  readonly party: readonly PeerId[];
  readonly #rounds: P;
  readonly #io: RunIo;
  readonly #options: NetOptions;
  readonly #others: readonly PeerId[];
  readonly #received: ReceivedMessages;
  /** The bodies of this node's own broadcasts, by name. */
  readonly #sent = new Map<string, Uint8Array>();
  readonly #checks = new Map<string, readonly Check<unknown>[]>();
  /** Evidence about rounds whose check is not known yet. */
  readonly #uncheckedEvidence: Envelope[] = [];
  readonly #echoCheck: EchoCheck;
  readonly #left = new Set<PeerId>();
  readonly #excused = new Set<PeerId>();
  /** The index of the round under way. */
  #current = -1;
  #fault: SessionError | null = null;
  #comparing: Promise<void> = Promise.resolve();
  #leftTimer: Disposable | null = null;
  #wake = () => {};

  constructor(rounds: P, io: RunIo, options: NetOptions) {
    const { self, party } = options;
    this.self = self;
    this.party = party;
    this.#rounds = rounds;
    this.#io = io;
    this.#options = options;
    this.#others = party.filter((peer) => peer !== self);
    this.#received = new ReceivedMessages(rounds, this.#others.length);
    this.#echoCheck = new EchoCheck({
      self,
      party,
      session: options.session,
      verify: (statement) => io.wire.verify(statement),
      accuse: (code, culprit, evidence) => this.#accuse(code, culprit, evidence),
      evidenceOf: ({ envelope }) => this.#asEvidence(envelope),
      ended: () => this.#fault !== null,
    });
    if (this.#echoed(this.#received.names.length) !== null) {
      throw new Error("Cannot echo the last round: none follows it");
    }
    io.signal.addEventListener("abort", () => {
      this.#leftTimer?.[Symbol.dispose]();
      this.#fail(io.signal.reason as SessionError);
    }, { once: true });
    if (io.signal.aborted) this.#fail(io.signal.reason as SessionError);
    io.listen((incoming) => this.#take(incoming));
  }

  evidence(culprits: readonly PeerId[]): Uint8Array[] {
    const { names } = this.#received;
    if (this.#current < 0) return [];
    // The others have not received the messages of a direct round.
    if (this.#rounds[names[this.#current]!]!.delivery === "direct") return [];
    return names.slice(0, this.#current + 1).flatMap((name, i) =>
      [...this.#box(name).values()].map(({ envelope }) => envelope)
        .filter(({ from, to }) => to === "*" && (i < this.#current || culprits.includes(from)))
        .map(encodeEnvelope)
    );
  }

  async exchange<R extends keyof P & string>(
    round: R,
    own: MessageOf<P[R]> | ((to: PeerId) => MessageOf<P[R]>),
    ...checks: readonly Check<MessageOf<P[R]>>[]
  ): Promise<ReadonlyMap<PeerId, MessageOf<P[R]>>> {
    type Message = MessageOf<P[R]>;
    const { roundMs } = this.#options;
    if (this.#received.names[this.#current + 1] !== round) {
      throw new Error(`Cannot run round ${round}: it is not the next`);
    }
    this.#current++;
    const messageFor = (to: PeerId) =>
      typeof own === "function" ? (own as (to: PeerId) => Message)(to) : own as Message;
    const echo = this.#echo();
    this.#io.progress({ type: "round", round, state: "begun", deadlineMs: roundMs });
    for (const to of this.#others) {
      if (this.#fault) throw this.#fault;
      this.#send(round, to, messageFor(to), echo);
    }
    this.#checks.set(round, checks as readonly Check<unknown>[]);
    for (const envelope of this.#uncheckedEvidence.splice(0)) this.#examine(envelope);
    await this.#waitForEveryone(round);
    const box = this.#box(round);
    const all = new Map(
      this.party.map((peer) => [
        peer,
        peer === this.self ? messageFor(peer) : box.get(peer)!.message as Message,
      ]),
    );
    for (const check of checks) this.#require(round, all, check);
    this.#io.progress({ type: "round", round, state: "done", deadlineMs: roundMs });
    return all;
  }

  /** @throws {SessionError} The check's code, naming every peer whose message does not pass. */
  #require<Message>(round: string, all: ReadonlyMap<PeerId, Message>, check: Check<Message>): void {
    const culprits = this.#others.filter((peer) => !check.passes(all.get(peer)!, peer, this.self));
    if (culprits.length === 0) return;
    const evidence = culprits.flatMap((peer) =>
      this.#asEvidence(this.#box(round).get(peer)!.envelope, check)
    );
    throw this.#fault = new SessionError(check.code, { culprits, evidence });
  }

  /** The echo that rides with the round under way: of the round before it, if that must be echoed. */
  #echo(): Uint8Array[] {
    const previous = this.#echoed(this.#current);
    if (previous === null) return [];
    const envelopes = new Map([...this.#box(previous)].map(([peer, { envelope }]) => [peer, envelope]));
    return [...echoOf(this.party, this.self, envelopes)];
  }

  #send(round: string, to: PeerId, message: unknown, echo: Uint8Array[]): void {
    const { codec, delivery } = this.#rounds[round]!;
    const { wire } = this.#io;
    const body = messageRecord.encode({ payload: codec.encode(message), echo });
    if (delivery !== "direct") this.#sent.set(round, body);
    wire.send(to, round, body, delivery === "direct" ? "one" : "all");
  }

  /**
   * Resolves when the messages of all others in `round` have come and their echoes are compared.
   *
   * @throws {SessionError}
   */
  async #waitForEveryone(round: string): Promise<void> {
    const { clock, roundMs } = this.#options;
    let late = false;
    using _timer = clock.timer(roundMs, () => {
      late = true;
      this.#wake();
    });
    for (;;) {
      const silent = this.#others.filter((peer) => !this.#box(round).has(peer));
      if (silent.length === 0) await this.#comparing;
      if (this.#fault) throw this.#fault;
      if (silent.length === 0) return;
      const missing = silent.filter((peer) => !this.#excused.has(peer));
      if (late && missing.length > 0) throw this.#fault = new SessionError("round-timeout", { missing });
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #take(incoming: Incoming): void {
    if (this.#fault) return;
    switch (incoming.type) {
      case "envelope":
        return incoming.evidence ? this.#examine(incoming.envelope) : this.#receive(incoming.envelope);
      case "left":
        return this.#leave(incoming.peer);
      case "excused":
        this.#excused.add(incoming.peer);
        return this.#wake();
      default:
        return incoming satisfies never;
    }
  }

  /** Puts a message into its box, or accuses its author. */
  #receive(envelope: Envelope): void {
    const { round, from, to } = envelope;
    const index = this.#received.indexOf(round);
    if (index < 0 || index > this.#current + 1) {
      return this.#accuse("unexpected-round", from, this.#asEvidence(envelope));
    }
    if (this.#received.isBroadcast(round) !== (to === "*")) {
      return this.#accuse("malformed-message", from, this.#asEvidence(envelope));
    }
    const box = this.#box(round);
    const earlier = box.get(from)?.envelope;
    if (earlier) {
      if (equal(earlier.body, envelope.body)) return;
      const both = this.#mayShow(envelope) ? [earlier, envelope].map(encodeEnvelope) : [];
      return this.#accuse("equivocation", from, both);
    }
    const received = this.#read(envelope);
    if (received === null) return;
    box.set(from, received);
    this.#io.progress({ type: "heard", round, from });
    this.#compareSoon(index);
    this.#compareSoon(index + 1);
    this.#wake();
  }

  /** Decodes a message; accuses its author if it does not decode. */
  #read(envelope: Envelope): Received | null {
    try {
      return this.#received.decode(envelope);
    } catch (cause) {
      this.#accuse("malformed-message", envelope.from, this.#asEvidence(envelope), cause);
      return null;
    }
  }

  /** Checks an envelope that another member shows as evidence: it was sent to all, or to another member. */
  #examine(envelope: Envelope): void {
    const { round, from, to } = envelope;
    const index = this.#received.indexOf(round);
    if (from === this.self || index < 0) return;
    if (to === "*" || to === this.self) return this.#receive(envelope);
    if (!this.party.includes(to)) return;
    if (!isWorthless(this.#rounds, round)) return this.#examineOpened(envelope);
    const checks = this.#checks.get(round);
    const received = this.#read(envelope);
    if (received === null) return;
    this.#compareSoon(index, new Map([[from, received]]));
    if (!checks) return void this.#uncheckedEvidence.push(envelope);
    this.#judge(envelope, received, checks);
  }

  /**
   * Checks a message of a secret round that its recipient has opened. Only the checks that open messages count:
   * no honest recipient opens one for any other reason. The echoes that have come are compared first: equivocation
   * outweighs what follows from it. Those that are still to come are not waited for, or else a dealer could keep a
   * wrong share from being judged by staying silent.
   */
  #examineOpened(envelope: Envelope): void {
    const checks = this.#checks.get(envelope.round);
    if (!checks) return void this.#uncheckedEvidence.push(envelope);
    const opening = checks.filter(({ opens }) => opens);
    if (opening.length === 0) return;
    let received: Received;
    try {
      received = this.#received.decode(envelope);
    } catch {
      return; // its recipient has nothing to open
    }
    this.#afterComparing(() => this.#judge(envelope, received, opening));
  }

  /** Accuses the author of a message between others if it fails a check. */
  #judge(envelope: Envelope, { message }: Received, checks: readonly Check<unknown>[]): void {
    const { from, to } = envelope;
    const failed = checks.find((check) => !check.passes(message, from, to as PeerId));
    if (failed) this.#accuse(failed.code, from, this.#asEvidence(envelope, failed));
  }

  /**
   * Compares the echoes that came with round `index` with the messages of the round before it, after all
   * earlier comparisons.
   *
   * @param shown The messages to look at, where they are evidence for others.
   */
  #compareSoon(index: number, shown?: ReadonlyMap<PeerId, Received>): void {
    this.#afterComparing(async () => {
      const round = this.#echoed(index);
      if (round === null || this.#fault) return;
      const echoing = shown ?? this.#box(this.#received.names[index]!);
      await this.#echoCheck.compare({
        round,
        messages: this.#box(round),
        own: this.#sent.get(round),
        echoing,
      });
    });
  }

  /** Takes a step after all comparisons under way. */
  #afterComparing(step: () => void | Promise<void>): void {
    this.#comparing = this.#comparing.then(step).catch((cause) =>
      this.#fail(new SessionError("internal", { cause }))
    );
  }

  #leave(peer: PeerId): void {
    this.#left.add(peer);
    const last = this.#box(this.#received.names.at(-1)!);
    const owes = (who: PeerId) => !last.has(who) && !this.#excused.has(who);
    if (!owes(peer)) return;
    this.#leftTimer?.[Symbol.dispose]();
    this.#leftTimer = this.#options.clock.timer(leftTogetherMs, () => {
      const missing = this.#others.filter((who) => this.#left.has(who) && owes(who));
      if (missing.length > 0) this.#fail(new SessionError("peer-left", { missing }));
    });
  }

  #box(name: string): Map<PeerId, Received> {
    return this.#received.box(name);
  }

  /** The name of the broadcast that round `index` echoes, or null. */
  #echoed(index: number): string | null {
    return echoedIn(this.#rounds, index);
  }

  /** Whether a message may be shown to all. @param failed The check that it failed, if it failed one. */
  #mayShow({ round, to }: Envelope, failed?: Check<never>): boolean {
    return to === "*" || isWorthless(this.#rounds, round) || failed?.opens === true;
  }

  #asEvidence(envelope: Envelope, failed?: Check<never>): Uint8Array[] {
    return this.#mayShow(envelope, failed) ? [encodeEnvelope(envelope)] : [];
  }

  #accuse(
    code: SessionError["code"],
    culprit: PeerId,
    evidence: readonly Uint8Array[],
    cause?: unknown,
  ): void {
    if (culprit !== this.self) this.#fail(new SessionError(code, { culprits: [culprit], evidence, cause }));
  }

  /** Keeps the first fault, which ends the exchange under way. */
  #fail(error: SessionError): void {
    this.#fault ??= error;
    this.#wake();
  }
}
