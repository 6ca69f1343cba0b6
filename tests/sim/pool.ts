/**
 * Worlds side by side, one in each thread: what happens in one depends on its seed and number alone.
 * @module
 */
import { merge, type Report } from "./campaign.ts";
import type { Schedule } from "./schedule.ts";

export interface Job {
  seed: string;
  number: number;
  /** The last schedule to run. */
  last: number;
  /** Given instead of drawn. */
  schedules?: readonly Schedule[];
  /** Set for a world in which one wallet passes through epochs. */
  epochs?: true;
}

export const emptyReport = (): Report => ({
  counts: new Map(),
  schedules: 0,
  real: 0,
  found: [],
  logs: new Map(),
});

/**
 * Runs all jobs on as many threads.
 *
 * @param onReport Told of each world as it ends.
 */
export async function runAll(
  jobs: readonly Job[],
  threads: number,
  onReport: (report: Report, job: Job) => void = () => {},
): Promise<Report> {
  const all = emptyReport();
  const waiting = [...jobs];
  const thread = async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    try {
      for (let job = waiting.shift(); job; job = waiting.shift()) {
        const report = await ask(worker, job);
        merge(all, report);
        onReport(report, job);
      }
    } finally {
      worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, thread));
  return all;
}

function ask(worker: Worker, job: Job): Promise<Report> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Report>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`World ${job.number} of seed ${job.seed} broke: ${event.message}`));
    };
    worker.postMessage(job);
  });
}
