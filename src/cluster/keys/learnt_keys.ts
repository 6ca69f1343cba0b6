/**
 * The keys that a node has learnt of from the certificates of other peers.
 * @module
 */
import type { SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import { maxLearnt } from "../../limits.ts";
import type { Identity } from "../../ports.ts";
import type { Roster } from "../roster/roster.ts";
import { isAskedFor } from "./key_origin.ts";

/** Finds the roster with a hash of 32 bytes that was in force once. */
export type FindRoster = (hash: Uint8Array) => Promise<Roster | null>;

export interface LearntKeysOptions {
  readonly identity: Pick<Identity, "verify">;
  /** The cluster's id. */
  readonly cluster: PeerId;
  /** Finds a past roster in this node's archive. */
  readonly pastRoster: FindRoster;
}

export class LearntKeys {
  readonly #options: LearntKeysOptions;
  readonly #rows = new Map<SessionId, KeyRow>();

  constructor(options: LearntKeysOptions) {
    this.#options = options;
  }

  has(keyId: SessionId): boolean {
    return this.#rows.has(keyId);
  }

  /** The row of a key: active, without a share. */
  get(keyId: SessionId): KeyRow | undefined {
    return this.#rows.get(keyId);
  }

  ids(): Iterable<SessionId> {
    return this.#rows.keys();
  }

  rows(): Iterable<KeyRow> {
    return this.#rows.values();
  }

  #hasRoomFor(keyId: SessionId): boolean {
    return !this.#rows.has(keyId) && this.#rows.size < maxLearnt;
  }

  /**
   * Whether a certificate is new, there is room for it, and it is of a key of this cluster: see
   * {@linkcode isAskedFor}.
   *
   * @param askRoster Asks the peer that showed the certificate for a past roster that is not in the archive.
   */
  async accepts(row: KeyRow, askRoster: FindRoster): Promise<boolean> {
    const keyId = row.session.toHex();
    if (!this.#hasRoomFor(keyId)) return false;
    const { identity, cluster, pastRoster } = this.#options;
    const rosterOf = async (hash: Uint8Array) => await pastRoster(hash) ?? await askRoster(hash);
    return await isAskedFor(row, { identity, cluster, rosterOf }) && this.#hasRoomFor(keyId);
  }

  /** Adds the key of a certificate that was accepted. */
  add(row: KeyRow): void {
    this.#rows.set(row.session.toHex(), { ...row, share: new Uint8Array(), opens: [] });
  }
}
