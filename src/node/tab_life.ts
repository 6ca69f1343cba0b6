/**
 * The life of a page: it is closed, put to sleep, or frozen, and its sessions end. A nonce that was committed
 * to before a sleep is never used after it.
 * @module
 */
import type { QuorateNode } from "./api.ts";
import type { Clock } from "../ports.ts";

/** The page checks this often whether it has slept, ms. */
const lookEvery = 1_000;

/**
 * A timer that fires this late, ms, means that the page did not run. A busy page is late by a tenth of this.
 */
const sleptMs = 5_000;

/** The objects that {@linkcode watchTab} watches. */
export interface TabLifeOptions {
  /** The page's clock. */
  clock: Clock;
  /** The target of `pagehide`: the window. */
  page: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  /** The target of `freeze`: the document. */
  lifecycle: Pick<EventTarget, "addEventListener" | "removeEventListener">;
}

/**
 * Ends this node's sessions with `suspended` when the page is frozen or has slept, and reports that to their
 * peers if there is time; stops the node when the page is closed.
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
      // A sleeping machine may stop `monotonic`, and setting its clock changes `now`.
      const late = Math.max(clock.now() - now, clock.monotonic() - monotonic) - lookEvery;
      if (late >= sleptMs) node.interrupt();
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
