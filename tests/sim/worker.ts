/**
 * A thread that runs worlds.
 * @module
 */
/// <reference lib="deno.worker" />
import { runWorld } from "./campaign.ts";
import type { Job } from "./pool.ts";
import { perWorld } from "./schedule.ts";

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = async ({ data: { seed, number, last, schedules } }: MessageEvent<Job>) => {
  const pick = schedules && ((_seed: string, index: number) => schedules[index % perWorld]!);
  self.postMessage(await runWorld(seed, number, last, pick));
};
