/**
 * How many workers run. Not a test by itself.
 * @module
 */
import type { WorkerLike } from "../../src/ports.ts";

/** Starts workers, and tells which are still running. */
export function counted(spawn: () => WorkerLike) {
  const running = new Set<WorkerLike>();
  return {
    running,
    spawn() {
      const worker = spawn();
      running.add(worker);
      const terminate = worker.terminate.bind(worker);
      worker.terminate = () => {
        running.delete(worker);
        terminate();
      };
      return worker;
    },
  };
}
