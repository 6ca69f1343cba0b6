/**
 * Runs worlds in which epochs pass.
 * @module
 */
import type { Report } from "./campaign.ts";
import { checkEpoch } from "./epoch_checks.ts";
import { epochCellName, perLine } from "./epoch_plan.ts";
import { EpochWorld, type PickCell } from "./epoch_world.ts";
import { guarded } from "./guard.ts";
import { violated, type Violation } from "./invariants.ts";

/** The number of the epoch that a world came to at most, for who counts. */
export const epochName = (epoch: number): string => `epoch ${epoch}`;

/** The lines that came to their tenth epoch or beyond, for who counts. */
export const tenthName = "line with ten epochs";

/**
 * Runs one world: a wallet that is dealt anew, up to number `last` of its resharings.
 *
 * @param pick What goes wrong in every second one; default what the seed draws.
 */
export async function runEpochs(
  seed: string,
  number: number,
  last = perLine - 1,
  pick: PickCell | null = null,
): Promise<Report> {
  const report: Report = { counts: new Map(), schedules: 0, real: 0, found: [], logs: new Map() };
  using _guard = guarded(`${seed} line ${number}`);
  const rejected: unknown[] = [];
  const unhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    rejected.push(event.reason);
  };
  const count = (name: string) => report.counts.set(name, 1 + (report.counts.get(name) ?? 0));
  globalThis.addEventListener("unhandledrejection", unhandled);
  try {
    let highest = 1;
    await using world = await EpochWorld.start(seed, number, pick);
    for (let nth = 0; nth <= Math.min(last, perLine - 1); nth++) {
      world.ledger.log.length = 0;
      const ran = await world.run(nth);
      const violations: Violation[] = [...await checkEpoch(ran, world)];
      for (const reason of rejected.splice(0)) {
        violations.push(
          ...violated("I11 rejections", `nobody handled ${reason instanceof Error ? reason.stack : reason}`),
        );
      }
      const tail = world.ledger.log.slice(-200);
      const about = `of ${JSON.stringify(ran.plan)}`;
      report.found.push(...violations.map(({ invariant, what }) => ({
        invariant,
        what: `${what} ${about}`,
        seed,
        index: number * perLine + nth,
        tail,
      })));
      report.schedules++;
      count(epochCellName(ran.plan));
      if (ran.made === null || !("gave" in ran.made)) continue;
      const { epoch } = ran.made.gave;
      count(epochName(epoch));
      highest = Math.max(highest, epoch);
    }
    if (highest >= 10) count(tenthName);
    report.found.push(
      ...world.ledger.reused.map((use) => ({
        invariant: "I13 nonces",
        what: `used again by ${use}`,
        seed,
        index: number * perLine + last,
        tail: [],
      })),
    );
    report.logs.set(number, world.ledger.digest());
  } finally {
    globalThis.removeEventListener("unhandledrejection", unhandled);
  }
  return report;
}
