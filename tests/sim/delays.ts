/**
 * How late a frame of each phase may be. Not a test by itself.
 * @module
 */
import type { Phase } from "./tap.ts";

/** Longest delays that are still in time, ms: what waits for such a frame waits longer. */
export const inTime: Record<Phase, number> = {
  "link hello": 1_500,
  "link confirm": 1_500, // as for votes
  "command": 1_500,
  "invite": 1_500,
  "key accept": 1_500,
  "sign accept": 1_500,
  "go": 1_500,
  "open": 1_500,
  "key reveal": 9_000,
  "key deal": 9_000,
  "key confirm": 9_000,
  "key offer": 9_000,
  "key choose": 9_000,
  "release": 1_500, // as for votes: the others do not wait for what reaches a holder that does not vote
  "vote": 1_500, // whoever has all votes is done, and keeps its streams for two seconds more
  "sign commit": 4_500,
  "sign share": 1_500, // as for votes
  "sign extend": 4_500,
  "sign correct": 4_500,
  "sign finish": 1_500,
  "result": 1_500,
};
/** And delays after which nobody waits any more, ms. */
export const tooLate: Record<Phase, number> = {
  ...inTime,
  "link hello": 2_500,
  "link confirm": 11_000,
  "command": 2_500,
  "invite": 2_500,
  "key accept": 2_500,
  "sign accept": 2_500,
  "go": 2_500,
  "open": 16_000,
  "key reveal": 10_500,
  "key deal": 10_500,
  "key confirm": 10_500,
  "key offer": 17_000,
  "key choose": 17_000,
  "release": 31_000,
  "vote": 31_000,
  "sign commit": 5_500,
  "sign share": 5_500,
  "sign extend": 7_000, // of a batch of five
  "sign correct": 7_000,
  "sign finish": 7_000,
  "result": 3_000,
};
