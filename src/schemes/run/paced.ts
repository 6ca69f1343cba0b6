/**
 * The pace of a long computation: it reports how far it is, and gives way to messages.
 * @module
 */
import type { ProtocolRun } from "../secret_scheme.ts";

/** A part of a computation is reported when this much more of it is done. */
const reportEvery = 1 / 20;

/** Fewer steps, of up to 4 ms each on a laptop, take less than a second on any machine: they report nothing. */
const reportedFrom = 16;

/**
 * The reports of a computation: called with the part that is done, 0 to 1, and never with less than before.
 *
 * @param steps The number of items times that of the other signers; infinite for a computation that always reports.
 */
export function reporting(
  { report }: Pick<ProtocolRun, "report">,
  steps = Infinity,
): (done: number) => void {
  let reported = 0;
  return (done) => {
    if (steps >= reportedFrom && (done >= reported + reportEvery || done === 1)) report(reported = done);
  };
}

/** The pause of a computation, to be awaited with the part that is done: it reports too. */
export function paced(
  run: Pick<ProtocolRun, "report" | "pause">,
  steps?: number,
): (done: number) => Promise<void> {
  const report = reporting(run, steps);
  return async (done) => {
    report(done);
    await run.pause();
  };
}
