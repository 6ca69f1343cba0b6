/**
 * Keys by the name of their wallet, by how that looks, and in the order in which they last changed: 20,000 wallets are
 * not gone through to find one.
 * @module
 */
import type { SessionId } from "../../events.ts";
import { facesOf } from "../../text/alike.ts";
import type { KeyName } from "../records/command.ts";

const keyOf = ({ wallet, curve }: KeyName) => `${curve} ${wallet}`;

export class KeyIndex {
  readonly #byName = new Map<string, Set<SessionId>>();
  readonly #byFace = new Map<string, Set<SessionId>>();
  readonly #names = new Map<SessionId, KeyName>();
  /** Each key once, the one that changed last at the end. */
  readonly #changes = new Set<SessionId>();

  /** A key is known, or has changed. */
  put(id: SessionId, { wallet, curve }: KeyName): void {
    this.remove(id);
    const name = { wallet, curve };
    this.#names.set(id, name);
    this.#changes.add(id);
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

  /** The keys of a name. */
  named(name: KeyName): Iterable<SessionId> {
    return this.#byName.get(keyOf(name)) ?? [];
  }

  /** The keys of every wallet whose name a person would take for this one, the wallet itself among them. */
  alike(wallet: string): Set<SessionId> {
    return new Set(facesOf(wallet).flatMap((face) => [...this.#byFace.get(face) ?? []]));
  }

  /** The keys that have changed since that one did, in order; all of them after one that is not known. */
  *since(id: SessionId): Generator<SessionId> {
    let skip = this.#changes.has(id);
    for (const changed of this.#changes) {
      if (!skip) yield changed;
      else skip = changed !== id;
    }
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
