/**
 * Long computations in short steps, so that the caller can run other work in between and report progress.
 * @module
 */

/**
 * A computation in steps: yields the part that is done, 0 to 1, every few milliseconds; returns the result.
 */
export type Steps<T> = Generator<number, T>;

/** Runs all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * Runs the steps with a pause after each. If a pause rejects, the steps end there and wipe their secrets.
 *
 * @param pause Gets the part that is done, and resolves when the next step may run.
 */
export async function paced<T>(steps: Steps<T>, pause: (done: number) => Promise<void>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    try {
      await pause(step.value);
    } catch (error) {
      steps.return(undefined as T);
      throw error;
    }
  }
}
