/**
 * A vault of which every draw and run is noted, and which may accept with another first round than it has drawn. Not a
 * test by itself.
 * @module
 */
import type { Task, Vault } from "../../src/ports.ts";

export interface Watch {
  /** Called before something is drawn for an attempt. */
  drew(attempt: Uint8Array, task: Task): void;
  /** Called when what was drawn runs. */
  used(session: Uint8Array, firstRound: Uint8Array, task: Task): void;
  /** What stands in the accept. */
  firstRound(honest: Uint8Array): Uint8Array;
}

export function watchedVault(vault: Vault, watch: Watch): Vault {
  const draw: Vault["draw"] = async (task) => {
    watch.drew(task.attempt, task);
    const drawn = await vault.draw(task);
    return {
      firstRound: watch.firstRound(drawn.firstRound),
      run(agreed, io) {
        watch.used(agreed.session, drawn.firstRound, task);
        // The node itself goes on with what it has drawn.
        const firstRound = new Map([...agreed.firstRound, [task.self, drawn.firstRound] as const]);
        return drawn.run({ ...agreed, firstRound }, io);
      },
      [Symbol.dispose]: () => drawn[Symbol.dispose](),
    };
  };
  return { ...vault, draw };
}
