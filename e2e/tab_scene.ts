/**
 * Two tabs and a peer of this process, all three holders, of which one tab, Ada's, is to live through something. Not a
 * test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { formatRoster, signRoster } from "../src/cluster/roster/roster.ts";
import type { Scheme } from "../src/events.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { platformRandom } from "../src/platform/platform.ts";
import { freePort } from "./folders.ts";
import { HeldPeer } from "./held_peer.ts";
import { poll } from "./killed_process.ts";
import { serveTabPeer, type SignedWith, TabPeer } from "./tab_peers.ts";
import { openWindow, type TabWindow } from "./tab_window.ts";

/** A round ends after a third of it: long for tabs of a busy machine, short for a test that waits for its end. */
export const limits = { signMs: 9_000, generateMs: 9_000 };

export interface Scene {
  /** What happens, happens to this one. Its tab is one of a window; everyone else's is always visible. */
  ada: TabPeer;
  ben: TabPeer;
  deno: HeldPeer;
  tabs: TabWindow;
  peers: readonly string[];
  /** Of all three. */
  keys: Readonly<Record<Scheme, SignedWith>>;
  roster: string;
}

export async function withScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  await using site = await serveTabPeer();
  await using tabs = await openWindow();
  const [ada, ben] = await Promise.all([
    TabPeer.openIn(tabs.context, site.url, "Ada"),
    TabPeer.open(tabs.browser, site.url, "Ben"),
  ]);
  const [identity, admin] = [await newIdentity(platformRandom), await newIdentity(platformRandom)];
  const addresses = [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`];
  const third = {
    peer: identity.peer,
    name: "Deno",
    addresses,
    rights: ["holder", "initiator", "manager"] as const,
  };
  const signed = await signRoster(admin, [third, ada.entry, ben.entry], null);
  const roster = formatRoster(signed);
  await using deno = await HeldPeer.start({ identity, roster: signed, limits });
  await Promise.all([ada, ben].map((tab) => tab.start({ roster, limits })));
  const peers = [ada.peer, ben.peer, deno.peer];
  await whole({ ada, ben, deno });
  await ada.direct(ben.peer);
  const make = async (scheme: Scheme): Promise<SignedWith> => {
    return { wallet: "treasury", scheme, publicKey: await ben.generate("treasury", scheme, 3, peers) };
  };
  const keys = { ed25519: await make("ed25519"), ecdsa: await make("ecdsa"), bip340: await make("bip340") };
  await run({ ada, ben, deno, tabs, peers, keys, roster });
  const told = [await ada.ask("told"), await ben.ask("told"), deno.told];
  assert.deepEqual(told.flat().filter(({ type }) => type === "ban"), []);
  assert.deepEqual([...ada.complaints, ...ben.complaints], []);
}

/** Waits until all links are up. */
async function whole({ ada, ben, deno }: Pick<Scene, "ada" | "ben" | "deno">): Promise<void> {
  await ada.linked([ben.peer, deno.peer]);
  await ben.linked([ada.peer, deno.peer]);
  await deno.linked([ada.peer, ben.peer]);
}

/**
 * Waits until all links are up, and all three sign with each other. A link that is up may be one whose end nobody has seen
 * yet, and what was lost is said again after a while: who asks too early is told so, and asks again.
 */
export async function together(scene: Scene): Promise<void> {
  const { ben, peers, keys } = scene;
  await whole(scene);
  await poll("a signature of all three", async () => {
    const id = await ben.ask("sign", keys.ed25519.wallet, "ed25519", "again", peers);
    const outcome = await ben.ask("outcome", id);
    if ("code" in outcome) assert.deepEqual(outcome.culprits, [], JSON.stringify(outcome));
    return "bytes" in outcome;
  });
}

/** Ada's tab, or another with the same profile, is there again. */
export async function reopened(
  { ada, roster }: Scene,
  ...prepare: Parameters<TabPeer["reopen"]>
): Promise<void> {
  await ada.reopen(...prepare);
  await ada.start({ roster, limits });
}

/** What one peer keeps: its keys, those that it has given up, and the names of what it has of pairs. */
interface Kept {
  keys: readonly { wallet: string; scheme: Scheme; state: string; publicKey: string; session: string }[];
  givenUp: readonly { scheme: Scheme; session: string }[];
  pairs: readonly string[];
}

async function kept({ ada, ben, deno }: Scene): Promise<Kept[]> {
  const ofTab = async (tab: TabPeer) => ({
    keys: await tab.ask("keys"),
    givenUp: await tab.ask("givenUp"),
    pairs: await tab.ask("kept", "pair/"),
  });
  const keys = (await deno.node.keys()).map((key) => ({ ...key, publicKey: key.publicKey.toHex() }));
  const [givenUp, pairs] = [await deno.node.givenUp(), await deno.store.names("pair/")];
  return [await ofTab(ada), await ofTab(ben), { keys, givenUp, pairs }];
}

/**
 * Waits until all three keep the same key of that name, active and with whatever belongs to it, or none of them has a
 * key of it: then one of them has said no, and whoever had voted has given it up.
 *
 * @returns The key, or null.
 */
export async function agreed(scene: Scene, wallet: string, scheme: Scheme): Promise<SignedWith | null> {
  let all: Kept[] = [];
  const named = ({ keys }: Kept) => keys.find((key) => key.wallet === wallet && key.scheme === scheme);
  await poll(`agreement on “${wallet}”`, async () => {
    all = await kept(scene);
    const keys = all.map(named);
    const same = keys.every((key) => key?.session === keys[0]?.session);
    return same && keys.every((key) => key === undefined || key.state === "active") && all.every(isWhole);
  }).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(all)}`);
  });
  const publicKeys = new Set(all.map((kept) => named(kept)?.publicKey));
  assert.equal(publicKeys.size, 1);
  const [publicKey] = publicKeys;
  return publicKey === undefined ? null : { wallet, scheme, publicKey };
}

/** No key is pending; for each ECDSA key, given up or not, there is a part of both pairs, and of nothing else. */
function isWhole({ keys, givenUp, pairs }: Kept): boolean {
  const withPairs = [...keys, ...givenUp].filter(({ scheme }) => scheme === "ecdsa");
  const due = withPairs.flatMap(({ session }) => [session, session]);
  const there = pairs.map((name) => name.split("/")[1]!);
  return keys.every(({ state }) => state === "active") && `${due.sort()}` === `${there.sort()}`;
}
