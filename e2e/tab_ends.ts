/**
 * What peers are to say of a session in which something happened to another. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import {
  type Done,
  type Failure,
  isTerminal,
  type NodeEvent,
  type RoundEvent,
  type SessionEvent,
} from "../src/events.ts";
import type { FailureCode, PeerId } from "../src/failure.ts";
import { confirmMs } from "../src/limits.ts";
import type { Mishap } from "./mishaps.ts";

/**
 * Whoever is gone is missed within this time, ms, long before any round ends. 250 where the machine is idle; here three
 * peers, their browser and other tests share it, and closing a page takes its time too.
 */
const soon = 2_000;

export const over = (story: readonly NodeEvent[]) => story.some(isTerminal);

/** Its one terminal event, the last; of a failure: nobody is blamed. */
export function endOf(story: readonly SessionEvent[]): Done | Failure {
  const end = story.at(-1)!;
  assert.equal(story.filter(isTerminal).length, 1);
  assert.ok(isTerminal(end), `it told ${JSON.stringify(end)} after its end`);
  if (end.type === "failed") assert.deepEqual(end.culprits, [], JSON.stringify(end));
  return end;
}

/**
 * What one of the others says: nobody is missed but whom it happened to.
 *
 * @param pending Who may be missed where the key may yet come to be.
 */
export function assertMissed(
  end: Done | Failure,
  victim: PeerId,
  { codes }: Mishap,
  pending: readonly PeerId[],
): void {
  if (end.type === "done") return;
  const said = JSON.stringify(end);
  const only = (peers: readonly string[], may: readonly string[]) =>
    peers.every((peer) => may.includes(peer));
  const missed = (code: FailureCode) => code === "wallet-pending" ? pending : [victim];
  assert.ok(only(end.missing, missed(end.code)), said);
  if (end.code === "aborted-by-peer") {
    for (const { by, code, peers } of end.claims) {
      const first: readonly FailureCode[] = by === victim ? ["suspended", "shutdown"] : codes;
      assert.ok([...first, "aborted-by-peer", "wallet-pending"].includes(code), said);
      assert.ok(by === victim || only(peers, missed(code)), said);
    }
  } else {
    assert.ok(end.code === "wallet-pending" ? pending.length > 0 : codes.includes(end.code), said);
    assert.ok(end.missing.length > 0, said);
  }
}

/** Of each of the others: a peer that is gone is missed at once, a silent one when its time is over. */
export function assertInTime(stories: readonly SessionEvent[][], at: number, { noticed }: Mishap): void {
  // What they did meanwhile, computing, is no waiting, and they wait for each other too.
  const step = ({ type }: SessionEvent) => type === "round" || type === "phase";
  const since = Math.max(at, ...stories.map((story) => story.findLast(step)!.at));
  for (const story of stories) {
    const end = endOf(story);
    if (end.type === "done") continue;
    const rounds = story.filter((event): event is RoundEvent => event.type === "round")
      .filter(({ state }) => state === "begun");
    const [first, last] = [rounds[0]!, rounds.at(-1)!];
    const whole = first.at + (first.deadline - first.at) * 3;
    const due = noticed === "at once" ? since : end.phase === "committing" ? whole : last.deadline;
    // A tab's WebRTC looks connected for a few seconds after it has gone: for so long whoever asked waits for its word.
    const confirming = end.code === "wallet-pending" ? confirmMs : 0;
    assert.ok(end.at <= due + confirming + soon, `${end.at - due} ms late: ${JSON.stringify(story)}`);
  }
}
