/**
 * I22: whoever asked and takes no part hears of its coordinator's death when the others of the party have reported, and
 * not before.
 * @module
 */
import { violated, type Violation } from "./invariants.ts";
import type { Ran } from "./ran.ts";
import { coordinates } from "./schedule.ts";
import type { View } from "./views.ts";

/** Virtual time from the end at the last of the others to that of the command, ms. */
const soon = 150;

/** @param views Those of the command. */
export function coordinatorDeath(
  { schedule: s, settled, settledAt }: Ran,
  views: readonly View[],
): Violation[] {
  const isAbout = s.fault === "crash" && s.kind !== "ecdh" && s.faulty === coordinates(s) &&
    !s.party.includes(s.initiator);
  if (!isAbout || settled === null || !("threw" in settled)) return [];
  const others = s.party.filter((name) => name !== s.faulty);
  const ends = views.filter(({ name }) => others.includes(name)).map(({ endedAt }) => endedAt ?? Infinity);
  const last = Math.max(...ends);
  if (last > settledAt) return violated("I22 ending", `${s.initiator} was told before the others had ended`);
  const late = ends.length === others.length && settledAt - last > soon;
  const after = `${Math.round(settledAt - last)} ms after the others`;
  return late ? violated("I22 ending", `${s.initiator} heard of its coordinator's death ${after}`) : [];
}
