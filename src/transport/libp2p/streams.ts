/**
 * A {@linkcode Channel} over a libp2p stream.
 * @module
 */
import type { Stream } from "@libp2p/interface";
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Channel, Host } from "../../ports.ts";
import { FrameReader, prefixed } from "../frames.ts";
import { agreement, maxLine, proposal } from "./opening.ts";

/** The most frames that a sender may have under way without awaiting `send`. One more breaks the stream. */
const framesUnderWay = 32;

/** Bytes beside a whole frame before a stream may be paused: room for a length prefix of any form. */
const slack = 8;

export interface ChannelOptions {
  peer: PeerId;
  maxFrame: number;
  /** Called with an oversized frame. */
  dropped: Host["dropped"];
  /**
   * Whether both sides have agreed on the protocol. If not, the channel begins with the name of it, and breaks
   * as `refused` if the peer does not serve it.
   */
  negotiated: boolean;
}

/** Wraps a stream. Nothing else may read from it or write to it. */
export function channelOver(stream: Stream, options: ChannelOptions): Channel {
  return new StreamChannel(stream, options);
}

class StreamChannel implements Channel {
  readonly peer: PeerId;
  readonly protocol: string;
  readonly #stream: Stream;
  readonly #options: ChannelOptions;
  readonly #reader: FrameReader;
  /** The lines with which the peer has yet to agree on the protocol. */
  readonly #awaited: string[];
  /** Whether the peer has ended its side. Bytes may still be on their way to `#reader`. */
  #ended: boolean;
  /** The error that follows the frames already received. */
  #broken: ChannelError | null = null;
  #receiving = false;
  #goingOn = false;
  #change = Promise.withResolvers<void>();

  constructor(stream: Stream, options: ChannelOptions) {
    this.peer = options.peer;
    this.protocol = stream.protocol;
    this.#stream = stream;
    this.#options = options;
    this.#reader = new FrameReader(options.maxFrame);
    const opening = options.negotiated ? new Uint8Array(0) : proposal(stream.protocol);
    this.#awaited = options.negotiated ? [] : agreement(stream.protocol);
    stream.maxWriteBufferLength = framesUnderWay * options.maxFrame + opening.length;
    // The peer may have ended or reset the stream before these listeners were added.
    this.#ended = stream.remoteWriteStatus === "closed" && stream.status === "open";
    if (stream.status !== "open") this.#broken = new ChannelError("left");
    stream.addEventListener("remoteCloseWrite", () => this.#changed(() => this.#ended = true));
    stream.addEventListener("close", ({ error }) => {
      this.#changed(() => this.#broken ??= new ChannelError("left", { cause: error }));
    });
    stream.addEventListener("idle", () => this.#changed());
    stream.addEventListener("drain", () => this.#changed());
    stream.addEventListener("message", ({ data }) => {
      this.#changed(() => this.#reader.push(data.subarray()));
      this.#agree();
      this.#holdBack();
    });
    if (opening.length > 0) this.#quietly(() => stream.send(opening));
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#broken) throw this.#broken;
    if (frame.length > this.#options.maxFrame) throw new ChannelError("oversized");
    const stream = this.#stream;
    try {
      stream.send(prefixed(frame));
    } catch (cause) {
      throw this.#broken ?? new ChannelError("left", { cause });
    }
    // Not `stream.onDrain()`: @libp2p/utils 7.4.1 reuses its promise, so that it does not wait from the
    // second time on.
    while (!this.#broken && (stream.writeBufferLength > 0 || stream.writableNeedsDrain)) {
      await this.#change.promise;
    }
    if (this.#broken) throw this.#broken;
  }

  async receive(): Promise<Uint8Array | null> {
    if (this.#receiving) throw new Error("Cannot receive: a call of receive() is waiting already");
    this.#receiving = true;
    try {
      for (;;) {
        if (this.#broken?.reason === "aborted") throw this.#broken;
        const frame = this.#next();
        if (frame) return frame;
        if (this.#broken && !this.#ended) throw this.#broken;
        if (this.#ended && (this.#broken || this.#stream.readBufferLength === 0)) return this.#atEnd();
        await this.#change.promise;
      }
    } finally {
      this.#receiving = false;
    }
  }

  async end(): Promise<void> {
    await this.#stream.close().catch(() => {}); // it broke: the next call of another method throws
  }

  abort(): void {
    this.#break(new ChannelError("aborted"));
  }

  /** Reads the peer's agreement, as far as it has come. Anything else in its place is a refusal. */
  #agree(): void {
    while (this.#awaited.length > 0) {
      const line = this.#line();
      if (line === null) return;
      if (line !== this.#awaited[0]) {
        this.#ended = false;
        return this.#break(new ChannelError("refused"));
      }
      this.#awaited.shift();
    }
  }

  /** The peer's next line: null if it is not complete, and an empty one in place of one that is too long. */
  #line(): string | null {
    try {
      const line = this.#reader.next(maxLine);
      return line && new TextDecoder().decode(line);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return "";
    }
  }

  #next(): Uint8Array | null {
    if (this.#awaited.length > 0) return null;
    try {
      const frame = this.#reader.next();
      if (this.#reader.buffered <= this.#options.maxFrame + slack) this.#goOn();
      return frame ?? this.#reader.next(); // resuming may have delivered the rest
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      this.#options.dropped("oversized-frame", this.peer);
      this.#ended = false;
      this.#break(error);
      throw error;
    }
  }

  #holdBack(): void {
    if (this.#awaited.length > 0) return; // less than a line and what came with it
    if (this.#goingOn || this.#reader.buffered <= 2 * this.#options.maxFrame + slack) return;
    this.#quietly(() => this.#stream.pause());
  }

  /**
   * Resumes the stream. `resume()` delivers first and unpauses yamux last: a pause in between would be lost.
   */
  #goOn(): void {
    this.#goingOn = true;
    this.#quietly(() => this.#stream.resume());
    this.#goingOn = false;
    this.#holdBack();
  }

  /**
   * The end of the peer's side: null between two frames.
   *
   * @throws {ChannelError} In the middle of a frame, or before the peer has agreed on the protocol.
   */
  #atEnd(): null {
    if (this.#reader.buffered === 0 && this.#awaited.length === 0) return null;
    throw new ChannelError("left");
  }

  #break(error: ChannelError): void {
    if (!this.#broken || error.reason === "aborted") this.#broken = error;
    this.#reader.clear();
    this.#quietly(() => this.#stream.abort(error));
    this.#changed();
  }

  #changed(how?: () => void): void {
    how?.();
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers();
    resolve();
  }

  /** Runs an action that throws on a closed stream, where it is not needed. */
  #quietly(action: () => void): void {
    try {
      action();
    } catch {
      // closed meanwhile
    }
  }
}
