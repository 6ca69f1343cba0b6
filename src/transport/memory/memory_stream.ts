/**
 * Streams between peers of one process: two ends, frames in order, and a sender that waits for a reader.
 * @module
 */
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Channel, Clock } from "../../ports.ts";

/** What may happen to a frame or a gossiped message on its way. */
export interface Carried {
  from: PeerId;
  to: PeerId;
  /** The stream's protocol, or the gossip's topic. */
  protocol: string;
  bytes: Uint8Array;
  /** Counts the streams of the network, each of which has two ends; null for gossip. */
  stream: number | null;
}
/** What becomes of it: how often it arrives, when, and as what. */
export interface Arrival {
  bytes: Uint8Array;
  afterMs: number;
}

/** What lies between two peers. */
export interface Ether {
  clock: Clock;
  carry(carried: Carried): readonly Arrival[];
}

/** Bytes that one side may have sent and the other not yet read, before `send` waits: yamux's window in libp2p's. */
const window = 256 * 1024;

export interface StreamOptions {
  protocol: string;
  /** Its number in the network. */
  stream: number;
}
/** Who holds an end, and how large a frame that end sends and takes, bytes. */
export interface Holder {
  peer: PeerId;
  most: number;
}

/** The two ends of a new stream: `a`'s and `b`'s. */
export function streamBetween(ether: Ether, options: StreamOptions, a: Holder, b: Holder): [End, End] {
  const [here, there] = [new End(ether, options, a, b.peer), new End(ether, options, b, a.peer)];
  here.other = there;
  there.other = here;
  return [here, there];
}

/** One end of a stream. */
export class End implements Channel {
  readonly peer: PeerId;
  readonly protocol: string;
  other!: End;
  /** A frame came that is over the limit. */
  oversized = () => {};
  /** Nothing goes in or out any more. */
  closed = () => {};
  readonly #ether: Ether;
  readonly #stream: number;
  readonly #holder: Holder;
  /** Under way to the other end, first come first: whatever a timer does, nothing overtakes. */
  readonly #flight: { arrive: () => void; timer: Disposable }[] = [];
  #lastArrival = 0;
  /** Bytes sent that the other end has not read. */
  #unread = 0;
  /** Calls of `send` that wait. */
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
    this.#holder = holder;
    this.peer = peer;
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#broken || this.#ended) throw this.#broken ?? new ChannelError("left");
    if (frame.length > this.#holder.most) throw new ChannelError("oversized");
    const { protocol } = this;
    const carried = { from: this.#holder.peer, to: this.peer, protocol, bytes: frame, stream: this.#stream };
    for (const { bytes, afterMs } of this.#ether.carry(carried)) {
      const copy = bytes.slice();
      this.#unread += copy.length;
      this.#later(afterMs, () => this.other.#take(copy));
    }
    while (this.#unread > window && !this.#broken) {
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
    if (item !== "end" && item.length > this.#holder.most) {
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

  /** The other end has read so many bytes. */
  #read(bytes: number): void {
    this.#unread -= bytes;
    if (this.#unread <= window) this.#release();
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

  /** Over is over, whether or not anybody reads that the other end has nothing more to say. */
  #finished(): void {
    if (this.#ended && (this.#readEnd || this.#items.at(-1) === "end")) this.closed();
  }

  abort(): void {
    if (this.#broken?.reason === "aborted") return;
    this.#items.length = 0;
    this.#break(new ChannelError("aborted"));
    this.other.break();
  }

  /** The stream is gone; what had arrived can still be read. */
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
