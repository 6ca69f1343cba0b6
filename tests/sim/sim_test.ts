import assert from "node:assert/strict";
import { cellName, type Found } from "./campaign.ts";
import { type Job, runAll } from "./pool.ts";
import { type Cell, cells, ecdsaPhases, isCheat } from "./cells.ts";
import { Draw } from "./draw.ts";
import { perLine } from "./epoch_plan.ts";
import { epochName } from "./epochs.ts";
import { drawn, isReal, isSetup, nthReal, perWorld, type Schedule } from "./schedule.ts";
import regressions from "./regressions.json" with { type: "json" };

const seed = "quorate";
/** Schedules of each cell; `deno task campaign` has twenty and more. */
const least = 9;
const runs = cells.length * least;
const threads = navigator.hardwareConcurrency;

const sentence = ({ invariant, what, seed, index }: Found) =>
  `${invariant}: ${what} (deno task sim --seed ${seed} --only ${index})`;

Deno.test("the simulation finds nothing in the schedules that once found something", async () => {
  const schedules = regressions.map(({ schedule }) => schedule as unknown as Schedule);
  const jobs = ["once", "again", "and again"].map((seed) => ({
    seed,
    number: 0,
    last: schedules.length - 1,
    schedules,
  }));
  const { found } = await runAll(jobs, threads);
  assert.deepEqual(found.map(sentence), []);
});

Deno.test("the simulation keeps every invariant in every fault and phase, nine times and more", async () => {
  const jobs: Job[] = Array.from({ length: Math.ceil(runs / perWorld) }, (_, number) => ({
    seed,
    number,
    last: runs - 1,
  }));
  jobs.sort((a, b) => Number(isReal(b.number)) - Number(isReal(a.number))); // the longest first: no thread waits
  const { found, counts, schedules, real } = await runAll(jobs, threads);
  assert.deepEqual(found.map(sentence), []);
  // Worlds of real cryptography leave out set-ups.
  const enough = (cell: Cell) => isSetup(cell) ? least - 3 : least;
  const rare = cells.filter((cell) => (counts.get(cellName(cell)) ?? 0) < enough(cell));
  assert.deepEqual(rare.map(cellName), []);
  assert.ok(schedules >= 2_000, `${schedules} schedules`);
  assert.ok(real >= 100, `${real} with the real cryptography`);
});

/** Worlds of three holders each, with the real cryptography, for these cells alone. */
async function runReal(name: string, of: readonly Cell[]): Promise<void> {
  const worlds = [0, 1, 3].map(nthReal);
  const jobs = worlds.map((number, nth): Job => {
    const [first, count] = [number * perWorld, 34];
    const schedules = Array.from({ length: count }, (_, i) => {
      const cell = of[(nth * count + i) % of.length]!;
      return drawn(new Draw(`${seed} ${name} ${nth} ${i}`), first + i, cell);
    });
    return { seed: `${seed} ${name}`, number, last: first + count - 1, schedules };
  });
  const { found, counts, real } = await runAll(jobs, threads);
  assert.deepEqual(found.map(sentence), []);
  assert.deepEqual(of.map(cellName).filter((cell) => !counts.has(cell)), []);
  assert.ok(real >= 100, `${real} with the real cryptography`);
}

/** Cells of an ECDSA signature; its key generations take seconds, and differ from what the toy does in nothing here. */
const signing = cells.filter(({ phase }) => ecdsaPhases.includes(phase) && phase.startsWith("sign"));

Deno.test("the simulation keeps every invariant when the real cryptography signs by ECDSA", async () => {
  await runReal("ecdsa", signing);
});

/** Every cheat with a key for BIP-340, and how a process or a network fails while one signs. */
const bip340 = cells.filter((cell) =>
  cell.scheme === "bip340" && (isCheat(cell) || cell.phase.startsWith("sign"))
);

Deno.test("the simulation keeps every invariant when the real cryptography makes keys and signs by BIP-340", async () => {
  await runReal("bip340", bip340);
});

Deno.test("the simulation keeps every invariant while a wallet passes through ten epochs, and members come and go", async () => {
  const lines = 4;
  const jobs = Array.from(
    { length: lines },
    (_, number): Job => ({ seed, number, last: perLine - 1, epochs: true }),
  );
  const { found, counts, schedules } = await runAll(jobs, threads);
  assert.deepEqual(
    found.map(({ invariant, what, seed, index }) => `${invariant}: ${what} (line ${index} of ${seed})`),
    [],
  );
  assert.equal(schedules, lines * perLine);
  assert.ok((counts.get(epochName(10)) ?? 0) > 0, "one of them comes to its tenth epoch");
});

Deno.test("the simulation tells the same story for the same seed", async () => {
  const jobs = [0, 1, 26].map((number) => ({ seed: "twice", number, last: number * perWorld + 5 }));
  const [once, again] = [await runAll(jobs, threads), await runAll(jobs, threads)];
  assert.equal(once.logs.size, jobs.length);
  assert.deepEqual([...once.logs].sort(), [...again.logs].sort());
  assert.equal(new Set(once.logs.values()).size, jobs.length);
});
