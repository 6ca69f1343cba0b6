/**
 * The refusals to sign with a key: they end with its epoch, so whoever approves a resharing is shown them.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import type { Bans } from "./bans.ts";
import type { Frozen, Quarantine } from "./frozen.ts";

/** A member of a key that does not sign with another: this node's own finding, or what that member says. */
export interface PairRefusal {
  /** A ban holds as long as the shares; a quarantine until the operator of `by` releases the pair. */
  readonly kind: "ban" | "quarantine";
  /** The peer that refuses. */
  readonly by: PeerId;
  /** The peer whose messages failed its check. */
  readonly other: PeerId;
}

/** The refusals that end when a key is dealt anew. */
export interface Refusals {
  /** Those between two members now, this node's own first. Those of others are their word. */
  readonly refusals: readonly PairRefusal[];
  /** True if this node has frozen the key. */
  readonly frozen: boolean;
}

/** The records of a node that have refusals. */
export interface RefusalSources {
  readonly bans: Pick<Bans, "all">;
  readonly frozen: Pick<Frozen, "has">;
  /** The quarantines of this node and those that others report. */
  quarantines(): readonly Quarantine[];
}

/** The refusals for one key. @param row Undefined for a key that is not made yet. */
export function refusalsOf(
  row: Pick<KeyRow, "key" | "session"> | undefined,
  { bans, frozen, quarantines }: RefusalSources,
): Refusals {
  if (!row) return { refusals: [], frozen: false };
  const keyId = row.session.toHex();
  const members = new Set(row.key!.members);
  const ofKey = (kind: PairRefusal["kind"], all: readonly Pick<Quarantine, "keyId" | "by" | "other">[]) =>
    all.filter((one) => one.keyId === keyId && members.has(one.by) && members.has(one.other))
      .map(({ by, other }): PairRefusal => ({ kind, by, other }));
  const refusals = [...ofKey("ban", bans.all()), ...ofKey("quarantine", quarantines())];
  return { refusals, frozen: frozen.has(keyId) };
}
