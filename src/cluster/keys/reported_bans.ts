/**
 * The bans that other peers have signed. They are shown, and sent back to their finder in case its store has
 * gone back. Nothing else follows from them.
 * @module
 */
import { unlessStore } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Rows } from "../../keystore/rows.ts";
import { type Signed, unverified } from "../../session/signed.ts";
import { type Ban, banOf, banRecord, type BanRow } from "../records/ban_record.ts";
import { type IsMember, keepOnly, type OfMembers } from "../records/of_members.ts";

const reportedRows = "reported-ban/";
const nameOf = (by: PeerId, { keyId, other }: BanRow) => `${reportedRows}${by}/${keyId.toHex()}/${other}`;

/**
 * The number of bans that are kept of one peer, so that invented bans of one peer do not displace those of
 * another.
 */
const maxPerPeer = 256;

export class ReportedBans implements OfMembers {
  readonly #rows: Rows;
  /** By the name of the row. */
  readonly #reported = new Map<string, Signed<BanRow>>();
  readonly #perPeer = new Map<PeerId, number>();

  private constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** Reads all rows. An unreadable row is erased: its finder sends the ban again. @throws {StoreError} */
  static async open(rows: Rows): Promise<ReportedBans> {
    const bans = new ReportedBans(rows);
    for (const name of await rows.names(reportedRows)) {
      const found = await rows.get(name).catch(unlessStore);
      const ban = found ? unverified(banRecord, found.plain) : null; // the signature was checked before it was written
      if (ban && name === nameOf(ban.by, ban.value)) bans.#keep(name, ban);
      else await rows.erase(name);
    }
    return bans;
  }

  #keep(name: string, ban: Signed<BanRow>): boolean {
    const count = this.#perPeer.get(ban.by) ?? 0;
    if (this.#reported.has(name) || count >= maxPerPeer) return false;
    this.#reported.set(name, ban);
    this.#perPeer.set(ban.by, count + 1);
    return true;
  }

  /**
   * Keeps a ban whose signature was checked. If it cannot be written, its finder sends it again after a
   * restart.
   */
  async take(ban: Signed<BanRow>): Promise<void> {
    const name = nameOf(ban.by, ban.value);
    if (this.#keep(name, ban)) await this.#rows.swap(name, null, ban.encoded).catch(unlessStore);
  }

  /**
   * Forgets the bans of peers that are not members. A row that cannot be erased now is erased at the next
   * start.
   */
  keepOnly(isMember: IsMember): void {
    keepOnly(this.#perPeer, isMember);
    for (const [name, { by }] of this.#reported) {
      if (isMember(by)) continue;
      this.#reported.delete(name);
      void this.#rows.erase(name).catch(unlessStore);
    }
  }

  /** The bans that one peer has found, signed by it. */
  of(peer: PeerId): Uint8Array[] {
    return [...this.#reported.values()].filter(({ by }) => by === peer).map(({ encoded }) => encoded);
  }

  all(): Ban[] {
    return [...this.#reported.values()].map(({ value, by }) => banOf(value, by));
  }
}
