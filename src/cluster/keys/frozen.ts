/**
 * Frozen keys and quarantined pairs: they have failed too often in the last step, where a signature does not
 * verify although every check before it passed. A peer that causes this on purpose learns something each time
 * (CVE-2023-33242). If the failure names the only other signer, that pair is quarantined, and other pairs
 * still use the key; if no peer can be named, the key is frozen. This node signs with neither until its
 * operator has released it.
 * @module
 */
import * as v from "valibot";
import { list, peerId, record, uint } from "../../crypto/codec.ts";
import type { Scheme, SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { freezeAfter, freezeAfterAny, freezeWithin, maxParties } from "../../limits.ts";
import type { Rows } from "../../keystore/rows.ts";
import { frozenRows } from "../../keystore/row_names.ts";

const frozenRecord = record("quorate/1/frozen", {
  frozen: v.boolean(),
  /** The last failures: wall time, ms since 1970, and the other signers. */
  failures: list(v.strictTuple([uint, list(peerId, maxParties)]), freezeAfterAny),
});
type FrozenRow = ReturnType<typeof frozenRecord.decode>;

const untouched: FrozenRow = { frozen: false, failures: [] };

/**
 * A pair of peers of which one does not use a key with the other until its operator has released the pair.
 */
export interface Quarantine {
  /** The wallet's name. */
  wallet: string;
  /** The scheme of its key. */
  scheme: Scheme;
  /** The id of the key: the session that made it. */
  keyId: SessionId;
  /** The peer that quarantined it. */
  by: PeerId;
  /** The other peer of the pair: the only other signer whenever the last step failed. */
  other: PeerId;
  /** Wall time of the last failure, ms since 1970; 0 where the row could not be read. */
  at: number;
}

/** The place of a key, or of a pair for that key: the name of its row without the prefix. */
const placeOf = (keyId: SessionId, other?: PeerId) => other === undefined ? keyId : `${keyId}/${other}`;

export class Frozen {
  readonly #rows: Rows;
  readonly #known = new Map<string, FrozenRow>();
  readonly #damaged = new Set<string>();
  /** The last write: they follow each other. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(rows: Rows) {
    this.#rows = rows;
  }

  /**
   * Reads all rows. An unreadable row freezes its key, or quarantines its pair.
   *
   * @throws {StoreError} If rows cannot be listed.
   */
  static async open(rows: Rows): Promise<Frozen> {
    const frozen = new Frozen(rows);
    for (const name of await rows.names(frozenRows)) {
      const place = name.slice(frozenRows.length);
      try {
        const found = await rows.get(name);
        if (found) frozen.#known.set(place, frozenRecord.decode(found.plain));
      } catch {
        // The row may have said so. Releasing it writes it anew.
        frozen.#damaged.add(place);
        frozen.#known.set(place, { frozen: true, failures: [] });
      }
    }
    return frozen;
  }

  /** Whether a key is frozen; with `other`, whether the pair with that peer is quarantined for the key. */
  has(keyId: SessionId, other?: PeerId): boolean {
    return this.#known.get(placeOf(keyId, other))?.frozen ?? false;
  }

  /** The peers with which this node does not use a key until its operator releases the pair. */
  quarantined(keyId: SessionId): PeerId[] {
    return this.quarantines().filter((one) => one.keyId === keyId).map(({ other }) => other);
  }

  /** The pairs that this node has quarantined. */
  quarantines(): Pick<Quarantine, "keyId" | "other" | "at">[] {
    return [...this.#known].flatMap(([place, { frozen, failures }]) => {
      const [keyId, other] = place.split("/");
      return frozen && other ? [{ keyId: keyId!, other, at: failures.at(-1)?.[0] ?? 0 }] : [];
    });
  }

  /**
   * The number of final verifications of a key that failed within the last day, with and without a named
   * peer.
   */
  failures(keyId: SessionId, now: number): number {
    return [...this.#known].filter(([place]) => place === keyId || place.startsWith(`${keyId}/`))
      .reduce((sum, [, row]) => sum + recent(row, now).length, 0);
  }

  /**
   * Counts a failed final verification, in memory at once: against the pair with `named`, or if that is null
   * against the key, by the set of signers.
   *
   * @param now Wall time, ms since 1970.
   * @param options.others The signers, without this node.
   * @returns Whether this failure has quarantined the pair, or frozen the key.
   * @throws {StoreError} If it could not be written; it still counts while this node runs.
   */
  async failed(
    keyId: SessionId,
    now: number,
    { named, others }: { named: PeerId | null; others: readonly PeerId[] },
  ): Promise<boolean> {
    const place = placeOf(keyId, named ?? undefined);
    const row = this.#known.get(place) ?? untouched;
    const failure: FrozenRow["failures"][number] = [Math.floor(now), [...others]];
    const failures = [...recent(row, now), failure].slice(-freezeAfterAny);
    const alike = failures.filter(([, signers]) => signers.join() === others.join()).length;
    const freezes = !row.frozen && (alike >= freezeAfter || failures.length >= freezeAfterAny);
    await this.#set(place, { frozen: row.frozen || freezes, failures });
    return freezes;
  }

  /** Lets a key or a pair be used again, as the operator has decided. @throws {StoreError} */
  async unfreeze(keyId: SessionId, other?: PeerId): Promise<void> {
    await this.#set(placeOf(keyId, other), untouched);
  }

  async #set(place: string, row: FrozenRow): Promise<void> {
    this.#known.set(place, row);
    const written = this.#writing.then(() => this.#write(place));
    this.#writing = written.catch(() => {}); // the caller gets the error; the next write is independent of it
    await written;
  }

  async #write(place: string): Promise<void> {
    const name = frozenRows + place;
    if (this.#damaged.has(place)) await this.#rows.erase(name);
    this.#damaged.delete(place);
    const found = await this.#rows.get(name);
    await this.#rows.swap(name, found?.version ?? null, frozenRecord.encode(this.#known.get(place)!));
  }
}

const recent = ({ failures }: FrozenRow, now: number) => failures.filter(([at]) => at > now - freezeWithin);
