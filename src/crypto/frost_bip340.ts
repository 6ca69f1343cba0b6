/**
 * FROST(secp256k1, SHA-256) with BIP-340's keys and challenge, compatible with the Zcash Foundation's
 * `frost-secp256k1-tr`: its signatures are BIP-340's. BIP-445 hashes nonces in another way, so its signers
 * and these do not understand each other; only its rules for tweaks are used (`bip340/key_tweak.ts`).
 *
 * The suite takes a key of either parity. It changes the signs of shares and verifying shares if the key's y
 * is odd, and the signs of nonces and commitments if the group commitment's y is odd. Signer and verifier do
 * the same, so that blame works at every parity.
 * @module
 */
import { schnorr_FROST } from "@noble/curves/secp256k1.js";
import { type FrostSuite, frostSuite } from "./frost.ts";
import { groups } from "./group.ts";

/** Keys and elements of 33 bytes; the signature verifies under the key's x. */
export const frostBip340: FrostSuite = frostSuite({
  name: "bip340",
  group: groups.secp256k1,
  frost: schnorr_FROST,
  computed() {}, // every point of this group is of prime order
});
