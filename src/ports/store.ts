/**
 * The port to the records of a node.
 * @module
 */

/** Sealed bytes by name. What they say, and what seals them, is the node's business. */
export interface Store {
  /**
   * Reads a record.
   *
   * @returns The record and its version, or null if there is none.
   * @throws {StoreError} If that could not be found out. Trouble is never "absent".
   */
  get(name: string): Promise<{ version: number; sealed: Uint8Array } | null>;
  /**
   * Compare-and-set: writes (or, for null, deletes) if the version is still `from`; null means absent.
   * Resolves when durable.
   *
   * @returns Whether it was written. A fresh record has version 1; each write adds one.
   * @throws {StoreError} If it could not be written; then nothing was.
   */
  swap(name: string, from: number | null, sealed: Uint8Array | null): Promise<boolean>;
  /** The names that begin with `prefix`, sorted. */
  names(prefix: string): Promise<string[]>;
  /**
   * Takes it for this user alone, until it is closed or the process ends: two nodes on one store would each write over
   * what the other keeps in memory. Without it nothing keeps a second one out.
   *
   * @throws {InputError} `store`, if another has claimed it.
   */
  claim?(): Promise<void>;
  /** Ends its use. */
  close(): Promise<void>;
}
