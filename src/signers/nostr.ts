/**
 * A signer of Nostr events, as nostr-tools and browsers (NIP-07) have it, whose signatures a cluster makes.
 * @module
 */
import { verifiedSymbol } from "nostr-tools/pure";
import type { Signer } from "nostr-tools/signer";
import { nostrEvent, nostrEventMessage } from "../crypto/bip340/nostr.ts";
import { type SignerOptions, type SigningKey, type SigningNode, signingWith } from "./signing.ts";

export type { SignerOptions, SigningKey, SigningNode };

/**
 * Makes a signer of events with a `bip340` key. Holders that are asked read the whole event.
 *
 * `signEvent` rejects with an `InputError` that names the field of an event that has no id all agree on.
 *
 * @throws {InputError} `scheme` or `path`
 */
export function nostrSigner(node: SigningNode, key: SigningKey, options: SignerOptions = {}): Signer {
  const { child, sign } = signingWith(node, key, "bip340", options);
  const { publicKey } = child;
  return {
    getPublicKey: () => Promise.resolve(publicKey.slice(-32).toHex()),
    async signEvent(event) {
      const message = nostrEventMessage(publicKey, event);
      const [signature] = await sign([{ message, hash: "sha256" }]);
      const { tags, ...signed } = nostrEvent(publicKey, event, signature!.bytes); // it verifies, or throws
      return { ...signed, tags: tags.map((tag) => [...tag]), [verifiedSymbol]: true };
    },
  };
}
