/**
 * The store of a stopped node, opened for a command with the node's own configuration. Nothing secret is
 * opened: shares and pairs stay sealed.
 * @module
 */
import { Bans } from "../cluster/keys/bans.ts";
import { FailedResharings } from "../cluster/keys/epochs/failed_resharings.ts";
import { Frozen } from "../cluster/keys/frozen.ts";
import { parseRoster, type Roster } from "../cluster/roster/roster.ts";
import { InputError, StoreError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { Rows } from "../keystore/rows.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import { dataKeyName, openDataKey, sealedRecords } from "../store/sealed.ts";
import { sqliteStore } from "../store/sqlite.ts";
import { openKeyFile } from "./commands/identity.ts";
import { passphraseFrom } from "./secrets.ts";
import { readConfig } from "./config.ts";
import { isThere, readText } from "./files.ts";

/** An opened store, and the names of its peers. */
export interface OpenedStore {
  rows: Rows;
  bans: Bans;
  frozen: Frozen;
  failedResharings: FailedResharings;
  /** The peer whose store it is. */
  self: PeerId;
  /** The roster in the file that the configuration names. */
  roster: Roster;
  /** A peer's name in the roster; null if it is no longer in the roster. */
  nameOf(peer: PeerId): string | null;
}

/**
 * Opens the store that a node's configuration names, for `work`.
 *
 * @param path The configuration's file.
 * @param options.alone Whether no node may use the store meanwhile: a running node would overwrite changes,
 * since it keeps in memory what it read at its start.
 * @throws {InputError} Names what is wrong; nothing was made or changed.
 */
export async function withStore<T>(
  path: string,
  work: (opened: OpenedStore) => Promise<T>,
  { alone = false } = {},
): Promise<T> {
  const { identity, roster: file, store, passphrase } = await readConfig(path);
  const roster = parseRoster(await readText("roster", file));
  const names = new Map(roster.peers.map(({ peer, name }) => [peer, name]));
  const self = await openKeyFile(identity, await passphraseFrom(passphrase));
  if (!await isThere(store)) throw new InputError("store", `expected a node's store, found none at ${store}`);
  const records = sqliteStore(store);
  try {
    if (await records.get(dataKeyName) === null) {
      throw new InputError("store", `expected a node's store, found an empty one at ${store}`);
    }
    if (alone) await records.claim?.();
    const dataKey = await openDataKey(records, self.secrets(), platformRandom);
    const rows = sealedRecords(records, dataKey, platformRandom);
    const stopping = new AbortController().signal;
    const bans = await Bans.open({ rows, clock: platformClock, self: self.peer, stopping });
    const frozen = await Frozen.open(rows);
    const failedResharings = await FailedResharings.open(rows);
    const nameOf = (peer: PeerId) => names.get(peer) ?? null;
    return await work({ rows, bans, frozen, failedResharings, self: self.peer, roster, nameOf });
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    throw new InputError("store", `expected one that can be read, found: ${cause.message}`, { cause });
  } finally {
    await records.close();
  }
}
