/**
 * The lock that lets one tab at a time run a peer: two tabs of one peer would keep breaking each other's
 * links.
 * @module
 */
import { InputError } from "../errors.ts";

/**
 * A tab's place among the tabs of the same identity. It is given up with the scope, or when the tab is gone.
 */
export interface Tab extends Disposable {
  /** Whether it is this tab's turn. */
  readonly active: boolean;
  /** Resolves when it is this tab's turn; never, if the place was given up before. */
  readonly turn: Promise<void>;
}

/**
 * Takes the lock of `identity` if it is free, or waits for it. The browser holds the lock: nothing is polled,
 * and a tab that crashes does not keep it.
 *
 * @param identity Any text that names the identity: its peer id, or its database.
 * @throws {InputError} `page`, if the page has no locks because it is not served by https or from localhost.
 */
export async function oneTab(identity: string): Promise<Tab> {
  const locks = navigator.locks;
  if (!locks) throw new InputError("page", "expected one served over https or from localhost, found another");
  const name = `quorate/${identity}`;
  const done = Promise.withResolvers<void>();
  const turn = Promise.withResolvers<void>();
  const leaving = new AbortController();
  let active = false;
  const hold = () => {
    active = true;
    turn.resolve();
    return done.promise;
  };
  const first = Promise.withResolvers<boolean>();
  locks.request(name, { ifAvailable: true }, (lock) => {
    first.resolve(lock !== null);
    return lock && hold();
  }).catch(first.reject);
  if (!await first.promise) {
    locks.request(name, { signal: leaving.signal }, hold).catch((error) => {
      if (!leaving.signal.aborted) throw error;
    });
  }
  return {
    get active() {
      return active;
    },
    turn: turn.promise,
    [Symbol.dispose]() {
      active = false;
      leaving.abort();
      done.resolve();
    },
  };
}
