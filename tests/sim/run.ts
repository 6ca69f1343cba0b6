/**
 * `deno task sim --runs N --seed S`: runs schedules, prints how often each fault met each phase, and what broke.
 * `--only K` replays one of them.
 * @module
 */
import { parseArgs } from "node:util";
import { cellName, type Found } from "./campaign.ts";
import { runAll } from "./pool.ts";
import { type Cell, cells, faults } from "./cells.ts";
import { perWorld, schedule } from "./schedule.ts";
import { phases } from "./tap.ts";

/** The counts, a row for each fault. */
function table(counts: ReadonlyMap<string, number>, isShown: (cell: Cell) => boolean): string {
  const shown = cells.filter(isShown);
  const columns = phases.filter((phase) => shown.some((cell) => cell.phase === phase));
  const head = ["", ...columns.map((phase) => phase.replace(" ", "\u00a0"))];
  const rows = faults.filter((fault) => shown.some((cell) => cell.fault === fault)).map((fault) => [
    fault,
    ...columns.map((phase) => {
      const cell = shown.find((cell) => cell.fault === fault && cell.phase === phase);
      return String(cell && counts.get(cellName(cell)) || "·");
    }),
  ]);
  const width = (column: number) => Math.max(...[head, ...rows].map((row) => row[column]!.length));
  return [head, ...rows].map((row) => row.map((cell, i) => cell.padStart(width(i))).join("  ")).join("\n");
}

function show({ invariant, what, seed, index, tail }: Found): string {
  return [
    `VIOLATION of ${invariant}: ${what}`,
    `  ${JSON.stringify(schedule(seed, index))}`,
    ...tail.map((line) => `  ${line}`),
    `  replay: deno task sim --seed ${seed} --only ${index}`,
  ].join("\n");
}

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    quiet: { type: "boolean", default: false },
  },
});
const only = values.only === undefined ? null : Number(values.only);
const [first, last] = only === null ? [0, Number(values.runs) - 1] : [only, only];
const numbers = Array.from(
  { length: Math.floor(last / perWorld) - Math.floor(first / perWorld) + 1 },
  (_, i) => Math.floor(first / perWorld) + i,
);
const jobs = numbers.map((number) => ({ seed: values.seed, number, last }));
const report = await runAll(jobs, navigator.hardwareConcurrency, ({ found }) => {
  for (const one of found) {
    if (only !== null && one.index !== only) continue;
    console.log(values.quiet ? `${one.index} ${one.invariant}: ${one.what}` : show(one));
  }
});
console.log(table(report.counts, ({ scheme }) => scheme !== "bip340"));
console.log("with a key for BIP-340:");
console.log(table(report.counts, ({ scheme }) => scheme === "bip340"));
console.log(`schedules ${report.schedules}, violations ${report.found.length}`);
if (report.found.length > 0) Deno.exit(1);
