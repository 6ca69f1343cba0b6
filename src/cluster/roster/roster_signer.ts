/**
 * The admin key's hand: signs the next roster, one change after the other, so that it never signs two of one version.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { Identity } from "../../ports.ts";
import { type Roster, type RosterPeer, signRoster } from "./roster.ts";
import type { RosterStore } from "./roster_store.ts";

/** Another device with the same key may have been faster; so often in a row it is not. */
const tries = 3;

export class RosterSigner {
  readonly #book: RosterStore;
  readonly #admin: Pick<Identity, "peer" | "sign">;
  #turn: Promise<unknown> = Promise.resolve();

  /** @throws {InputError} `admin`, for another cluster's key. */
  constructor(book: RosterStore, admin: Pick<Identity, "peer" | "sign">) {
    const { cluster } = book.current;
    if (admin.peer !== cluster) {
      throw new InputError("admin", `expected the key of cluster ${cluster}, found ${admin.peer}`);
    }
    this.#book = book;
    this.#admin = admin;
  }

  /**
   * @param edit Given the peers in force when its turn comes.
   * @returns The roster, once it is in force here.
   * @throws {InputError} For what {@linkcode signRoster} does not sign. @throws {StoreError}
   */
  change(edit: (peers: readonly RosterPeer[]) => readonly RosterPeer[]): Promise<Roster> {
    const turn = this.#turn.then(() => this.#change(edit));
    this.#turn = turn.catch(() => {}); // the next one's turn comes all the same
    return turn;
  }

  async #change(edit: (peers: readonly RosterPeer[]) => readonly RosterPeer[]): Promise<Roster> {
    for (let i = 0; i < tries; i++) {
      const { current } = this.#book;
      const next = await signRoster(this.#admin, edit(current.peers), current);
      if (await this.#book.take(next)) return next;
    }
    throw new InputError("roster", "expected to make the next version, found that another was faster");
  }
}
