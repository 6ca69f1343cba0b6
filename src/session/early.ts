/**
 * The buffer of items that may come before their listener does: frames of a session whose protocol has not
 * begun, streams of a session that this node has not opened yet.
 * @module
 */

/** Keeps items in their order until somebody listens, and hands every later one over at once. */
export class Early<T> {
  readonly #kept: T[] = [];
  readonly #most: number;
  #listener: ((item: T) => void) | null = null;

  /** @param most The number of items that are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Hands an item to the listener, or keeps it.
   *
   * @returns False if it was dropped, because too many are kept.
   */
  add(item: T): boolean {
    if (this.#listener) this.#listener(item);
    else if (this.#kept.length < this.#most) this.#kept.push(item);
    else return false;
    return true;
  }

  /** Hands over the items that were kept, and from now on each one as it comes. */
  listen(listener: (item: T) => void): void {
    this.#listener = listener;
    while (this.#listener === listener && this.#kept.length > 0) listener(this.#kept.shift()!);
  }

  /** Keeps items again until somebody else listens. */
  unlisten(): void {
    this.#listener = null;
  }

  /** Takes the items that are kept, and keeps none of them. */
  take(): T[] {
    return this.#kept.splice(0);
  }
}
