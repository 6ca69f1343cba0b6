/**
 * {@linkcode Passphrases} in a worker that lives for one file: it is the vault's program in a worker of its
 * own, so that signing does not wait for it. What it has seen ends with it.
 * @module
 */
import { SessionError } from "../errors.ts";
import type { Passphrases, WorkerLike } from "../ports.ts";
import { spawnWorker } from "./spawn_worker.ts";
import type { FromPassphraseWorker, ToPassphraseWorker } from "./messages.ts";

/**
 * If a worker breaks, its file ends with {@linkcode SessionError} `internal`. A stream that is neither read
 * to its end nor cancelled keeps its worker.
 *
 * @param spawn As of a worker vault.
 */
export function workerPassphrases(spawn: () => WorkerLike = spawnWorker): Passphrases {
  return {
    seal: async (plain, passphrase, workFactor) =>
      (await inWorker(spawn(), plain, { type: "seal", passphrase, workFactor }))!,
    open: (file, passphrase) => inWorker(spawn(), file, { type: "open", passphrase }),
  };
}

/** @returns The output of the worker; null if the file does not open. */
async function inWorker(
  worker: WorkerLike,
  input: ReadableStream<Uint8Array>,
  first: ToPassphraseWorker & { type: "seal" | "open" },
): Promise<ReadableStream<Uint8Array> | null> {
  const post = (message: ToPassphraseWorker) => worker.postMessage(message);
  const reader = input.getReader();
  const begun = Promise.withResolvers<boolean>();
  let asked = Promise.withResolvers<Uint8Array | null>();
  asked.promise.catch(() => {}); // the next read receives the failure

  function end(error: unknown): void {
    worker.terminate();
    begun.reject(error);
    asked.reject(error);
  }
  const broke = (cause: unknown) => end(new SessionError("internal", { cause }));
  async function feed(): Promise<void> {
    const { value, done } = await reader.read();
    post({ type: "piece", bytes: done ? null : value });
  }
  worker.addEventListener("error", (event) => {
    event.preventDefault(); // or Deno ends the whole process
    broke(event.message);
  });
  worker.addEventListener("messageerror", () => broke("its answer cannot be read"));
  worker.addEventListener("message", (event) => {
    const data = event.data as FromPassphraseWorker;
    switch (data.type) {
      case "more":
        return void feed().catch(end);
      case "begun":
        return begun.resolve(data.opens);
      case "piece":
        return asked.resolve(data.bytes);
      case "damaged":
        return end(new Error("Cannot open the file: it is damaged"));
      case "broke":
        return broke(data.where);
      default:
        return data satisfies never;
    }
  });
  post(first);
  if (!await begun.promise) {
    worker.terminate();
    return null;
  }
  return new ReadableStream({
    async pull(controller) {
      post({ type: "more" });
      const bytes = await asked.promise;
      asked = Promise.withResolvers();
      asked.promise.catch(() => {}); // as above
      if (bytes !== null) return controller.enqueue(bytes);
      worker.terminate();
      controller.close();
    },
    cancel: () => worker.terminate(),
  }, { highWaterMark: 0 });
}
