/**
 * An identity kept in a browser: the text of a key file, encrypted with age to a passphrase or to a passkey, as the one
 * record of a store of its own.
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
import { newIdentity } from "./identity.ts";
import { readKeyText, writeKeyText } from "./key_text.ts";
import { explained, type Passkeys } from "./passkey.ts";

/** What an identity is to be locked with. A passphrase has at least eight characters; a passkey is made anew. */
export type Lock = { passphrase: string } | { passkey: { name: string } };

/** What opens it. */
export type Opener = { passphrase: string } | { passkey: true };

/** What can be known of an identity without opening it. */
export interface Kept {
  /** Who it is. */
  peer: PeerId;
  /** As the person called it. */
  name: string;
  /** What opens it. */
  lock: "passphrase" | "passkey";
}

/** How an identity is to be kept. */
export interface Keeping {
  /** What will open it. */
  lock: Lock;
  /** 1 to 64 characters; not secret. */
  name: string;
}

/**
 * The place of one identity. All of it throws {@linkcode StoreError} if the record is damaged, or the browser does not
 * read or write it.
 */
export interface KeptIdentity {
  /** Whether there is one. */
  exists(): Promise<boolean>;
  /** What is known of it, or null if there is none. */
  look(): Promise<Kept | null>;
  /**
   * Makes a new one.
   *
   * @throws {InputError} `identity`, if there is one, which is never overwritten; `passphrase`, if it is too short;
   * `passkey`, if it is refused or cannot encrypt.
   */
  create(how: Keeping): Promise<Identity>;
  /**
   * Prepares to keep this identity, in the place of none or of the same with another lock.
   *
   * @returns Writes it down, in one step.
   * @throws {InputError} As `create`; `identity` only for another's.
   */
  prepare(identity: Identity, how: Keeping): Promise<() => Promise<void>>;
  /**
   * Opens it.
   *
   * @throws {InputError} `identity`, if there is none; `passphrase`, if it is wrong; `passkey`, if it is refused.
   */
  unlock(opener: Opener): Promise<Identity>;
  /** Forgets it. Without a backup its shares are lost; the browser may keep old bytes, locked, for a while. */
  forget(): Promise<void>;
}

const recordName = "identity";
const keptFields = {
  peer: peerId,
  name: v.pipe(text(64), v.minLength(1)),
  lock: v.picklist(["passphrase", "passkey"] satisfies Kept["lock"][]),
  /** What finds the passkey; empty for a passphrase. */
  credential: text(2048),
  sealed: bytesUpTo(8192),
};
/** `sum` tells damage from a wrong passphrase, which age cannot; against whoever writes on purpose there is age. */
const keptRecord = record("quorate/1/kept-identity", { ...keptFields, sum: bytes(32) });
type KeptRecord = Omit<ReturnType<typeof keptRecord.decode>, "sum">;

const sumOf = ({ peer, name, lock, credential, sealed }: KeptRecord) =>
  hash("quorate/1/kept-identity-sum", peer, name, lock, credential, sealed);

/** The options of {@linkcode storedIdentity}. */
export interface KeptIdentityOptions {
  /** Opens its store, each time: nothing stays open that another tab would wait for. */
  open(): Promise<Store>;
  random: Random;
  passkeys: Passkeys;
  /** Of scrypt, log2 N; default {@linkcode identityWorkFactor}. */
  workFactor?: number;
}

/** An identity in a store of its own. */
export function storedIdentity(
  { open, random, passkeys: given, workFactor = identityWorkFactor }: KeptIdentityOptions,
): KeptIdentity {
  const passkeys = explained(given);

  async function using<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await open();
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  async function read(): Promise<{ version: number; kept: KeptRecord } | null> {
    const found = await using((store) => store.get(recordName));
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

  /** Encrypts, and asks for the passkey. */
  async function locked(identity: Identity, { lock, name }: Keeping): Promise<KeptRecord> {
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
      encrypter.setScryptWorkFactor(workFactor);
    } else {
      credential = await passkeys.create(lock.passkey.name);
      encrypter.addRecipient(passkeys.recipient(credential));
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

  function write(from: number | null, kept: KeptRecord): Promise<void> {
    return using(async (store) => {
      const encoded = keptRecord.encode({ ...kept, sum: sumOf(kept) });
      if (!await store.swap(recordName, from, encoded)) throw taken();
    });
  }

  async function prepare(identity: Identity, how: Keeping): Promise<() => Promise<void>> {
    const found = await read();
    if (found !== null && found.kept.peer !== identity.peer) throw taken();
    const kept = await locked(identity, how);
    return () => write(found?.version ?? null, kept);
  }

  return {
    exists: async () => await read() !== null,
    async look() {
      const found = await read();
      if (found === null) return null;
      const { peer, name, lock } = found.kept;
      return { peer, name, lock };
    },
    async create(how) {
      if (await read() !== null) throw taken();
      const identity = await newIdentity(random);
      await write(null, await locked(identity, how));
      return identity;
    },
    prepare,
    async unlock(opener) {
      const found = await read();
      if (found === null) throw new InputError("identity", "expected one kept in this browser, found none");
      const { lock, credential, sealed, peer } = found.kept;
      if (!(lock in opener)) {
        const [asked] = Object.keys(opener);
        throw new InputError(lock, `expected the ${lock} that locks this identity, found a ${asked}`);
      }
      const decrypter = new Decrypter();
      if ("passphrase" in opener) decrypter.addPassphrase(normalPassphrase(opener.passphrase));
      else decrypter.addIdentity(passkeys.identity(credential));
      const plain = await decrypter.decrypt(sealed, "text").catch((error) => {
        if (error instanceof InputError) throw error;
        if (lock === "passphrase") {
          throw new InputError("passphrase", "expected the right one, found another");
        }
        throw damaged("its passkey does not open it");
      });
      const identity = await readKeyText(plain, "this browser").catch(() => null);
      if (identity?.peer !== peer) throw damaged("it holds other keys than it says");
      return identity;
    },
    forget: () =>
      using(async (store) => {
        for (;;) {
          const found = await store.get(recordName);
          if (await store.swap(recordName, found?.version ?? null, null)) return;
        }
      }),
  };
}

const taken = () => new InputError("identity", "expected none in this browser, found one already");
const damaged = (why: string, cause?: unknown) =>
  new StoreError(`Cannot open the identity kept in this browser: ${why}. Restore it from a backup`, {
    cause,
  });
