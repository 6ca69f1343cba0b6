/**
 * A vault that can be locked while its node goes on: what is inside is closed, and its storage key with it, and opened
 * anew by who has the key.
 * @module
 */
import { SessionError } from "../errors.ts";
import type { IdentitySecrets, Vault } from "../ports.ts";

type StorageKey = Pick<IdentitySecrets, "storageKey">;

/** A {@linkcode Vault} with a lock. Locked, it still verifies, and every run ends with `store-locked`. */
export interface LockableVault extends Vault {
  readonly locked: boolean;
  /** Locked from this moment on; resolves when what was inside is closed. */
  lock(): Promise<void>;
  /** Opens it with the storage key, whose rightness is the caller's business. */
  unlock(secrets: StorageKey): void;
}

/** @param open Makes what is inside, now and after each lock. It must not keep the key where it could be seen. */
export function lockableVault(secrets: StorageKey, open: (secrets: StorageKey) => Vault): LockableVault {
  let inside = open(secrets);
  let locked = false;
  return {
    get locked() {
      return locked;
    },
    // Both need no share, and a closed vault answers them too.
    rounds: (task) => inside.rounds(task),
    verify: (key, message, signature) => inside.verify(key, message, signature),
    async run(task, io) {
      if (locked) throw new SessionError("store-locked");
      const mine = inside;
      try {
        return await mine.run(task, io);
      } catch (error) {
        // What is inside says that it was closed; why, is known here.
        if (io.signal.aborted || (!locked && mine === inside)) throw error;
        throw new SessionError("store-locked", { cause: error });
      }
    },
    async lock() {
      locked = true;
      await inside.close();
    },
    unlock(secrets) {
      if (!locked) return;
      inside = open(secrets);
      locked = false;
    },
    close: () => inside.close(),
  };
}

/** The lock of a vault, or null if it has none. */
export const lockOf = (vault: Vault): LockableVault | null => "lock" in vault ? vault as LockableVault : null;
