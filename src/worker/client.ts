/**
 * A vault in a worker: the storage key and every opened share live in another thread, and end with it. This side
 * passes envelopes in and messages out, and sees neither.
 * @module
 */
import { verifySignature } from "../crypto/verify.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { IdentitySecrets, Outcome, RunIo, Task, Vault } from "../ports.ts";
import { roundsOf } from "../protocol/catalogue.ts";
import { spawnWorker } from "./spawn_worker.ts";
import { flatten, type FromWorker, restore, type ToWorker } from "./messages.ts";

export interface WorkerVaultOptions {
  /** Makes the worker; by default out of `worker.ts` beside this folder. For bundles, which put it elsewhere. */
  spawn?: () => Worker;
}

/** A run under way in the worker: until the worker says that it is over, whatever its owner has heard before. */
interface Run {
  io: RunIo;
  settle: PromiseWithResolvers<Outcome>;
}

/**
 * Starts a worker and unlocks a vault in it. If the worker breaks, every run of it, now and later, ends with
 * `internal`; after `close()`, with `shutdown`.
 */
export function workerVault(
  secrets: Pick<IdentitySecrets, "storageKey">,
  peer: PeerId,
  options: WorkerVaultOptions = {},
): Vault {
  const worker = (options.spawn ?? spawnWorker)();
  const runs = new Map<number, Run>();
  let counted = 0;
  let ended: { code: "internal" | "shutdown"; cause?: unknown } | null = null;
  const tell = (message: ToWorker) => worker.postMessage(message);

  function end(code: "internal" | "shutdown", cause?: unknown): void {
    if (ended) return;
    ended = { code, cause };
    worker.terminate();
    for (const { settle } of runs.values()) settle.reject(new SessionError(code, { cause }));
    runs.clear();
  }
  worker.addEventListener("error", (event) => {
    event.preventDefault(); // or Deno ends the whole process
    end("internal", event.error ?? event.message);
  });
  worker.addEventListener("messageerror", (event) => end("internal", event.data));

  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    const { run } = data;
    const entry = runs.get(run);
    if (!entry) return;
    const { io, settle } = entry;
    switch (data.type) {
      case "send": // an aborted run says nothing more, though the worker may not have heard yet
        return io.signal.aborted ? undefined : io.wire.send(data.to, data.round, data.body, data.audience);
      case "verify":
        return void io.wire.verify(data.statement).then(
          (authentic) => tell({ type: "verified", run, call: data.call, authentic }),
          (cause) => {
            const error = new SessionError("internal", { cause });
            settle.reject(error);
            tell({ type: "abort", run, error: flatten(error) });
          },
        );
      case "ban": // also of a run that was ended: what its check has found holds
        return void io.ban(data.peers).then(
          () => tell({ type: "banned", run, call: data.call, durable: true }),
          () => tell({ type: "banned", run, call: data.call, durable: false }), // its owner knows why, and has said so
        );
      case "progress":
        return io.progress(data.progress);
      case "done":
        runs.delete(run);
        return settle.resolve(data.outcome);
      case "failed":
        runs.delete(run);
        return settle.reject(restore(data.error, data.where || undefined));
      default:
        return data satisfies never;
    }
  });

  tell({ type: "unlock", secrets: { storageKey: secrets.storageKey }, peer });

  async function run(task: Task, io: RunIo): Promise<Outcome> {
    if (ended) throw new SessionError(ended.code, { cause: ended.cause });
    io.signal.throwIfAborted();
    const run = counted++;
    const settle = Promise.withResolvers<Outcome>();
    const abort = () => tell({ type: "abort", run, error: flatten(io.signal.reason) });
    runs.set(run, { io, settle });
    try {
      tell({ type: "run", run, task, party: io.wire.party });
      io.signal.addEventListener("abort", abort, { once: true });
      io.listen((incoming) => {
        if (runs.has(run)) tell({ type: "incoming", run, incoming });
      });
      return await settle.promise;
    } finally {
      io.signal.removeEventListener("abort", abort);
      io.signal.throwIfAborted(); // the reason itself, not a copy of it
    }
  }

  return {
    rounds: ({ kind, curve }) => Object.keys(roundsOf(kind, curve)),
    // On this side: nothing of it is secret, and what the worker gives is verified by someone else than the worker.
    verify: ({ curve, publicKey }, message, signature) =>
      verifySignature(curve, publicKey, message, signature),
    run,
    close() {
      end("shutdown");
      return Promise.resolve();
    },
  };
}
