/**
 * {@linkcode Passphrases} in this thread, which waits meanwhile; `worker/passphrases_client.ts` has them in another.
 * @module
 */
import { Decrypter, Encrypter } from "age-encryption";
import { normalPassphrase } from "../text/passphrase.ts";
import type { Passphrases } from "../ports.ts";

export const passphrasesHere: Passphrases = {
  async seal(plain, passphrase, workFactor) {
    const encrypter = new Encrypter();
    encrypter.setPassphrase(normalPassphrase(passphrase));
    encrypter.setScryptWorkFactor(workFactor);
    return await encrypter.encrypt(plain);
  },
  async open(file, passphrase) {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(normalPassphrase(passphrase));
    try {
      return await decrypter.decrypt(file);
    } catch {
      return null; // why, age does not know either
    }
  },
};
