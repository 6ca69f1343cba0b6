/**
 * A peer that asks to join: it holds one use of an invitation until its request has an outcome.
 * @module
 */
import type { PeerId } from "../../../failure.ts";
import type { Invite } from "./invites.ts";
import type { JoinFrame, Rejection } from "./join_records.ts";
import type { JoinRequest } from "./join_request.ts";

/**
 * The outcome of a request to join. `abandoned`: the peer did not reveal the nonce that it had committed to.
 */
export type JoinOutcome = "accepted" | "left" | "abandoned" | Rejection;

export class Applicant {
  readonly peer: PeerId;
  readonly invite: Invite;
  readonly frame: JoinFrame;
  /** Its name in the roster, if it is admitted. */
  readonly name: string;
  /** The request that a person decides about; null until the peer has revealed its nonce. */
  request: JoinRequest | null = null;
  /** Resolves when the accepted peer is in the roster; rejects if the roster could not be signed. */
  readonly admitted = Promise.withResolvers<void>();
  readonly #outcome = Promise.withResolvers<JoinOutcome>();
  readonly #decided = new AbortController();

  constructor(peer: PeerId, invite: Invite, frame: JoinFrame, name: string) {
    this.peer = peer;
    this.invite = invite;
    this.frame = frame;
    this.name = name;
    this.admitted.promise.catch(() => {}); // `Admission.admit` rejects with it
  }

  /** Decides about the request. Only the first call counts. */
  decide(outcome: JoinOutcome): void {
    this.#outcome.resolve(outcome);
    this.#decided.abort();
  }

  /** Aborted when it is decided. */
  get decided(): AbortSignal {
    return this.#decided.signal;
  }

  get outcome(): Promise<JoinOutcome> {
    return this.#outcome.promise;
  }
}
