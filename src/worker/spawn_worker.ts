/**
 * The default start of the worker.
 * @module
 */
import { startThread } from "../platform/threads.ts";
import type { WorkerLike } from "../ports.ts";

/**
 * Starts it out of `worker.ts` beside this folder. The first expression is one that bundlers recognise, and they bundle
 * the worker; the second is one that they do not, because no bundle for Node needs it twice. A bundler that does not put
 * the worker there starts it by itself: `NodeOptions.startWorker`.
 */
export function spawnWorker(): WorkerLike {
  if ("Worker" in globalThis) {
    return new Worker(new URL("../worker.ts", import.meta.url), { type: "module" });
  }
  const here = import.meta.url;
  return startThread(new URL("../worker.ts", here));
}
