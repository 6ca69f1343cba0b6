/**
 * The inside of a worker that locks or opens a file with a passphrase.
 * @module
 */
import type { Passphrases } from "../ports.ts";
import type { WorkerScope } from "./worker_host.ts";
import { framesOf, type FromPassphraseWorker } from "./worker_messages.ts";

/** Serves `passphrases` to whoever started this worker. What goes wrong is told without its text: it may hold secrets. */
export function servePassphrases(scope: WorkerScope, passphrases: Passphrases): void {
  const tell = (message: FromPassphraseWorker) => scope.postMessage(message);
  const answer = (work: Promise<Uint8Array | null>) =>
    work.then(
      (bytes) => tell({ type: "gave", bytes }),
      (error) => tell({ type: "broke", where: framesOf(error) }),
    );
  scope.addEventListener("message", ({ data }) => {
    if (data.type === "seal") void answer(passphrases.seal(data.plain, data.passphrase, data.workFactor));
    if (data.type === "open") void answer(passphrases.open(data.file, data.passphrase));
  });
}
