/**
 * The roster in force at this node: the highest valid version that it has seen. It is kept in the store, and
 * written to the file that the node reads at its start. If that file cannot be written, the new roster is in
 * force all the same, because the old one would still admit peers that were removed; the fault is reported
 * until a write succeeds.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import type { Rows } from "../../keystore/rows.ts";
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

/**
 * The outcome of writing the roster in force to its file. `why`: the reason if it was not written, else null.
 */
export interface RosterFile {
  readonly version: number;
  readonly why: string | null;
}

/**
 * Two rosters of one version that the admin key has signed: their hashes, 64 hex digits, this node's own
 * first.
 */
export interface RosterConflict {
  readonly version: number;
  readonly hashes: readonly [string, string];
}

/**
 * The number of conflicts that are remembered, so that each is reported once. Only the admin key can cause
 * them.
 */
const conflictsKept = 64;

export class RosterStore {
  readonly #rows: Rows;
  readonly #identity: Pick<Identity, "verify">;
  readonly #changed = new Set<(roster: Roster, before: Roster) => void>();
  readonly #keepElsewhere: (roster: Roster) => Promise<void>;
  #written: (file: RosterFile) => void = () => {};
  /** The roster that could not be written to its file; null if it was. */
  #unwritten: RosterFile | null = null;
  #conflict: ((conflict: RosterConflict) => void) | null = null;
  /** By the hash of the other roster. */
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
   * Takes the roster that a node is started with, whose signature was checked, or the one in the store if
   * that is newer: then it could not be written to its file before, and that is tried again.
   *
   * @throws {InputError} If it is of another cluster than the one in the store, or differs from it in the
   * same version; or if this node is not in the newer one.
   */
  static async open(
    rows: Rows,
    identity: Pick<Identity, "verify" | "peer">,
    given: Roster,
    keepElsewhere: (roster: Roster) => Promise<void> = () => Promise.resolve(),
  ): Promise<RosterStore> {
    const kept = await keptRoster(rows);
    if (kept && kept.cluster !== given.cluster) {
      throw new InputError("roster.cluster", `expected ${kept.cluster}, found ${given.cluster}`, {
        code: "foreign",
      });
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
    const rosterStore = new RosterStore(rows, identity, newer ? kept : given, keepElsewhere);
    if (kept) rosterStore.#follows(...newer ? [given, kept] as const : [kept, given] as const);
    if (!kept || given.version > kept.version) await rosterStore.#keep(given);
    if (newer) await rosterStore.#write(kept);
    return rosterStore;
  }

  /**
   * Calls `listener` with each failed write of the file, the last one included, and with the first successful
   * one after it.
   */
  onWritten(listener: (file: RosterFile) => void): void {
    this.#written = listener;
    if (this.#unwritten) listener(this.#unwritten);
  }

  /** Calls `listener` once with each conflict, those that are known already included. */
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

  /** Calls `listener` with each newer roster once it is in force, and with the one that it replaces. */
  onChange(listener: (roster: Roster, before: Roster) => void): void {
    this.#changed.add(listener);
  }

  /** Takes a roster that a peer sent. @returns Whether it has come into force. @throws {StoreError} */
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
   * Reports a conflict if `next` follows another roster than this node's. It comes into force all the same,
   * because it may remove a peer.
   */
  #follows(before: Roster, next: Roster): void {
    if (next.version !== before.version + 1 || equal(next.previous, rosterHash(before))) return;
    this.#conflicting(before, next.previous);
  }

  #conflicting(own: Roster, otherHash: Uint8Array): void {
    const hash = otherHash.toHex();
    if (this.#conflicts.has(hash) || this.#conflicts.size >= conflictsKept) return;
    const conflict: RosterConflict = { version: own.version, hashes: [rosterHash(own).toHex(), hash] };
    this.#conflicts.set(hash, conflict);
    this.#conflict?.(conflict);
  }

  /** Writes the roster to its file. If that fails, the newer one in the store counts at the next start. */
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
