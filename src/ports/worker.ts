/**
 * The port to a thread of its own, in which shares are opened.
 * @module
 */

/** The used part of a `Worker`: browsers, Deno and Bun have that class, and Node has the like in `node:worker_threads`. */
export interface WorkerLike {
  /** Sends a message, copied as by `structuredClone`. */
  postMessage(message: unknown): void;
  /** Receives the worker's messages. */
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  /** Receives a message that could not be read. */
  addEventListener(type: "messageerror", listener: (event: { readonly data: unknown }) => void): void;
  /** Receives an error that the worker did not catch; it works no more. */
  addEventListener(type: "error", listener: (event: WorkerFault) => void): void;
  /** Ends it at once. */
  terminate(): void;
  /** Lets the process wait for it; only where the platform can. */
  ref?(): void;
  /** Lets the process end while it runs; only where the platform can. */
  unref?(): void;
}

/** An error that a worker did not catch, as an event. */
export interface WorkerFault {
  /** The error, where the platform passes it on. */
  readonly error?: unknown;
  /** Its message. */
  readonly message: string;
  /** Prevents what the platform does by default. */
  preventDefault(): void;
}
