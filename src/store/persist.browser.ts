/**
 * Whether the browser has promised to keep what a page stores. Without that promise it may clear it when space is short,
 * shares included.
 * @module
 */

/** What the browser says of this page's storage. */
export interface Persistence {
  /** Whether it keeps it until the person clears it. */
  persisted: boolean;
  /** Bytes in use, about; null if it does not say. */
  usage: number | null;
  /** Bytes there may be, about; null if it does not say. */
  quota: number | null;
}

/** Reads it. Asks nobody. */
export async function storageState(): Promise<Persistence> {
  const storage = navigator.storage as StorageManager | undefined; // none in a page that is not https or localhost
  const estimate = await storage?.estimate?.() ?? {};
  return {
    persisted: await storage?.persisted?.() ?? false,
    usage: estimate.usage ?? null,
    quota: estimate.quota ?? null,
  };
}

/** Asks for the promise: Firefox asks the person, Chrome decides by itself, Safari by use. */
export async function persistStorage(): Promise<Persistence> {
  await (navigator.storage as StorageManager | undefined)?.persist?.();
  return await storageState();
}
