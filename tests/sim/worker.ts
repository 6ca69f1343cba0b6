/**
 * A thread that runs worlds.
 * @module
 */
/// <reference lib="deno.worker" />
import { runWorld } from "./campaign.ts";
import type { Job } from "./pool.ts";

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = async ({ data: { seed, number, last } }: MessageEvent<Job>) => {
  self.postMessage(await runWorld(seed, number, last));
};
