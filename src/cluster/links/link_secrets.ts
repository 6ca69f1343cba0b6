/**
 * The secrets of the links to one peer: of the exchange in force, and of those before it that a stream under way may
 * name. What is dropped is overwritten.
 * @module
 */

/** Secrets that are kept. */
const kept = 4;

export class LinkSecrets {
  /** By link session id in hex; the last is in force. */
  readonly #secrets = new Map<string, Uint8Array>();

  get empty(): boolean {
    return this.#secrets.size === 0;
  }

  /** Keeps `secret` itself, 32 bytes, and drops the oldest. */
  add(id: Uint8Array, secret: Uint8Array): void {
    this.#drop(id.toHex());
    this.#secrets.set(id.toHex(), secret);
    for (const old of [...this.#secrets.keys()].slice(0, -kept)) this.#drop(old);
  }

  /** The one in force, in a copy that the caller overwrites; null if there is none. */
  current(): { id: Uint8Array; secret: Uint8Array } | null {
    const [id, secret] = [...this.#secrets].at(-1) ?? [];
    return id === undefined || secret === undefined
      ? null
      : { id: Uint8Array.fromHex(id), secret: secret.slice() };
  }

  /** One by its id, in a copy that the caller overwrites; null if it is not known. */
  get(id: Uint8Array): Uint8Array | null {
    return this.#secrets.get(id.toHex())?.slice() ?? null;
  }

  clear(): void {
    for (const id of [...this.#secrets.keys()]) this.#drop(id);
  }

  #drop(id: string): void {
    this.#secrets.get(id)?.fill(0);
    this.#secrets.delete(id);
  }
}
