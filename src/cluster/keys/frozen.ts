/**
 * Keys and pairs that have failed too often in the last step: a signature that does not verify although every check
 * before it passed. A peer that brings that about on purpose learns something each time (CVE-2023-33242). Where the
 * failure names the only other signer, that pair is quarantined and the others go on with the key; where nobody can be
 * named, the key is frozen. This node signs with neither until its operator has unfrozen it.
 * @module
 */
import * as v from "valibot";
import { list, peerId, record, uint } from "../../crypto/codec.ts";
import type { Curve, SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { freezeAfter, freezeAfterAny, freezeWithin, maxParties } from "../../limits.ts";
import type { Rows } from "../../keystore/key_rows.ts";
import { frozenRows } from "../../keystore/row_names.ts";

const frozenRecord = record("quorate/1/frozen", {
  frozen: v.boolean(),
  /** The last failures: wall time, ms, and who else signed. */
  failures: list(v.strictTuple([uint, list(peerId, maxParties)]), freezeAfterAny),
});
type FrozenRow = ReturnType<typeof frozenRecord.decode>;

const untouched: FrozenRow = { frozen: false, failures: [] };

/** A pair that a node does not use for a key until its operator has released it. */
export interface Quarantine {
  /** The wallet's name. */
  wallet: string;
  /** The curve of its key. */
  curve: Curve;
  /** The session that made the key. */
  key: SessionId;
  /** Who quarantined it. */
  by: PeerId;
  /** The other of the two: the only other signer whenever the last step failed. */
  other: PeerId;
  /** Wall time of the last failure, ms since 1970; 0 where the row could not be read. */
  at: number;
}

/** What a row is about: a key, or a key and the peer that this node does not use it with. */
const placeOf = (key: SessionId, other?: PeerId) => other === undefined ? key : `${key}/${other}`;

export class Frozen {
  readonly #rows: Rows;
  readonly #known = new Map<string, FrozenRow>();
  readonly #damaged = new Set<string>();
  /** Writes follow each other. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(rows: Rows) {
    this.#rows = rows;
  }

  /**
   * Reads what is on disk. A row that cannot be read freezes its key, or quarantines its pair.
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
        // It may have said so; whoever unfreezes it has it written anew.
        frozen.#damaged.add(place);
        frozen.#known.set(place, { frozen: true, failures: [] });
      }
    }
    return frozen;
  }

  /**
   * Whether a key is frozen; with `other`, whether that pair is quarantined for this key.
   *
   * @param key The session that made it.
   */
  has(key: SessionId, other?: PeerId): boolean {
    return this.#known.get(placeOf(key, other))?.frozen ?? false;
  }

  /** The peers that this node does not use a key with until its operator says so. */
  quarantined(key: SessionId): PeerId[] {
    return this.quarantines().filter((one) => one.key === key).map(({ other }) => other);
  }

  /** All pairs that this node has quarantined. */
  quarantines(): Pick<Quarantine, "key" | "other" | "at">[] {
    return [...this.#known].flatMap(([place, { frozen, failures }]) => {
      const [key, other] = place.split("/");
      return frozen && other ? [{ key: key!, other, at: failures.at(-1)?.[0] ?? 0 }] : [];
    });
  }

  /** Final verifications of a key that failed within the last day, whoever was named. */
  failures(key: SessionId, now: number): number {
    return [...this.#known].filter(([place]) => place === key || place.startsWith(`${key}/`))
      .reduce((sum, [, row]) => sum + recent(row, now).length, 0);
  }

  /**
   * Counts a failed final verification at wall time `now`, ms: in memory at once. It counts against the pair with
   * `named`, or if that is null against the key, by the set of signers.
   *
   * @param others The signers of it, without this node.
   * @returns Whether the pair is quarantined, or the key frozen, by it.
   * @throws {StoreError} If it could not be written; it counts all the same while this node runs.
   */
  async failed(
    key: SessionId,
    now: number,
    { named, others }: { named: PeerId | null; others: readonly PeerId[] },
  ): Promise<boolean> {
    const place = placeOf(key, named ?? undefined);
    const row = this.#known.get(place) ?? untouched;
    const failure: FrozenRow["failures"][number] = [Math.floor(now), [...others]];
    const failures = [...recent(row, now), failure].slice(-freezeAfterAny);
    const alike = failures.filter(([, signers]) => signers.join() === others.join()).length;
    const freezes = !row.frozen && (alike >= freezeAfter || failures.length >= freezeAfterAny);
    await this.#set(place, { frozen: row.frozen || freezes, failures });
    return freezes;
  }

  /** Lets a key, or a pair, be used again, by word of the operator. @throws {StoreError} */
  async unfreeze(key: SessionId, other?: PeerId): Promise<void> {
    await this.#set(placeOf(key, other), untouched);
  }

  async #set(place: string, row: FrozenRow): Promise<void> {
    this.#known.set(place, row);
    const written = this.#writing.then(() => this.#write(place));
    this.#writing = written.catch(() => {}); // whoever asked hears of it; the next write is another
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
