/**
 * What a peer in a page needs beside `quorate`: a store, a way to dial, and a way in.
 * @module
 */
import "./platform/polyfills.ts";
import { parseInvitation } from "./cluster/roster/join.ts";
import type { Roster } from "./cluster/roster/roster.ts";
import { newIdentity } from "./identity/identity.ts";
import { type Keeping, type KeptIdentity, storedIdentity as kept } from "./identity/stored_identity.ts";
import { browserPasskeys } from "./identity/passkey.ts";
import { join, type JoinOptions } from "./node/join.ts";
import { platformRandom } from "./platform/platform.ts";
import type { Identity, Store, Transport } from "./ports.ts";
import { type OpenBackup, openBackup as open, type Restored } from "./node/restore.ts";
import { indexedDbStore } from "./store/indexeddb.ts";
import { browserTransport, type BrowserTransportOptions } from "./transport/browser_transport.ts";
import { webSocketsFromTab } from "./transport/websocket.browser.ts";

export type { JoinOptions };
export { type TabLifeOptions, watchTab } from "./node/tab_life.ts";
export type { Keeping, Kept, KeptIdentity, Lock, Opener } from "./identity/stored_identity.ts";
export { oneTab, type Tab } from "./identity/one_tab.browser.ts";
export type { KeyRestored, OpenBackup, Restored, RestoreTo } from "./node/restore.ts";
export { type Persistence, persistStorage, storageState } from "./store/persist.browser.ts";
export { indexedDbStore };
export { browserTransport, type BrowserTransportOptions, webSocketsFromTab };

/** An identity that lasts as long as the page: for one that holds no share. */
export function ephemeralIdentity(): Promise<Identity> {
  return newIdentity(platformRandom);
}

/**
 * The place of an identity that outlives the page: a database of its own, apart from the shares.
 *
 * @param database Its name.
 */
export function storedIdentity(database = "quorate-identity"): KeptIdentity {
  const open = () => indexedDbStore(database);
  return kept({ open, random: platformRandom, passkeys: browserPasskeys });
}

/**
 * Opens a backup; takes about a second. Nothing is written.
 *
 * @param options.startWorker Starts the worker in which that is done, as of `createNode`; without it the page stands
 * still meanwhile.
 * @throws {InputError} `passphrase`, or `backup`, if it is none.
 * @throws {SessionError} `internal`, if that worker breaks.
 */
export const openBackup: (
  file: Uint8Array,
  passphrase: string,
  options?: { startWorker?: () => Worker },
) => Promise<OpenBackup> = open;

/**
 * Makes this browser the peer that the backup is of: its shares go into `store`, and its identity, locked anew, into
 * `identity`.
 *
 * @throws {InputError} `identity`, if one of the two places is another peer's; what {@linkcode KeptIdentity.create}
 * throws for the lock. Then nothing was written.
 * @throws {StoreError} Do the same again when the cause is mended: it goes on where it was.
 */
export function restoreBackup(
  backup: OpenBackup,
  { store, identity, ...how }: Keeping & { store: Store; identity: KeptIdentity },
): Promise<Restored> {
  return backup.restore({ store, random: platformRandom, keep: (whose) => identity.prepare(whose, how) });
}

/**
 * Asks to be taken into a cluster, with what follows `#` in an invitation's link. If a person has to approve,
 * `options.waiting` is given the four words for that person, and this resolves when that person has said yes.
 *
 * @param options.transport Default: {@linkcode webSocketsFromTab}.
 * @returns The roster in which this peer is.
 * @throws {InputError} `name`. {@linkcode InvitationError}, saying why it let nobody in. The signal's reason, if that
 * aborts.
 */
export async function joinCluster(
  fragment: string,
  identity: Identity,
  { transport = webSocketsFromTab(), ...options }: JoinOptions & { transport?: Transport },
): Promise<{ roster: Roster }> {
  return { roster: await join(transport, identity, parseInvitation(fragment), options) };
}
