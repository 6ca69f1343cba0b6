/**
 * `keys`: shows the keys in a stopped node's store, and changes what an operator may change there.
 * @module
 */
import { defineCommand } from "citty";
import type { Ban } from "../../cluster/records/ban_record.ts";
import { InputError } from "../../errors.ts";
import { change, type KeyRow } from "../../keystore/key_rows.ts";
import { erasePairs } from "../../keystore/pair_rows.ts";
import { erased } from "../../keystore/votes.ts";
import { schemeIds } from "../../schemes/schemes.ts";
import { listedKey, nameAndId, ownKeys, textOf } from "../key_list.ts";
import { print, printJson } from "../print.ts";
import { withStore } from "../store.ts";

const config = {
  type: "positional",
  required: true,
  description: "the node's configuration, node.json",
} as const;
const json = { type: "boolean", description: "print JSON", default: false } as const;

const list = defineCommand({
  meta: { name: "list", description: "Print the keys that a stopped node holds a share of" },
  args: { config, json },
  async run({ args }) {
    await withStore(args.config, async (opened) => {
      const { keys, damaged: unread } = await ownKeys(opened.rows);
      const damaged = [...unread, ...opened.bans.damaged()];
      const all = keys.map((row) => listedKey(row, opened));
      if (args.json) return printJson({ keys: all, damaged });
      for (const key of all) for (const line of textOf(key)) print(line);
      for (const name of damaged) print(`${name}: damaged`);
      if (all.length + damaged.length === 0) print("no keys");
    });
  },
});

const bans = defineCommand({
  meta: { name: "bans", description: "Print the peers with which a stopped node must never use a key again" },
  args: { config, json },
  async run({ args }) {
    await withStore(args.config, ({ bans, nameOf }) => {
      const shown = ({ wallet, scheme, epoch, other, at }: Ban) => ({
        wallet,
        scheme,
        epoch,
        other: { peer: other, name: nameOf(other) },
        at: new Date(at).toISOString(),
      });
      const all = bans.own().map(shown);
      const damaged = bans.damaged();
      if (args.json) printJson({ bans: all, damaged });
      else if (all.length + damaged.length === 0) print("no bans");
      else {
        for (const { wallet, scheme, other, at } of all) {
          print(`${wallet}, ${scheme}: never again with ${nameAndId(other)}, since ${at}`);
        }
        for (const name of damaged) print(`${name}: damaged`);
      }
      return Promise.resolve();
    });
  },
});

/** The keys with the wanted name. @throws {InputError} `wallet`, if the store has none. */
function keysNamed(keys: readonly KeyRow[], wanted: { wallet: string; scheme: string }): KeyRow[] {
  const found = keys.filter(({ key }) => key!.wallet === wanted.wallet && key!.scheme === wanted.scheme);
  if (found.length > 0) return found;
  const names = keys.map(({ key }) => `“${key!.wallet}” for ${key!.scheme}`).join(", ") || "no keys";
  throw new InputError(
    "wallet",
    `expected a key of this store (${names}), found “${wanted.wallet}” for ${wanted.scheme}`,
  );
}

/**
 * The one active key among these.
 *
 * @throws {InputError} `key`, if there are several, or none with the given id.
 */
function activeOf(
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

const keyName = {
  wallet: { type: "positional", required: true, description: "the wallet's name" },
  scheme: { type: "positional", required: true, description: `one of ${schemeIds.join(", ")}` },
} as const;

const giveUp = defineCommand({
  meta: {
    name: "give-up",
    description: "Free the name of a pending key of a stopped node; its share is kept",
  },
  args: { config, ...keyName },
  async run({ args }) {
    await withStore(args.config, async ({ rows }) => {
      const found = keysNamed((await ownKeys(rows)).keys, args);
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
      `${args.wallet}, ${args.scheme}: given up; if all members have confirmed it after all, it becomes active`,
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
    session: {
      type: "positional",
      required: true,
      description: "the session that failed to make it, in hex",
    },
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
    ...keyName,
    key: {
      type: "string",
      description: "the session that made the key, in hex; needed if two keys have one name",
    },
    peer: { type: "string", description: "release the pair with this peer, by its id or its name" },
  },
  async run({ args }) {
    await withStore(args.config, async ({ rows, frozen, nameOf }) => {
      const row = activeOf(keysNamed((await ownKeys(rows)).keys, args), args);
      const session = row.session.toHex();
      if (args.peer === undefined) {
        if (!frozen.has(session)) {
          throw new InputError("wallet", `expected a frozen key, found “${args.wallet}” ${row.state}`);
        }
        await frozen.unfreeze(session);
        return print(`${args.wallet}, ${args.scheme}: active from the node's next start on`);
      }
      const quarantined = frozen.quarantined(session);
      const other = quarantined.find((peer) => peer === args.peer || nameOf(peer) === args.peer);
      if (other === undefined) {
        const names = quarantined.map((peer) => nameOf(peer) ?? peer).join(", ") || "none";
        throw new InputError("peer", `expected a quarantined one (${names}), found ${args.peer}`);
      }
      await frozen.unfreeze(session, other);
      print(
        `${args.wallet}, ${args.scheme}: used with ${nameOf(other) ?? other} from the node's next start on`,
      );
    }, { alone: true });
  },
});

export const keysCommand = defineCommand({
  meta: { name: "keys", description: "The keys in a stopped node's store" },
  subCommands: { list, bans, unfreeze, "give-up": giveUp, erase },
});
