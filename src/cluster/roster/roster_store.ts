/**
 * The roster in force at this node: the highest valid version it has seen, kept in its store, and written where the node
 * reads it from. A place that cannot be written is a fault that stands, not a reason to stay with a former roster: who
 * was taken out would still be let in.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import type { Rows } from "../../keystore/key_rows.ts";
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

/** What became of writing the roster in force where it is read from. `why`: the reason, if it was not written. */
export interface RosterFile {
  readonly version: number;
  readonly why: string | null;
}

/** The admin key has signed two rosters of one version: their hashes, 64 hex digits, that of this node's own first. */
export interface RosterConflict {
  readonly version: number;
  readonly hashes: readonly [string, string];
}

/** Conflicts remembered, so that each is told once: only the admin key can make more of them. */
const conflictsKept = 64;

export class RosterStore {
  readonly #rows: Rows;
  readonly #identity: Pick<Identity, "verify">;
  readonly #changed = new Set<(roster: Roster, before: Roster) => void>();
  readonly #keepElsewhere: (roster: Roster) => Promise<void>;
  #written: (file: RosterFile) => void = () => {};
  /** The fault that stands. */
  #unwritten: RosterFile | null = null;
  #conflict: ((conflict: RosterConflict) => void) | null = null;
  /** By the other's hash; those that nobody was told of yet are told to the first listener. */
  readonly #conflicts = new Map<string, RosterConflict>();
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
   * Takes the roster that a node is started with, whose signature has been checked, or the one in the store if that is
   * newer: then it could not be written where the other was read from, and that is tried again.
   *
   * @throws {InputError} If it is of another cluster than the one in the store, or another of the same version; or if
   * this node is not in the newer one.
   */
  static async open(
    rows: Rows,
    identity: Pick<Identity, "verify" | "peer">,
    given: Roster,
    keepElsewhere: (roster: Roster) => Promise<void> = () => Promise.resolve(),
  ): Promise<RosterStore> {
    const kept = await keptRoster(rows);
    if (kept && kept.cluster !== given.cluster) {
      throw new InputError("roster.cluster", `expected ${kept.cluster}, found ${given.cluster}`);
    }
    if (kept && given.version === kept.version && !equal(rosterHash(kept), rosterHash(given))) {
      throw new InputError(
        "roster.version",
        `expected another version than ${kept.version} for another roster`,
      );
    }
    const newer = kept !== null && kept.version > given.version && await verifyRoster(identity, kept);
    if (newer && !kept.peers.some(({ peer }) => peer === identity.peer)) {
      throw new InputError(
        "roster.peers",
        `expected this node, ${identity.peer}, to be one of them, found that version ${kept.version} is without it`,
      );
    }
    const book = new RosterStore(rows, identity, newer ? kept : given, keepElsewhere);
    if (kept) book.#follows(...newer ? [given, kept] as const : [kept, given] as const);
    if (!kept || given.version > kept.version) await book.#keep(given);
    if (newer) await book.#write(kept);
    return book;
  }

  /** Told of each roster that could not be written where it is read from, at once of one that was not, and of the next that was. */
  onWritten(listener: (file: RosterFile) => void): void {
    this.#written = listener;
    if (this.#unwritten) listener(this.#unwritten);
  }

  /** Told of each pair of rosters of one version that the admin key has signed: once, and at once of those known already. */
  onConflict(listener: (conflict: RosterConflict) => void): void {
    this.#conflict = listener;
    for (const conflict of this.#conflicts.values()) listener(conflict);
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
    if (roster.cluster !== before.cluster || roster.version < before.version) return false;
    if (roster.version === before.version && equal(rosterHash(roster), rosterHash(before))) return false;
    if (!await verifyRoster(this.#identity, roster)) return false;
    if (roster.version === before.version) {
      this.#conflicting(before, rosterHash(roster));
      return false;
    }
    this.#follows(before, roster);
    await this.#keep(roster);
    this.#current = roster;
    for (const listener of this.#changed) listener(roster, before);
    await this.#write(roster);
    return true;
  }

  /**
   * A roster that follows another one than this node's is in force all the same, for it may take somebody out; but it says
   * that the admin key has signed two.
   */
  #follows(before: Roster, next: Roster): void {
    if (next.version !== before.version + 1 || equal(next.previous, rosterHash(before))) return;
    this.#conflicting(before, next.previous);
  }

  #conflicting(ours: Roster, theirs: Uint8Array): void {
    const hash = theirs.toHex();
    if (this.#conflicts.has(hash) || this.#conflicts.size >= conflictsKept) return;
    const conflict: RosterConflict = { version: ours.version, hashes: [rosterHash(ours).toHex(), hash] };
    this.#conflicts.set(hash, conflict);
    this.#conflict?.(conflict);
  }

  /** Writes it where it is read from at the next start; if that fails, the one in the store is newer then, and counts. */
  async #write(roster: Roster): Promise<void> {
    const { version } = roster;
    const before = this.#unwritten;
    const why = await this.#keepElsewhere(roster).then(
      () => null,
      (error) => error instanceof Error ? error.message : String(error),
    );
    this.#unwritten = why === null ? null : { version, why };
    if (why !== null || before !== null) this.#written({ version, why });
  }

  async #keep(roster: Roster): Promise<void> {
    const found = await this.#rows.get(row);
    await this.#rows.swap(row, found?.version ?? null, new TextEncoder().encode(formatRoster(roster)));
  }
}
