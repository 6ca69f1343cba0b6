/**
 * The receiving side of one stream of a session: unseals its frames in order, and joins the pieces of each
 * message. Nothing of a message is used before it is whole.
 * @module
 */
import { open as unseal } from "../../crypto/x25519.ts";
import { SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { decodePiece, frameRecord, JoinedPieces } from "./pieces.ts";

/** Frames of one direction of one session: 233 of the longest message, and far more than the rest needs. */
const maxFrames = 1024;

export interface MessageUnsealerOptions {
  readonly peer: PeerId;
  /** 32 bytes. Overwritten by {@linkcode MessageUnsealer.wipe}. */
  readonly key: Uint8Array;
  /** 32 bytes. */
  readonly session: Uint8Array;
  /** The longest message, with its envelope, bytes. */
  readonly maxMessage: number;
  /** Called with a frame that has come before. */
  replayed(): void;
}

export class MessageUnsealer {
  readonly #options: MessageUnsealerOptions;
  readonly #joined: JoinedPieces;
  /** The counter of the next frame. */
  #next = 0;

  constructor(options: MessageUnsealerOptions) {
    this.#options = options;
    this.#joined = new JoinedPieces(options.maxMessage);
  }

  /**
   * Takes a frame.
   *
   * @returns The message that is whole with it, an encoded envelope; null if none is.
   * @throws {SessionError} `link-lost`: the stream is the peer's own, so that no outsider can have done it.
   * `malformed-message`: the peer sealed this itself.
   */
  take(frame: Uint8Array): Uint8Array | null {
    const plain = this.#unsealed(frame);
    if (plain === null) return null;
    try {
      return this.#joined.add(decodePiece(plain));
    } catch (cause) {
      throw new SessionError("malformed-message", { culprits: [this.#options.peer], cause });
    }
  }

  /** Drops what has come of a message that is not whole. */
  clear(): void {
    this.#joined.clear();
  }

  /** Drops the same, and overwrites the key: no frame can be taken any more. */
  wipe(): void {
    this.clear();
    this.#options.key.fill(0);
  }

  /** Unseals a frame; null if it is a replay. @throws {SessionError} `link-lost` */
  #unsealed(frame: Uint8Array): Uint8Array | null {
    const { peer, key, session, replayed } = this.#options;
    const lost = (cause?: unknown) => new SessionError("link-lost", { missing: [peer], cause });
    let counter: number, sealed: Uint8Array;
    try {
      ({ counter, sealed } = frameRecord.decode(frame));
    } catch (cause) {
      throw lost(cause);
    }
    if (counter < this.#next) {
      replayed();
      return null;
    }
    const isNext = counter === this.#next && counter < maxFrames;
    const plain = isNext ? unseal(key, counter, session, sealed) : null;
    if (plain === null) throw lost();
    this.#next++;
    return plain;
  }
}
