/**
 * Passkeys of a test: each is an age key that only this object has, and asking can be made to fail. Not a test by
 * itself.
 * @module
 */
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient, Stanza } from "age-encryption";
import type { Passkeys } from "../../src/identity/passkey.ts";

export interface SoftPasskeys extends Passkeys {
  /** How often the person was asked. */
  asked: number;
  /** What asking throws from now on. */
  fails: Error | null;
  /** The person has deleted this passkey and made another: the same name opens with another key. */
  swap(credential: string): Promise<void>;
}

export function softPasskeys(): SoftPasskeys {
  const keys = new Map<string, string>();
  const ask = () => {
    soft.asked++;
    if (soft.fails) throw soft.fails;
  };
  const soft: SoftPasskeys = {
    asked: 0,
    fails: null,
    async create(name) {
      ask();
      keys.set(name, await generateX25519Identity());
      return name;
    },
    recipient: (credential) => ({
      async wrapFileKey(fileKey) {
        ask();
        const encrypter = new Encrypter();
        encrypter.addRecipient(await identityToRecipient(keys.get(credential)!));
        return [new Stanza(["soft-passkey"], await encrypter.encrypt(fileKey))];
      },
    }),
    identity: (credential) => ({
      async unwrapFileKey([stanza]) {
        ask();
        const decrypter = new Decrypter();
        decrypter.addIdentity(keys.get(credential)!);
        return await decrypter.decrypt(stanza!.body).catch(() => null);
      },
    }),
    swap: async (credential) => void keys.set(credential, await generateX25519Identity()),
  };
  return soft;
}
