/**
 * Key confirmation of a link: both sides prove that they derived the same secret from the hellos, before
 * either uses it. X25519 (RFC 7748), HKDF-SHA256 (RFC 5869); the pattern of SIGMA: signed ephemeral keys,
 * then a MAC each way.
 * @module
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Codec } from "../crypto/codec.ts";
import { bytes, hash, record } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";
import { broadcast, type Net } from "./rounds.ts";

const confirmation = record("quorate/1/link-confirmation", { mac: bytes(32) });
const macCodec: Codec<Uint8Array> = {
  encode: (mac) => confirmation.encode({ mac }),
  decode: (encoded) => confirmation.decode(encoded).mac,
};

export const linkConfirmation = { confirm: broadcast(macCodec) };

/** The MAC by which `from` proves that it has `secret`: 32 bytes, different for each side. */
export function confirmationOf(secret: Uint8Array, session: Uint8Array, from: PeerId): Uint8Array {
  return hmac(sha256, secret, hash("quorate/1/link-confirm", session, from));
}

/**
 * Confirms a link with the other peer of `net`.
 *
 * @param secret 32 bytes, from both hellos.
 * @throws {SessionError} `invalid-confirmation` if the other peer has a different secret.
 */
export async function confirmLink(
  net: Net<typeof linkConfirmation>,
  { secret, session }: { secret: Uint8Array; session: Uint8Array },
): Promise<void> {
  await net.exchange("confirm", confirmationOf(secret, session, net.self), {
    code: "invalid-confirmation",
    passes: (mac, from) => sameMac(mac, confirmationOf(secret, session, from)),
  });
}

/** Whether two MACs are equal, in constant time. */
function sameMac(a: Uint8Array, b: Uint8Array): boolean {
  return a.reduce((difference, byte, i) => difference | (byte ^ b[i]!), a.length ^ b.length) === 0;
}
