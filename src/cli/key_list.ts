/**
 * The keys of a store as the command line prints them: as text, or as JSON.
 * @module
 */
import { StoreError } from "../errors.ts";
import type { Scheme } from "../events.ts";
import type { PeerId } from "../failure.ts";
import { type KeyRow, readRow } from "../keystore/key_rows.ts";
import type { Rows } from "../keystore/rows.ts";
import { keyRows } from "../keystore/row_names.ts";
import { platformClock } from "../platform/platform.ts";
import { schemes } from "../schemes/schemes.ts";
import type { OpenedStore } from "./store.ts";

/** A peer, as it is printed. */
export interface NamedPeer {
  peer: PeerId;
  name: string | null;
}

/** A key, as it is printed. */
export interface ListedKey {
  wallet: string;
  scheme: Scheme;
  epoch: number;
  state: "active" | "pending" | "frozen" | "given-up";
  /** The session that made the key, or failed to, in hex. */
  session: string;
  threshold: number;
  members: NamedPeer[];
  /** In hex. */
  publicKey: string;
  /** Null for a scheme without addresses. */
  addresses: Readonly<Record<string, string>> | null;
  /** Signatures that failed in the last step, within the last 24 hours. */
  failures: number;
  /** Members with which this node must never use it again. */
  banned: NamedPeer[];
  /** Members with which it does not use it until the pair is released. */
  quarantined: NamedPeer[];
}

/**
 * The rows of the keys of which this node holds a share, sorted by name, and the names of unreadable rows.
 */
export async function ownKeys(rows: Rows): Promise<{ keys: KeyRow[]; damaged: string[] }> {
  const keys: KeyRow[] = [];
  const damaged: string[] = [];
  for (const name of await rows.names(keyRows)) {
    try {
      const found = await readRow(rows, name);
      if (found && found.row.share.length > 0) keys.push(found.row);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      damaged.push(name);
    }
  }
  const nameOf = ({ key }: KeyRow) => `${key!.wallet} ${key!.scheme}`;
  keys.sort((a, b) => nameOf(a) < nameOf(b) ? -1 : 1);
  return { keys, damaged };
}

/** A key row as it is printed. */
export function listedKey(
  { key, session, state }: KeyRow,
  { bans, frozen, nameOf }: OpenedStore,
): ListedKey {
  const { wallet, scheme, epoch, threshold, members, publicKey } = key!;
  const id = session.toHex();
  const named = (peer: PeerId) => ({ peer, name: nameOf(peer) });
  return {
    wallet,
    scheme,
    epoch,
    state: state === "active"
      ? (frozen.has(id) ? "frozen" : "active")
      : state === "pending"
      ? state
      : "given-up",
    session: id,
    threshold,
    members: members.map(named),
    publicKey: publicKey.toHex(),
    addresses: schemes[scheme].addressesOf(publicKey),
    failures: frozen.failures(id, platformClock.now()),
    banned: bans.of(id).map(named),
    quarantined: frozen.quarantined(id).map(named),
  };
}

/** A peer with its name and its id. */
export const nameAndId = ({ name, peer }: NamedPeer) => name === null ? peer : `${name} (${peer})`;

/** The lines that show a key. */
export function* textOf(key: ListedKey): Iterable<string> {
  const { wallet, scheme, epoch, state, threshold, members, publicKey, addresses } = key;
  const { failures, banned, quarantined, session } = key;
  yield `${wallet}, ${scheme}: ${state}, ${threshold} of ${members.length} sign, epoch ${epoch}`;
  yield `  public key  ${publicKey}`;
  for (const [network, address] of Object.entries(addresses ?? {})) {
    yield `  ${network.padEnd(11)} ${address}`;
  }
  for (const [i, member] of members.entries()) yield `  member ${i + 1}    ${nameAndId(member)}`;
  for (const other of banned) yield `  banned      ${nameAndId(other)}`;
  for (const other of quarantined) yield `  quarantined ${nameAndId(other)}`;
  yield `  session     ${session}`;
  yield `  failures    ${failures} in the last 24 hours`;
}
