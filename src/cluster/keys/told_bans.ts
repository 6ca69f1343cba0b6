/**
 * Bans that other peers have told of, signed: they are shown, and handed back to their finder, whose store may have gone
 * back to a time before. Nothing else follows from them.
 * @module
 */
import { StoreError, unlessStore } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Rows } from "../../keystore/key_rows.ts";
import { type Signed, unverified } from "../../session/signed.ts";
import { type Ban, banOf, banRecord, type BanRow } from "../records/ban_record.ts";
import { type IsMember, keepOnly, type OfMembers } from "../records/of_members.ts";

const toldRows = "told-ban/";
const nameOf = (by: PeerId, { key, other }: BanRow) => `${toldRows}${by}/${key.toHex()}/${other}`;

/** Bans of one peer that are kept. What one makes up takes no room of another's. */
const maxPerPeer = 256;

export class ToldBans implements OfMembers {
  readonly #rows: Rows;
  /** By the name of the row. */
  readonly #told = new Map<string, Signed<BanRow>>();
  readonly #perPeer = new Map<PeerId, number>();

  private constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** Reads what is kept, and forgets what cannot be read: its finder tells it again. @throws {StoreError} */
  static async open(rows: Rows): Promise<ToldBans> {
    const bans = new ToldBans(rows);
    for (const name of await rows.names(toldRows)) {
      const found = await rows.get(name).catch((error) => {
        if (!(error instanceof StoreError)) throw error;
        return null;
      });
      const told = found && unverified(banRecord, found.plain); // its signature was good when it was written
      if (told && name === nameOf(told.by, told.value)) bans.#keep(name, told);
      else await rows.erase(name);
    }
    return bans;
  }

  #keep(name: string, told: Signed<BanRow>): boolean {
    const count = this.#perPeer.get(told.by) ?? 0;
    if (this.#told.has(name) || count >= maxPerPeer) return false;
    this.#told.set(name, told);
    this.#perPeer.set(told.by, count + 1);
    return true;
  }

  /** Keeps a ban whose signature is good. A disk that does not take it is no trouble: it is told again. */
  async tell(told: Signed<BanRow>): Promise<void> {
    const name = nameOf(told.by, told.value);
    if (this.#keep(name, told)) await this.#rows.swap(name, null, told.encoded).catch(unlessStore);
  }

  /** What the disk does not erase now is erased at the next start. */
  keepOnly(isMember: IsMember): void {
    keepOnly(this.#perPeer, isMember);
    for (const [name, { by }] of this.#told) {
      if (isMember(by)) continue;
      this.#told.delete(name);
      void this.#rows.erase(name).catch(unlessStore);
    }
  }

  /** Those of one finder, signed. */
  of(peer: PeerId): Uint8Array[] {
    return [...this.#told.values()].filter(({ by }) => by === peer).map(({ encoded }) => encoded);
  }

  all(): Ban[] {
    return [...this.#told.values()].map(({ value, by }) => banOf(value, by));
  }
}
