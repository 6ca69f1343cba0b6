/**
 * A page that judges crafted signatures by both verifiers of the product, and uses private keys that begin with zero.
 * @module
 */
import "../../src/platform/polyfills.ts";
import { decryptWith, encryptTo } from "../../src/crypto/age/records.ts";
import { verifyEd25519 } from "../../src/crypto/ed25519.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { peerIdOf, peerVerifier } from "../../src/identity/peer_key.ts";
import { misjudged, webCryptoTakesCraftedR } from "../../tests/crypto/crafted_signatures.ts";

const verify = peerVerifier();
const page = {
  byWebCrypto: () => misjudged((key, message, signature) => verify(peerIdOf(key), message, signature)),
  byNoble: () => misjudged(verifyEd25519),
  webCryptoTakesCraftedR,
  /** The number of identities that sign and open a record, of 256: one for each first byte of their private keys. */
  async usable(): Promise<number> {
    let usable = 0;
    for (let first = 0; first < 256; first++) {
      const identity = await newIdentity((length) =>
        crypto.getRandomValues(new Uint8Array(length)).fill(first, 0, 1)
      );
      const plain = Uint8Array.of(first);
      const { storageKey } = identity.secrets();
      const opened = await decryptWith(storageKey, await encryptTo(storageKey, plain));
      if (opened[0] === first && await verify(identity.peer, plain, await identity.sign(plain))) usable++;
    }
    return usable;
  },
};
export type Ed25519Page = typeof page;

(globalThis as unknown as { crafted: Ed25519Page }).crafted = page;
document.documentElement.dataset.ready = "";
