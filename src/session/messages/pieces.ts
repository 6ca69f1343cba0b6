/**
 * The frames of a session, and the pieces of its messages: a message that is longer than one piece travels in
 * several frames, each sealed by itself. Pure.
 * @module
 */
import * as v from "valibot";
import { bytesUpTo, record, uint } from "../../crypto/codec.ts";
import { maxPiece, maxSessionFrame } from "../../limits.ts";

/**
 * A frame of a session. The counters of one direction are 0, 1, 2 and so on without a gap: a stream keeps the
 * order of its frames, and loses none.
 */
export const frameRecord = record("quorate/2/frame", { counter: uint, sealed: bytesUpTo(maxSessionFrame) });

/**
 * The plaintext of a frame. At most one longer message is under way in each direction, so that its pieces need
 * no name: the order of the frames says which message they are of. Whole messages may stand between them.
 */
const pieceRecord = record("quorate/1/piece", {
  /**
   * `whole`: a message in one piece, at most {@linkcode maxPiece} bytes. `more`: {@linkcode maxPiece} bytes of a
   * longer message, of which more follow. `last`: its last piece, 1 to {@linkcode maxPiece} bytes.
   */
  part: v.picklist(["whole", "more", "last"]),
  bytes: bytesUpTo(maxPiece),
});

export type Piece = ReturnType<typeof pieceRecord.decode>;

export const encodePiece = (piece: Piece): Uint8Array => pieceRecord.encode(piece);
/** @throws {TypeError} */
export const decodePiece = (encoded: Uint8Array): Piece => pieceRecord.decode(encoded);

/** The pieces of a message, in order: views of it, not copies. */
export function* piecesOf(message: Uint8Array): Generator<Piece, void> {
  if (message.length <= maxPiece) return yield { part: "whole", bytes: message };
  for (let start = 0; start < message.length; start += maxPiece) {
    const bytes = message.subarray(start, start + maxPiece);
    yield { part: start + maxPiece < message.length ? "more" : "last", bytes };
  }
}

/** The message whose pieces come one after the other. */
export class JoinedPieces {
  readonly #maxMessage: number;
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** @param maxMessage The longest message, bytes: no more is kept. */
  constructor(maxMessage: number) {
    this.#maxMessage = maxMessage;
  }

  /**
   * Takes the next piece.
   *
   * @returns The message, once it is whole; null before.
   * @throws {TypeError} If the message is too long, or is not cut as {@linkcode piecesOf} does.
   */
  add({ part, bytes }: Piece): Uint8Array | null {
    const length = bytes.length + (part === "whole" ? 0 : this.#length);
    if (length > this.#maxMessage) {
      throw new TypeError(`Cannot join a message: over ${this.#maxMessage} bytes`);
    }
    if (part === "whole") return bytes;
    if (part === "more" && bytes.length < maxPiece) {
      throw new TypeError("Cannot join a message: a short piece");
    }
    if (part === "last" && (this.#length === 0 || bytes.length === 0)) {
      throw new TypeError("Cannot join a message: an end of nothing");
    }
    this.#pieces.push(bytes);
    this.#length = length;
    return part === "last" ? this.#join() : null;
  }

  /** Drops what has come of a message. */
  clear(): void {
    this.#pieces = [];
    this.#length = 0;
  }

  #join(): Uint8Array {
    const message = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      message.set(piece, at);
      at += piece.length;
    }
    this.clear();
    return message;
  }
}
