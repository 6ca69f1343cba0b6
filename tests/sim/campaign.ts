/**
 * Runs the schedules of a seed, world by world.
 * @module
 */
import { guarded } from "./guard.ts";
import { type Accusation, accusationsHold } from "./proof.ts";
import { check, type Violation } from "./invariants.ts";
import { checkKeys } from "./keys_check.ts";
import { type Cell, ecdsaPhases } from "./cells.ts";
import { isReal, perWorld, type Schedule, schedule } from "./schedule.ts";
import { World } from "./world.ts";

export interface Found extends Violation {
  seed: string;
  index: number;
  /** The last things that were told before. */
  tail: readonly string[];
}

export interface Report {
  /** Schedules run, by {@linkcode cellName}. */
  counts: Map<string, number>;
  schedules: number;
  real: number;
  found: Found[];
  /** SHA-256 of everything that anybody told, by world. */
  logs: Map<number, string>;
}

/** A cell says its scheme where that is neither Ed25519 nor said by its phase. */
export const cellName = ({ fault, phase, scheme }: Cell): string =>
  `${fault} @ ${phase}${scheme === "ed25519" || ecdsaPhases.includes(phase) ? "" : ` of ${scheme}`}`;
const tailLength = 40;

/**
 * Runs one world: its schedules, in order, up to number `last` of all.
 *
 * @param pick What the schedules are; default what the seed draws.
 */
export async function runWorld(
  seed: string,
  number: number,
  last = Infinity,
  pick: (seed: string, index: number) => Schedule = schedule,
): Promise<Report> {
  const accusations: Accusation[] = [];
  const report = await underGuard(seed, number, last, pick, accusations);
  const index = Math.min((number + 1) * perWorld - 1, last);
  for (const violation of await accusationsHold(accusations)) {
    report.found.push({ ...violation, seed, index, tail: [] });
  }
  return report;
}

async function underGuard(
  seed: string,
  number: number,
  last: number,
  pick: (seed: string, index: number) => Schedule,
  accusations: Accusation[],
): Promise<Report> {
  const report: Report = { counts: new Map(), schedules: 0, real: 0, found: [], logs: new Map() };
  using _guard = guarded(`${seed} ${number}`);
  const rejected: unknown[] = [];
  const unhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    rejected.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", unhandled);
  try {
    await using world = await World.start(seed, number);
    let index = number * perWorld;
    const found = (violations: readonly Violation[]) => {
      if (violations.length === 0) return;
      const tail = world.ledger.log.slice(-tailLength);
      report.found.push(...violations.map((violation) => ({ ...violation, seed, index, tail })));
    };
    const end = Math.min((number + 1) * perWorld - 1, last);
    for (; index <= end; index++) {
      const drawn = pick(seed, index);
      world.ledger.log.length = 0;
      const ran = await world.run(drawn);
      report.schedules++;
      if (isReal(number)) report.real++;
      report.counts.set(cellName(drawn), 1 + (report.counts.get(cellName(drawn)) ?? 0));
      found([...await check(ran, world), ...rejections(rejected)]);
      if (report.found.at(-1)?.index === index) {
        report.found.at(-1)!.tail = world.ledger.log.slice(-200);
      }
    }
    index = end;
    found(await checkKeys(world));
    report.logs.set(number, world.ledger.digest());
    accusations.push(...world.accusations);
  } finally {
    globalThis.removeEventListener("unhandledrejection", unhandled);
  }
  return report;
}

function rejections(rejected: unknown[]): Violation[] {
  return rejected.splice(0).map((reason) => ({
    invariant: "I11 rejections",
    what: `nobody handled ${reason instanceof Error ? reason.stack : reason}`,
  }));
}

/** Adds what one world gave to what others did. */
export function merge(into: Report, one: Report): void {
  for (const [cell, count] of one.counts) into.counts.set(cell, count + (into.counts.get(cell) ?? 0));
  for (const [world, log] of one.logs) into.logs.set(world, log);
  into.schedules += one.schedules;
  into.real += one.real;
  into.found.push(...one.found);
}
