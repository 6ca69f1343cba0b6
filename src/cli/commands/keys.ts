/**
 * `keys`: makes keys, shows them, deals them anew, and changes what an operator may change at a node or in its store.
 * @module
 */
import type { KeyName } from "../../cluster/records/key_name.ts";
import type { Ban } from "../../cluster/records/ban_record.ts";
import { InputError } from "../../errors.ts";
import { checkErasable } from "../../cluster/keys/give_up.ts";
import { unfreeze as releaseKey } from "../../cluster/keys/unfreeze.ts";
import { isUndecided } from "../../cluster/keys/row_index.ts";
import { change, isCertified, type KeyRow } from "../../keystore/key_rows.ts";
import { erasePairs } from "../../keystore/pair_rows.ts";
import { erased } from "../../keystore/votes.ts";
import { platformClock } from "../../platform/platform.ts";
import { schemeIds } from "../../schemes/schemes.ts";
import { defineCommand, json } from "../arguments/command.ts";
import { askRunning, unlessInUse } from "../control/ask.ts";
import { quarantinedPeer } from "../control/peer_names.ts";
import { latest, storedKeys } from "../key_list.ts";
import { nameAndId, type NamedPeer } from "../past_epochs.ts";
import { print, printJson } from "../print.ts";
import { withStore } from "../store.ts";
import { config, keyName, keyNameOf } from "./keys/arguments.ts";
import { create } from "./keys/create.ts";
import { list, show } from "./keys/list.ts";
import { reshare } from "./reshare.ts";

const bans = defineCommand({
  meta: {
    name: "bans",
    description: "Print the peers with which a stopped node must never use a key again",
    examples: ["keys bans alice/node.json"],
  },
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
 * The one certified key among these.
 *
 * @throws {InputError} `key`, if there are several, or none with the given id.
 */
function certifiedOf(
  found: readonly KeyRow[],
  { wallet, key }: { wallet: string; key?: string | undefined },
): KeyRow {
  const certified = found.filter(isCertified);
  if (certified.length === 0) return found[0]!;
  const chosen = key === undefined ? certified : certified.filter(({ session }) => session.toHex() === key);
  if (chosen.length === 1) return chosen[0]!;
  const ids = certified.map(({ session }) => session.toHex()).join(", ");
  throw new InputError("key", `expected the session of one key “${wallet}” (${ids}), found ${key ?? "none"}`);
}

const giveUp = defineCommand({
  meta: {
    name: "give-up",
    description: "Free the name of a pending key; its share is kept",
    examples: [`keys give-up alice/node.json treasury ${schemeIds[0]}`],
  },
  args: { config, ...keyName, json },
  async run({ args }) {
    const name = keyNameOf(args);
    const running = await askRunning<"give-up">({ method: "give-up", ...name }, args.config);
    if (running === null) await unlessInUse(() => giveUpStopped(args.config, name));
    if (args.json) return printJson({ givenUp: name });
    print(
      `${name.wallet}, ${name.scheme}: given up; if all members have confirmed it after all, it becomes active`,
    );
  },
});

/** Gives a pending key in the store of a stopped node up. @throws {InputError} */
async function giveUpStopped(path: string, name: KeyName): Promise<void> {
  await withStore(path, async ({ rows, self }) => {
    const { held, released } = await storedKeys(rows);
    const found = keysNamed([...held, ...released], name);
    const row = found.find(isUndecided(self));
    if (!row) {
      throw new InputError("wallet", `expected a pending key, found “${name.wallet}” ${found[0]!.state}`);
    }
    await change(
      rows,
      row.session,
      (row) => isUndecided(self)(row) ? { ...row, state: "given-up" } : null,
    );
  }, { alone: true });
}

const erase = defineCommand({
  meta: {
    name: "erase",
    description: "Erase, for good, the share of a key that a node has given up",
    examples: ["keys erase alice/node.json 9b0c4b2d"],
  },
  args: {
    config,
    session: {
      type: "positional",
      required: true,
      description: "the session that failed to make it, in hex",
    },
    json,
  },
  async run({ args: { config, session, json } }) {
    const running = await askRunning<"erase">({ method: "erase", session }, config);
    if (running === null) await unlessInUse(() => eraseStopped(config, session));
    if (json) printJson({ erased: session });
    else print(`${session}: erased`);
  },
});

/** Erases the share of a key that was given up in the store of a stopped node. @throws {InputError} `session` */
async function eraseStopped(path: string, session: string): Promise<void> {
  await withStore(path, async ({ rows }) => {
    const { held, epochs } = await storedKeys(rows);
    const row = held.find((row) =>
      row.session.toHex() === session && (row.state === "given-up" || row.state === "lost")
    );
    if (!row) {
      throw new InputError("session", `expected that of a key that was given up, found ${session}`);
    }
    checkErasable(row, epochs);
    await change(rows, row.session, (row) => row.state === "active" ? null : erased(row));
    await erasePairs(rows, row.session);
  }, { alone: true });
}

const unfreeze = defineCommand({
  meta: {
    name: "unfreeze",
    description: "Let a node use a frozen key, or a quarantined pair, again, or reshare a paused key",
    examples: [
      `keys unfreeze alice/node.json treasury ${schemeIds[0]}`,
      `keys unfreeze alice/node.json treasury ${schemeIds[0]} --peer Carol`,
    ],
  },
  args: {
    config,
    ...keyName,
    key: {
      type: "string",
      description: "the session that made the key, in hex; needed if two keys have one name",
    },
    peer: { type: "string", description: "release the pair with this peer, by its id or its name" },
    json,
  },
  async run({ args }) {
    const name = keyNameOf(args);
    const choice = {
      ...name,
      ...(args.key !== undefined && { keyId: args.key }),
      ...(args.peer !== undefined && { peer: args.peer }),
    };
    const running = await askRunning<"unfreeze">({ method: "unfreeze", ...choice }, args.config);
    const { other } = running ?? await unlessInUse(() => unfreezeStopped(args.config, choice));
    const from = running === null ? "from the node's next start on" : "from now on";
    if (args.json) printJson({ unfrozen: name, other, running: running !== null });
    else if (other === null) print(`${name.wallet}, ${name.scheme}: used and reshared again ${from}`);
    else print(`${name.wallet}, ${name.scheme}: used with ${other.name ?? other.peer} ${from}`);
  },
});

/** The same in the store of a stopped node. @returns The peer of the pair. @throws {InputError} */
async function unfreezeStopped(
  path: string,
  { keyId, peer, ...name }: KeyName & { keyId?: string; peer?: string },
): Promise<{ other: NamedPeer | null }> {
  return await withStore(path, async ({ rows, frozen, failedResharings, nameOf }) => {
    const named = keysNamed(latest(await storedKeys(rows)), name);
    const row = certifiedOf(named, { wallet: name.wallet, key: keyId });
    const session = row.session.toHex();
    if (peer === undefined) {
      if (!await releaseKey({ frozen, failedResharings }, session, platformClock.now())) {
        throw new InputError("wallet", `expected a frozen key, found “${name.wallet}” ${row.state}`);
      }
      return { other: null };
    }
    const other = quarantinedPeer(peer, frozen.quarantined(session), nameOf);
    await frozen.unfreeze(session, other.peer);
    return { other };
  }, { alone: true });
}

export const keysCommand = defineCommand({
  meta: {
    name: "keys",
    description: "The keys of a node: made, looked at, looked after, dealt anew",
    examples: [
      `keys create alice/node.json treasury ${schemeIds[0]} --threshold 2`,
      "keys list alice/node.json",
      `keys reshare treasury --scheme ${schemeIds[0]} --members Alice,Bob,Dave --threshold 2 --gone Carol`,
    ],
  },
  subCommands: { create, list, show, reshare, bans, unfreeze, "give-up": giveUp, erase },
});
