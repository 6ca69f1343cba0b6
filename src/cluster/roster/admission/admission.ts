/**
 * The admitting side of joining, at the one node that holds the admin key: it answers peers that ask to join,
 * asks a person about them if the invitation says so, and signs the admitted ones into the next roster.
 * @module
 */
import { ChannelError, InputError, StoreError } from "../../../errors.ts";
import type { JoinEvent, View } from "../../../events.ts";
import type { PeerId } from "../../../failure.ts";
import { joinMs, maxJoinFrame, maxStrangers } from "../../../limits.ts";
import type { Channel } from "../../../ports.ts";
import { deadline, orAborted } from "../../../session/deadline.ts";
import { protocols } from "../../records/protocols.ts";
import { freeName } from "../peer_name.ts";
import { maxPeers } from "../roster.ts";
import type { RosterContext, Warnings } from "../roster_context.ts";
import type { RosterSigner } from "../roster_signer.ts";
import type { RosterStore } from "../roster_store.ts";
import { Applicant, type JoinOutcome } from "./applicant.ts";
import type { Invitation } from "./invitation_link.ts";
import { type Invite, type InviteOptions, Invites, type OpenInvite } from "./invites.ts";
import { type JoinAnswer, joinAnswer, type JoinFrame, joinRecord, type Rejection } from "./join_records.ts";
import type { Admit, JoinRequest } from "./join_request.ts";
import { exchangeNonces } from "./nonce_exchange.ts";

/** After this number of refusals an invitation is in wrong hands, and closes. */
const mostDeclined = 16;

/** The number of times that one peer is refused with the same invitation. Until then it may ask again. */
const mostNoes = 3;

/** The event log, as admission uses it. */
export interface AdmissionLog extends Warnings {
  emit(event: Omit<JoinEvent, keyof View>): void;
}

export interface AdmissionOptions {
  context: RosterContext & { readonly eventLog: AdmissionLog };
  rosterStore: RosterStore;
  rosterSigner: RosterSigner;
  /** Null: requests wait for {@linkcode Admission.admit}. */
  admit: Admit | null;
  fourWords(digest: Uint8Array): JoinRequest["words"];
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #invites: Invites;
  /** The peers that hold a use of an invitation, until they are admitted or not. */
  readonly #applicants = new Map<PeerId, Applicant>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#invites = new Invites(options.context);
    const handler = (channel: Channel) => void this.#serve(channel);
    options.context.network.handle(protocols.join, handler, { strangers: true, maxFrame: maxJoinFrame });
  }

  /** The number of strangers that may be connected at this moment. */
  strangers(): number {
    return this.#invites.open().length > 0 ? maxStrangers : 0;
  }

  /** Whether a stranger may stay connected although the time to ask is over. */
  waits(peer: PeerId): boolean {
    return this.#applicants.has(peer);
  }

  /** @throws {InputError} */
  invite(options: InviteOptions = {}): Invitation {
    const { rosterStore, context: { identity, network } } = this.#options;
    const token = this.#invites.create(options);
    return {
      cluster: rosterStore.current.cluster,
      peer: identity.peer,
      addresses: network.addresses(),
      token,
    };
  }

  invites(): OpenInvite[] {
    return this.#invites.open();
  }

  /** @throws {InputError} `id` */
  revoke(id: string): void {
    const invite = this.#invites.revoke(id);
    for (const applicant of this.#applicants.values()) {
      if (applicant.invite === invite) applicant.decide("used");
    }
  }

  joining(): JoinRequest[] {
    return this.#undecided().map(({ request }) => request!);
  }

  /**
   * @throws {InputError} `peer`, if it does not wait; `peers`, if the roster is full.
   *
   * @throws {StoreError}
   */
  admit(peer: PeerId): Promise<void> {
    const applicant = this.#undecidedPeer(peer);
    applicant.decide("accepted");
    return applicant.admitted.promise;
  }

  /** @throws {InputError} `peer` */
  reject(peer: PeerId): void {
    this.#undecidedPeer(peer).decide("declined");
  }

  /** The applicants that a person can decide about. */
  #undecided(): Applicant[] {
    return [...this.#applicants.values()].filter(({ request, decided }) =>
      request !== null && !decided.aborted
    );
  }

  #undecidedPeer(peer: PeerId): Applicant {
    const applicant = this.#undecided().find((one) => one.peer === peer);
    if (!applicant) {
      throw new InputError("peer", `expected one that asks to join, found ${peer}`, { code: "unknown" });
    }
    return applicant;
  }

  async #serve(channel: Channel): Promise<void> {
    const { clock, stopping, eventLog } = this.#options.context;
    try {
      using patience = deadline(clock, joinMs, stopping);
      const frame = await orAborted(channel.receive(), patience.signal);
      const asked = frame === null ? null : decoded(frame);
      if (asked === null) {
        eventLog.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      const answer = await this.#answer(channel, asked);
      if (answer === null) return channel.abort();
      await channel.send(joinAnswer.encode(answer));
      await channel.end();
    } catch (error) {
      if (error instanceof StoreError) return channel.abort(); // no answer before the roster is on disk
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /** @returns The answer; null to hang up. */
  async #answer(channel: Channel, frame: JoinFrame): Promise<JoinAnswer | null> {
    const { rosterStore, context: { eventLog } } = this.#options;
    const { peer } = channel;
    // The peer may not have received the answer that admitted it.
    if (rosterStore.peer(peer)) return answerOf("joined", rosterStore.current.version);
    const applicant = this.#reserve(peer, frame);
    if (typeof applicant === "string") {
      eventLog.warn("unauthentic-frame", peer);
      return answerOf(applicant);
    }
    const outcome = await this.#outcomeOf(channel, applicant).finally(() => {
      if (this.#applicants.get(peer) === applicant) this.#applicants.delete(peer);
    });
    if (outcome === "abandoned") eventLog.warn("unauthentic-frame", peer);
    if (outcome === "left" || outcome === "abandoned") return null;
    return outcome === "accepted" ? answerOf("joined", rosterStore.current.version) : answerOf(outcome);
  }

  /** Reserves one use of an invitation for a peer. */
  #reserve(peer: PeerId, frame: JoinFrame): Applicant | Rejection {
    const { rosterStore } = this.#options;
    const invite = this.#invites.opens(frame.token);
    if (typeof invite === "string") return invite;
    if (noesTo(invite, peer) >= mostNoes) return "declined";
    const older = this.#applicants.get(peer);
    if (older?.decided.aborted) return "used"; // it is being signed in: it gets that answer when it asks again
    const others = [...this.#applicants.values()].filter((other) =>
      other.invite === invite && other !== older
    );
    if (others.length >= invite.uses) return "used";
    older?.decide("left"); // a peer that asks again has given up its older stream
    const name = freeName(frame.name, rosterStore.current.peers.map(({ name }) => name));
    const applicant = new Applicant(peer, invite, frame, name);
    this.#applicants.set(peer, applicant);
    return applicant;
  }

  async #outcomeOf(channel: Channel, applicant: Applicant): Promise<JoinOutcome> {
    const { invite } = applicant;
    if (!invite.approval) applicant.decide("accepted");
    else await this.#ask(channel, applicant);
    let outcome = await applicant.outcome;
    if (outcome === "declined") {
      invite.declined.push(applicant.peer);
      if (invite.declined.length >= mostDeclined) invite.uses = 0;
    }
    if (outcome === "accepted" && !await this.#signIn(applicant)) outcome = "full";
    if (invite.approval && applicant.request === null) return outcome; // no person was asked about it
    this.#emit(applicant, outcome === "accepted" ? "admitted" : outcome === "left" ? "left" : "refused");
    return outcome;
  }

  /** Asks a person, until the request is decided, the peer leaves, or the invitation expires. */
  async #ask(channel: Channel, applicant: Applicant): Promise<void> {
    const { context, admit, fourWords } = this.#options;
    const { clock, stopping } = context;
    const { peer, name, invite, decided } = applicant;
    const ms = Math.max(0, invite.expires - clock.now());
    using patience = deadline(clock, ms, stopping);
    const late = () => applicant.decide(stopping.aborted ? "left" : "expired");
    patience.signal.addEventListener("abort", late, { once: true });
    const digest = await exchangeNonces(context, channel, applicant, ms);
    if (digest === null || decided.aborted) return applicant.decide("abandoned"); // unless it is decided already
    const { rights } = invite;
    const request = { peer, name, rights, words: fourWords(digest), noes: noesTo(invite, peer) };
    applicant.request = request;
    // The peer has nothing more to send: another frame, or the end of its stream, means that it no longer waits.
    void channel.receive().then(() => applicant.decide("left"), () => applicant.decide("left"));
    this.#emit(applicant, "asking");
    if (admit && !decided.aborted) {
      void admit(request, { signal: decided }).then(
        (decision) => applicant.decide(decision === "accept" ? "accepted" : "declined"),
        () => applicant.decide("declined"),
      );
    }
    await applicant.outcome;
  }

  /** Signs an accepted peer into the roster. @returns False if the roster is full. @throws {StoreError} */
  async #signIn(applicant: Applicant): Promise<boolean> {
    try {
      await this.#sign(applicant);
      applicant.admitted.resolve();
      return true;
    } catch (error) {
      applicant.admitted.reject(error);
      if (error instanceof InputError) return false;
      this.#emit(applicant, "refused");
      throw error;
    }
  }

  async #sign({ frame, peer, invite }: Applicant): Promise<void> {
    const { rights } = invite;
    await this.#options.rosterSigner.change((peers) => {
      if (peers.length >= maxPeers) {
        throw new InputError("peers", `expected at most ${maxPeers}, found one more`);
      }
      const name = freeName(frame.name, peers.map(({ name }) => name));
      return [...peers.filter((known) => known.peer !== peer), { peer, name, addresses: [], rights }];
    });
    invite.uses--;
  }

  #emit({ peer, name }: Applicant, state: JoinEvent["state"]): void {
    const { rosterStore, context: { eventLog } } = this.#options;
    eventLog.emit({ type: "join", other: peer, name: rosterStore.peer(peer)?.name ?? name, state });
  }
}

const noesTo = ({ declined }: Invite, peer: PeerId) => declined.filter((one) => one === peer).length;

/** An answer without a nonce. */
function answerOf(state: JoinAnswer["state"], number = 0): JoinAnswer {
  return { state, number, nonce: new Uint8Array() };
}

function decoded(frame: Uint8Array): JoinFrame | null {
  try {
    return joinRecord.decode(frame);
  } catch {
    return null; // the caller warns and hangs up
  }
}
