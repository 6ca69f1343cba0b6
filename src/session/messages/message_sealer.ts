/**
 * The sending side of one stream of a session: cuts messages into pieces, and seals each into a frame.
 * @module
 */
import { seal } from "../../crypto/x25519.ts";
import type { Envelope } from "../../ports.ts";
import { isControlRound } from "../control.ts";
import { encodeEnvelope } from "../envelope.ts";
import { encodePiece, frameRecord, type Piece, piecesOf } from "./pieces.ts";

interface Queued {
  readonly round: string;
  readonly envelope: Promise<Envelope>;
}

/** The messages that wait, in the order in which they were given: see `#overtaking` for the one exception. */
export class MessageSealer {
  readonly #key: Uint8Array;
  readonly #session: Uint8Array;
  readonly #queue: Queued[] = [];
  #counter = 0;
  #isCutShort = false;

  /** @param key 32 bytes. Overwritten by {@linkcode MessageSealer.wipe}. @param session 32 bytes. */
  constructor(key: Uint8Array, session: Uint8Array) {
    this.#key = key;
    this.#session = session;
  }

  /** Queues a message, under the name of its round. For each, {@linkcode MessageSealer.frames} is called once. */
  add(round: string, envelope: Promise<Envelope>): void {
    envelope.catch(() => {}); // thrown when its turn has come
    this.#queue.push({ round, envelope });
  }

  /**
   * The frames of the next message, each sealed when it is asked for; none if that message has overtaken another.
   *
   * @throws What kept its envelope from being signed.
   */
  async *frames(): AsyncGenerator<Uint8Array, void> {
    const next = this.#queue.shift();
    if (next === undefined) return;
    for (const piece of piecesOf(encodeEnvelope(await next.envelope))) {
      if (this.#isCutShort && !isControlRound(next.round)) return;
      yield this.#seal(piece);
      if (piece.part === "more") yield* this.#overtaking();
    }
  }

  /**
   * Makes no further piece of the protocol's messages, whole ones included: only those of the session itself leave.
   * The peer drops what it has of a longer message when the stream ends. Cutting shows: a session that is silenced
   * does it only with its abort.
   */
  cutShort(): void {
    this.#isCutShort = true;
  }

  /** Overwrites the key: no frame can be made any more. */
  wipe(): void {
    this.#key.fill(0);
  }

  /**
   * The frames of the session's own messages that wait: an abort must not come after megabytes that nobody needs
   * any more. Each is shorter than one piece.
   */
  async *#overtaking(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const at = this.#queue.findIndex(({ round }) => isControlRound(round));
      if (at < 0) return;
      const [{ envelope }] = this.#queue.splice(at, 1) as [Queued];
      yield this.#seal({ part: "whole", bytes: encodeEnvelope(await envelope) });
    }
  }

  #seal(piece: Piece): Uint8Array {
    const counter = this.#counter++;
    const sealed = seal(this.#key, counter, this.#session, encodePiece(piece));
    return frameRecord.encode({ counter, sealed });
  }
}
