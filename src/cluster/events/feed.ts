/**
 * The feed that brings events to readers: publishing never waits and cannot throw; each reader has its own
 * bounded memory.
 * @module
 */
import type { Lagged, View, Warning } from "../../events.ts";

/** The worth of a failure: the highest. */
const failure = 4;

/** The worth of an event, from 0. A full memory loses the lowest first; a reader never loses a failure. */
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

/** The number of events that an item stands for. */
const weight = (item: { type: string }) => isWarning(item) ? item.count : 1;

/**
 * A queue that drops the items of lowest worth, and counts them. Warnings of one code merge into one with a
 * count.
 */
class Memory<T extends { type: string }> {
  readonly items: T[] = [];
  dropped = 0;
  /**
   * The worth of each item. It is kept, with the number of items of each worth, because a full memory needs
   * it often.
   */
  readonly #worths: number[] = [];
  readonly #counts: number[] = Array(failure + 1).fill(0);
  readonly #capacity: number;
  readonly #bounded: boolean;

  /**
   * @param keep `failures`: all of them, even beyond the capacity; `capacity`: never more items than that.
   */
  constructor(capacity: number, keep: "failures" | "capacity") {
    this.#capacity = capacity;
    this.#bounded = keep === "capacity";
  }

  push(item: T): void {
    if (this.items.length >= this.#capacity && (this.#merge(item) || !this.#forget(item))) return;
    this.items.push(item);
    this.#worths.push(worth(item));
    this.#counts[worth(item)]!++;
  }

  /** Removes the oldest item and returns it. */
  shift(): T | undefined {
    return this.#take(0);
  }

  #take(at: number): T | undefined {
    const [item] = this.items.splice(at, 1);
    if (item !== undefined) this.#counts[this.#worths.splice(at, 1)[0]!]!--;
    return item;
  }

  #merge(item: T): boolean {
    if (!isWarning(item)) return false;
    const at = this.items.findIndex((old) => isWarning(old) && old.code === item.code && old.id === item.id);
    const old = this.items[at];
    if (old === undefined || !isWarning(old)) return false;
    this.items[at] = { ...item, count: old.count + item.count, via: old.via === item.via ? item.via : null };
    return true;
  }

  /** Makes room for `item`. False if that is the one to drop. */
  #forget(item: T): boolean {
    const least = this.#counts.findIndex((count) => count > 0);
    if (least === failure && !this.#bounded) return true; // only failures: a reader gets all of them
    const stays = worth(item) >= least;
    const loses = stays ? this.#take(this.#worths.indexOf(least)) : item;
    this.dropped += weight(loses!);
    return stays;
  }
}

export interface FeedOptions {
  /** The number of items kept for later readers. */
  history: number;
  /** The number of items that a reader may be behind. */
  behind: number;
  /** The place of a `lagged` in this node's view. */
  view(): View;
}

/** A feed: one publisher, and any number of readers at any time. */
export class Feed<T extends { type: string }> {
  readonly #past: Memory<T>;
  readonly #behind: number;
  readonly #view: () => View;
  readonly #readers = new Set<(item: T | null) => void>();
  #closed = false;

  constructor({ history, behind, view }: FeedOptions) {
    this.#past = new Memory(history, "capacity");
    this.#behind = behind;
    this.#view = view;
  }

  publish(item: T): void {
    if (this.#closed) return;
    this.#past.push(item);
    for (const read of [...this.#readers]) read(item);
  }

  /** Ends every stream, after its remaining items. */
  close(): void {
    this.#closed = true;
    for (const read of [...this.#readers]) read(null);
    this.#readers.clear();
  }

  /** The past items that are kept, oldest first. */
  past(): readonly T[] {
    return this.#past.items;
  }

  /**
   * A new stream: the last `replay` items, and then the new ones. It ends when the feed is closed, and never
   * with an error. Cancelling it ends this stream only.
   */
  stream<U extends T>(
    wanted: (item: T) => item is U,
    options?: { replay?: number },
  ): ReadableStream<U | Lagged> {
    const { replay = Infinity } = options ?? {};
    const memory = new Memory<U>(this.#behind, "failures");
    let reported = 0;
    let ended = this.#closed;
    let wake = () => {};
    const read = (item: T | null) => {
      if (item === null) ended = true;
      else if (wanted(item)) memory.push(item);
      wake();
    };
    const past = this.#past.items.filter(wanted);
    for (const item of replay >= past.length ? past : past.slice(past.length - replay)) memory.push(item);
    if (!ended) this.#readers.add(read);
    return new ReadableStream<U | Lagged>({
      pull: async (controller) => {
        while (memory.items.length === 0 && !ended) await new Promise<void>((resolve) => wake = resolve);
        if (memory.dropped > reported) {
          controller.enqueue({ type: "lagged", dropped: memory.dropped - reported, ...this.#view() });
          reported = memory.dropped;
          return;
        }
        const next = memory.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(next);
      },
      cancel: () => {
        this.#readers.delete(read);
        ended = true;
        wake();
      },
    }, { highWaterMark: 0 });
  }
}
