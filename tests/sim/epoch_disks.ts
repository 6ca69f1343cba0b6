/**
 * What is on the disks of a world in which epochs pass: shares, releases and certificates, whoever runs at that moment.
 * @module
 */
import type { SessionId } from "../../src/events.ts";
import type { Identity, Store } from "../../src/ports.ts";
import { type KeyRow, readRow } from "../../src/keystore/key_rows.ts";
import { keyRows } from "../../src/keystore/row_names.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { seededRandom } from "./cluster.ts";

/** The rows of one disk, by session. */
export type OnDisk = ReadonlyMap<SessionId, KeyRow>;

export class EpochDisks {
  readonly #random = seededRandom("disks");
  readonly #dataKeys = new Map<string, Uint8Array>();
  /** Rows that were read, by what is sealed in them: most do not change. */
  readonly #read = new Map<string, KeyRow>();

  constructor(
    /** The disk of a peer, without its faults. */
    readonly store: (name: string) => Store,
    readonly identity: (name: string) => Identity,
  ) {}

  async of(name: string): Promise<OnDisk> {
    const [store, secrets] = [this.store(name), this.identity(name).secrets()];
    const dataKey = this.#dataKeys.get(name) ?? await openDataKey(store, secrets, this.#random);
    this.#dataKeys.set(name, dataKey);
    const rows = sealedRecords(store, dataKey, this.#random);
    const found = new Map<SessionId, KeyRow>();
    for (const at of await store.names(keyRows)) {
      const sealed = (await store.get(at))!.sealed.toHex();
      const row = this.#read.get(sealed) ?? (await readRow(rows, at))!.row;
      this.#read.set(sealed, row);
      found.set(row.session.toHex(), row);
    }
    return found;
  }

  async all(names: readonly string[]): Promise<ReadonlyMap<string, OnDisk>> {
    const all = new Map<string, OnDisk>();
    for (const name of names) all.set(name, await this.of(name));
    return all;
  }
}

/** Whether a row is a certificate. */
export const isCertified = ({ state }: KeyRow): boolean => state === "active" || state === "known";

/** Every certified epoch of a wallet on any of the disks, by session. */
export function certifiedOn(disks: ReadonlyMap<string, OnDisk>, wallet: string): Map<SessionId, KeyRow> {
  const all = new Map<SessionId, KeyRow>();
  for (const rows of disks.values()) {
    for (const [session, row] of rows) {
      if (isCertified(row) && row.key!.wallet === wallet) all.set(session, row);
    }
  }
  return all;
}

/** The names of the disks with a share of a session. */
export const holdersOn = (disks: ReadonlyMap<string, OnDisk>, session: SessionId): string[] =>
  [...disks].filter(([, rows]) => (rows.get(session)?.share.length ?? 0) > 0).map(([name]) => name);

/** The certified epochs that follow one, however far. */
export function laterThan(certified: ReadonlyMap<SessionId, KeyRow>, session: SessionId): KeyRow[] {
  const next = [...certified.values()].filter(({ parent }) => parent?.session.toHex() === session);
  return next.flatMap((row) => [row, ...laterThan(certified, row.session.toHex())]);
}

/** Whether a wallet has an epoch with which enough disks can sign: those that have a share, and no later certificate. */
export function hasQuorum(disks: ReadonlyMap<string, OnDisk>, wallet: string): boolean {
  const certified = certifiedOn(disks, wallet);
  return [...certified].some(([session, { key }]) => {
    const later = laterThan(certified, session).map((row) => row.session.toHex());
    const isRetired = (rows: OnDisk) => later.some((id) => rows.has(id) && isCertified(rows.get(id)!));
    const users = holdersOn(disks, session).filter((name) => !isRetired(disks.get(name)!));
    return users.length >= key!.threshold;
  });
}

/** The certified epochs of a wallet that no certified epoch follows. */
export function latestOn(disks: ReadonlyMap<string, OnDisk>, wallet: string): KeyRow[] {
  const all = certifiedOn(disks, wallet);
  const followed = new Set([...all.values()].flatMap(({ parent }) => parent?.session.toHex() ?? []));
  return [...all].filter(([session]) => !followed.has(session)).map(([, row]) => row);
}
