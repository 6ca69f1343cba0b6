/**
 * A table of how often each fault met each phase.
 * @module
 */
import type { Phase } from "./tap.ts";

/**
 * A row for each fault, a column for each phase.
 *
 * @param countOf How often a fault met a phase; undefined where it cannot.
 */
export function countsTable<Fault extends string>(
  faults: readonly Fault[],
  phases: readonly Phase[],
  countOf: (fault: Fault, phase: Phase) => number | undefined,
): string {
  const head = ["", ...phases.map((phase) => phase.replace(" ", "\u00a0"))];
  const rows = faults.map((
    fault,
  ) => [fault, ...phases.map((phase) => String(countOf(fault, phase) || "·"))]);
  const width = (column: number) => Math.max(...[head, ...rows].map((row) => row[column]!.length));
  return [head, ...rows].map((row) => row.map((cell, i) => cell.padStart(width(i))).join("  ")).join("\n");
}
