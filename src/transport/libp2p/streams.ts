/**
 * A {@linkcode Channel} over a libp2p stream.
 * @module
 */
import type { Stream } from "@libp2p/interface";
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Channel, Host } from "../../ports.ts";
import { FrameReader, prefixed } from "../frames.ts";

/** A sender that does not wait for `send` may have this many frames under way; one more breaks the stream. */
const framesUnderWay = 32;

/** With a frame and a length of whatever form at hand, and only then, a stream may stand still. */
const slack = 8;

export interface ChannelOptions {
  peer: PeerId;
  maxFrame: number;
  /** Where an oversized frame is counted. */
  dropped: Host["dropped"];
}

/** Wraps a stream whose protocol is agreed on. Nothing else may read from it or write to it. */
export function channelOver(stream: Stream, options: ChannelOptions): Channel {
  return new StreamChannel(stream, options);
}

class StreamChannel implements Channel {
  readonly peer: PeerId;
  readonly protocol: string;
  readonly #stream: Stream;
  readonly #options: ChannelOptions;
  readonly #reader: FrameReader;
  /** The peer has ended its side. It may still have bytes on the way to `#reader`. */
  #ended: boolean;
  /** Why there is nothing more to be had, once frames that came before have been taken. */
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
    stream.maxWriteBufferLength = framesUnderWay * options.maxFrame;
    // The peer may have ended, or reset, before there was anyone to hear of it.
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
      this.#holdBack();
    });
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
    // Not `stream.onDrain()`: @libp2p/utils 7.4.1 keeps its promise, so that from the second time on it waits for nothing.
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
    await this.#stream.close().catch(() => {}); // it broke: the next call of anything else says so
  }

  abort(): void {
    this.#break(new ChannelError("aborted"));
  }

  #next(): Uint8Array | null {
    try {
      const frame = this.#reader.next();
      if (this.#reader.buffered <= this.#options.maxFrame + slack) this.#goOn();
      return frame ?? this.#reader.next(); // resuming may have brought the rest
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      this.#options.dropped("oversized-frame", this.peer);
      this.#ended = false;
      this.#break(error);
      throw error;
    }
  }

  #holdBack(): void {
    if (this.#goingOn || this.#reader.buffered <= 2 * this.#options.maxFrame + slack) return;
    this.#quietly(() => this.#stream.pause());
  }

  /** `resume()` delivers first and then tells yamux to go on: a pause in between would be lost, and the window open. */
  #goOn(): void {
    this.#goingOn = true;
    this.#quietly(() => this.#stream.resume());
    this.#goingOn = false;
    this.#holdBack();
  }

  /** The peer said that it ended: at the border of a frame it may, in the middle it broke off. */
  #atEnd(): null {
    if (this.#reader.buffered === 0) return null;
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

  /** Pausing, resuming and aborting throw on a stream that is closed; then there is nothing to be done. */
  #quietly(action: () => void): void {
    try {
      action();
    } catch {
      // closed meanwhile
    }
  }
}
