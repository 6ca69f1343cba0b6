/**
 * How many workers run. Not a test by itself.
 * @module
 */

/** Starts workers, and tells which are still running. */
export function counted(spawn: () => Worker) {
  const running = new Set<Worker>();
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
