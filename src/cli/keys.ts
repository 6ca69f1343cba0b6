/**
 * `keys`: what a stopped node's store says of its keys, and what an operator may change there. Nothing secret
 * is opened: shares and pairs stay sealed.
 * @module
 */
import { defineCommand } from "citty";
import type { Ban } from "../cluster/records/ban_record.ts";
import { Bans } from "../cluster/keys/bans.ts";
import { Frozen } from "../cluster/keys/frozen.ts";
import { parseRoster } from "../cluster/roster/roster.ts";
import { bitcoinAddress, ethereumAddress } from "../crypto/address.ts";
import type { Curve } from "../events.ts";
import { InputError, StoreError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import { change, type KeyRow, readRow, type Rows } from "../keystore/key_rows.ts";
import { erasePairs } from "../keystore/pair_rows.ts";
import { keyRows } from "../keystore/row_names.ts";
import { erased } from "../keystore/votes.ts";
import { dataKeyName, openDataKey, sealedRecords } from "../store/sealed.ts";
import { sqliteStore } from "../store/sqlite.ts";
import { readJson, readText } from "./files.ts";
import { openKeyFile, passphraseFrom } from "./identity.ts";
import { configShape } from "./node.ts";
import { print, printJson } from "./print.ts";

/** What is read of a store, and how its peers are called. */
interface Opened {
  rows: Rows;
  bans: Bans;
  frozen: Frozen;
  /** A member's name in the roster, or null if it is not in it any more. */
  nameOf(peer: PeerId): string | null;
}

/** A member as it is printed. */
interface Named {
  peer: PeerId;
  name: string | null;
}

/** A key as it is printed. */
interface Listed {
  wallet: string;
  curve: Curve;
  epoch: number;
  state: "active" | "pending" | "frozen" | "given-up";
  /** The session that made it, or was to, in hex. */
  session: string;
  threshold: number;
  members: Named[];
  /** In hex. */
  publicKey: string;
  /** Of keys of secp256k1. */
  addresses: { bitcoin: string; ethereum: string } | null;
  /** Last steps that failed within the last 24 hours. */
  failures: number;
  /** With whom this node must not use it. */
  banned: Named[];
  /** With whom it does not until its pair is released. */
  quarantined: Named[];
}

const config = {
  type: "positional",
  required: true,
  description: "the node's configuration, node.json",
} as const;
const json = { type: "boolean", description: "print JSON", default: false } as const;

/**
 * Reads a store with what its node's configuration names.
 *
 * @param options.alone Whether no node may run on it: what is changed under one, it would write over, since it keeps in
 * memory what it has read when it started.
 * @throws {InputError} Naming what is wrong with it; nothing was made or changed.
 */
export async function withStore<T>(
  path: string,
  work: (opened: Opened) => Promise<T>,
  { alone = false } = {},
): Promise<T> {
  const { identity, roster, store, passphrase } = await readJson("config", path, configShape);
  const { peers } = parseRoster(await readText("roster", roster));
  const names = new Map(peers.map(({ peer, name }) => [peer, name]));
  const self = await openKeyFile(identity, await passphraseFrom(passphrase));
  if (!await exists(store)) throw new InputError("store", `expected a node's store, found none at ${store}`);
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
    return await work({ rows, bans, frozen, nameOf: (peer) => names.get(peer) ?? null });
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    throw new InputError("store", `expected one that can be read, found: ${cause.message}`, { cause });
  } finally {
    await records.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** This node's rows of keys, in the order of their names, and the names of rows that cannot be read. */
async function ownKeys(rows: Rows): Promise<{ keys: KeyRow[]; damaged: string[] }> {
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
  const nameOf = ({ key }: KeyRow) => `${key!.wallet} ${key!.curve}`;
  keys.sort((a, b) => nameOf(a) < nameOf(b) ? -1 : 1);
  return { keys, damaged };
}

function listed({ key, session, state }: KeyRow, { bans, frozen, nameOf }: Opened): Listed {
  const { wallet, curve, epoch, threshold, members, publicKey } = key!;
  const id = session.toHex();
  const named = (peer: PeerId) => ({ peer, name: nameOf(peer) });
  return {
    wallet,
    curve,
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
    addresses: curve === "secp256k1"
      ? { bitcoin: bitcoinAddress(publicKey), ethereum: ethereumAddress(publicKey) }
      : null,
    failures: frozen.failures(id, platformClock.now()),
    banned: bans.of(id).map(named),
    quarantined: frozen.quarantined(id).map(named),
  };
}

const called = ({ name, peer }: Named) => name === null ? peer : `${name} (${peer})`;

function* textOf(key: Listed): Iterable<string> {
  const { wallet, curve, epoch, state, threshold, members, publicKey, addresses } = key;
  const { failures, banned, quarantined, session } = key;
  yield `${wallet}, ${curve}: ${state}, ${threshold} of ${members.length} sign, epoch ${epoch}`;
  yield `  public key  ${publicKey}`;
  if (addresses) yield `  bitcoin     ${addresses.bitcoin}`;
  if (addresses) yield `  ethereum    ${addresses.ethereum}`;
  for (const [i, member] of members.entries()) yield `  member ${i + 1}    ${called(member)}`;
  for (const other of banned) yield `  banned      ${called(other)}`;
  for (const other of quarantined) yield `  quarantined ${called(other)}`;
  yield `  session     ${session}`;
  yield `  failures    ${failures} in the last 24 hours`;
}

const list = defineCommand({
  meta: { name: "list", description: "Print the keys that a stopped node holds a share of" },
  args: { config, json },
  async run({ args }) {
    await withStore(args.config, async (opened) => {
      const { keys, damaged: unread } = await ownKeys(opened.rows);
      const damaged = [...unread, ...opened.bans.damaged()];
      const all = keys.map((row) => listed(row, opened));
      if (args.json) return printJson({ keys: all, damaged });
      for (const key of all) for (const line of textOf(key)) print(line);
      for (const name of damaged) print(`${name}: damaged`);
      if (all.length + damaged.length === 0) print("no keys");
    });
  },
});

const bans = defineCommand({
  meta: { name: "bans", description: "Print with whom a stopped node must not use which key" },
  args: { config, json },
  async run({ args }) {
    await withStore(args.config, ({ bans, nameOf }) => {
      const told = ({ wallet, curve, epoch, other, at }: Ban) => ({
        wallet,
        curve,
        epoch,
        other: { peer: other, name: nameOf(other) },
        at: new Date(at).toISOString(),
      });
      const all = bans.own().map(told);
      const damaged = bans.damaged();
      if (args.json) printJson({ bans: all, damaged });
      else if (all.length + damaged.length === 0) print("no bans");
      else {
        for (const { wallet, curve, other, at } of all) {
          print(`${wallet}, ${curve}: never again with ${called(other)}, since ${at}`);
        }
        for (const name of damaged) print(`${name}: damaged`);
      }
      return Promise.resolve();
    });
  },
});

/** @throws {InputError} `wallet`, if the store has none of that name that is `wanted`. */
function theOne(keys: readonly KeyRow[], wanted: { wallet: string; curve: string }): KeyRow[] {
  const found = keys.filter(({ key }) => key!.wallet === wanted.wallet && key!.curve === wanted.curve);
  if (found.length > 0) return found;
  const names = keys.map(({ key }) => `“${key!.wallet}” on ${key!.curve}`).join(", ") || "no keys";
  throw new InputError(
    "wallet",
    `expected a key of this store (${names}), found “${wanted.wallet}” on ${wanted.curve}`,
  );
}

/** The one of these that can be used. @throws {InputError} `key`, if there is another, or none with that id. */
function usable(
  found: readonly KeyRow[],
  { wallet, key }: { wallet: string; key?: string | undefined },
): KeyRow {
  const active = found.filter(({ state }) => state === "active");
  if (active.length === 0) return found[0]!;
  const chosen = key === undefined ? active : active.filter(({ session }) => session.toHex() === key);
  if (chosen.length === 1) return chosen[0]!;
  const ids = active.map(({ session }) => session.toHex()).join(", ");
  throw new InputError("key", `expected the session of one key “${wallet}” (${ids}), found ${key ?? "none"}`);
}

const named = {
  wallet: { type: "positional", required: true, description: "the wallet's name" },
  curve: { type: "positional", required: true, description: "secp256k1 or ed25519" },
} as const;

const giveUp = defineCommand({
  meta: {
    name: "give-up",
    description: "Free the name of a pending key of a stopped node; its share is kept",
  },
  args: { config, ...named },
  async run({ args }) {
    await withStore(args.config, async ({ rows }) => {
      const found = theOne((await ownKeys(rows)).keys, args);
      const row = found.find(({ state }) => state === "pending");
      if (!row) {
        throw new InputError("wallet", `expected a pending key, found “${args.wallet}” ${found[0]!.state}`);
      }
      await change(
        rows,
        row.session,
        (row) => row.state === "pending" ? { ...row, state: "given-up" } : null,
      );
    }, { alone: true });
    console.log(
      `${args.wallet}, ${args.curve}: given up; should all members have confirmed it, it comes back`,
    );
  },
});

const erase = defineCommand({
  meta: {
    name: "erase",
    description: "Erase, for good, the share of a key that a stopped node has given up",
  },
  args: {
    config,
    session: { type: "positional", required: true, description: "the session that was to make it, in hex" },
  },
  async run({ args }) {
    await withStore(args.config, async ({ rows }) => {
      const { keys } = await ownKeys(rows);
      const row = keys.find(({ session, state }) =>
        session.toHex() === args.session && (state === "given-up" || state === "lost")
      );
      if (!row) {
        throw new InputError("session", `expected that of a key that was given up, found ${args.session}`);
      }
      await change(rows, row.session, (row) => row.state === "active" ? null : erased(row));
      await erasePairs(rows, row.session);
    }, { alone: true });
    console.log(`${args.session}: erased`);
  },
});

const unfreeze = defineCommand({
  meta: {
    name: "unfreeze",
    description: "Let a stopped node use a frozen key, or a quarantined pair, again",
  },
  args: {
    config,
    ...named,
    key: { type: "string", description: "the session that made it, in hex, where two keys have one name" },
    peer: { type: "string", description: "release the pair with this peer, by its id or its name" },
  },
  async run({ args }) {
    await withStore(args.config, async ({ rows, frozen, nameOf }) => {
      const row = usable(theOne((await ownKeys(rows)).keys, args), args);
      const session = row.session.toHex();
      if (args.peer === undefined) {
        if (!frozen.has(session)) {
          throw new InputError("wallet", `expected a frozen key, found “${args.wallet}” ${row.state}`);
        }
        await frozen.unfreeze(session);
        return print(`${args.wallet}, ${args.curve}: active from the node's next start on`);
      }
      const quarantined = frozen.quarantined(session);
      const other = quarantined.find((peer) => peer === args.peer || nameOf(peer) === args.peer);
      if (other === undefined) {
        const names = quarantined.map((peer) => nameOf(peer) ?? peer).join(", ") || "none";
        throw new InputError("peer", `expected a quarantined one (${names}), found ${args.peer}`);
      }
      await frozen.unfreeze(session, other);
      print(
        `${args.wallet}, ${args.curve}: used with ${nameOf(other) ?? other} from the node's next start on`,
      );
    }, { alone: true });
  },
});

export const keysCommand = defineCommand({
  meta: { name: "keys", description: "The keys in a stopped node's store" },
  subCommands: { list, bans, unfreeze, "give-up": giveUp, erase },
});
