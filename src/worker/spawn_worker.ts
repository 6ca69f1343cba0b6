/**
 * The default way to start the worker.
 * @module
 */

/** Starts `worker.ts`. Bundles put that file elsewhere, and start it by a function of their own. */
export const spawnWorker = (): Worker =>
  new Worker(new URL("../worker.ts", import.meta.url), { type: "module" });
