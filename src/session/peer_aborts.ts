/**
 * The aborts that peers announce: each is a claim, which ends the session after this node's own checks have
 * seen the evidence that came with it.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { SessionError } from "../errors.ts";
import type { Claim, PeerId } from "../failure.ts";
import { abortGrace } from "../limits.ts";
import type { Clock, Envelope, Identity, Incoming } from "../ports.ts";
import { abortRecord, cancelRecord } from "./control.ts";
import { decodeEnvelope, statementOf, verifyStatement } from "./envelope.ts";
import { readSigned } from "./signed.ts";

export interface PeerAbortsOptions {
  identity: Identity;
  clock: Clock;
  /** 32 bytes. */
  session: Uint8Array;
  /** The command's, 16 bytes. */
  id: Uint8Array;
  initiator: PeerId;
  party: readonly PeerId[];
  /** Aborted when the session has ended. */
  signal: AbortSignal;
  /** Hands evidence, and the peers that will send nothing more, to the protocol. */
  hand(incoming: Incoming): void;
  /** Ends the session. */
  end(error: SessionError): void;
}

export class PeerAborts implements Disposable {
  readonly #options: PeerAbortsOptions;
  readonly #claims: Claim[] = [];
  /** Checks of evidence that are under way. */
  #checking: Promise<unknown> = Promise.resolve();
  #grace: Disposable | null = null;

  constructor(options: PeerAbortsOptions) {
    this.#options = options;
  }

  /** The claims so far, in the order in which they came. */
  get claims(): readonly Claim[] {
    return this.#claims;
  }

  /** Whether a peer has announced its end. */
  has(peer: PeerId): boolean {
    return this.#claims.some(({ by }) => by === peer);
  }

  /** Takes the abort of a peer: a claim, or the initiator's cancellation that the peer passes on. */
  async take({ from, body }: Envelope): Promise<void> {
    const { clock, signal, hand, end } = this.#options;
    let abort: ReturnType<typeof abortRecord.decode>;
    try {
      abort = abortRecord.decode(body);
    } catch (cause) {
      return end(new SessionError("malformed-message", { culprits: [from], cause }));
    }
    if (abort.code === "cancelled" && abort.evidence[0] && await this.cancel(abort.evidence[0])) return;
    if (this.has(from)) return; // a peer ends once
    this.#claims.push({ by: from, code: abort.code, peers: abort.peers });
    hand({ type: "excused", peer: from });
    const check = async () => {
      for (const encoded of abort.evidence) await this.#check(encoded);
    };
    // The grace begins when this node's own checks have all the evidence: on a slow machine that takes a
    // while.
    this.#checking = Promise.all([this.#checking, check()]);
    await this.#checking;
    if (signal.aborted) return;
    this.#grace ??= clock.timer(
      abortGrace,
      () => end(new SessionError("aborted-by-peer", { claims: [...this.#claims] })),
    );
  }

  /** Ends the session if this is the initiator's cancellation. @returns Whether it is. */
  async cancel(encoded: Uint8Array): Promise<boolean> {
    const { identity, initiator, id, end } = this.#options;
    const cancel = await readSigned(identity, cancelRecord, encoded);
    if (cancel?.by !== initiator || !equal(cancel.value.id, id)) return false;
    end(new SessionError("cancelled", { evidence: [encoded] }));
    return true;
  }

  /** Hands a piece of evidence to the protocol's checks, if it is an authentic envelope of this session. */
  async #check(encoded: Uint8Array): Promise<void> {
    const { identity, session, party, hand } = this.#options;
    let envelope: Envelope;
    try {
      envelope = decodeEnvelope(encoded);
    } catch {
      return; // no envelope: a statement, or nothing that this node could check
    }
    if (!equal(envelope.session, session) || !party.includes(envelope.from)) return;
    if (await verifyStatement(identity, statementOf(envelope))) {
      hand({ type: "envelope", envelope, evidence: true });
    }
  }

  [Symbol.dispose](): void {
    this.#grace?.[Symbol.dispose]();
  }
}
