/**
 * The port to the records of a node.
 * @module
 */

/** Sealed bytes by name. The node defines their content and seals them. */
export interface Store {
  /**
   * Reads a record.
   *
   * @returns The record and its version, or null if there is none.
   * @throws {StoreError} If the store cannot be read. Trouble never counts as absence.
   */
  get(name: string): Promise<{ version: number; sealed: Uint8Array } | null>;
  /**
   * Compare-and-set: writes (or, for null, deletes) if the version is still `from`; null means absent.
   * Resolves when durable.
   *
   * @returns Whether it was written. A fresh record has version 1; each write adds one.
   * @throws {StoreError} If it could not be written; then nothing was written.
   */
  swap(name: string, from: number | null, sealed: Uint8Array | null): Promise<boolean>;
  /** The names that begin with `prefix`, sorted. */
  names(prefix: string): Promise<string[]>;
  /**
   * Claims the store for this user alone, until it is closed or the process ends: two nodes on one store
   * would each overwrite what the other keeps in memory. A store without `claim` does not prevent a second
   * user.
   *
   * @throws {InputError} `store`, if another has claimed it.
   */
  claim?(): Promise<void>;
  /** Closes the store. */
  close(): Promise<void>;
}
