/**
 * The index of keys: by name, by the look of the wallet's name, and in the order in which they last changed.
 * It finds one of 20,000 wallets without a search through all.
 * @module
 */
import type { SessionId } from "../../events.ts";
import { facesOf } from "../../text/alike.ts";
import type { KeyName } from "../records/key_name.ts";

const keyOf = ({ wallet, scheme }: KeyName) => `${scheme} ${wallet}`;

export class KeyIndex {
  readonly #byName = new Map<string, Set<SessionId>>();
  readonly #byFace = new Map<string, Set<SessionId>>();
  readonly #names = new Map<SessionId, KeyName>();
  /** The number of each key's last change, the last changed at the end. */
  readonly #changes = new Map<SessionId, number>();
  #last = 0;

  /** Adds a key, or notes that it has changed. */
  put(id: SessionId, { wallet, scheme }: KeyName): void {
    this.remove(id);
    const name = { wallet, scheme };
    this.#names.set(id, name);
    this.#changes.set(id, ++this.#last);
    add(this.#byName, keyOf(name), id);
    for (const face of facesOf(wallet)) add(this.#byFace, face, id);
  }

  remove(id: SessionId): void {
    const name = this.#names.get(id);
    if (!name) return;
    this.#names.delete(id);
    this.#changes.delete(id);
    drop(this.#byName, keyOf(name), id);
    for (const face of facesOf(name.wallet)) drop(this.#byFace, face, id);
  }

  /** The ids of the keys with a name. */
  named(name: KeyName): Iterable<SessionId> {
    return this.#byName.get(keyOf(name)) ?? [];
  }

  /**
   * The ids of the keys of every wallet whose name a person would take for this one, this wallet included.
   */
  alike(wallet: string): Set<SessionId> {
    return new Set(facesOf(wallet).flatMap((face) => [...this.#byFace.get(face) ?? []]));
  }

  /**
   * The keys whose last change came after the change with that number, in order, each with the number of its own; all
   * after 0.
   */
  *since(place: number): Generator<{ id: SessionId; place: number }> {
    const after = place > this.#last ? 0 : place; // of an earlier start of this node
    for (const [id, changed] of this.#changes) if (changed > after) yield { id, place: changed };
  }
}

function add(index: Map<string, Set<SessionId>>, key: string, id: SessionId): void {
  const ids = index.get(key) ?? new Set();
  index.set(key, ids.add(id));
}

function drop(index: Map<string, Set<SessionId>>, key: string, id: SessionId): void {
  const ids = index.get(key);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(key);
}
