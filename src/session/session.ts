/**
 * One run of one protocol by one party at one peer, from open to its one terminal event: the only place where an
 * error becomes an event.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { SessionError } from "../errors.ts";
import { type Claim, type FailureCode, failures, keySafety, type PeerId, type Phase } from "../failure.ts";
import { abortGrace, maxFrame } from "../limits.ts";
import type { Envelope, Incoming, Wire } from "../ports.ts";
import { abortRecord, abortRound, cancelRecord, cancelRound, voteRound } from "./control.ts";
import { deadline, orAborted } from "./deadline.ts";
import { decodeEnvelope, statementOf, verifyStatement } from "./envelope.ts";
import type { Ballot, EventBody, SessionEnd, SessionPlan } from "./plan.ts";
import { allOrNone } from "./shown.ts";
import { readSigned } from "./signed.ts";
import { openWire, type SessionWire } from "./wire.ts";

/** How long a session that is over waits until its last frames are handed over, ms. */
const lastWords = 200;

/** The first of `evidence` that fit into `room` bytes. */
function upTo(room: number, evidence: readonly Uint8Array[]): Uint8Array[] {
  return evidence.filter((encoded) => (room -= encoded.length) >= 0);
}

/**
 * Runs `plan` to its end and publishes exactly one terminal event.
 *
 * @param onEnd Told when the terminal event is out, with the streams that are still closing.
 * @throws {SessionError} What the terminal event says.
 */
export async function runSession<T>(plan: SessionPlan<T>, onEnd: (end: SessionEnd) => void): Promise<T> {
  return await new Run(plan).toTheEnd(onEnd);
}

class Run<T> {
  readonly #plan: SessionPlan<T>;
  readonly #others: readonly PeerId[];
  readonly #scope = new AbortController();
  readonly #wire: SessionWire;
  readonly #mouth: Wire;
  readonly #early: Incoming[] = [];
  readonly #votes = new Map<PeerId, Envelope>();
  readonly #gone = new Set<PeerId>();
  readonly #opens = new Map<PeerId, Uint8Array>();
  readonly #heardInRound = new Set<PeerId>();
  readonly #claims: Claim[] = [];
  #listener: ((incoming: Incoming) => void) | null = null;
  #phase: Phase = "opening";
  #round: string | null = null;
  #grace: Disposable | null = null;
  /** Checks of what others have shown, under way. */
  #looking: Promise<unknown> = Promise.resolve();
  #pending = false;
  #counted = () => {};

  constructor(plan: SessionPlan<T>) {
    this.#plan = plan;
    this.#others = plan.party.filter((peer) => peer !== plan.identity.peer);
    this.#wire = openWire({
      identity: plan.identity,
      session: plan.session,
      party: plan.party,
      heard: (envelope) => this.#heard(envelope),
      left: (peer) => this.#left(peer),
      fault: (error) => this.#end(error),
      warn: plan.warn,
    });
    this.#mouth = plan.wrapWire?.(this.#wire) ?? this.#wire;
  }

  /** The first reason counts. */
  #end(error: SessionError): void {
    if (!this.#scope.signal.aborted) this.#scope.abort(error);
    this.#counted();
  }

  #latched(): void {
    if (this.#scope.signal.aborted) throw this.#scope.signal.reason;
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#plan.publish({ type: "phase", phase });
  }

  /** For whom this node waits right now. */
  #awaited(): PeerId[] {
    const came: Record<Phase, { has(peer: PeerId): boolean }> = {
      opening: this.#opens,
      exchanging: this.#heardInRound,
      committing: this.#votes,
      inviting: this.#opens,
    };
    const excused = new Set(this.#claims.map((claim) => claim.by));
    return this.#others.filter((peer) => !came[this.#phase].has(peer) && !excused.has(peer));
  }

  async toTheEnd(onEnd: (end: SessionEnd) => void): Promise<T> {
    const plan = this.#plan;
    const stop = () => this.#end(plan.signal.reason);
    plan.signal.addEventListener("abort", stop, { once: true });
    if (plan.signal.aborted) stop();
    const total = plan.clock.timer(
      plan.totalMs,
      () => this.#end(new SessionError("round-timeout", { missing: this.#awaited() })),
    );
    let failure: SessionError | null = null;
    try {
      this.#enter("opening");
      await this.#openAll().catch((error) => {
        throw plan.unprepared ?? error;
      });
      if (plan.unprepared) throw plan.unprepared;
      plan.publish({ type: "opened", party: plan.party, rounds: plan.rounds });
      this.#enter("exchanging");
      const result = await this.#exchange();
      if (plan.commit) {
        this.#enter("committing");
        this.#round = null;
        await plan.commit(result, this.#ballot());
      }
      await this.#finish();
      this.#plan.publish({ type: "done", resultHash: plan.resultHash(result) });
      return result;
    } catch (thrown) {
      failure = thrown instanceof SessionError ? thrown : new SessionError("internal", { cause: thrown });
      this.#tellOthers(failure);
      this.#end(failure);
      await this.#finish();
      plan.publish(this.#describe(failure));
      throw failure;
    } finally {
      total[Symbol.dispose]();
      this.#grace?.[Symbol.dispose]();
      plan.signal.removeEventListener("abort", stop);
      this.#end(failure ?? new SessionError("cancelled")); // nobody hears of it: what still runs sees that it is over
      onEnd({ lingering: this.#wire.ended(), abort: () => this.#wire.abort() });
    }
  }

  async #openAll(): Promise<void> {
    const plan = this.#plan;
    const late = plan.clock.timer(
      plan.roundMs,
      () =>
        this.#phase === "opening" &&
        this.#end(new SessionError("round-timeout", { missing: this.#awaited() })),
    );
    try {
      const lines = Promise.all(this.#others.map(async (peer) => {
        const line = await plan.openLine(peer, this.#scope.signal);
        this.#opens.set(peer, line.open);
        this.#wire.add(peer, line);
        this.#counted();
      }));
      await orAborted(lines, this.#scope.signal);
      this.#latched();
    } finally {
      late[Symbol.dispose]();
    }
  }

  async #exchange(): Promise<T> {
    const result = await orAborted(
      this.#plan.run({
        wire: this.#protocolWire(),
        signal: this.#scope.signal,
        ban: (peers) => this.#plan.ban(peers),
        listen: (listener) => {
          this.#listener = listener;
          for (const incoming of this.#early.splice(0)) listener(incoming);
        },
        progress: (progress) => {
          // How far a run has come tells whether its checks passed: a muted one is silent about that too, to the end.
          if (this.#scope.signal.aborted || this.#plan.muted.aborted) return;
          if (progress.type === "round") {
            this.#round = progress.round;
            if (progress.state === "begun") this.#heardInRound.clear();
            const { round, state, deadlineMs } = progress;
            this.#plan.publish({
              type: "round",
              round,
              state,
              deadline: this.#plan.clock.now() + deadlineMs,
            });
          } else {
            if (progress.type === "heard") this.#heardInRound.add(progress.from);
            this.#plan.publish(progress);
          }
        },
      }),
      this.#scope.signal,
    );
    this.#latched();
    return result!;
  }

  /** What the protocol speaks through. */
  #protocolWire(): Wire {
    const mouth = this.#mouth;
    return {
      self: mouth.self,
      party: mouth.party,
      verify: (statement) => mouth.verify(statement),
      send: (to, round, body, audience) => {
        if (!this.#plan.muted.aborted) mouth.send(to, round, body, audience);
      },
    };
  }

  #tell(incoming: Incoming): void {
    if (this.#listener) this.#listener(incoming);
    else if (this.#early.length < 1024) this.#early.push(incoming);
  }

  #heard(envelope: Envelope): void {
    switch (envelope.round) {
      case abortRound:
        return void this.#aborted(envelope);
      case cancelRound:
        return void this.#cancelled(envelope.body);
      case voteRound:
        return this.#voted(envelope);
      default:
        return this.#tell({ type: "envelope", envelope, evidence: false });
    }
  }

  #left(peer: PeerId): void {
    this.#gone.add(peer);
    this.#tell({ type: "left", peer });
    if (this.#phase === "opening" && !this.#claims.some((claim) => claim.by === peer)) {
      this.#end(new SessionError("peer-left", { missing: [peer] }));
    }
    this.#counted();
  }

  #voted(envelope: Envelope): void {
    const earlier = this.#votes.get(envelope.from);
    if (earlier && !equal(earlier.body, envelope.body)) {
      this.#end(new SessionError("equivocation", { culprits: [envelope.from] }));
    }
    if (!earlier) this.#votes.set(envelope.from, envelope);
    this.#counted();
  }

  /** Hearsay ends this session too, after this node's own checks have had a look at what it rests on. */
  async #aborted({ from, body }: Envelope): Promise<void> {
    let said: ReturnType<typeof abortRecord.decode>;
    try {
      said = abortRecord.decode(body);
    } catch (cause) {
      return this.#end(new SessionError("malformed-message", { culprits: [from], cause }));
    }
    if (said.code === "cancelled" && said.evidence[0] && await this.#cancelled(said.evidence[0])) return;
    if (this.#claims.some((claim) => claim.by === from)) return; // a peer ends once
    this.#claims.push({ by: from, code: said.code, peers: said.peers });
    this.#tell({ type: "excused", peer: from });
    const hearsay = () => this.#end(new SessionError("aborted-by-peer", { claims: [...this.#claims] }));
    this.#counted();
    const look = async () => {
      for (const encoded of said.evidence) await this.#shown(encoded);
    };
    // The time counts from when its own checks have everything at hand: on a slow machine that takes a while.
    this.#looking = Promise.all([this.#looking, look()]);
    await this.#looking;
    if (!this.#scope.signal.aborted) this.#grace ??= this.#plan.clock.timer(abortGrace, hearsay);
  }

  async #shown(encoded: Uint8Array): Promise<void> {
    let envelope: Envelope;
    try {
      envelope = decodeEnvelope(encoded);
    } catch {
      return; // no envelope: a statement, or nothing that this node could check
    }
    const { session, from } = envelope;
    if (!equal(session, this.#plan.session) || !this.#plan.party.includes(from)) return;
    if (await verifyStatement(this.#plan.identity, statementOf(envelope))) {
      this.#tell({ type: "envelope", envelope, evidence: true });
    }
  }

  /** Only the initiator's signature cancels. */
  async #cancelled(encoded: Uint8Array): Promise<boolean> {
    const cancel = await readSigned(this.#plan.identity, cancelRecord, encoded);
    if (cancel?.by !== this.#plan.initiator || !equal(cancel.value.id, this.#plan.id)) return false;
    this.#end(new SessionError("cancelled", { evidence: [encoded] }));
    return true;
  }

  #ballot(): Ballot {
    const signal = this.#scope.signal;
    const missing = () => this.#others.filter((peer) => !this.#votes.has(peer));
    return {
      opens: this.#opens,
      signal,
      votes: () => this.#votes,
      missing,
      cast: (body) => {
        for (const to of this.#others) this.#mouth.send(to, voteRound, body, "all");
      },
      pending: () => void (this.#pending = true),
      collect: async () => {
        while (missing().length > 0) {
          this.#latched();
          const gone = missing().filter((peer) => this.#gone.has(peer));
          if (gone.length === missing().length) throw new SessionError("peer-left", { missing: gone });
          await new Promise<void>((resolve) => this.#counted = resolve);
        }
        return this.#votes; // all have said yes, so that is what it is: no later word takes it back
      },
    };
  }

  /** Says the last words. A peer that takes no more bytes does not keep this session from ending. */
  async #finish(): Promise<void> {
    using patience = deadline(this.#plan.clock, lastWords);
    await orAborted(this.#wire.finish(), patience.signal);
  }

  /** Code, round and whom it names; the envelopes it rests on; never local text. */
  #tellOthers(error: SessionError): void {
    const peers = [...(error.culprits.length > 0 ? error.culprits : error.missing)];
    const evidence = upTo(maxFrame / 2, error.evidence);
    const body = abortRecord.encode({ code: error.code, round: this.#round ?? "", peers, evidence });
    for (const to of this.#others) this.#mouth.send(to, abortRound, body, "all");
  }

  #describe(error: SessionError): EventBody {
    const code: FailureCode = error.code;
    const { identity: { peer: self }, kind } = this.#plan;
    const evidence = this.#keep(error);
    return {
      type: "failed",
      code,
      remedy: failures[code].remedy,
      key: this.#pending ? "pending" : keySafety(code, kind),
      phase: this.#phase,
      round: this.#round,
      culprits: error.culprits.filter((peer) => peer !== self),
      missing: error.missing.filter((peer) => peer !== self),
      // A key is pending all the same where a member has said why it does not confirm it.
      claims: code === "wallet-pending" ? this.#claims : error.claims,
      ...(evidence === null ? {} : { evidence }),
    };
  }

  /** Keeps the evidence against culprits, all of it or none: a part may be short of the very message that shows it. */
  #keep({ culprits, evidence }: SessionError): string | null {
    const { keepEvidence } = this.#plan;
    if (!keepEvidence || culprits.length === 0 || evidence.length === 0) return null;
    // Whoever checks it elsewhere needs what this node said too: its peers received it, others did not.
    const shown = allOrNone([...evidence, ...this.#wire.said()]);
    return shown && keepEvidence(shown);
  }
}
