/**
 * What a run says of its lines of epochs: how often each fault met each phase of a resharing, how far the lines came, and
 * what was too rare.
 * @module
 */
import { ecdsaPhases } from "./cells.ts";
import { countsTable } from "./counts_table.ts";
import { type EpochCell, epochCellName, epochCells, epochPhases, perLine } from "./epoch_plan.ts";
import { epochName, tenthName } from "./epochs.ts";

type Counts = ReadonlyMap<string, number>;

/** The resharings of each cell, and the epochs that were made. */
export function linesTable(counts: Counts): string {
  const faults = [...new Set(epochCells.map(({ fault }) => fault))];
  const has = (cell: EpochCell) => counts.get(epochCellName(cell));
  const table = countsTable(faults, epochPhases, (fault, phase) => has({ fault, phase }));
  const epochs = Array.from({ length: 1 + perLine }, (_, i) => epochName(1 + i)).filter((name) =>
    counts.has(name)
  );
  const made = epochs.map((name) => `${name} ${counts.get(name)}`).join(", ");
  return `${table}\nmade: ${made}; lines with ten epochs: ${counts.get(tenthName) ?? 0}`;
}

/** How many of ten lines must come to their tenth epoch: every second resharing of a line may fail. */
const reachTenth = 9 / 10;

/**
 * What met less often than it has to.
 *
 * @param least How often each fault must have met each phase: a third of it in the rounds of ECDSA, which every third
 * line alone has. 0 asks for nothing.
 */
export function rareInLines(
  counts: Counts,
  { least, lines }: { least: number; lines: number },
): string[] {
  const enough = ({ phase }: EpochCell) => ecdsaPhases.includes(phase) ? Math.floor(least / 3) : least;
  const rare = epochCells.filter((cell) => (counts.get(epochCellName(cell)) ?? 0) < enough(cell));
  const reached = counts.get(tenthName) ?? 0;
  const isShort = least > 0 && reached < Math.floor(lines * reachTenth);
  return [...rare.map(epochCellName), ...(isShort ? [tenthName] : [])];
}
