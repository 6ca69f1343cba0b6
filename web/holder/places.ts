/**
 * Where this browser keeps what it is in each cluster: an identity, its shares, and the roster, each in a database of
 * its own.
 * @module
 */
import { formatRoster, parseRoster, type PeerId, type Roster, type Store } from "../../mod.ts";
import { indexedDbStore, type KeptIdentity, storedIdentity } from "../../src/browser.ts";

/** What belongs to one cluster. */
export interface Place {
  /** The cluster's id. */
  readonly cluster: PeerId;
  readonly identity: KeptIdentity;
  /** Opens the shares. */
  store(): Promise<Store>;
  /** The roster that was in force last, or null. */
  roster(): Promise<Roster | null>;
  /** Keeps a roster, unless a newer one is kept. */
  keepRoster(roster: Roster): Promise<void>;
  /** Forgets all of it: first the identity, without which the rest cannot be opened. */
  erase(): Promise<void>;
}

export interface Places {
  of(cluster: PeerId): Place;
  /** Those with a roster: this browser has been let in. */
  all(): Promise<Place[]>;
}

/** What this is made of. */
export interface Databases {
  open(name: string): Promise<Store>;
  remove(name: string): Promise<void>;
  identity(name: string): KeptIdentity;
}

/** The browser's own. */
export const browserDatabases: Databases = {
  open: indexedDbStore,
  remove: (name) =>
    new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
    }),
  identity: storedIdentity,
};

const rosters = "quorate";
const prefix = "roster/";

export function places({ open, remove, identity }: Databases): Places {
  async function withRosters<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await open(rosters);
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  async function read(store: Store, row: string): Promise<{ version: number; roster: Roster } | null> {
    const found = await store.get(row);
    return found && { version: found.version, roster: parseRoster(new TextDecoder().decode(found.sealed)) };
  }

  function of(cluster: PeerId): Place {
    const [shares, own, row] = [`quorate/${cluster}/shares`, `quorate/${cluster}/identity`, prefix + cluster];
    const kept = identity(own);
    return {
      cluster,
      identity: kept,
      store: () => open(shares),
      roster: () => withRosters(async (store) => (await read(store, row))?.roster ?? null),
      keepRoster: (roster) =>
        withRosters(async (store) => {
          for (;;) {
            const found = await read(store, row);
            if (found !== null && found.roster.version >= roster.version) return;
            const text = new TextEncoder().encode(formatRoster(roster));
            if (await store.swap(row, found?.version ?? null, text)) return;
          }
        }),
      async erase() {
        await kept.forget();
        await remove(shares);
        await remove(own);
        await withRosters(async (store) => {
          const found = await store.get(row);
          if (found) await store.swap(row, found.version, null);
        });
      },
    };
  }
  return {
    of,
    all: () =>
      withRosters(async (store) =>
        (await store.names(prefix)).map((row) => of(row.slice(prefix.length) as PeerId))
      ),
  };
}
