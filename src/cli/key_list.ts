/**
 * The keys of a store as the command line prints them: as text, or as JSON.
 * @module
 */
import { Epochs } from "../cluster/keys/epochs/epochs.ts";
import { StoreError } from "../errors.ts";
import type { Scheme, SessionId } from "../events.ts";
import { isCertified, type KeyRow, readRow } from "../keystore/key_rows.ts";
import type { Rows } from "../keystore/rows.ts";
import { keyRows } from "../keystore/row_names.ts";
import { platformClock } from "../platform/platform.ts";
import { schemes } from "../schemes/schemes.ts";
import { type ListedEpoch, nameAndId, type NamedPeer, namedPeers, textOfEpoch } from "./past_epochs.ts";
import type { OpenedStore } from "./store.ts";

/** A key in its latest epoch, as it is printed. */
export interface ListedKey {
  wallet: string;
  scheme: Scheme;
  epoch: number;
  state: "active" | "pending" | "frozen" | "given-up";
  /** True if there is a share of it here. */
  held: boolean;
  /** True if this node takes part in no resharing of it for now, after some in which somebody cheated. */
  paused: boolean;
  /** The session that made the key, or failed to, in hex. */
  session: SessionId;
  threshold: number;
  members: NamedPeer[];
  /** In hex. */
  publicKey: string;
  /** In hex: with the public key it is all that child keys are derived from. */
  chainCode: string;
  /** By network. */
  addresses: Readonly<Record<string, string>>;
  /** Signatures that failed in the last step, within the last 24 hours; null where only the store would say. */
  failures: number | null;
  /** Members with which this node must never use it again. */
  banned: NamedPeer[];
  /** Members with which it does not use it until the pair is released. */
  quarantined: NamedPeer[];
  /** The epochs before, the first one first. */
  past: ListedEpoch[];
  /** The other epochs that an epoch before was dealt into as well, in hex: the key was forked. */
  forks: SessionId[];
}

/** The keys in a store. */
export interface StoredKeys {
  /** The rows with a share, sorted by name and epoch. */
  held: KeyRow[];
  /** The rows of sessions to which an epoch is released, and that are not decided. */
  released: KeyRow[];
  /** The rows of certified epochs, with or without a share, by their ids. */
  certified: ReadonlyMap<SessionId, KeyRow>;
  epochs: Epochs;
  /** The names of unreadable rows. */
  damaged: string[];
}

/** Reads the rows of a store. @throws {StoreError} If they cannot be listed. */
export async function storedKeys(rows: Rows): Promise<StoredKeys> {
  const held: KeyRow[] = [];
  const released: KeyRow[] = [];
  const certified = new Map<SessionId, KeyRow>();
  const epochs = new Epochs((keyId) => certified.get(keyId));
  const damaged: string[] = [];
  for (const name of await rows.names(keyRows)) {
    try {
      const row = (await readRow(rows, name))?.row;
      if (!row) continue;
      if (row.share.length > 0) held.push(row);
      if (row.state === "released") released.push(row);
      if (!isCertified(row)) continue;
      certified.set(row.session.toHex(), row);
      epochs.add(row);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      damaged.push(name);
    }
  }
  return { held: held.sort(byName), released, certified, epochs, damaged };
}

function byName({ key: one }: KeyRow, { key: other }: KeyRow): number {
  const [first, second] = [`${one!.wallet} ${one!.scheme}`, `${other!.wallet} ${other!.scheme}`];
  return first === second ? one!.epoch - other!.epoch : first < second ? -1 : 1;
}

/** Whether a later epoch of a key is known in its store. */
export const isRetired = ({ epochs }: Pick<StoredKeys, "epochs">, { session }: KeyRow): boolean =>
  epochs.isRetired(session.toHex());

/** The rows of the keys in their latest epochs: those with a share, and those that this node has left. */
export function latest(keys: StoredKeys): KeyRow[] {
  const left = [...keys.certified.values()].filter(({ state }) => state === "known");
  return [...keys.held, ...left].filter((row) => !isRetired(keys, row)).sort(byName);
}

/**
 * A key row as it is printed.
 *
 * @param heard The keys as a node knows them that was started for it, for what others have said; none if nobody was asked.
 */
export function listedKey(
  row: KeyRow,
  keys: StoredKeys,
  { opened, heard = [] }: { opened: OpenedStore; heard?: readonly ListedKey[] },
): ListedKey {
  const { bans, frozen, failedResharings, nameOf, self } = opened;
  const { key, session, state, share } = row;
  const { wallet, scheme, epoch, threshold, members, publicKey, chainCode } = key!;
  const id = session.toHex();
  const named = namedPeers(nameOf);
  const erased = new Map(heard.flatMap(({ past }) => past.map((one) => [one.session, one.erased] as const)));
  const line = keys.epochs.upTo(row);
  const past = line.slice(0, -1).map((before) => {
    const id = before.session.toHex();
    const held = before.share.length > 0;
    const here = !held && before.key!.members.includes(self) ? [self] : [];
    const { epoch, threshold, members } = before.key!;
    const gone = erased.get(id) ?? named(here);
    return {
      epoch,
      session: id,
      threshold,
      members: named(members),
      held,
      erased: gone,
      banned: named(bans.of(id)),
    };
  });
  return {
    wallet,
    scheme,
    epoch,
    state: isCertified(row)
      ? (frozen.has(id) ? "frozen" : "active")
      : state === "pending"
      ? state
      : "given-up",
    held: share.length > 0,
    paused: failedResharings.isPaused(id, platformClock.now()),
    session: id,
    threshold,
    members: named(members),
    publicKey: publicKey.toHex(),
    chainCode: chainCode.toHex(),
    addresses: schemes[scheme].addressesOf(publicKey),
    failures: frozen.failures(id, platformClock.now()),
    banned: named(bans.of(id)),
    quarantined: named(frozen.quarantined(id)),
    past,
    forks: forksOf(line, keys),
  };
}

/** The epochs beside a line of them that were dealt from one of it. */
function forksOf(line: readonly KeyRow[], { epochs }: StoredKeys): SessionId[] {
  const own = new Set(line.map(({ session }) => session.toHex()));
  return line.flatMap(({ session }) => [...epochs.after(session.toHex())]).filter((id) => !own.has(id));
}

/** The lines that show a key. */
export function* textOf(key: ListedKey): Iterable<string> {
  const { wallet, scheme, epoch, state, held, threshold, members, publicKey, addresses } = key;
  const { failures, banned, quarantined, session, past, forks, paused } = key;
  const here = held ? "" : ", no share here";
  yield `${wallet}, ${scheme}: ${state}, ${threshold} of ${members.length} sign, epoch ${epoch}${here}`;
  yield `  public key  ${publicKey}`;
  for (const [network, address] of Object.entries(addresses)) {
    yield `  ${network.padEnd(11)} ${address}`;
  }
  for (const [i, member] of members.entries()) yield `  member ${i + 1}    ${nameAndId(member)}`;
  for (const other of banned) yield `  banned      ${nameAndId(other)}`;
  for (const other of quarantined) yield `  quarantined ${nameAndId(other)}`;
  if (paused) yield `  paused      its resharing, after some in which somebody cheated`;
  yield `  session     ${session}`;
  if (failures !== null) yield `  failures    ${failures} in the last 24 hours`;
  for (const one of past) yield* textOfEpoch(one);
  for (const other of forks) {
    yield `  forked      an epoch before was dealt into ${other} as well: nothing of either is erased`;
  }
}
