/**
 * What the tests of ECDSA's bans look at: disks, in names, and what leaves a node, with its time. Not a test by itself.
 * @module
 */
import type { WireFacts } from "../../src/cluster/context.ts";
import { type Cheat, isProtocolRound, type Said, saying } from "../../src/demo/cheats/cheat_wire.ts";
import type { Store, Wire } from "../../src/ports.ts";
import { Scene, type SceneOptions } from "./scene.ts";

/** A scene with a key of secp256k1, of which two sign. */
export const ecdsaScene = (options: SceneOptions = {}): Promise<Scene> =>
  Scene.start({ threshold: 2, curve: "secp256k1", ...options });

/** With whom a peer has banned that key, and with whom it still can multiply, by name, as its disk has it. */
export async function onDisk(scene: Scene, name: string, key = scene.key.session) {
  const { store } = scene.everyone(name);
  const peers = async (prefix: string) =>
    (await store.names(prefix)).map((row) => scene.nameOf(row.slice(prefix.length))).sort();
  return { banned: await peers(`ban/${key}/`), pairs: await peers(`pair/${key}/`) };
}

/** Nobody has banned anybody, and nobody has lost a pair. */
export async function nobodyBanned(scene: Scene): Promise<string | null> {
  for (const name of scene.names) {
    const { banned, pairs } = await onDisk(scene, name);
    if (banned.length > 0) return `${name} has banned ${banned}`;
    if (pairs.length !== scene.names.length - 1) return `${name} has no pair but with ${pairs}`;
    const own = scene.node(name).bans().filter(({ by }) => by === scene.peer(name));
    if (own.length > 0) return `${name} says that it has banned`;
  }
  return null;
}

/** A store that tells what it is about to write, and writes when that has resolved. */
export function heedful(store: Store, before: (name: string) => Promise<void>): Store {
  return {
    get: (name) => store.get(name),
    async swap(name, from, sealed) {
      await before(name);
      return await store.swap(name, from, sealed);
    },
    names: (prefix) => store.names(prefix),
    close: () => store.close(),
  };
}

/** Hears all that leaves a session's wire, below any cheat. */
export function overheard(wire: Wire, about: WireFacts, hear: (said: Said, about: WireFacts) => void): Wire {
  return saying(wire, (said) => {
    hear(said, about);
    return [said];
  });
}

/** Waits with one of its rounds until told; another session of its peer ends meanwhile. */
export function holding(round: string): { cheat: Cheat; release(): void } {
  const held: (() => void)[] = [];
  const cheat: Cheat = {
    name: "holding",
    label: "wait",
    kinds: ["sign"],
    applies: () => true,
    expects: { outcome: "success", names: "nobody" },
    wrap: (wire) =>
      saying(wire, (said) => {
        if (said.round !== round) return [said];
        held.push(() => wire.send(said.to, said.round, said.body, said.audience));
        return [];
      }),
  };
  return { cheat, release: () => held.splice(0).forEach((send) => send()) };
}

export { isProtocolRound };
