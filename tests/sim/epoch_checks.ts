/**
 * What holds in every resharing, whatever goes wrong in it. Beside what `EpochWatch` sees as it happens: I24 same key,
 * I25 some quorum, I26 epochs, I28 one line, I29 consent, I30 one release; and here I1, I2, I4, I8, I12, and I27 erased.
 * @module
 */
import { SessionError } from "../../src/errors.ts";
import { failures } from "../../src/failure.ts";
import { isCheat } from "./cells.ts";
import { violated, type Violation } from "./invariants.ts";
import type { EpochRan, EpochWorld } from "./epoch_world.ts";
import { type EpochFault, peopleThinkOf } from "./epoch_plan.ts";

/** Cheats that are found, wherever they are made. */
const found: readonly EpochFault[] = [
  "bad-share",
  "bad-proof",
  "bad-commitment",
  "bad-confirmation",
  "garbage",
];
/** Faults that nobody notices. */
const harmless: readonly EpochFault[] = ["none", "delay", "reorder"];

/** All that is wrong with one resharing. */
export async function checkEpoch(ran: EpochRan, world: EpochWorld): Promise<Violation[]> {
  const { plan, healed, lingering, after, control, made, beside } = ran;
  const wrong = (invariant: string, what: string) =>
    violated(invariant, `${plan.fault} @ ${plan.phase} of ${world.scheme}: ${what}`);
  const failed = after !== null && "threw" in after ? String(after.threw) : null;
  const isHarmless = harmless.includes(plan.fault);
  const mine = made === null ? "nothing" : "gave" in made ? "a key" : `${made.threw}`;
  return [
    ...await world.watch.violations(),
    ...ends(world),
    ...blame(ran, world),
    ...world.consents.violations(),
    ...world.rollbacks.violations(),
    ...(ran.happened ? [] : wrong("I3 expected", "the fault never had its moment")),
    ...(isHarmless && mine !== "a key" ? wrong("I3 expected", `${plan.initiator} got ${mine}`) : []),
    ...(isHarmless && "threw" in beside && !isDealtAnewMeanwhile(ran)
      ? wrong("I8 others", `nobody could sign with it meanwhile: ${beside.threw}`)
      : []),
    ...("threw" in control && !involved(ran)
      ? wrong("I8 others", `the session beside it: ${control.threw}`)
      : []),
    ...(healed === null ? [] : wrong("I12 back", healed)),
    ...(lingering === null ? [] : wrong("I27 erased", lingering)),
    ...(failed === null ? [] : wrong("I7 no key lost", `nobody can sign with it afterwards: ${failed}`)),
  ];
}

/** Whether the fault may hit who signs something else at the same time: whoever dies or is cut off there. */
const involved = ({ plan: { fault } }: EpochRan): boolean => fault === "partition";

/** Whether the signature beside it failed since the epoch had passed, while somebody was thinking about it. */
function isDealtAnewMeanwhile({ plan, made, beside }: EpochRan): boolean {
  if (!("threw" in beside) || !(beside.threw instanceof SessionError)) return false;
  const { code, claims } = beside.threw;
  const codes = code === "declined" ? claims.map(({ code }) => code) : [code];
  const isPassed = codes.length > 0 && codes.every((code) => code === "epoch-mismatch");
  return isPassed && peopleThinkOf(plan) && made !== null && "gave" in made;
}

/** I1 and I2: one end for each node and session; whoever is done has the same. */
function ends(world: EpochWorld): Violation[] {
  const results = new Map<string, string>();
  return world.views.all().flatMap(({ name, kind, id, end, after }) => {
    if (end === null) return violated("I1 one end", `${name} never ended ${kind} ${id}`);
    if (after > 0) {
      return violated("I1 one end", `${name} told ${after} more items after the end of ${kind} ${id}`);
    }
    if (end.type !== "done") return [];
    const known = results.get(id) ?? end.resultHash;
    results.set(id, known);
    return known === end.resultHash
      ? []
      : violated("I2 agreement", `${id} gave ${known} and ${end.resultHash}`);
  });
}

/** I4: nobody names anybody but the cheat; and what has to be found is found. */
function blame({ plan, id, made }: EpochRan, world: EpochWorld): Violation[] {
  const cheats = isCheat(plan as Parameters<typeof isCheat>[0]);
  const cheat = cheats ? world.cluster.peer(plan.faulty) : null;
  const all = world.views.all();
  const violations = all.flatMap(({ end, name, kind }) => {
    if (end?.type !== "failed" || name === plan.faulty && cheats) return [];
    const wrong = end.culprits.filter((peer) => peer !== cheat);
    const named = end.culprits.length > 0 === (failures[end.code].names === "culprits");
    const what = `${plan.fault} @ ${plan.phase}: ${name} in ${kind} says ${end.code} of ${
      end.culprits.join() || "nobody"
    }`;
    return wrong.length > 0 || !named ? violated("I4 blame", what) : [];
  });
  if (cheat === null || !found.includes(plan.fault) || plan.phase === "go") return violations;
  const caught =
    all.some(({ id: of, end, name }) =>
      of === id && name !== plan.faulty && end?.type === "failed" && end.culprits.includes(cheat)
    ) ||
    (made !== null && "threw" in made && made.threw instanceof SessionError &&
      made.threw.culprits.includes(cheat));
  return caught ? violations : [
    ...violations,
    ...violated(
      "I3 expected",
      `${plan.fault} @ ${plan.phase} of ${world.scheme}: nobody named ${plan.faulty}`,
    ),
  ];
}
