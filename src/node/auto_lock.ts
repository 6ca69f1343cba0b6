/**
 * The automatic lock of a node that nobody has used for a while.
 * @module
 */
import type { QuorateNode } from "./api.ts";
import type { Clock } from "../ports.ts";

/** The clock, the time and the activity that decide about the lock. */
export interface AutoLockOptions {
  /** Both its times are used: `monotonic` stands still while a laptop sleeps. */
  clock: Clock;
  /** The time without activity after which it locks, ms. */
  ms: number;
  /** Calls `touched` at each activity, until disposed of. */
  activity(touched: () => void): Disposable;
}

/**
 * Locks `node` after each `ms` without activity, until disposed of. Sessions under way end with
 * `store-locked`.
 */
export function autoLock(
  node: Pick<QuorateNode, "lock" | "locked">,
  { clock, ms, activity }: AutoLockOptions,
): Disposable {
  const moment = () => ({ monotonic: clock.monotonic(), now: clock.now() });
  let last = moment();
  let wasLocked = false;
  let timer = clock.timer(ms, look);

  function left(): number {
    if (wasLocked && !node.locked) last = moment(); // unlocking is activity
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

  const listening = activity(() => {
    // The first activity after a sleep comes before the timer fires, and must find the node locked.
    if (left() <= 0) look();
    last = moment();
  });
  return {
    [Symbol.dispose]() {
      listening[Symbol.dispose]();
      timer[Symbol.dispose]();
    },
  };
}
