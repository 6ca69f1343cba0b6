/**
 * How the worker is started where nobody says otherwise.
 * @module
 */

/** Starts it out of `worker.ts` beside this folder. Bundles, which put that elsewhere, start it by themselves. */
export const spawnWorker = (): Worker =>
  new Worker(new URL("../worker.ts", import.meta.url), { type: "module" });
