/**
 * The state of a pair, which one holder keeps to multiply with another: the keys of 128 base OTs in both
 * directions, and the seed of their shares of zero. It is as secret as a share, and is erased with it.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import { bytes, equal, peerId, record, text, uint } from "../codec.ts";
import { chosenBytes, offeredBytes } from "./base_ot.ts";
import { bytesOf, wordsOf } from "./bit_matrix.ts";
import { baseOts } from "../dkls_parameters.ts";

/** The state of a pair at one of its two ends. Leaving its scope wipes it. */
export interface PairState extends Disposable {
  /** The id of the set-up that made it: 32 bytes, the same at both ends. */
  readonly setup: Uint8Array;
  /** As Alice: Δ, 4 words, drawn for this pair and direction alone. */
  readonly delta: Uint32Array;
  /** As Alice: the key of each base OT that Δ chose, 4,096 bytes. */
  readonly chosen: Uint8Array;
  /** As Bob: both keys of each base OT, 8,192 bytes. */
  readonly offered: Uint8Array;
  /** 32 bytes. */
  readonly zeroSeed: Uint8Array;
}

/** The pair, key and epoch that a record is bound to. */
export interface PairOf {
  wallet: string;
  epoch: number;
  /** 33 bytes. */
  publicKey: Uint8Array;
  /** The holder of the state. */
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

/** Makes a state from its parts, which it owns from then on. */
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
 * Reads a record.
 *
 * @throws {TypeError} If it is not such a record, or is bound to another pair, wallet, key or epoch.
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
