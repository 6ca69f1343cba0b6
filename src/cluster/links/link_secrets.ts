/**
 * The secrets of the links to one peer: the current one, and earlier ones that a stream under way may name. A
 * dropped secret is wiped.
 * @module
 */

/** The number of secrets that are kept. */
const secretsKept = 4;

export class LinkSecrets {
  /** By the id of the link in hex; the last is the current one. */
  readonly #secrets = new Map<string, Uint8Array>();

  get empty(): boolean {
    return this.#secrets.size === 0;
  }

  /** Keeps `secret` itself, 32 bytes, and drops the oldest if there are too many. */
  add(id: Uint8Array, secret: Uint8Array): void {
    this.#drop(id.toHex());
    this.#secrets.set(id.toHex(), secret);
    for (const old of [...this.#secrets.keys()].slice(0, -secretsKept)) this.#drop(old);
  }

  /** The current link, with a copy of its secret that the caller wipes; null if there is none. */
  current(): { id: Uint8Array; secret: Uint8Array } | null {
    const [id, secret] = [...this.#secrets].at(-1) ?? [];
    return id === undefined || secret === undefined
      ? null
      : { id: Uint8Array.fromHex(id), secret: secret.slice() };
  }

  /** A copy of the secret of a link, which the caller wipes; null if the link is not known. */
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
