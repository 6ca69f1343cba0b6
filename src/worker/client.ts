/**
 * The client of a vault in a worker, and its lock. The storage key and every opened share live in the
 * worker's thread, and end with it: this side passes envelopes in and messages out, and sees neither.
 * @module
 */
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type {
  Agreed,
  DrawnTask,
  IdentitySecrets,
  Outcome,
  RunIo,
  Task,
  Vault,
  WorkerLike,
} from "../ports.ts";
import { isFirstRound, roundNames, verifySignature } from "../schemes/schemes.ts";
import { spawnWorker } from "./spawn_worker.ts";
import { flatten, type FromWorker, restore, type ToWorker } from "./messages.ts";
import { usedUp } from "./used_up.ts";

type StorageKey = Pick<IdentitySecrets, "storageKey">;

export interface WorkerVaultOptions {
  /**
   * Makes the worker; by default out of `worker.ts` beside this folder. For bundles, which put it elsewhere.
   */
  spawn?: () => WorkerLike;
}

/**
 * A run in the worker, until the worker reports its end; its owner may have been given another end before.
 */
interface Run {
  drawn: PromiseWithResolvers<Uint8Array>;
  /** Null until the run begins. */
  running: { io: RunIo; settle: PromiseWithResolvers<Outcome> } | null;
}

/**
 * Starts a worker and unlocks a vault in it. If the worker breaks, every run of it, now and later, ends with
 * `internal`; after `close()`, with `shutdown`.
 */
export function workerVault(secrets: StorageKey, peer: PeerId, options: WorkerVaultOptions = {}): Vault {
  return new WorkerVault(secrets, peer, (options.spawn ?? spawnWorker)());
}

/** The vault in a worker. Its methods are own properties, so that a wrapper can spread it. */
class WorkerVault implements Vault {
  readonly #worker: WorkerLike;
  readonly #runs = new Map<number, Run>();
  readonly #unlocked = Promise.withResolvers<void>();
  #started = 0;
  #ended: { code: "internal" | "shutdown"; cause?: unknown } | null = null;

  constructor({ storageKey }: StorageKey, peer: PeerId, worker: WorkerLike) {
    this.#worker = worker;
    worker.addEventListener("error", (event) => {
      event.preventDefault(); // or Deno ends the whole process
      this.#end("internal", event.error ?? event.message);
    });
    worker.addEventListener("messageerror", (event) => this.#end("internal", event.data));
    worker.addEventListener("message", ({ data }) => this.#take(data as FromWorker));
    this.#post({ type: "unlock", secrets: { storageKey }, peer });
    void this.#unlocked.promise.then(() => this.#holdProcess());
  }

  readonly rounds = roundNames;

  readonly isFirstRound = isFirstRound;

  // Verified on this side: nothing of it is secret, and a worker's result must not be checked by the worker.
  readonly verify = verifySignature;

  readonly ready = (): Promise<void> => this.#unlocked.promise;

  readonly draw = async (task: Task): Promise<DrawnTask> => {
    this.#throwIfEnded();
    const number = this.#started++;
    const entry: Run = { drawn: Promise.withResolvers(), running: null };
    this.#runs.set(number, entry);
    this.#holdProcess();
    this.#post({ type: "draw", run: number, task });
    return new RemoteTask(await entry.drawn.promise, {
      run: (agreed, io) => this.#run(number, agreed, io),
      drop: () => {
        if (this.#forget(number)) this.#post({ type: "drop", run: number });
      },
    });
  };

  async #run(run: number, agreed: Agreed, io: RunIo): Promise<Outcome> {
    this.#throwIfEnded();
    const settle = Promise.withResolvers<Outcome>();
    const abort = () => this.#post({ type: "abort", run, error: flatten(io.signal.reason) });
    this.#runs.get(run)!.running = { io, settle };
    try {
      this.#post({ type: "run", run, agreed, party: io.wire.party });
      io.signal.addEventListener("abort", abort, { once: true });
      io.listen((incoming) => {
        if (this.#runs.has(run)) this.#post({ type: "incoming", run, incoming });
      });
      return await settle.promise;
    } finally {
      io.signal.removeEventListener("abort", abort);
      io.signal.throwIfAborted(); // the reason itself, not a copy of it
    }
  }

  readonly close = (): Promise<void> => {
    this.#end("shutdown");
    return Promise.resolve();
  };

  #forget(run: number): boolean {
    const known = this.#runs.delete(run);
    this.#holdProcess();
    return known;
  }

  /** Lets the process end by itself while the worker has nothing to do. */
  #holdProcess(): void {
    if (this.#runs.size > 0) this.#worker.ref?.();
    else this.#worker.unref?.();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** Ends every run, now and later. */
  #end(code: "internal" | "shutdown", cause?: unknown): void {
    if (this.#ended) return;
    this.#ended = { code, cause };
    this.#worker.terminate();
    this.#unlocked.resolve();
    for (const run of this.#runs.values()) waiting(run).reject(new SessionError(code, { cause }));
    this.#runs.clear();
  }

  /** @throws {SessionError} `internal` or `shutdown`, once the worker has ended. */
  #throwIfEnded(): void {
    if (this.#ended) throw new SessionError(this.#ended.code, { cause: this.#ended.cause });
  }

  /** Carries out the request of a run in the worker, or ends the run. */
  #take(message: FromWorker): void {
    if (message.type === "unlocked") return this.#unlocked.resolve();
    const { run } = message;
    const entry = this.#runs.get(run);
    if (!entry) return;
    switch (message.type) {
      case "drawn":
        return entry.drawn.resolve(message.firstRound);
      case "failed":
        this.#forget(run);
        return waiting(entry).reject(restore(message.error, message.where || undefined));
      default:
        return this.#takeFor(run, entry.running!, message);
    }
  }

  #takeFor(
    run: number,
    { io, settle }: NonNullable<Run["running"]>,
    message: Exclude<FromWorker, { type: "unlocked" | "drawn" | "failed" }>,
  ): void {
    switch (message.type) {
      case "send": // an aborted run sends nothing more, though the worker may not know of its end yet
        return io.signal.aborted
          ? undefined
          : io.wire.send(message.to, message.round, message.body, message.audience);
      case "verify":
        return void io.wire.verify(message.statement).then(
          (authentic) => this.#post({ type: "verified", run, call: message.call, authentic }),
          (cause) => {
            const error = new SessionError("internal", { cause });
            settle.reject(error);
            this.#post({ type: "abort", run, error: flatten(error) });
          },
        );
      case "ban": // also of a run that was ended: the finding of its check holds
        return void io.ban(message.peers).then(
          () => this.#post({ type: "banned", run, call: message.call, durable: true }),
          // The owner of the run knows the reason, and has reported it.
          () => this.#post({ type: "banned", run, call: message.call, durable: false }),
        );
      case "progress":
        return io.progress(message.progress);
      case "done":
        this.#forget(run);
        return settle.resolve(message.outcome);
      default:
        return message satisfies never;
    }
  }
}

/** The promise that a run in the worker owes now: its draw, or its outcome. */
const waiting = ({ drawn, running }: Run): { reject(error: SessionError): void } => running?.settle ?? drawn;

/** A task whose secrets were drawn in the worker. */
class RemoteTask implements DrawnTask {
  readonly firstRound: Uint8Array;
  readonly #remote: { run: DrawnTask["run"]; drop(): void };
  #used = false;

  constructor(firstRound: Uint8Array, remote: { run: DrawnTask["run"]; drop(): void }) {
    this.firstRound = firstRound;
    this.#remote = remote;
  }

  // deno-lint-ignore require-await -- so that every error in here is a rejection
  async run(agreed: Agreed, io: RunIo): Promise<Outcome> {
    if (this.#used) throw usedUp();
    io.signal.throwIfAborted();
    this.#used = true;
    return this.#remote.run(agreed, io);
  }

  [Symbol.dispose](): void {
    if (this.#used) return;
    this.#used = true;
    this.#remote.drop();
  }
}

/** A {@linkcode Vault} with a lock. Locked, it still verifies, and every run ends with `store-locked`. */
export interface LockableVault extends Vault {
  readonly locked: boolean;
  /** Locked from this moment on; resolves when what was inside is closed. */
  lock(): Promise<void>;
  /** Opens it with the storage key, which the caller has checked. */
  unlock(secrets: StorageKey): void;
}

/**
 * A vault that can be locked while its node goes on. Locking closes the inner vault, and its storage key with
 * it; unlocking opens a new one with the key.
 *
 * @param open Makes the vault that is inside, now and after each lock. It must not keep the key where it
 * could be seen.
 */
export function lockableVault(secrets: StorageKey, open: (secrets: StorageKey) => Vault): LockableVault {
  let inside = open(secrets);
  let locked = false;
  return {
    get locked() {
      return locked;
    },
    // These need no share, and a closed vault answers them too.
    ready: () => inside.ready?.() ?? Promise.resolve(),
    rounds: (protocol) => inside.rounds(protocol),
    isFirstRound: (protocol, bytes) => inside.isFirstRound(protocol, bytes),
    verify: (key, payload, signature) => inside.verify(key, payload, signature),
    async draw(task) {
      if (locked) throw new SessionError("store-locked");
      const vault = inside;
      // The inner vault reports that it was closed; this side knows the reason.
      const explained = (error: unknown) =>
        !locked && vault === inside ? error : new SessionError("store-locked", { cause: error });
      const drawn = await vault.draw(task).catch((error) => {
        throw explained(error);
      });
      return {
        firstRound: drawn.firstRound,
        run: (agreed, io) =>
          drawn.run(agreed, io).catch((error) => {
            throw io.signal.aborted ? error : explained(error);
          }),
        [Symbol.dispose]: () => drawn[Symbol.dispose](),
      };
    },
    async lock() {
      locked = true;
      await inside.close();
    },
    unlock(secrets) {
      if (!locked) return;
      inside = open(secrets);
      locked = false;
    },
    close: () => inside.close(),
  };
}

/** The lock of a vault, or null if it has none. */
export const lockOf = (vault: Vault): LockableVault | null => "lock" in vault ? vault as LockableVault : null;
