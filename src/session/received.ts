/**
 * The messages that a run has received, by round and author. Pure.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";
import type { Envelope } from "../ports.ts";
import { commonName, echoedIn, readerOf, type Rounds } from "../protocol/rounds.ts";
import { messageRecord } from "./echo.ts";

/** A message that has come, decoded. */
export interface Received {
  readonly envelope: Envelope;
  readonly message: unknown;
  readonly echo: readonly Uint8Array[];
}

export class ReceivedMessages {
  /** The names of the rounds, in order. */
  readonly names: readonly string[];
  readonly #rounds: Rounds;
  /** The number of other members: each message that echoes has as many entries. */
  readonly #others: number;
  /** The direct round of each shared part, by the shared part's name: it has a box of its own. */
  readonly #commonNames: ReadonlyMap<string, string>;
  readonly #boxes: ReadonlyMap<string, Map<PeerId, Received>>;

  constructor(rounds: Rounds, others: number) {
    this.#rounds = rounds;
    this.#others = others;
    this.names = Object.keys(rounds);
    this.#commonNames = new Map(this.names.flatMap((name) => {
      const common = commonName(rounds, name);
      return common === null ? [] : [[common, name] as const];
    }));
    this.#boxes = new Map([...this.names, ...this.#commonNames.keys()].map((name) => [name, new Map()]));
  }

  /** The messages under one name, by author. */
  box(name: string): Map<PeerId, Received> {
    return this.#boxes.get(name)!;
  }

  /** The index of the round that a name belongs to; -1 for an unknown one. */
  indexOf(name: string): number {
    return this.names.indexOf(this.#commonNames.get(name) ?? name);
  }

  /** Whether messages under this name go to all. */
  isBroadcast(name: string): boolean {
    return this.#commonNames.has(name) || this.#rounds[name]!.delivery !== "direct";
  }

  /**
   * Decodes a message of a known round.
   *
   * @throws {Error} If it does not decode, or its echo has another length.
   */
  decode(envelope: Envelope): Received {
    const { round, body } = envelope;
    const { payload, echo } = messageRecord.decode(body);
    const echoes = echoedIn(this.#rounds, this.indexOf(round)) !== null && !this.#commonNames.has(round);
    if (echo.length !== (echoes ? this.#others : 0)) throw new TypeError("Cannot read echo: wrong length");
    return { envelope, message: readerOf(this.#rounds, round)!(payload), echo };
  }

  /** Whether all messages of a peer in a round have come. */
  isWhole(round: string, peer: PeerId): boolean {
    const common = commonName(this.#rounds, round);
    return this.box(round).has(peer) && (common === null || this.box(common).has(peer));
  }

  /** Whether a peer's message to this node agrees with the shared part that it sent to all. */
  fits(round: string, peer: PeerId): boolean {
    const common = commonName(this.#rounds, round);
    if (common === null) return true;
    const { payload } = messageRecord.decode(this.box(common).get(peer)!.envelope.body);
    return equal(payload, this.#rounds[round]!.common!.of(this.box(round).get(peer)!.message));
  }
}
