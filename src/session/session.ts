/**
 * The session: one run of one protocol by one party at one peer, from its opening to its one terminal event.
 * It is the only place where an error becomes an event.
 * @module
 */
import { SessionError } from "../errors.ts";
import { type FailureCode, failures, keySafety, type PeerId, type Phase } from "../failure.ts";
import { maxFrame } from "../limits.ts";
import type { Envelope, Progress, RunIo, Wire } from "../ports.ts";
import { abortRound, cancelRound, encodeAbort } from "./control.ts";
import { deadline, orAborted } from "./deadline.ts";
import { PeerAborts } from "./peer_aborts.ts";
import type { EventBody, SessionEnd, SessionPlan } from "./plan.ts";
import { allOrNone } from "./shown.ts";
import { Votes } from "./words/votes.ts";
import { openWire, protocolWire, type SessionWire } from "./wire.ts";

/** The time that a session that is over waits until its last frames are handed over, ms. */
const flushMs = 200;

/**
 * Runs `plan` to its end and emits exactly one terminal event.
 *
 * @param onEnd Called after the terminal event, with the streams that are still closing.
 * @throws {SessionError} The failure of the terminal event.
 */
export async function runSession<T>(plan: SessionPlan<T>, onEnd: (end: SessionEnd) => void): Promise<T> {
  return await new Run(plan).toTheEnd(onEnd);
}

class Run<T> {
  readonly #plan: SessionPlan<T>;
  readonly #others: readonly PeerId[];
  readonly #scope = new AbortController();
  readonly #wire: SessionWire;
  readonly #out: Wire;
  readonly #aborts: PeerAborts;
  readonly #votes: Votes;
  readonly #signedOpens = new Map<PeerId, Uint8Array>();
  readonly #heardInRound = new Set<PeerId>();
  #phase: Phase = "opening";
  #round: string | null = null;

  constructor(plan: SessionPlan<T>) {
    const { identity, clock, session, id, initiator, party, maxMessage, log } = plan;
    const { signal } = this.#scope;
    const end = (error: SessionError) => this.#end(error);
    this.#plan = plan;
    this.#others = party.filter((peer) => peer !== identity.peer);
    const wire = this.#wire = openWire({
      identity,
      session,
      party,
      maxMessage,
      control: (envelope) => this.#take(envelope),
      left: (peer) => this.#left(peer),
      fault: end,
      warn: (code, via) => log.warn(code, via),
    });
    this.#out = plan.wrapWire?.(wire) ?? wire;
    this.#aborts = new PeerAborts({
      identity,
      clock,
      session,
      id,
      initiator,
      party,
      signal,
      end,
      hand: (incoming) => void wire.incoming.add(incoming),
    });
    this.#votes = new Votes({
      others: this.#others,
      voters: this.#others.filter((peer) => plan.voters.includes(peer)),
      opens: this.#signedOpens,
      signal,
      send: (round, body) => this.#sendAll(round, body),
    });
  }

  /** Ends the session. The first reason counts. */
  #end(error: SessionError): void {
    if (!this.#scope.signal.aborted) this.#scope.abort(error);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#plan.log.emit({ type: "phase", phase });
  }

  #sendAll(round: string, body: Uint8Array): void {
    for (const to of this.#others) this.#out.send(to, round, body, "all");
  }

  /** The peers for which this node waits right now. */
  #awaited(): PeerId[] {
    const ready: Record<Phase, { has(peer: PeerId): boolean }> = {
      opening: this.#signedOpens,
      exchanging: this.#heardInRound,
      committing: this.#votes,
      inviting: this.#signedOpens,
    };
    return this.#others.filter((peer) => !ready[this.#phase].has(peer) && !this.#aborts.has(peer));
  }

  /**
   * Ends the session with a time-out after `ms`, with `during` only while the session is in that phase.
   */
  #limit(ms: number, during?: Phase): Disposable {
    return this.#plan.clock.timer(ms, () => {
      if (during !== undefined && this.#phase !== during) return;
      this.#end(new SessionError("round-timeout", { missing: this.#awaited() }));
    });
  }

  async toTheEnd(onEnd: (end: SessionEnd) => void): Promise<T> {
    const { log, control: { signal }, totalMs } = this.#plan;
    const stop = () => this.#end(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const total = this.#limit(totalMs);
    let failure: SessionError | null = null;
    try {
      const result = await this.#result();
      await this.#flush();
      log.emit({ type: "done", resultHash: this.#plan.resultHash(result) });
      return result;
    } catch (thrown) {
      failure = inSession(thrown);
      this.#wire.cutShort();
      this.#announce(failure);
      this.#end(failure);
      await this.#flush();
      log.emit(this.#describe(failure));
      throw failure;
    } finally {
      total[Symbol.dispose]();
      this.#aborts[Symbol.dispose]();
      signal.removeEventListener("abort", stop);
      this.#end(failure ?? new SessionError("cancelled")); // not reported: it stops all that still runs
      onEnd({ closed: this.#wire.ended(), abort: () => this.#wire.abort() });
    }
  }

  /**
   * The phases of the session. The protocol begins as soon as this node can send: its first messages travel
   * with the streams, and the streams of the others come meanwhile.
   */
  async #result(): Promise<T> {
    const { protocol, log, party, rounds, commit } = this.#plan;
    const { signal } = this.#scope;
    this.#enter("opening");
    using _limit = this.#limit(this.#plan.roundMs, "opening");
    const connected = this.#connectAll();
    const listening = connected.then(() => this.#listenToAll());
    // If the task could not be prepared, its error stands in the plan for the protocol: it is thrown once the
    // others can hear it.
    if (protocol instanceof SessionError) {
      await orAborted(listening, signal).catch(() => {});
      throw protocol;
    }
    listening.catch((error) => this.#end(inSession(error)));
    await orAborted(connected, signal);
    signal.throwIfAborted();
    log.emit({ type: "opened", party, rounds });
    this.#enter("exchanging");
    const result = await orAborted(this.#exchange(protocol), signal);
    signal.throwIfAborted();
    if (commit) {
      this.#enter("committing");
      this.#round = null;
      await this.#plan.commit!(result!, this.#votes);
    }
    return result!;
  }

  async #connectAll(): Promise<void> {
    const { streams } = this.#plan;
    await Promise.all(this.#others.map(async (peer) => {
      this.#wire.connect(peer, await streams.outgoing(peer, this.#scope.signal));
    }));
  }

  async #listenToAll(): Promise<void> {
    const { streams } = this.#plan;
    await Promise.all(this.#others.map(async (peer) => {
      const stream = await streams.incoming(peer, this.#scope.signal);
      this.#signedOpens.set(peer, stream.open);
      this.#wire.listenTo(peer, stream);
    }));
  }

  /**
   * Runs the protocol. Its result, or its failure, is withheld while another session writes a ban that ends
   * this one.
   */
  async #exchange(protocol: { run(io: RunIo): Promise<T> }): Promise<T> {
    const { control } = this.#plan;
    try {
      return await protocol.run({
        wire: protocolWire(this.#out, control.silenced),
        signal: this.#scope.signal,
        ban: (peers) => this.#plan.ban(peers),
        listen: (listener) => this.#wire.incoming.listen(listener),
        progress: (progress) => this.#report(progress),
      });
    } finally {
      await control.untilBanIsDurable;
    }
  }

  /**
   * Emits the progress of the protocol. A silenced session emits none: it would reveal whether its checks
   * passed.
   */
  #report(progress: Progress): void {
    const { log, control, clock } = this.#plan;
    if (this.#scope.signal.aborted || control.silenced.aborted) return;
    if (progress.type === "heard") this.#heardInRound.add(progress.from);
    if (progress.type !== "round") return log.emit(progress);
    const { round, state, deadlineMs } = progress;
    this.#round = round;
    if (state === "begun") this.#heardInRound.clear();
    log.emit({ type: "round", round, state, deadline: clock.now() + deadlineMs });
  }

  /** Takes an envelope of the session itself. */
  #take(envelope: Envelope): void {
    if (envelope.round === abortRound) return void this.#aborts.take(envelope);
    if (envelope.round === cancelRound) return void this.#aborts.cancel(envelope.body);
    try {
      this.#votes.add(envelope);
    } catch (error) {
      this.#end(error as SessionError);
    }
  }

  #left(peer: PeerId): void {
    this.#wire.incoming.add({ type: "left", peer });
    this.#votes.left(peer);
  }

  /** Sends the last frames. A peer that takes no more bytes does not keep this session from ending. */
  async #flush(): Promise<void> {
    using patience = deadline(this.#plan.clock, flushMs);
    await orAborted(this.#wire.finish(), patience.signal);
  }

  /**
   * Sends an abort to the others: code, round, the peers it names and the envelopes it rests on; never local
   * text.
   */
  #announce(error: SessionError): void {
    const peers = [...(error.culprits.length > 0 ? error.culprits : error.missing)];
    const evidence = upTo(maxFrame / 2, error.evidence);
    this.#sendAll(
      abortRound,
      encodeAbort({ code: error.code, round: this.#round ?? "", peers, evidence }),
    );
  }

  #describe(error: SessionError): EventBody {
    const code: FailureCode = error.code;
    const { identity: { peer: self }, kind } = this.#plan;
    const evidence = this.#keep(error);
    return {
      type: "failed",
      code,
      remedy: failures[code].remedy,
      key: this.#votes.isPending ? "pending" : keySafety(code, kind),
      phase: this.#phase,
      round: this.#round,
      culprits: error.culprits.filter((peer) => peer !== self),
      missing: error.missing.filter((peer) => peer !== self),
      // A pending key's failure quotes the members that have announced why they do not confirm it.
      claims: code === "wallet-pending" ? [...this.#aborts.claims] : error.claims,
      ...(evidence === null ? {} : { evidence }),
      ...(error.checkableBy === null ? {} : { checkableBy: error.checkableBy }),
      ...(error.items.length === 0 ? {} : { spoilt: error.items }),
    };
  }

  /**
   * Keeps the evidence against culprits, all of it or none: a part may lack the very message that proves it.
   */
  #keep({ culprits, evidence }: SessionError): string | null {
    const plan = this.#plan;
    if (!plan.keepEvidence || culprits.length === 0 || evidence.length === 0) return null;
    // A checker elsewhere needs this node's own messages too: only its peers received them.
    const shown = allOrNone([...evidence, ...this.#wire.ownBroadcasts()]);
    return shown && plan.keepEvidence(shown);
  }
}

const inSession = (error: unknown): SessionError =>
  error instanceof SessionError ? error : new SessionError("internal", { cause: error });

/** The first of `evidence` that fit into `room` bytes. */
function upTo(room: number, evidence: readonly Uint8Array[]): Uint8Array[] {
  return evidence.filter((encoded) => (room -= encoded.length) >= 0);
}
