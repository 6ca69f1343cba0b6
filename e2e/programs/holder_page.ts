/**
 * A page with nothing to see: what a browser offers a holder, to be called by a test.
 * @module
 */
import {
  indexedDbStore,
  type Keeping,
  oneTab,
  openBackup,
  type Opener,
  persistStorage,
  restoreBackup,
  storageState,
  storedIdentity,
  type Tab,
} from "../../src/browser.ts";
import { platformRandom } from "../../src/platform/platform.ts";

const kept = storedIdentity();
let tab: Tab | null = null;

const calls = {
  look: () => kept.look(),
  async create(how: Keeping) {
    return (await kept.create(how)).peer;
  },
  async unlock(opener: Opener) {
    const began = performance.now();
    const { peer } = await kept.unlock(opener);
    return { peer, ms: performance.now() - began };
  },
  forget: () => kept.forget(),
  state: storageState,
  persist: persistStorage,
  async tab(name: string) {
    tab = await oneTab(name);
    return tab.active;
  },
  async turn() {
    await tab!.turn;
    return tab!.active;
  },
  leave: () => tab![Symbol.dispose](),
  async fill(bytes: number) {
    const store = await indexedDbStore("filled");
    try {
      return await store.swap(crypto.randomUUID(), null, platformRandom(bytes));
    } finally {
      await store.close();
    }
  },
  async restore({ file, passphrase, ...how }: Keeping & { file: string; passphrase: string }) {
    const store = await indexedDbStore("shares");
    try {
      const backup = await openBackup(Uint8Array.fromHex(file), passphrase);
      const { identity, roster, keys } = await restoreBackup(backup, { store, identity: kept, ...how });
      return { peer: identity.peer, version: roster.version, keys, rows: await store.names("") };
    } finally {
      await store.close();
    }
  },
};
export type Calls = typeof calls;

/** Errors do not cross to the test as what they are. */
async function call(name: keyof Calls, ...args: unknown[]) {
  try {
    return { value: await (calls[name] as (...args: unknown[]) => unknown)(...args) ?? null };
  } catch (error) {
    const { name, message, field } = error as Error & { field?: string };
    return { error: { name, message, field } };
  }
}
Object.assign(globalThis, { call });
