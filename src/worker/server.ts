/**
 * The inside of a worker vault: a {@linkcode Vault} of this thread, served over messages.
 * @module
 */
import { SessionError, StoreError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { WorkerScope } from "../platform/threads.ts";
import { Early } from "../session/early.ts";
import type { DrawnTask, IdentitySecrets, Incoming, RunIo, Vault } from "../ports.ts";
import {
  flatten,
  framesOf,
  type FromWorker,
  restore,
  type ToPassphraseWorker,
  type ToWorker,
} from "./messages.ts";

/** One run's ends of the wire, fed from outside. */
interface Remote {
  io: RunIo;
  take(incoming: Incoming): void;
  answered(call: number, yes: boolean): void;
  abort(error: SessionError): void;
}

/** Serves the vault that `unlock` makes of the first message. */
export function serveVault(
  scope: WorkerScope,
  unlock: (secrets: Pick<IdentitySecrets, "storageKey">, peer: PeerId) => Vault,
): void {
  let unlocked: { vault: Vault; peer: PeerId } | null = null;
  const drawn = new Map<number, { task: DrawnTask; peer: PeerId }>();
  const runs = new Map<number, Remote>();
  const post = (message: FromWorker) => scope.postMessage(message);

  const fail = (run: number, cause: unknown) => {
    const error = cause instanceof SessionError ? cause : new SessionError("internal", { cause });
    post({ type: "failed", run, error: flatten(error), where: framesOf(error.cause) });
  };

  async function draw({ run, task }: ToWorker & { type: "draw" }): Promise<void> {
    try {
      if (unlocked === null) throw new Error("Cannot draw: the vault was not unlocked");
      const { vault, peer } = unlocked;
      const made = await vault.draw(task);
      drawn.set(run, { task: made, peer });
      post({ type: "drawn", run, firstRound: made.firstRound });
    } catch (error) {
      fail(run, error);
    }
  }

  async function run({ run, agreed, party }: ToWorker & { type: "run" }): Promise<void> {
    const { task, peer } = drawn.get(run)!;
    drawn.delete(run);
    const remote = openRemote(run, peer, party, post);
    runs.set(run, remote);
    try {
      post({ type: "done", run, outcome: await task.run(agreed, remote.io) });
    } catch (error) {
      fail(run, error);
    } finally {
      runs.delete(run);
    }
  }

  scope.addEventListener("message", (event) => {
    const data = event.data as ToWorker | ToPassphraseWorker;
    switch (data.type) {
      case "unlock":
        unlocked = { vault: unlock(data.secrets, data.peer), peer: data.peer };
        post({ type: "unlocked" });
        return;
      case "draw":
        return void draw(data);
      case "run":
        return void run(data);
      case "drop":
        drawn.get(data.run)?.task[Symbol.dispose]();
        return void drawn.delete(data.run);
      case "incoming":
        return runs.get(data.run)?.take(data.incoming);
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
  post: (message: FromWorker) => void,
): Remote {
  const aborting = new AbortController();
  const asking = new Map<number, (yes: boolean) => void>();
  const incoming = new Early<Incoming>(Infinity); // the wire bounds what it hands over of each peer
  let calls = 0;
  const ask = (question: (call: number) => FromWorker): Promise<boolean> => {
    const call = calls++;
    post(question(call));
    return new Promise((resolve) => asking.set(call, resolve));
  };
  return {
    io: {
      wire: {
        self,
        party,
        send: (to, round, body, audience) => post({ type: "send", run, to, round, body, audience }),
        verify: (statement) => ask((call) => ({ type: "verify", run, call, statement })),
      },
      listen: (listener) => incoming.listen(listener),
      async ban(peers) {
        if (!await ask((call) => ({ type: "ban", run, call, peers }))) {
          throw new StoreError("Cannot write the ban");
        }
      },
      progress: (progress) => post({ type: "progress", run, progress }),
      signal: aborting.signal,
    },
    take: (one) => void incoming.add(one),
    answered(call, yes) {
      asking.get(call)?.(yes);
      asking.delete(call);
    },
    abort: (error) => aborting.abort(error),
  };
}
