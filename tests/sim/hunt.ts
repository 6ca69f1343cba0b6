/**
 * Looks for a violation in schedules of given cells, and stops at the first: `hunt.ts --cells "drop @ vote" --most 40`.
 * Or in lines of epochs, for one of a given invariant: `hunt.ts --lines "rival @ command" --invariant "I28 one line"`.
 * @module
 */
import { parseArgs } from "node:util";
import { cellName, type Found, runWorld } from "./campaign.ts";
import { cells, ecdsaPhases } from "./cells.ts";
import { Draw } from "./draw.ts";
import { epochCellName, epochCells } from "./epoch_plan.ts";
import { runEpochs } from "./epochs.ts";
import { drawn, isReal, perWorld } from "./schedule.ts";

const { values } = parseArgs({
  options: {
    cells: { type: "string" },
    most: { type: "string", default: "40" },
    lines: { type: "string" },
    invariant: { type: "string" },
  },
});

/** The cells with these names, from a list. */
function named<Cell>(names: string, all: readonly Cell[], nameOf: (cell: Cell) => string): Cell[] {
  return names.split(", ").map((name) => {
    const cell = all.find((cell) => nameOf(cell) === name);
    if (!cell) throw new Error(`There is no cell “${name}”`);
    return cell;
  });
}

/** A few schedules to a world: the first violation is often in the first of them. */
const few = 5;

/** @returns The first violation, and how many schedules it took. */
async function inSchedules(names: string, most: number): Promise<{ found: Found; tried: number } | null> {
  const wanted = named(names, cells, cellName);
  const pick = (seed: string, index: number) =>
    drawn(new Draw(`${seed} hunt ${index}`), index, wanted[index % wanted.length]!);
  for (let number = 0, tried = 0; tried < most; number++) {
    if (isReal(number)) continue;
    const { found, schedules } = await runWorld("mutants", number, number * perWorld + few - 1, pick);
    tried += schedules;
    if (found.length > 0) return { found: found[0]!, tried };
  }
  return null;
}

/** Lines to try, each with a scheme of its own. */
const mostLines = 3;
/** Resharings to a line: as many as are needed for members to come, go and come back. */
const perHunt = 8;

/** @returns The first violation of an invariant, and how many resharings it took. */
async function inLines(names: string, invariant: string): Promise<{ found: Found; tried: number } | null> {
  const ofAll = epochCells.filter(({ phase }) => !ecdsaPhases.includes(phase));
  const wanted = named(names, ofAll, (cell) => epochCellName(cell).replace("reshare ", ""));
  for (let number = 0, tried = 0; number < mostLines; number++) {
    const pick = (nth: number) => wanted[nth % wanted.length]!;
    const { found, schedules } = await runEpochs("mutants", number, perHunt - 1, pick);
    tried += schedules;
    const first = found.find((one) => one.invariant === invariant);
    if (first) return { found: first, tried };
  }
  return null;
}

const first = values.lines === undefined
  ? await inSchedules(values.cells!, Number(values.most))
  : await inLines(values.lines, values.invariant!);
if (first) {
  const { found: { invariant, what }, tried } = first;
  console.log(`caught after ${tried}: ${invariant}: ${what}`);
  Deno.exit(1);
}
console.log("nothing found");
