/**
 * {@linkcode Passphrases} in a worker that lives for one file: it is the vault's program in a worker of its own, so that
 * signing does not wait for it. What it has seen ends with it.
 * @module
 */
import { SessionError } from "../failure.ts";
import type { Passphrases } from "../ports.ts";
import { spawnWorker } from "./spawn_worker.ts";
import type { FromPassphraseWorker, ToPassphraseWorker } from "./worker_messages.ts";

/**
 * If a worker breaks, its file ends with {@linkcode SessionError} `internal`.
 *
 * @param spawn As of a worker vault.
 */
export function workerPassphrases(spawn: () => Worker = spawnWorker): Passphrases {
  function inWorker(message: ToPassphraseWorker): Promise<Uint8Array | null> {
    const worker = spawn();
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | null>();
    const broke = (cause: unknown) => reject(new SessionError("internal", { cause }));
    worker.addEventListener("error", (event) => {
      event.preventDefault(); // or Deno ends the whole process
      broke(event.message);
    });
    worker.addEventListener("messageerror", () => broke("its answer cannot be read"));
    worker.addEventListener("message", ({ data }: MessageEvent<FromPassphraseWorker>) => {
      if (data.type === "gave") resolve(data.bytes);
      else broke(data.where);
    });
    worker.postMessage(message);
    return promise.finally(() => worker.terminate());
  }

  return {
    seal: async (plain, passphrase, workFactor) =>
      (await inWorker({ type: "seal", plain, passphrase, workFactor }))!,
    open: (file, passphrase) => inWorker({ type: "open", file, passphrase }),
  };
}
