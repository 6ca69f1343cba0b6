/**
 * How events reach their readers: publishing never waits and cannot throw; each reader has a bounded memory of its own.
 * @module
 */
import type { Lagged, Warning } from "../../events.ts";

/** What is worth most. */
const failure = 4;

/** What a full memory loses first, from 0. A reader never loses a failure. */
function worth(item: { type: string }): number {
  switch (item.type) {
    case "heard":
    case "work":
      return 0;
    case "round":
      return 1;
    case "done":
      return 3;
    case "failed":
      return failure;
    default:
      return 2;
  }
}

const isWarning = (item: { type: string }): item is Warning => item.type === "warning";

/** How many items one stands for. */
const weight = (item: { type: string }) => isWarning(item) ? item.count : 1;

/** A queue that forgets the least, and counts what it forgot. Warnings of one code melt into one that counts. */
class Memory<T extends { type: string }> {
  readonly items: T[] = [];
  dropped = 0;
  /** What each item is worth, and how many items are worth how much: a full memory is asked with every event. */
  readonly #worths: number[] = [];
  readonly #counts: number[] = Array(failure + 1).fill(0);
  readonly #capacity: number;
  readonly #bounded: boolean;

  /** @param keep `failures`, however many they become, or no more than `capacity` of anything. */
  constructor(capacity: number, keep: "failures" | "capacity") {
    this.#capacity = capacity;
    this.#bounded = keep === "capacity";
  }

  push(item: T): void {
    if (this.items.length >= this.#capacity && (this.#melt(item) || !this.#forget(item))) return;
    this.items.push(item);
    this.#worths.push(worth(item));
    this.#counts[worth(item)]!++;
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    return this.#take(0);
  }

  #take(at: number): T | undefined {
    const [item] = this.items.splice(at, 1);
    if (item !== undefined) this.#counts[this.#worths.splice(at, 1)[0]!]!--;
    return item;
  }

  #melt(item: T): boolean {
    if (!isWarning(item)) return false;
    const at = this.items.findIndex((old) => isWarning(old) && old.code === item.code && old.id === item.id);
    const old = this.items[at];
    if (old === undefined || !isWarning(old)) return false;
    this.items[at] = { ...item, count: old.count + item.count, via: old.via === item.via ? item.via : null };
    return true;
  }

  /** Makes room for `item`, or says that it is the one to go. */
  #forget(item: T): boolean {
    const least = this.#counts.findIndex((count) => count > 0);
    if (least === failure && !this.#bounded) return true; // failures only: a reader gets all of them
    const stays = worth(item) >= least;
    const loses = stays ? this.#take(this.#worths.indexOf(least)) : item;
    this.dropped += weight(loses!);
    return stays;
  }
}

export interface FeedOptions {
  /** Items kept for readers that come later. */
  history: number;
  /** Items a reader may be behind. */
  behind: number;
}

/** One publisher, any number of readers at any time. */
export class Feed<T extends { type: string }> {
  readonly #past: Memory<T>;
  readonly #behind: number;
  readonly #readers = new Set<(item: T | null) => void>();
  #closed = false;

  constructor({ history, behind }: FeedOptions) {
    this.#past = new Memory(history, "capacity");
    this.#behind = behind;
  }

  publish(item: T): void {
    if (this.#closed) return;
    this.#past.push(item);
    for (const tell of [...this.#readers]) tell(item);
  }

  /** Ends every stream after what it still has to show. */
  close(): void {
    this.#closed = true;
    for (const tell of [...this.#readers]) tell(null);
    this.#readers.clear();
  }

  /** What is kept of the past, oldest first. */
  past(): readonly T[] {
    return this.#past.items;
  }

  /**
   * A stream of its own: first the last `replay` items, then what comes. It ends when the feed is closed, and never
   * with an error. Cancelling it ends this stream and nothing else.
   */
  stream<U extends T>(
    wanted: (item: T) => item is U,
    options?: { replay?: number },
  ): ReadableStream<U | Lagged> {
    const { replay = Infinity } = options ?? {};
    const memory = new Memory<U>(this.#behind, "failures");
    let told = 0;
    let ended = this.#closed;
    let wake = () => {};
    const tell = (item: T | null) => {
      if (item === null) ended = true;
      else if (wanted(item)) memory.push(item);
      wake();
    };
    const past = this.#past.items.filter(wanted);
    for (const item of replay >= past.length ? past : past.slice(past.length - replay)) memory.push(item);
    if (!ended) this.#readers.add(tell);
    return new ReadableStream<U | Lagged>({
      pull: async (controller) => {
        while (memory.items.length === 0 && !ended) await new Promise<void>((resolve) => wake = resolve);
        if (memory.dropped > told) {
          controller.enqueue({ type: "lagged", dropped: memory.dropped - told });
          told = memory.dropped;
          return;
        }
        const next = memory.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(next);
      },
      cancel: () => {
        this.#readers.delete(tell);
        ended = true;
        wake();
      },
    }, { highWaterMark: 0 });
  }
}
