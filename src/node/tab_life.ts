/**
 * What happens to a page that happens to its sessions: it is closed, put to sleep, or frozen. A nonce that was promised
 * before a sleep is not answered for after it.
 * @module
 */
import type { QuorateNode } from "./api.ts";
import type { Clock } from "../ports.ts";

/** How often the page looks whether it has slept, ms. */
const lookEvery = 1_000;

/** A timer that is so late, ms, was not late: the page did not run. A busy page is late by a tenth of this. */
const slept = 5_000;

/** What {@linkcode watchTab} watches. */
export interface TabLifeOptions {
  /** Injected; a page gives its own. */
  clock: Clock;
  /** Where `pagehide` is told: the window. */
  page: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  /** Where `freeze` is told: the document. */
  lifecycle: Pick<EventTarget, "addEventListener" | "removeEventListener">;
}

/**
 * Ends this node's sessions, and tells their peers as far as there is time, when the page is frozen or has slept
 * (`suspended`); stops the node when the page goes away.
 *
 * @returns Stops watching.
 */
export function watchTab(
  node: Pick<QuorateNode, "interrupt" | "stop">,
  { clock, page, lifecycle }: TabLifeOptions,
): Disposable {
  let timer: Disposable;
  const look = () => {
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    timer = clock.timer(lookEvery, () => {
      // A machine that sleeps may stop the one clock, and one that is set the other.
      const late = Math.max(clock.now() - now, clock.monotonic() - monotonic) - lookEvery;
      if (late >= slept) node.interrupt();
      look();
    });
  };
  const freeze = () => node.interrupt();
  const leave = () => void node.stop();
  look();
  lifecycle.addEventListener("freeze", freeze);
  page.addEventListener("pagehide", leave);
  return {
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      lifecycle.removeEventListener("freeze", freeze);
      page.removeEventListener("pagehide", leave);
    },
  };
}
