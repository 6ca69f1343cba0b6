/**
 * The process in which a page runs, with its workers and its end of WebRTC. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import type { CDPSession } from "playwright-core";

/** Its process id, as a trace of no length tells it. */
export async function rendererOf(devtools: CDPSession): Promise<number> {
  let pid: number | undefined;
  const read = ({ value }: { value: object[] }) => {
    for (const event of value as { name: string; args: { data?: { frames?: { processId: number }[] } } }[]) {
      if (event.name === "TracingStartedInBrowser") pid = event.args.data?.frames?.[0]?.processId;
    }
  };
  devtools.on("Tracing.dataCollected", read);
  const complete = new Promise((resolve) => devtools.once("Tracing.tracingComplete", resolve));
  const traceConfig = { includedCategories: ["disabled-by-default-devtools.timeline"] };
  await devtools.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  await devtools.send("Tracing.end");
  await complete;
  devtools.off("Tracing.dataCollected", read);
  assert.ok(pid, "the trace names no process");
  return pid;
}
