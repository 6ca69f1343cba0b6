/**
 * The releases and the votes of a session's members on the key that it makes.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import type { Envelope } from "../../ports.ts";
import { releaseRound, voteRound } from "../control.ts";
import type { Ballot } from "../plan.ts";
import { SignedWords } from "./signed_words.ts";

export interface VotesOptions {
  /** The other peers of the party. */
  others: readonly PeerId[];
  /** Those of them that vote. */
  voters: readonly PeerId[];
  opens: ReadonlyMap<PeerId, Uint8Array>;
  /** Aborted, with a {@linkcode SessionError} as reason, when the session ends. */
  signal: AbortSignal;
  /** Sends this node's word to everyone. */
  send(round: typeof releaseRound | typeof voteRound, body: Uint8Array): void;
}

export class Votes implements Ballot {
  readonly opens: ReadonlyMap<PeerId, Uint8Array>;
  readonly signal: AbortSignal;
  readonly #options: VotesOptions;
  readonly #releases: SignedWords;
  readonly #votes: SignedWords;
  /** The words that are waited for now. */
  #due: SignedWords;
  #pending = false;

  constructor(options: VotesOptions) {
    const { others, voters, opens, signal } = options;
    this.#options = options;
    this.opens = opens;
    this.signal = signal;
    this.#releases = new SignedWords(others, signal);
    this.#due = this.#votes = new SignedWords(voters, signal);
  }

  /** Whether the others may finish the key without another word of this node. */
  get isPending(): boolean {
    return this.#pending;
  }

  /** Whether nothing is waited for from a peer at this moment. */
  has(peer: PeerId): boolean {
    return this.#due.has(peer);
  }

  /** Takes a release or a vote. @throws {SessionError} As of {@linkcode SignedWords.add}. */
  add(envelope: Envelope): void {
    (envelope.round === releaseRound ? this.#releases : this.#votes).add(envelope);
  }

  /** Notes that a peer has left: no word of it will come. */
  left(peer: PeerId): void {
    this.#releases.left(peer);
    this.#votes.left(peer);
  }

  votes(): ReadonlyMap<PeerId, Envelope> {
    return this.#votes.all();
  }

  missing(): readonly PeerId[] {
    return this.#votes.missing();
  }

  async release(body: Uint8Array): Promise<ReadonlyMap<PeerId, Envelope>> {
    this.#options.send(releaseRound, body);
    this.#due = this.#releases;
    const all = await this.#releases.collect();
    this.#due = this.#votes;
    return all;
  }

  cast(body: Uint8Array): void {
    this.#options.send(voteRound, body);
  }

  pending(): void {
    this.#pending = true;
  }

  collect(): Promise<ReadonlyMap<PeerId, Envelope>> {
    return this.#votes.collect();
  }
}
