/**
 * Streams between peers of one process: two ends, frames in order, and a sender that waits for a reader.
 * @module
 */
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { streamWindow } from "../../limits.ts";
import type { Channel, Clock } from "../../ports.ts";

/** A frame or a gossiped message on its way. */
export interface Carried {
  /** Its sender; of gossip, the neighbour that passes it on. */
  from: PeerId;
  /** The peer that it goes to. */
  to: PeerId;
  /** The stream's protocol, or the gossip's topic. */
  protocol: string;
  /** Its content. */
  bytes: Uint8Array;
  /** The number of the stream in the network; null for gossip. */
  stream: number | null;
}
/** One arrival of a message: its bytes, and its delay. */
export interface Arrival {
  /** The bytes that arrive. */
  bytes: Uint8Array;
  /** The time after it was sent, ms. */
  afterMs: number;
}

/** The medium between two peers. */
export interface Ether {
  clock: Clock;
  carry(carried: Carried): readonly Arrival[];
}

export interface StreamOptions {
  protocol: string;
  /** The number of the stream in the network. */
  stream: number;
}
/** The holder of a stream's end, and the largest frame that it sends and accepts, bytes. */
export interface Holder {
  peer: PeerId;
  most: number;
}

/** The two ends of a new stream: `a`'s and `b`'s. */
export function streamBetween(
  ether: Ether,
  options: StreamOptions,
  a: Holder,
  b: Holder,
): [StreamEnd, StreamEnd] {
  const [here, there] = [new StreamEnd(ether, options, a, b.peer), new StreamEnd(ether, options, b, a.peer)];
  here.other = there;
  there.other = here;
  return [here, there];
}

/** One end of a stream. */
export class StreamEnd implements Channel {
  readonly peer: PeerId;
  readonly protocol: string;
  other!: StreamEnd;
  /** Called with a frame over the limit. */
  oversized = () => {};
  /** Called when the stream has ended in both directions. */
  closed = () => {};
  readonly #ether: Ether;
  readonly #stream: number;
  readonly #self: PeerId;
  /** The largest frame that this end sends and accepts, bytes. */
  #most: number;
  /** The frames under way to the other end, in order: none overtakes another, whatever the timers do. */
  readonly #flight: { arrive: () => void; timer: Disposable }[] = [];
  #lastArrival = 0;
  /** Bytes sent and not yet read by the other end. */
  #unread = 0;
  /** The waiting calls of `send`. */
  #senders: (() => void)[] = [];
  readonly #items: (Uint8Array | "end")[] = [];
  #wake = () => {};
  #receiving = false;
  #ended = false;
  #readEnd = false;
  #broken: ChannelError | null = null;

  constructor(ether: Ether, { protocol, stream }: StreamOptions, holder: Holder, peer: PeerId) {
    this.#ether = ether;
    this.protocol = protocol;
    this.#stream = stream;
    this.#self = holder.peer;
    this.#most = holder.most;
    this.peer = peer;
  }

  /** Calls `arrive` at the other end, ahead of the first frame. */
  begin(arrive: () => void): void {
    this.#later(0, arrive);
  }

  /** Accepts the stream that the other end has opened. @param most The largest frame, bytes. */
  accept(most: number): void {
    this.#most = most;
  }

  /** Tells the other end that nobody here serves the stream's protocol. */
  refuse(): void {
    this.#later(0, () => {
      this.other.#break(new ChannelError("refused"));
      this.break();
    });
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#broken || this.#ended) throw this.#broken ?? new ChannelError("left");
    if (frame.length > this.#most) throw new ChannelError("oversized");
    const { protocol } = this;
    const carried = { from: this.#self, to: this.peer, protocol, bytes: frame, stream: this.#stream };
    for (const { bytes, afterMs } of this.#ether.carry(carried)) {
      const copy = bytes.slice();
      this.#unread += copy.length;
      this.#later(afterMs, () => this.other.#take(copy));
    }
    while (this.#unread > streamWindow && !this.#broken) {
      await new Promise<void>((resolve) => this.#senders.push(resolve));
    }
    if (this.#broken) throw this.#broken;
  }

  #later(ms: number, arrive: () => void): void {
    const { clock } = this.#ether;
    const now = clock.monotonic();
    this.#lastArrival = Math.max(this.#lastArrival, now + ms);
    const timer = clock.timer(this.#lastArrival - now, () => this.#flight.shift()!.arrive());
    this.#flight.push({ arrive, timer });
  }

  #take(item: Uint8Array | "end"): void {
    if (this.#broken) return;
    if (item !== "end" && item.length > this.#most) {
      this.oversized();
      this.#break(new ChannelError("oversized"));
      this.other.break();
    } else {
      this.#items.push(item);
      this.#wake();
      this.#finished();
    }
  }

  async receive(): Promise<Uint8Array | null> {
    if (this.#receiving) throw new Error("Cannot receive: a call of receive() is waiting already");
    this.#receiving = true;
    try {
      for (;;) {
        if (this.#broken?.reason === "aborted") throw this.#broken;
        const item = this.#items.shift();
        if (item instanceof Uint8Array) {
          this.other.#read(item.length);
          return item;
        }
        if (item === "end") this.#readEnd = true;
        if (this.#readEnd) {
          this.#finished();
          return null;
        }
        if (this.#broken) throw this.#broken;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      this.#receiving = false;
    }
  }

  /** Counts bytes that the other end has read. */
  #read(bytes: number): void {
    this.#unread -= bytes;
    if (this.#unread <= streamWindow) this.#release();
  }

  #release(): void {
    for (const go of this.#senders.splice(0)) go();
  }

  end(): Promise<void> {
    if (!this.#ended && !this.#broken) this.#later(0, () => this.other.#take("end"));
    this.#ended = true;
    this.#finished();
    return Promise.resolve();
  }

  /** Closes the stream once both sides have ended, even if nobody reads the other side's end. */
  #finished(): void {
    if (this.#ended && (this.#readEnd || this.#items.at(-1) === "end")) this.closed();
  }

  abort(): void {
    if (this.#broken?.reason === "aborted") return;
    this.#items.length = 0;
    this.#break(new ChannelError("aborted"));
    this.other.break();
  }

  /** Breaks the stream. Frames that have arrived can still be read. */
  break(): void {
    if (this.#broken || (this.#ended && this.#readEnd)) return;
    this.#break(new ChannelError("left"));
  }

  #break(error: ChannelError): void {
    this.#broken = error;
    for (const { timer } of this.other.#flight.splice(0)) timer[Symbol.dispose]();
    this.#wake();
    this.#release();
    this.closed();
  }
}
