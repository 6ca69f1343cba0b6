/**
 * Locks a node that nobody has touched for a while.
 * @module
 */
import type { QuorateNode } from "./api.ts";
import type { Clock } from "../ports.ts";

/** What a lock goes by. */
export interface AutoLockOptions {
  /** Its `now` is looked at too: a laptop that slept has a `monotonic` that stood still. */
  clock: Clock;
  /** Without activity for so long, ms. */
  ms: number;
  /** Calls `touched` whenever somebody is there, until disposed of. */
  activity(touched: () => void): Disposable;
}

/** Locks `node` each time nobody was active for `ms`, until disposed of. What runs then ends with `store-locked`. */
export function autoLock(
  node: Pick<QuorateNode, "lock" | "locked">,
  { clock, ms, activity }: AutoLockOptions,
): Disposable {
  const moment = () => ({ monotonic: clock.monotonic(), now: clock.now() });
  let last = moment();
  let wasLocked = false;
  let timer = clock.timer(ms, look);

  function left(): number {
    if (wasLocked && !node.locked) last = moment(); // whoever unlocked it was there
    wasLocked = node.locked;
    return ms - Math.max(clock.monotonic() - last.monotonic, clock.now() - last.now);
  }

  function look(): void {
    const rest = left();
    timer[Symbol.dispose]();
    timer = clock.timer(rest > 0 ? rest : ms, look);
    if (rest > 0 || node.locked) return;
    wasLocked = true;
    void node.lock();
  }

  const heard = activity(() => {
    // The first touch after a sleep comes before the timer does: it finds the node locked.
    if (left() <= 0) look();
    last = moment();
  });
  return {
    [Symbol.dispose]() {
      heard[Symbol.dispose]();
      timer[Symbol.dispose]();
    },
  };
}
