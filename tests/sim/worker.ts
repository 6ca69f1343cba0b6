/**
 * A thread that runs worlds.
 * @module
 */
/// <reference lib="deno.worker" />
import { runWorld } from "./campaign.ts";
import { runEpochs } from "./epochs.ts";
import type { Job } from "./pool.ts";
import { perWorld } from "./schedule.ts";

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = async ({ data: { seed, number, last, schedules, epochs } }: MessageEvent<Job>) => {
  if (epochs) return self.postMessage(await runEpochs(seed, number, last));
  const pick = schedules && ((_seed: string, index: number) => schedules[index % perWorld]!);
  self.postMessage(await runWorld(seed, number, last, pick));
};
