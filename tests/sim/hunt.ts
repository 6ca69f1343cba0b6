/**
 * Looks for a violation in schedules of given cells, and stops at the first: `hunt.ts --cells "drop @ vote" --most 40`.
 * @module
 */
import { parseArgs } from "node:util";
import { cellName, runWorld } from "./campaign.ts";
import { cells } from "./cells.ts";
import { Draw } from "./draw.ts";
import { drawn, isReal, perWorld } from "./schedule.ts";

const { values } = parseArgs({
  options: { cells: { type: "string" }, most: { type: "string", default: "40" } },
});
const wanted = values.cells!.split(", ").map((name) => {
  const cell = cells.find((cell) => cellName(cell) === name);
  if (!cell) throw new Error(`There is no cell “${name}”`);
  return cell;
});

/** A few schedules to a world: the first violation is often in the first of them. */
const few = 5;
const pick = (seed: string, index: number) =>
  drawn(new Draw(`${seed} hunt ${index}`), index, wanted[index % wanted.length]!);
for (let number = 0, tried = 0; tried < Number(values.most); number++) {
  if (isReal(number)) continue;
  const { found, schedules } = await runWorld("mutants", number, number * perWorld + few - 1, pick);
  tried += schedules;
  if (found.length > 0) {
    console.log(`caught after ${tried}: ${found[0]!.invariant}: ${found[0]!.what}`);
    Deno.exit(1);
  }
}
console.log("nothing found");
