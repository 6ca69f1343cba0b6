/**
 * The threads of Node in the form of workers: Node has no `Worker` of its own.
 * @module
 */
import type { WorkerFault, WorkerLike } from "../ports.ts";
import { builtinModule } from "./builtin.ts";

/** The used part of `node:worker_threads`. */
interface Threads {
  parentPort: Port | null;
  Worker: new (file: URL) => Thread;
}
interface Port {
  postMessage(message: unknown): void;
  on(type: "message", listener: (data: unknown) => void): unknown;
}
interface Thread extends Port {
  on(type: "message" | "messageerror", listener: (data: unknown) => void): unknown;
  on(type: "error", listener: (error: unknown) => void): unknown;
  on(type: "exit", listener: () => void): unknown;
  terminate(): unknown;
  ref(): void;
  unref(): void;
}

const threads = () => builtinModule("node:worker_threads") as Threads | undefined;

/** Starts the module at `file` in a thread. @throws {Error} If the platform has no threads. */
export function startThread(file: URL): WorkerLike {
  const found = threads();
  if (!found) throw new Error("Cannot start a worker: this platform has neither Worker nor worker_threads");
  const thread = new found.Worker(file);
  return {
    postMessage: (message) => thread.postMessage(message),
    addEventListener(
      type: "message" | "messageerror" | "error",
      listener: (event: ReturnType<typeof eventOf>) => void,
    ) {
      if (type !== "error") return void thread.on(type, (data) => listener(eventOf({ data })));
      thread.on("error", (error) => listener(eventOf({ error, message: messageOf(error) })));
      thread.on("exit", () => listener(eventOf({ message: "The thread has ended" })));
    },
    terminate: () => void thread.terminate(),
    ref: () => thread.ref(),
    unref: () => thread.unref(),
  };
}

/** An event of any type, with the fields of all. */
type ThreadEvent = WorkerFault & { readonly data?: unknown };

const eventOf = (fields: Partial<ThreadEvent>): ThreadEvent & { readonly data: unknown } => ({
  data: undefined,
  message: "",
  preventDefault: () => {},
  ...fields,
});

const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);

/** The used part of a worker's global scope. */
export interface WorkerScope {
  /** Sends a message to the worker's owner. */
  postMessage(message: unknown): void;
  /** Receives the owner's messages. */
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** The scope of the worker, or thread, that this module runs in. */
export function ownScope(): WorkerScope {
  const scope = globalThis as unknown as WorkerScope;
  const port = threads()?.parentPort;
  if (typeof scope.postMessage === "function" || !port) return scope;
  return {
    postMessage: (message) => port.postMessage(message),
    addEventListener: (_type, listener) => void port.on("message", (data) => listener({ data })),
  };
}
