/**
 * The entry point for browsers, beside `@quorate/quorate`: a store, a transport, identities, and joining a cluster.
 * @module
 */
import "./platform/polyfills.ts";
import { parseInvitation } from "./cluster/roster/admission/invitation_link.ts";
import type { Roster } from "./cluster/roster/roster.ts";
import {
  type Keeping,
  type LockWaiting,
  type StoredIdentity,
  storedIdentity as kept,
} from "./identity/stored_identity.ts";
import { browserPasskeys } from "./identity/passkey.ts";
import { join, type JoinOptions } from "./node/join.ts";
import { platformRandom } from "./platform/platform.ts";
import type { Identity, Store, Transport, WorkerLike } from "./ports.ts";
import { type OpenBackup, openBackup as open, type Restored } from "./node/restore.ts";
import { indexedDbStore } from "./store/indexeddb.ts";
import { browserTransport, type BrowserTransportOptions } from "./transport/browser_transport.ts";
import { webSocketsFromTab } from "./transport/websocket.browser.ts";

export type { JoinOptions };
export { type TabLifeOptions, watchTab } from "./node/tab_life.ts";
export type { Keeping, Kept, Lock, LockWaiting, Opener, StoredIdentity } from "./identity/stored_identity.ts";
export { oneTab, type Tab } from "./identity/one_tab.browser.ts";
export type { KeyRestored, OpenBackup, Restored, RestoreTo } from "./node/restore.ts";
export { type Persistence, persistStorage, storageState } from "./store/persist.browser.ts";
export { indexedDbStore };
export { browserTransport, type BrowserTransportOptions, webSocketsFromTab };
export type { OpenedWebRtc, WebRtc } from "./transport/webrtc/webrtc.ts";

/**
 * An identity that outlives the page, in a database of its own, apart from the shares.
 *
 * @param database Its name.
 */
export function storedIdentity(database = "quorate-identity"): StoredIdentity {
  const open = () => indexedDbStore(database);
  return kept({ open, random: platformRandom, passkeys: browserPasskeys });
}

/**
 * Opens a backup; takes about a second. Nothing is written.
 *
 * @param options.startWorker Starts the worker that does it, as in `createNode`; without it the page is
 * blocked meanwhile.
 * @throws {InputError} `passphrase`, or `backup`, if it is none. The signal's reason, if it aborts.
 * @throws {SessionError} `internal`, if that worker breaks.
 */
export const openBackup: (
  file: Uint8Array,
  passphrase: string,
  options?: { startWorker?: () => WorkerLike; signal?: AbortSignal },
) => Promise<OpenBackup> = open;

/**
 * Makes this browser the peer of the backup: its shares go into `store`, and its identity, with a new lock,
 * into `identity`.
 *
 * @throws {InputError} `identity`, if one of the two places is another peer's; or an error of
 * {@linkcode StoredIdentity.create} about the lock. Then nothing was written. The signal's reason, if it aborts: after
 * the first write the restore goes on all the same.
 * @throws {StoreError} Call it again when the cause is mended: it continues where it stopped.
 */
export function restoreBackup(
  backup: OpenBackup,
  { store, identity, signal, ...how }: Keeping & LockWaiting & { store: Store; identity: StoredIdentity },
): Promise<Restored> {
  const waiting = signal ? { signal } : {};
  const keep = (whose: Identity) => identity.prepare(whose, how, waiting);
  return backup.restore({ store, random: platformRandom, keep, ...waiting });
}

/**
 * Asks to join a cluster, with the part of an invitation's link after `#`. If a person has to approve,
 * `options.waiting` receives the four words for that person, and the promise resolves when that person has
 * said yes.
 *
 * @param options.transport Default: {@linkcode webSocketsFromTab}.
 * @returns The roster, with this peer in it.
 * @throws {InputError} `name`. {@linkcode InvitationError}, with the reason. The signal's reason, if it
 * aborts.
 */
export async function joinCluster(
  fragment: string,
  identity: Identity,
  { transport = webSocketsFromTab(), ...options }: JoinOptions & { transport?: Transport },
): Promise<{ roster: Roster }> {
  return { roster: await join(transport, identity, parseInvitation(fragment), options) };
}
