/**
 * The rows of a node by name, over whatever store keeps them.
 * @module
 */

/** Rows by name. Every method rejects with a `StoreError` if the store cannot be read or written. */
export interface Rows {
  /** A row and its version; null if there is none. Rejects also if the row does not open. */
  get(name: string): Promise<{ version: number; plain: Uint8Array } | null>;
  /**
   * Writes a row, or erases it if `plain` is null, provided that its version is still `from`; null for no
   * row.
   *
   * @returns Whether it was.
   */
  swap(name: string, from: number | null, plain: Uint8Array | null): Promise<boolean>;
  /** The names that begin with `prefix`. */
  names(prefix: string): Promise<string[]>;
  /** Erases a row, whatever is in it, also a row that does not open. */
  erase(name: string): Promise<void>;
}
