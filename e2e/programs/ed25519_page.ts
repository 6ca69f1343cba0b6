/**
 * A page that judges crafted signatures by both verifiers of the product.
 * @module
 */
import "../../src/platform/polyfills.ts";
import { verifyEd25519 } from "../../src/crypto/ed25519.ts";
import { peerIdOf, peerVerifier } from "../../src/identity/peer_key.ts";
import { misjudged, webCryptoTakesCraftedR } from "../../tests/crypto/crafted_signatures.ts";

const verify = peerVerifier();
const page = {
  byWebCrypto: () => misjudged((key, message, signature) => verify(peerIdOf(key), message, signature)),
  byNoble: () => misjudged(verifyEd25519),
  webCryptoTakesCraftedR,
};
export type Ed25519Page = typeof page;

(globalThis as unknown as { crafted: Ed25519Page }).crafted = page;
document.documentElement.dataset.ready = "";
