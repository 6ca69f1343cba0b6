/**
 * The orders that a program of a test reads, one JSON text a line, and the lines that it writes. Not a test by itself.
 * @module
 */
import { TextLineStream } from "../../src/demo/lines.ts";
import { SessionError } from "../../src/errors.ts";

/** Writes one line. */
export const say = (said: object): void => console.log(JSON.stringify(said));

/** The orders of one process. */
export class Orders<O extends { nth: number }> {
  readonly #lines = Deno.stdin.readable.pipeThrough(new TextLineStream()).getReader();
  readonly #first: Promise<O | null>;
  #begun = false;

  /** Begins to read, so that this process ends with its starter, also while it stands still in its beginnings. */
  constructor() {
    this.#first = this.#next();
    void this.#first.then((order) => order === null && !this.#begun && Deno.exit(1));
  }

  /** The next order; null when the starter is gone. */
  async #next(): Promise<O | null> {
    const { value } = await this.#lines.read();
    return value === undefined ? null : JSON.parse(value);
  }

  /** Obeys all of them, each at once, and replies. Resolves when there will be no more. */
  async serve(obey: (order: O) => Promise<unknown>): Promise<void> {
    this.#begun = true;
    const code = (error: unknown) => error instanceof SessionError ? error.code : String(error);
    for (let order = await this.#first; order !== null; order = await this.#next()) {
      const { nth } = order;
      obey(order).then(
        (reply) => say({ type: "reply", nth, reply }),
        (error) => say({ type: "reply", nth, problem: code(error) }),
      );
    }
  }
}
