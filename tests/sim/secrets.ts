/**
 * What nobody may ever see: searched for in everything that real cryptography put on the network or told.
 * @module
 */
import { Buffer } from "node:buffer";
import { readRow } from "../../src/keystore/key_rows.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { openShare } from "../../src/keystore/share_record.ts";
import { seededRandom } from "./cluster.ts";
import type { Violation } from "./invariants.ts";
import type { World } from "./world.ts";

/** The secrets of one node: its keys and its shares. */
async function secretsOf(world: World, name: string): Promise<Map<string, Uint8Array>> {
  const { identity, store, peer } = world.cluster.at(name);
  const { peerSeed, storageKey } = identity.secrets();
  const all = new Map([
    ["peer key", peerSeed],
    ["storage key", new TextEncoder().encode(storageKey)],
  ]);
  const random = seededRandom("secrets");
  const dataKey = await openDataKey(store, identity.secrets(), random);
  all.set("data key", dataKey);
  const rows = sealedRecords(store, dataKey, random);
  for (const row of await rows.names("key/")) {
    const found = await readRow(rows, row);
    if (!found?.row.key) continue;
    const { key, session } = found.row;
    const { share } = await openShare(storageKey, { peer, key, session }, found.row.share);
    all.set(`share of ${key.wallet}`, share.slice());
  }
  return all;
}

/** I14: no secret is in any frame, nor, in hex, in anything told. */
export async function nothingLeaked(world: World): Promise<Violation[]> {
  if (!world.real) return [];
  const wire = Buffer.concat(world.ledger.frames);
  const told = world.ledger.events.join("\n");
  const found: Violation[] = [];
  for (const name of world.holders) {
    for (const [what, secret] of await secretsOf(world, name)) {
      const where = wire.includes(Buffer.from(secret))
        ? "on the network"
        : told.includes(secret.toHex())
        ? "in an event"
        : null;
      if (where) found.push({ invariant: "I14 secrets", what: `the ${what} of ${name} is ${where}` });
    }
  }
  return found;
}
