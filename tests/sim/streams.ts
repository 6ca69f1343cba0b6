/**
 * Readers of one session's streams: one from the start, one that comes when all is over.
 * @module
 */
import type { Fault } from "../../src/events.ts";
import type { Session } from "../../src/cluster/commands/handle.ts";

export class Streams {
  /** What each of the readers of `errors()` got; null: its stream has not ended. */
  early: Fault[] | null = null;
  afterwards: Fault[] | null = null;
  broken: unknown = null;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
    void this.#read().then((faults) => this.early = faults);
  }

  async #read(): Promise<Fault[]> {
    const faults: Fault[] = [];
    try {
      for await (const fault of this.#session.errors()) faults.push(fault);
    } catch (error) {
      this.broken = error;
    }
    return faults;
  }

  /** Reads again, from the first item on. */
  async late(): Promise<void> {
    if (this.early !== null) this.afterwards = await this.#read();
  }
}
