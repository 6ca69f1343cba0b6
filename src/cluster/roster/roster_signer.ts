/**
 * The signer of rosters, which holds the admin key. It makes one change after the other, so that it never
 * signs two rosters of one version.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { Identity } from "../../ports.ts";
import { type Roster, type RosterPeer, signRoster } from "./roster.ts";
import type { RosterStore } from "./roster_store.ts";

/** The number of tries: another device with the same key may have signed the next version first. */
const tries = 3;

export class RosterSigner {
  readonly #rosterStore: RosterStore;
  readonly #admin: Pick<Identity, "peer" | "sign">;
  #turn: Promise<unknown> = Promise.resolve();

  /** @throws {InputError} `admin`, if it is another cluster's key. */
  constructor(rosterStore: RosterStore, admin: Pick<Identity, "peer" | "sign">) {
    const { cluster } = rosterStore.current;
    if (admin.peer !== cluster) {
      throw new InputError("admin", `expected the key of cluster ${cluster}, found ${admin.peer}`, {
        code: "foreign",
      });
    }
    this.#rosterStore = rosterStore;
    this.#admin = admin;
  }

  /**
   * Changes the roster.
   *
   * @param edit Gets the peers in force when its turn comes, and returns the new ones.
   * @returns The roster, once it is in force here.
   * @throws {InputError} See {@linkcode signRoster}. @throws {StoreError}
   */
  change(edit: (peers: readonly RosterPeer[]) => readonly RosterPeer[]): Promise<Roster> {
    const turn = this.#turn.then(() => this.#change(edit));
    this.#turn = turn.catch(() => {}); // a failed change does not stop the next one
    return turn;
  }

  async #change(edit: (peers: readonly RosterPeer[]) => readonly RosterPeer[]): Promise<Roster> {
    for (let i = 0; i < tries; i++) {
      const { current } = this.#rosterStore;
      const next = await signRoster(this.#admin, edit(current.peers), current);
      if (await this.#rosterStore.take(next)) return next;
    }
    throw new InputError("roster", "expected to make the next version, found that another was faster", {
      code: "wrong-state",
    });
  }
}
