/**
 * Frames in a byte stream: the length as an unsigned varint (as in libp2p's own protocols), then that many
 * bytes.
 *
 * `lpStream` of `@libp2p/utils` would not do: it keeps reading a length that never ends, has no back-pressure
 * while nobody reads, and reports a stream that broke between two reads as ended.
 * @module
 */
import { ChannelError } from "../errors.ts";

/** The most bytes of a length prefix: 3 encode up to 2 MiB, more than any frame may have. */
const maxPrefix = 3;

/**
 * The frame with its length before it, in one array, which makes one noise message and one WebSocket message.
 */
export function prefixed(frame: Uint8Array): Uint8Array {
  const prefix: number[] = [];
  let rest = frame.length;
  for (; rest > 0x7f; rest >>>= 7) prefix.push(rest & 0x7f | 0x80);
  prefix.push(rest);
  const bytes = new Uint8Array(prefix.length + frame.length);
  bytes.set(prefix);
  bytes.set(frame, prefix.length);
  return bytes;
}

/**
 * A parser of frames. Bytes that were received and not read yet are kept in one buffer, whose size follows
 * the bytes received, never the length that a frame announces.
 */
export class FrameReader {
  readonly #maxFrame: number;
  #buffer = new Uint8Array(0);
  #start = 0;
  #end = 0;

  constructor(maxFrame: number) {
    this.#maxFrame = maxFrame;
  }

  /** Bytes received and not read yet, length prefixes included. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /**
   * Reads a frame.
   *
   * @param most The limit of this frame, bytes.
   * @returns The next frame, a copy; null if it is not complete.
   * @throws {ChannelError} `oversized`, as soon as the length exceeds the limit. The reader cannot be used
   * after that.
   */
  next(most = this.#maxFrame): Uint8Array | null {
    let length = 0;
    for (let n = 0; n < maxPrefix; n++) {
      if (this.#start + n >= this.#end) return null;
      const byte = this.#buffer[this.#start + n]!;
      length += (byte & 0x7f) << 7 * n;
      if (length > most) break;
      if (byte < 0x80) return this.#take(n + 1, length);
    }
    this.clear();
    throw new ChannelError("oversized");
  }

  /** Drops all bytes that were not read. */
  clear(): void {
    this.#buffer = new Uint8Array(0);
    this.#start = this.#end = 0;
  }

  #take(prefix: number, length: number): Uint8Array | null {
    if (this.buffered < prefix + length) return null;
    const frame = this.#buffer.slice(this.#start + prefix, this.#start + prefix + length);
    this.#start += prefix + length;
    if (this.#start === this.#end) this.clear();
    return frame;
  }

  /**
   * Moves the unread bytes to the front, into a larger buffer if need be. A byte is moved a constant number
   * of times.
   */
  #makeRoom(more: number): void {
    const left = this.#buffer.subarray(this.#start, this.#end);
    const needed = left.length + more;
    const larger = new Uint8Array(needed <= this.#buffer.length / 2 ? this.#buffer.length : 2 * needed);
    larger.set(left);
    [this.#buffer, this.#start, this.#end] = [larger, 0, left.length];
  }
}
