/**
 * The messages by which two holders set up their multiplications: two direct rounds, after those of the key
 * generation.
 * @module
 */
import * as v from "valibot";
import { arePoints, chooseBytes } from "../crypto/dkls_shapes.ts";
import { bytes, hash, record } from "../crypto/codec.ts";
import { groups } from "../crypto/group.ts";
import { type DealingRounds, generating, resharings } from "./deal_messages.ts";
import type { Act } from "./dealing.ts";
import { orEmpty } from "./empty_message.ts";
import { direct } from "./rounds.ts";

/** An encoded element of secp256k1: 33 bytes, not the identity. */
export const elementBytes = v.pipe(
  bytes(groups.secp256k1.elementLength),
  v.check((encoded) => {
    try {
      groups.secp256k1.decodeElement(encoded);
      return true;
    } catch {
      return false;
    }
  }, "expected a point that is not the identity"),
);

/** Round 1: the sender's public key of the base OTs, and a promise of a part of the pair's seed. */
const offer = record("quorate/1/setup-ecdsa/offer", { offer: elementBytes, promise: bytes(32) });

/** Round 2: the receiver's points of the base OTs, 8,448 bytes, and the opening of the promise. */
const choose = record("quorate/1/setup-ecdsa/choose", {
  points: v.pipe(bytes(chooseBytes), v.check(arePoints, "expected 256 points")),
  part: bytes(32),
  salt: bytes(32),
});

/** The rounds of the set-up where everyone holds a share. If the generation fails, no message is a secret. */
export const settingUp = { offer: direct(offer, "worthless"), choose: direct(choose, "worthless") };

/** The rounds of the set-up among the holders in a party. Whoever is none sends, and is sent, empty messages. */
export const settingUpHolders = {
  offer: direct(orEmpty("quorate/1/setup-ecdsa/no-offer", offer)),
  choose: direct(orEmpty("quorate/1/setup-ecdsa/no-choose", choose)),
};

/** The rounds of an ECDSA key after the first: its generation and then the set-up of every pair, in one session. */
export const generatingEcdsa = { ...generating.ecdsa.rounds, ...settingUp };

/** The same for a key that is dealt anew: every pair of the new sharing is set up anew. */
export const resharingEcdsa = { ...resharings.ecdsa.rounds, ...settingUpHolders };

/** The rounds of each act. */
export const dealingEcdsa: Readonly<Record<Act, DealingRounds & typeof settingUpHolders>> = {
  generate: generatingEcdsa,
  reshare: resharingEcdsa,
};

/**
 * Binds a pair's state to the session that made it: 32 bytes, the same at both ends.
 *
 * @param one The identifier of either end in the key that the session makes.
 */
export function pairSetup(session: Uint8Array, one: number, other: number): Uint8Array {
  return hash("quorate/1/setup-ecdsa/pair", session, Math.min(one, other), Math.max(one, other));
}

/** Binds the base OTs of one direction: 32 bytes. */
export function directionSetup(setup: Uint8Array, sender: number, receiver: number): Uint8Array {
  return hash("quorate/1/setup-ecdsa/direction", setup, sender, receiver);
}
