/**
 * The end of a node, in two steps: first it takes no new sessions, then it stops.
 * @module
 */

export class Lifecycle {
  readonly #stopping = new AbortController();
  #draining = false;

  /** Aborted when the node stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Whether the node takes no new sessions. */
  get draining(): boolean {
    return this.#draining;
  }

  drain(): void {
    this.#draining = true;
  }

  stop(): void {
    this.#stopping.abort();
  }
}
