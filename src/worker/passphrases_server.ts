/**
 * The inside of a worker that locks or opens a file with a passphrase. Both sides ask for each piece: neither
 * holds more than a few of them.
 * @module
 */
import type { Passphrases } from "../ports.ts";
import type { WorkerScope } from "../platform/threads.ts";
import { framesOf, type FromPassphraseWorker, type ToPassphraseWorker, type ToWorker } from "./messages.ts";

/**
 * Serves `passphrases` to the owner of this worker. An error is reported without its text, which may hold
 * secrets.
 */
export function servePassphrases(scope: WorkerScope, passphrases: Passphrases): void {
  const post = (message: FromPassphraseWorker) => scope.postMessage(message);
  const broke = (error: unknown) => post({ type: "broke", where: framesOf(error) });
  let take: (bytes: Uint8Array | null) => void = () => {};
  const input = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = new Promise<Uint8Array | null>((resolve) => take = resolve);
      post({ type: "more" });
      const bytes = await piece;
      if (bytes === null) controller.close();
      else controller.enqueue(bytes);
    },
  }, { highWaterMark: 0 });
  let output: ReadableStreamDefaultReader<Uint8Array> | null = null;
  /** Whether a file is being opened: then an error of age means that the file is not whole. */
  let opening = false;

  function begun(stream: ReadableStream<Uint8Array> | null): void {
    output = stream?.getReader() ?? null;
    post({ type: "begun", opens: stream !== null });
  }
  async function more(): Promise<void> {
    const { value, done } = await output!.read();
    post({ type: "piece", bytes: done ? null : value });
  }

  scope.addEventListener("message", (event) => {
    const data = event.data as ToWorker | ToPassphraseWorker;
    switch (data.type) {
      case "seal":
        return void passphrases.seal(input, data.passphrase, data.workFactor).then(begun).catch(broke);
      case "open":
        opening = true;
        return void passphrases.open(input, data.passphrase).then(begun).catch(broke);
      case "piece":
        return take(data.bytes);
      case "more":
        return void more().catch((error) => opening ? post({ type: "damaged" }) : broke(error));
    }
  });
}
