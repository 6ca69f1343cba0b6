/**
 * Persistent storage of a page. Without the browser's promise it may delete the page's data, shares included,
 * when space is short.
 * @module
 */

/** The state of this page's storage, as the browser reports it. */
export interface Persistence {
  /** Whether the browser keeps the data until the person deletes it. */
  persisted: boolean;
  /** Bytes in use, roughly; null if the browser does not report them. */
  usage: number | null;
  /** Bytes available in all, roughly; null if the browser does not report them. */
  quota: number | null;
}

/** Reads the state of the storage, without asking the person. */
export async function storageState(): Promise<Persistence> {
  const storage = navigator.storage as StorageManager | undefined; // undefined in a page that is not on https or localhost
  const estimate = await storage?.estimate?.() ?? {};
  return {
    persisted: await storage?.persisted?.() ?? false,
    usage: estimate.usage ?? null,
    quota: estimate.quota ?? null,
  };
}

/** Requests persistent storage. Firefox asks the person; Chrome and Safari decide by how the page is used. */
export async function persistStorage(): Promise<Persistence> {
  await (navigator.storage as StorageManager | undefined)?.persist?.();
  return await storageState();
}
