/**
 * The messages that a run has received, by round and author. Pure.
 * @module
 */
import type { PeerId } from "../failure.ts";
import type { Envelope } from "../ports.ts";
import { echoedIn, readerOf, type Rounds } from "../protocol/rounds.ts";
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
  readonly #boxes: ReadonlyMap<string, Map<PeerId, Received>>;

  constructor(rounds: Rounds, others: number) {
    this.#rounds = rounds;
    this.#others = others;
    this.names = Object.keys(rounds);
    this.#boxes = new Map(this.names.map((name) => [name, new Map()]));
  }

  /** The messages of one round, by author. */
  box(name: string): Map<PeerId, Received> {
    return this.#boxes.get(name)!;
  }

  /** The index of a round; -1 for an unknown one. */
  indexOf(name: string): number {
    return this.names.indexOf(name);
  }

  /** Whether the messages of a round go to all. */
  isBroadcast(name: string): boolean {
    return this.#rounds[name]!.delivery !== "direct";
  }

  /**
   * Decodes a message of a known round.
   *
   * @throws {Error} If it does not decode, or its echo has another length.
   */
  decode(envelope: Envelope): Received {
    const { round, body } = envelope;
    const { payload, echo } = messageRecord.decode(body);
    const echoes = echoedIn(this.#rounds, this.indexOf(round)) !== null;
    if (echo.length !== (echoes ? this.#others : 0)) throw new TypeError("Cannot read echo: wrong length");
    return { envelope, message: readerOf(this.#rounds, round)!(payload), echo };
  }
}
