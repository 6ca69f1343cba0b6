/**
 * What travels when two holders set up their multiplication: two rounds, direct, after those of the key generation.
 * @module
 */
import * as v from "valibot";
import { chooseBytes, readsAsAnswer } from "../crypto/dkls/base_ot.ts";
import { bytes, hash, record } from "../crypto/codec.ts";
import { groups } from "../crypto/group.ts";
import { generating } from "./generate_messages.ts";
import { direct } from "./rounds.ts";

/** 33 bytes that are an element of secp256k1, and not the identity. */
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

/** Round 1 of set-up: the sender's key of the base OTs, and a promise of a part of the pair's seed. */
const offer = record("quorate/1/setup-ecdsa/offer", { offer: elementBytes, promise: bytes(32) });

/** Round 2: the answers to the other's base OTs, 8,448 bytes, and the opening of the promise. */
const choose = record("quorate/1/setup-ecdsa/choose", {
  answer: v.pipe(bytes(chooseBytes), v.check(readsAsAnswer, "expected 256 points")),
  part: bytes(32),
  salt: bytes(32),
});

/** The rounds of set-up. */
export const settingUp = { offer: direct(offer), choose: direct(choose) };

/** One key of secp256k1 that can sign: its generation, and then set-up for every pair, in one session. */
export const generatingEcdsa = { ...generating.secp256k1, ...settingUp };

/** Binds everything of a pair to the session that made it, the same at both ends: 32 bytes. */
export function pairSetup(session: Uint8Array, one: number, other: number): Uint8Array {
  return hash("quorate/1/setup-ecdsa/pair", session, Math.min(one, other), Math.max(one, other));
}

/** Binds the base OTs of one direction: 32 bytes. */
export function directionSetup(setup: Uint8Array, sender: number, receiver: number): Uint8Array {
  return hash("quorate/1/setup-ecdsa/direction", setup, sender, receiver);
}
