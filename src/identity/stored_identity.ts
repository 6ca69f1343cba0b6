/**
 * The identity that a browser stores: the text of a key file, encrypted with age to a passphrase or to a
 * passkey, as the only record of a store of its own.
 * @module
 */
import { Decrypter, Encrypter } from "age-encryption";
import * as v from "valibot";
import { bytes, bytesUpTo, equal, hash, peerId, record, text } from "../crypto/codec.ts";
import { normalPassphrase } from "../text/passphrase.ts";
import { InputError, StoreError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { identityWorkFactor, minPassphrase } from "../limits.ts";
import type { Identity, Random, Store } from "../ports.ts";
import { unlessAborted } from "../platform/signals.ts";
import { newIdentity } from "./identity.ts";
import { readKeyText, writeKeyText } from "./key_text.ts";
import { explained, type Passkeys } from "./passkey.ts";

/**
 * The lock to put on an identity: a passphrase of at least eight characters, or a new passkey with this name.
 */
export type Lock = { passphrase: string } | { passkey: { name: string } };

/** The way to open a stored identity: its passphrase, or its passkey. */
export type Opener = { passphrase: string } | { passkey: true };

/** The facts about a stored identity that can be read without opening it. */
export interface Kept {
  /** The peer id of the identity. */
  peer: PeerId;
  /** The name that the person gave it. */
  name: string;
  /** The kind of lock on it. */
  lock: "passphrase" | "passkey";
}

/** The options of storing an identity. */
export interface Keeping {
  /** The lock to put on the identity. */
  lock: Lock;
  /** 1 to 64 characters; not secret. */
  name: string;
}

/** The options of what waits for a person, or for the work of a passphrase. */
export interface LockWaiting {
  /**
   * Ends the waiting: the call rejects with the signal's reason, and nothing is stored after that. A question about a
   * passkey that the browser shows stays until it is answered.
   */
  signal?: AbortSignal;
}

/**
 * The place of one identity. Every method throws {@linkcode StoreError} if the record is damaged, or if the
 * browser does not read or write it.
 */
export interface StoredIdentity {
  /** Whether an identity is stored here. */
  exists(): Promise<boolean>;
  /** The facts about it, or null if there is none. */
  look(): Promise<Kept | null>;
  /**
   * Makes a new identity and stores it.
   *
   * @throws {InputError} `identity`, if there is one already, which is never overwritten; `passphrase`, if it
   * is too short; `passkey`, if it is refused or cannot encrypt; `name`.
   */
  create(how: Keeping, options?: LockWaiting): Promise<Identity>;
  /**
   * Prepares to store this identity where none is, or the same with another lock.
   *
   * @returns A function that writes it, in one step.
   * @throws {InputError} As `create`; `identity` only if another peer's is here.
   */
  prepare(identity: Identity, how: Keeping, options?: LockWaiting): Promise<() => Promise<void>>;
  /**
   * Opens the identity.
   *
   * @throws {InputError} `identity`, if there is none; `passphrase`, if it is wrong; `passkey`, if it is
   * refused.
   */
  unlock(opener: Opener, options?: LockWaiting): Promise<Identity>;
  /**
   * Deletes it. Without a backup its shares are lost. The browser may keep old bytes, still locked, for a
   * while.
   */
  forget(): Promise<void>;
}

const recordName = "identity";
const keptFields = {
  peer: peerId,
  name: v.pipe(text(64), v.minLength(1)),
  lock: v.picklist(["passphrase", "passkey"] satisfies Kept["lock"][]),
  /** The handle of the passkey, which is not secret; empty for a passphrase. */
  credential: text(2048),
  sealed: bytesUpTo(8192),
};
/**
 * `sum` distinguishes damage from a wrong passphrase, which age cannot. It is no defence: age authenticates
 * the content.
 */
const keptRecord = record("quorate/1/kept-identity", { ...keptFields, sum: bytes(32) });
type KeptRecord = Omit<ReturnType<typeof keptRecord.decode>, "sum">;

const sumOf = ({ peer, name, lock, credential, sealed }: KeptRecord) =>
  hash("quorate/1/kept-identity-sum", peer, name, lock, credential, sealed);

/** The options of {@linkcode storedIdentity}. */
export interface StoredIdentityOptions {
  /** Opens the store, for each operation anew: an open store would keep another tab waiting. */
  open(): Promise<Store>;
  random: Random;
  passkeys: Passkeys;
  /** The work factor of scrypt, log2 N; default {@linkcode identityWorkFactor}. */
  workFactor?: number;
}

/** An identity in a store of its own. */
export function storedIdentity(options: StoredIdentityOptions): StoredIdentity {
  return new IdentityRecord(options);
}

class IdentityRecord implements StoredIdentity {
  readonly #open: () => Promise<Store>;
  readonly #random: Random;
  readonly #passkeys: Passkeys;
  readonly #workFactor: number;

  constructor({ open, random, passkeys, workFactor = identityWorkFactor }: StoredIdentityOptions) {
    this.#open = open;
    this.#random = random;
    this.#passkeys = explained(passkeys);
    this.#workFactor = workFactor;
  }

  async exists(): Promise<boolean> {
    return await this.#read() !== null;
  }

  async look(): Promise<Kept | null> {
    const found = await this.#read();
    if (found === null) return null;
    const { peer, name, lock } = found.kept;
    return { peer, name, lock };
  }

  create(how: Keeping, { signal }: LockWaiting = {}): Promise<Identity> {
    return unlessAborted(signal, async () => {
      if (await this.#read() !== null) throw taken();
      const identity = await newIdentity(this.#random);
      const kept = await this.#locked(identity, how);
      signal?.throwIfAborted();
      await this.#write(null, kept);
      return identity;
    });
  }

  prepare(identity: Identity, how: Keeping, { signal }: LockWaiting = {}): Promise<() => Promise<void>> {
    return unlessAborted(signal, async () => {
      const found = await this.#read();
      if (found !== null && found.kept.peer !== identity.peer) throw taken();
      const kept = await this.#locked(identity, how);
      return () => this.#write(found?.version ?? null, kept);
    });
  }

  unlock(opener: Opener, { signal }: LockWaiting = {}): Promise<Identity> {
    return unlessAborted(signal, () => this.#unlock(opener));
  }

  async #unlock(opener: Opener): Promise<Identity> {
    const found = await this.#read();
    if (found === null) {
      throw new InputError("identity", "expected one kept in this browser, found none", { code: "unknown" });
    }
    const { lock, credential, sealed, peer } = found.kept;
    if (!(lock in opener)) {
      const [given] = Object.keys(opener);
      throw new InputError(lock, `expected the ${lock} that locks this identity, found a ${given}`);
    }
    const decrypter = new Decrypter();
    if ("passphrase" in opener) decrypter.addPassphrase(normalPassphrase(opener.passphrase));
    else decrypter.addIdentity(this.#passkeys.identity(credential));
    const plain = await decrypter.decrypt(sealed, "text").catch((error) => {
      if (error instanceof InputError) throw error;
      if (lock === "passphrase") {
        throw new InputError("passphrase", "expected the right one, found another", {
          code: "wrong-passphrase",
        });
      }
      throw damaged("its passkey does not open it");
    });
    const identity = await readKeyText(plain, "this browser").catch(() => null);
    if (identity?.peer !== peer) throw damaged("it holds other keys than it says");
    return identity;
  }

  forget(): Promise<void> {
    return this.#using(async (store) => {
      for (;;) {
        const found = await store.get(recordName);
        if (await store.swap(recordName, found?.version ?? null, null)) return;
      }
    });
  }

  async #using<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await this.#open();
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  async #read(): Promise<{ version: number; kept: KeptRecord } | null> {
    const found = await this.#using((store) => store.get(recordName));
    if (found === null) return null;
    let kept;
    try {
      kept = keptRecord.decode(found.sealed);
    } catch (cause) {
      throw damaged("it does not decode", cause);
    }
    if (!equal(kept.sum, sumOf(kept))) throw damaged("its checksum is another");
    return { version: found.version, kept };
  }

  #write(from: number | null, kept: KeptRecord): Promise<void> {
    return this.#using(async (store) => {
      const encoded = keptRecord.encode({ ...kept, sum: sumOf(kept) });
      if (!await store.swap(recordName, from, encoded)) throw taken();
    });
  }

  /** The record of an identity, encrypted. A passkey is made for it, which asks the person. */
  async #locked(identity: Identity, { lock, name }: Keeping): Promise<KeptRecord> {
    if (name.length < 1 || name.length > 64) {
      throw new InputError("name", `expected 1 to 64 characters, found ${name.length}`);
    }
    const encrypter = new Encrypter();
    let credential = "";
    if ("passphrase" in lock) {
      const passphrase = normalPassphrase(lock.passphrase);
      if (passphrase.length < minPassphrase) {
        throw new InputError("passphrase", `expected at least ${minPassphrase} characters, found fewer`);
      }
      encrypter.setPassphrase(passphrase);
      encrypter.setScryptWorkFactor(this.#workFactor);
    } else {
      credential = await this.#passkeys.create(lock.passkey.name);
      encrypter.addRecipient(this.#passkeys.recipient(credential));
    }
    const sealed = await encrypter.encrypt(await writeKeyText(identity));
    return {
      peer: identity.peer,
      name,
      lock: credential === "" ? "passphrase" : "passkey",
      credential,
      sealed,
    };
  }
}

const taken = () =>
  new InputError("identity", "expected none in this browser, found one already", { code: "taken" });
const damaged = (why: string, cause?: unknown) =>
  new StoreError(`Cannot open the identity kept in this browser: ${why}. Restore it from a backup`, {
    cause,
  });
