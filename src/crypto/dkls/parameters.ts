/**
 * The sizes of DKLs23 on secp256k1, each with its reason. They are fixed: no peer can ask for others, and a message of
 * any other size does not decode.
 *
 * Sources, by the names used in this directory:
 * - DKLs23: Doerner, Kondi, Lee, shelat, "Threshold ECDSA in Three Rounds", eprint 2023/765. Protocol 3.6 is signing,
 *   Protocol 5.2 the multiplication (random vector OLE).
 * - KOS15 and SoftSpokenOT: eprint 2015/546 and 2022/192. The consistency check is SoftSpokenOT's, for k = 1; KOS15's
 *   own proof had a hole.
 * - MRR21: McQuoid, Rosulek, Roy, "Batching Base Oblivious Transfers", eprint 2021/682, figure 3.
 * @module
 */

/** Bits of computational security, λ_c. The curve gives no more, so nothing else needs to. */
export const securityBits = 128;

/** Base OTs of one direction of a pair: the length of Δ. More would cost set-up time and be stronger than the curve. */
export const baseOts = securityBits;

/** Bits of a scalar, κ. */
export const scalarBits = 256;

/**
 * Bits of statistical security, λ_s. 80 is usual; 128 makes ξ a multiple of 128, as in both audited implementations,
 * and costs a quarter more.
 */
export const statisticalBits = 128;

/** ξ = κ + 2 λ_s, the choices that Bob's random multiplicand is made of (DKLs23 §5): 512. */
export const choiceBits = scalarBits + 2 * statisticalBits;

/**
 * Bits of the field of the extension's check. The challenge is a hash (Fiat-Shamir), so that a cheater may try offline:
 * the "statistical" size has to be a computational one.
 */
export const checkBits = 128;

/** Elements of GF(2^128) in a row's choices: 4. */
export const choiceBlocks = choiceBits / checkBits;

/** A row of the extension: the choices and, to hide what the check tells of them, one random block. 32-bit words. */
export const rowWords = (choiceBits + checkBits) / 32;

/** Alice's inputs to one multiplication, l: her share of the nonce and her share of the key. */
export const inputs = 2;

/** Random inputs that only serve the check, ρ = ⌈κ / λ_c⌉: 2, the conservative reading of Protocol 5.2. */
export const checkInputs = Math.ceil(scalarBits / securityBits);

/** Scalars that go through the OTs for one choice bit: l + ρ. */
export const width = inputs + checkInputs;
