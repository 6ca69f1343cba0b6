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
import { isAskedFor, type OriginChecks } from "./key_origin.ts";

/** Finds the roster with a hash of 32 bytes that was in force once. */
export type FindRoster = (hash: Uint8Array) => Promise<Roster | null>;

export interface LearntKeysOptions {
  readonly identity: Pick<Identity, "verify">;
  /** The cluster's id. */
  readonly cluster: PeerId;
  /** Finds a past roster in this node's archive. */
  readonly pastRoster: FindRoster;
}

/** Finds the certified epoch that a session made. */
export type FindEpoch = OriginChecks["epochOf"];

export class LearntKeys {
  readonly #options: LearntKeysOptions;
  readonly #epochOf: FindEpoch;
  readonly #rows = new Map<SessionId, KeyRow>();

  constructor(options: LearntKeysOptions, epochOf: FindEpoch) {
    this.#options = options;
    this.#epochOf = epochOf;
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

  /** Whether the epoch before is known: without it nothing about a later one can be checked. */
  #isConnected({ parent }: KeyRow): boolean {
    return parent === null || this.#epochOf(parent.session) !== undefined;
  }

  /** An epoch of a key that is known always has room: the one before must not go on without it. */
  #hasRoomFor({ session, parent }: KeyRow): boolean {
    return !this.#rows.has(session.toHex()) && (parent !== null || this.#rows.size < maxLearnt);
  }

  /**
   * Whether a certificate is new, there is room for it, and it is of a key of this cluster: see
   * {@linkcode isAskedFor}.
   *
   * @param askRoster Asks the peer that showed the certificate for a past roster that is not in the archive.
   */
  async accepts(row: KeyRow, askRoster: FindRoster): Promise<boolean> {
    if (!this.#hasRoomFor(row) || !this.#isConnected(row)) return false;
    const { identity, cluster, pastRoster } = this.#options;
    const rosterOf = async (hash: Uint8Array) => await pastRoster(hash) ?? await askRoster(hash);
    const checks = { identity, cluster, rosterOf, epochOf: this.#epochOf };
    return await isAskedFor(row, checks) && this.#hasRoomFor(row);
  }

  /** Adds the key of a certificate that was accepted, now or before it came to this node's disk. */
  add(row: KeyRow): void {
    this.#rows.set(row.session.toHex(), { ...row, state: "active", share: new Uint8Array(), opens: [] });
  }
}
