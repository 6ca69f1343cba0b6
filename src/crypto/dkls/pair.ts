/**
 * What one holder keeps about one other to multiply with it: the keys of 128 base OTs in both directions, and the seed
 * of their shares of zero. It is as secret as a share, and lives and dies with it.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import { bytes, equal, peerId, record, text, uint } from "../codec.ts";
import { chosenBytes, offeredBytes } from "./base_ot.ts";
import { bytesOf, wordsOf } from "./bit_matrix.ts";
import { baseOts } from "./parameters.ts";

/** The state of a pair, at one of its ends. Leaving its scope wipes it. */
export interface PairState extends Disposable {
  /** Binds the run that made it: 32 bytes, the same at both ends. */
  readonly setup: Uint8Array;
  /** As Alice: Δ, 4 words, drawn for this pair and direction alone. */
  readonly delta: Uint32Array;
  /** As Alice: the key that Δ chose of each, 4,096 bytes. */
  readonly chosen: Uint8Array;
  /** As Bob: both keys of each, 8,192 bytes. */
  readonly offered: Uint8Array;
  /** 32 bytes. */
  readonly zeroSeed: Uint8Array;
}

/** What a record is bound to. */
export interface PairOf {
  wallet: string;
  epoch: number;
  /** Of the key, 33 bytes. */
  publicKey: Uint8Array;
  /** Whose state it is. */
  self: PeerId;
  other: PeerId;
}

// Version 1; about 12.5 kB.
const pairRecord = record("quorate/1/dkls/pair", {
  wallet: text(64),
  epoch: uint,
  publicKey: bytes(33),
  self: peerId,
  other: peerId,
  setup: bytes(32),
  delta: bytes(baseOts / 8),
  chosen: bytes(chosenBytes),
  offered: bytes(offeredBytes),
  zeroSeed: bytes(32),
});

/** Makes a state of its parts, which it then owns. */
export function pairState(parts: Omit<PairState, typeof Symbol.dispose>): PairState {
  return {
    ...parts,
    [Symbol.dispose]() {
      for (const secret of [parts.delta, parts.chosen, parts.offered, parts.zeroSeed]) secret.fill(0);
    },
  };
}

/** The record of a state, to be sealed. The caller wipes it. */
export function encodePair(of: PairOf, { setup, delta, chosen, offered, zeroSeed }: PairState): Uint8Array {
  return pairRecord.encode({ ...of, setup, delta: bytesOf(delta), chosen, offered, zeroSeed });
}

/**
 * Reads the record back.
 *
 * @throws {TypeError} If it is no such record, or one of another pair, wallet, key or epoch.
 */
export function decodePair(of: PairOf, encoded: Uint8Array): PairState {
  const found = pairRecord.decode(encoded);
  const bound = found.wallet === of.wallet && found.epoch === of.epoch && found.self === of.self &&
    found.other === of.other && equal(found.publicKey, of.publicKey);
  if (!bound) throw new TypeError("Cannot use OT state: it is bound to another pair, key or epoch");
  const state = pairState({
    setup: found.setup.slice(),
    delta: wordsOf(found.delta),
    chosen: found.chosen.slice(),
    offered: found.offered.slice(),
    zeroSeed: found.zeroSeed.slice(),
  });
  for (const secret of [found.delta, found.chosen, found.offered, found.zeroSeed]) secret.fill(0);
  return state;
}
