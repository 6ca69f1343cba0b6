/**
 * `deno task sim --runs N --seed S`: runs schedules, prints how often each fault met each phase, and what broke.
 * `--least L`: fails if any fault met a phase less often. `--only K` replays one schedule. `--lines M`: and so many
 * worlds in which a wallet passes through epochs; `--line K` replays one of these. `--least-resharings L`: fails if any
 * fault met a phase of a resharing less often, or one line of ten does not come to its tenth epoch.
 * @module
 */
import { parseArgs } from "node:util";
import { cellName, type Found } from "./campaign.ts";
import { countsTable } from "./counts_table.ts";
import { perLine } from "./epoch_plan.ts";
import { linesTable, rareInLines } from "./lines_report.ts";
import { runAll } from "./pool.ts";
import { type Cell, cells, faults } from "./cells.ts";
import { perWorld, schedule } from "./schedule.ts";
import { phases } from "./tap.ts";

/** The counts, a row for each fault. */
function table(counts: ReadonlyMap<string, number>, isShown: (cell: Cell) => boolean): string {
  const shown = cells.filter(isShown);
  const columns = phases.filter((phase) => shown.some((cell) => cell.phase === phase));
  const rows = faults.filter((fault) => shown.some((cell) => cell.fault === fault));
  return countsTable(rows, columns, (fault, phase) => {
    const cell = shown.find((cell) => cell.fault === fault && cell.phase === phase);
    return cell && counts.get(cellName(cell));
  });
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
    least: { type: "string", default: "0" },
    "least-resharings": { type: "string", default: "0" },
    lines: { type: "string", default: "0" },
    line: { type: "string" },
    quiet: { type: "boolean", default: false },
  },
});
const threads = navigator.hardwareConcurrency;
const { seed } = values;

/**
 * Runs worlds in which epochs pass, and prints how often each fault met each phase of a resharing.
 *
 * @param least How often each must have met each; 0 for worlds that need not come to ten epochs either.
 * @returns How much is wrong.
 */
async function runLines(numbers: readonly number[], least: number): Promise<number> {
  const jobs = numbers.map((number) => ({ seed, number, last: perLine - 1, epochs: true as const }));
  const { counts, schedules, found } = await runAll(jobs, threads, ({ found }) => {
    for (const { invariant, what, index, tail } of found) {
      console.log(`VIOLATION of ${invariant}: ${what}`);
      if (!values.quiet) { for (const line of tail) console.log(`  ${line}`); }
      console.log(`  replay: deno task sim --seed ${seed} --line ${Math.floor(index / perLine)}`);
    }
  });
  console.log(linesTable(counts));
  console.log(`resharings ${schedules}, violations ${found.length}`);
  const rare = rareInLines(counts, { least, lines: numbers.length });
  for (const name of rare) console.log(`too rare: ${name}`);
  return found.length + rare.length;
}

if (values.line !== undefined) Deno.exit(await runLines([Number(values.line)], 0) > 0 ? 1 : 0);
const only = values.only === undefined ? null : Number(values.only);
const [first, last] = only === null ? [0, Number(values.runs) - 1] : [only, only];
const numbers = Array.from(
  { length: Math.floor(last / perWorld) - Math.floor(first / perWorld) + 1 },
  (_, i) => Math.floor(first / perWorld) + i,
);
const jobs = numbers.map((number) => ({ seed, number, last }));
const report = await runAll(jobs, threads, ({ found }) => {
  for (const one of found) {
    if (only !== null && one.index !== only) continue;
    console.log(values.quiet ? `${one.index} ${one.invariant}: ${one.what}` : show(one));
  }
});
console.log(table(report.counts, ({ scheme }) => scheme !== "bip340"));
console.log("with a key for BIP-340:");
console.log(table(report.counts, ({ scheme }) => scheme === "bip340"));
console.log(`schedules ${report.schedules}, violations ${report.found.length}`);
const rare = cells.filter((cell) => (report.counts.get(cellName(cell)) ?? 0) < Number(values.least));
for (const cell of rare) console.log(`too rare: ${cellName(cell)}`);
const lines = Array.from({ length: Number(values.lines) }, (_, i) => i);
const wrongInLines = lines.length > 0 ? await runLines(lines, Number(values["least-resharings"])) : 0;
if (report.found.length + rare.length + wrongInLines > 0) Deno.exit(1);
