/**
 * The rows of a holder's pairs, by the session that made the key: written before the share, and erased with
 * it, or earlier when a pair is banned.
 * @module
 */
import type { PeerId } from "../failure.ts";
import type { Rows } from "./rows.ts";
import { pairRows } from "./row_names.ts";

const rowsOf = (session: Uint8Array) => `${pairRows}${session.toHex()}/`;

/**
 * Writes the sealed state of each pair. Resolves when all are on disk.
 *
 * @throws {StoreError} If one could not be written.
 * @throws {Error} If there is one already.
 */
export async function writePairs(
  rows: Rows,
  session: Uint8Array,
  pairs: ReadonlyMap<PeerId, Uint8Array>,
): Promise<void> {
  for (const [peer, sealed] of pairs) {
    if (!await rows.swap(rowsOf(session) + peer, null, sealed)) {
      throw new Error(`Cannot write the pair with ${peer}: there is one already`);
    }
  }
}

/** The sealed state of one pair, or null if there is none. @throws {StoreError} */
export async function readPair(rows: Rows, session: Uint8Array, peer: PeerId): Promise<Uint8Array | null> {
  return (await rows.get(rowsOf(session) + peer))?.plain ?? null;
}

/** Erases the state of one pair, or of all pairs of a key. @throws {StoreError} */
export async function erasePairs(rows: Rows, session: Uint8Array, peer?: PeerId): Promise<void> {
  const names = peer === undefined ? await rows.names(rowsOf(session)) : [rowsOf(session) + peer];
  for (const name of names) await rows.erase(name);
}

/**
 * Erases the pairs of keys that are not known: their set-up was written, and their share never was.
 *
 * @throws {StoreError}
 */
export async function sweepPairs(rows: Rows, known: (keyId: string) => boolean): Promise<void> {
  for (const name of await rows.names(pairRows)) {
    if (!known(name.slice(pairRows.length).split("/")[0]!)) await rows.erase(name);
  }
}
