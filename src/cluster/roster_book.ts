/**
 * The roster in force at this node: the highest valid version it has seen, kept on disk.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { InputError, type PeerId, StoreError } from "../failure.ts";
import type { Identity } from "../ports.ts";
import type { Rows } from "../session/commit.ts";
import {
  formatRoster,
  parseRoster,
  type Roster,
  rosterHash,
  type RosterPeer,
  verifyRoster,
} from "./roster.ts";

const row = "roster";

/** The roster on disk, or null if there is none yet. @throws {StoreError} */
export async function keptRoster(rows: Rows): Promise<Roster | null> {
  const found = await rows.get(row);
  return found && parseRoster(new TextDecoder().decode(found.plain));
}

export class RosterBook {
  readonly #rows: Rows;
  readonly #identity: Pick<Identity, "verify">;
  readonly #changed = new Set<(roster: Roster, before: Roster) => void>();
  readonly #keepElsewhere: (roster: Roster) => Promise<void>;
  #current: Roster;
  #taking: Promise<unknown> = Promise.resolve();

  private constructor(
    rows: Rows,
    identity: Pick<Identity, "verify">,
    current: Roster,
    keepElsewhere: (roster: Roster) => Promise<void>,
  ) {
    this.#keepElsewhere = keepElsewhere;
    this.#rows = rows;
    this.#identity = identity;
    this.#current = current;
  }

  /**
   * Takes the roster that a node is started with, whose signature has been checked.
   *
   * @throws {InputError} If it is of another cluster than the one on disk, or older.
   */
  static async open(
    rows: Rows,
    identity: Pick<Identity, "verify">,
    given: Roster,
    keepElsewhere: (roster: Roster) => Promise<void> = () => Promise.resolve(),
  ): Promise<RosterBook> {
    const kept = await keptRoster(rows);
    if (kept && kept.cluster !== given.cluster) {
      throw new InputError("roster.cluster", `expected ${kept.cluster}, found ${given.cluster}`);
    }
    if (kept && given.version < kept.version) {
      throw new InputError("roster.version", `expected ${kept.version} or higher, found ${given.version}`);
    }
    if (kept && given.version === kept.version && !equal(rosterHash(kept), rosterHash(given))) {
      throw new InputError(
        "roster.version",
        `expected another version than ${kept.version} for another roster`,
      );
    }
    const book = new RosterBook(rows, identity, given, keepElsewhere);
    if (!kept || given.version > kept.version) await book.#keep(given);
    return book;
  }

  get current(): Roster {
    return this.#current;
  }

  peer(id: PeerId): RosterPeer | undefined {
    return this.#current.peers.find(({ peer }) => peer === id);
  }

  /** Told of a newer roster once it is in force, and of the one that it replaces. */
  onChange(listener: (roster: Roster, before: Roster) => void): void {
    this.#changed.add(listener);
  }

  /** Takes a roster that somebody sent. @returns Whether it is in force now and was not before. @throws {StoreError} */
  take(roster: Roster): Promise<boolean> {
    const taken = this.#taking.then(() => this.#take(roster));
    this.#taking = taken.catch(() => false);
    return taken;
  }

  async #take(roster: Roster): Promise<boolean> {
    const before = this.#current;
    if (roster.cluster !== before.cluster || roster.version <= before.version) return false;
    if (!await verifyRoster(this.#identity, roster)) return false;
    // First where it is read from at the next start: then that is never older than what is on disk here.
    await this.#keepElsewhere(roster).catch((cause) => {
      throw new StoreError("Cannot keep the roster where it is read from", { cause });
    });
    await this.#keep(roster);
    this.#current = roster;
    for (const listener of this.#changed) listener(roster, before);
    return true;
  }

  async #keep(roster: Roster): Promise<void> {
    const found = await this.#rows.get(row);
    await this.#rows.swap(row, found?.version ?? null, new TextEncoder().encode(formatRoster(roster)));
  }
}
