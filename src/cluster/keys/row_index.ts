/**
 * The index of a node's own rows of keys, in memory: with a share and without one, and by their state.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { isWitnessed, type KeyRow } from "../../keystore/key_rows.ts";
import type { UnfinishedKey } from "./group_key.ts";

export class RowIndex {
  readonly #withShare = new Map<SessionId, KeyRow>();
  readonly #withoutShare = new Map<SessionId, KeyRow>();

  /** Takes a row in the place of the one of its session. */
  protected place(row: KeyRow): void {
    const keyId = row.session.toHex();
    const [here, elsewhere] = row.share.length > 0
      ? [this.#withShare, this.#withoutShare]
      : [this.#withoutShare, this.#withShare];
    elsewhere.delete(keyId);
    here.set(keyId, row);
  }

  /** Forgets a row without a share. */
  protected remove(session: Uint8Array): void {
    this.#withoutShare.delete(session.toHex());
  }

  /**
   * The rows without a share that may be forgotten. The others keep the votes that were cast, the only copy of a
   * certificate, or this node's word.
   */
  protected erasable(): KeyRow[] {
    const kept = ["gone", "known", "released"];
    return [...this.#withoutShare.values()].filter(({ state }) => !kept.includes(state));
  }

  /** The row of a key, if there is a share in it. */
  withShare(keyId: SessionId): KeyRow | undefined {
    return this.#withShare.get(keyId);
  }

  /** All rows with a share. */
  all(): readonly KeyRow[] {
    return [...this.#withShare.values()];
  }

  /** The row of a session, if it came to a vote here. */
  row(session: Uint8Array): KeyRow | undefined {
    const keyId = session.toHex();
    const row = this.#withShare.get(keyId) ?? this.#withoutShare.get(keyId);
    return row?.key ? row : undefined;
  }

  /** The rows with a share of a key that has its name. */
  held(): KeyRow[] {
    return this.all().filter(hasName);
  }

  pending(): KeyRow[] {
    return this.all().filter(({ state }) => state === "pending");
  }

  /** The rows of other peers' keys and of past epochs. */
  known(): KeyRow[] {
    return [...this.#withoutShare.values()].filter(({ state }) => state === "known");
  }

  /** The rows of sessions to which this node has released an epoch, and of which it waits for others' votes. */
  released(): KeyRow[] {
    return [...this.#withoutShare.values()].filter(({ state }) => state === "released");
  }

  /** The sessions to which this node has released an epoch and that are not decided yet. */
  releasedTo(epoch: Uint8Array): KeyRow[] {
    return [...this.released(), ...this.pending()].filter(({ parent }) =>
      parent !== null && equal(parent.session, epoch)
    );
  }

  /** The rows with a share of a key that is not active, and may never be. */
  unfinished(): KeyRow[] {
    return this.all().filter(({ state }) => state !== "active");
  }

  /** The unfinished keys whose names are free. */
  givenUp(): UnfinishedKey[] {
    return this.unfinished().filter(({ state }) => state !== "pending").map(({ key, session }) => {
      const { wallet, scheme } = key!;
      return { wallet, scheme, session: session.toHex() };
    });
  }
}

/** Whether the key of a row has its name. */
export const hasName = ({ state }: KeyRow): boolean => state === "active" || state === "pending";

/**
 * Whether a row waits for the votes of others: of a key with a share at `self`, or of an epoch that it has released
 * without getting a share of the next. A member that has released an epoch and has not voted waits for nobody: it says
 * no once its session is over.
 */
export const isUndecided = (self: PeerId) => (row: KeyRow): boolean =>
  row.state === "pending" || isWitnessed(row, self);
