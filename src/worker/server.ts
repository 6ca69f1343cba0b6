/**
 * The inside of a worker vault: a {@linkcode Vault} of this thread, served over messages.
 * @module
 */
import { SessionError, StoreError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { IdentitySecrets, Incoming, RunIo, Vault } from "../ports.ts";
import {
  flatten,
  framesOf,
  type FromWorker,
  restore,
  type ToPassphraseWorker,
  type ToWorker,
} from "./messages.ts";

/** A worker's global scope, as far as it is used here. */
export interface WorkerScope {
  postMessage(message: unknown): void;
  addEventListener(
    type: "message",
    listener: (event: MessageEvent<ToWorker | ToPassphraseWorker>) => void,
  ): void;
}

/** One run's ends of the wire, fed from outside. */
interface Remote {
  io: RunIo;
  hear(incoming: Incoming): void;
  answered(call: number, yes: boolean): void;
  abort(error: SessionError): void;
}

/** Serves the vault that `unlock` makes of the first message. */
export function serveVault(
  scope: WorkerScope,
  unlock: (secrets: Pick<IdentitySecrets, "storageKey">, peer: PeerId) => Vault,
): void {
  let unlocked: { vault: Vault; peer: PeerId } | null = null;
  const runs = new Map<number, Remote>();
  const tell = (message: FromWorker) => scope.postMessage(message);

  async function run({ run, task, party }: ToWorker & { type: "run" }): Promise<void> {
    if (unlocked === null) throw new Error("Cannot run: the vault was not unlocked");
    const remote = openRemote(run, unlocked.peer, party, tell);
    runs.set(run, remote);
    try {
      tell({ type: "done", run, outcome: await unlocked.vault.run(task, remote.io) });
    } catch (cause) {
      const error = cause instanceof SessionError ? cause : new SessionError("internal", { cause });
      tell({ type: "failed", run, error: flatten(error), where: framesOf(error.cause) });
    } finally {
      runs.delete(run);
    }
  }

  scope.addEventListener("message", ({ data }) => {
    switch (data.type) {
      case "unlock":
        unlocked = { vault: unlock(data.secrets, data.peer), peer: data.peer };
        return;
      case "run":
        return void run(data);
      case "incoming":
        return runs.get(data.run)?.hear(data.incoming);
      case "verified":
        return runs.get(data.run)?.answered(data.call, data.authentic);
      case "banned":
        return runs.get(data.run)?.answered(data.call, data.durable);
      case "abort":
        return runs.get(data.run)?.abort(restore(data.error));
      case "seal":
      case "open":
      case "piece":
      case "more":
        return; // for `passphrases_server.ts`
      default:
        return data satisfies never;
    }
  });
}

function openRemote(
  run: number,
  self: PeerId,
  party: readonly PeerId[],
  tell: (message: FromWorker) => void,
): Remote {
  const aborting = new AbortController();
  const asking = new Map<number, (yes: boolean) => void>();
  const early: Incoming[] = [];
  let calls = 0;
  const ask = (question: (call: number) => FromWorker): Promise<boolean> => {
    const call = calls++;
    tell(question(call));
    return new Promise((resolve) => asking.set(call, resolve));
  };
  let hear: (incoming: Incoming) => void = (incoming) => void early.push(incoming);
  return {
    io: {
      wire: {
        self,
        party,
        send: (to, round, body, audience) => tell({ type: "send", run, to, round, body, audience }),
        verify: (statement) => ask((call) => ({ type: "verify", run, call, statement })),
      },
      listen(listener) {
        hear = listener;
        early.splice(0).forEach(listener);
      },
      async ban(peers) {
        if (!await ask((call) => ({ type: "ban", run, call, peers }))) {
          throw new StoreError("Cannot write the ban");
        }
      },
      progress: (progress) => tell({ type: "progress", run, progress }),
      signal: aborting.signal,
    },
    hear: (incoming) => hear(incoming),
    answered(call, yes) {
      asking.get(call)?.(yes);
      asking.delete(call);
    },
    abort: (error) => aborting.abort(error),
  };
}
