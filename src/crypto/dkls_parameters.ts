/**
 * The parameters of DKLs23 on secp256k1, each with its reason. They are fixed: no peer can choose others, and
 * a message of another size does not decode.
 *
 * Sources, by the names used in this directory:
 * - DKLs23: Doerner, Kondi, Lee, shelat, "Threshold ECDSA in Three Rounds", eprint 2023/765. Protocol 3.6 is
 *   signing, Protocol 5.2 the multiplication (random vector OLE).
 * - KOS15 and SoftSpokenOT: eprint 2015/546 and 2022/192. The consistency check is SoftSpokenOT's, for k = 1;
 *   KOS15's own proof had a gap.
 * - MRR21: McQuoid, Rosulek, Roy, "Batching Base Oblivious Transfers", eprint 2021/682, figure 3.
 * @module
 */

/** Bits of computational security, λ_c: as many as the curve gives. */
export const securityBits = 128;

/**
 * Base OTs of one direction of a pair, the length of Δ. More would cost set-up time, and the curve gives no
 * more bits.
 */
export const baseOts = securityBits;

/** Bits of a scalar, κ. */
export const scalarBits = 256;

/**
 * Bits of statistical security, λ_s. 80 is usual; 128 makes ξ a multiple of 128, as in both audited
 * implementations, and costs a quarter more.
 */
export const statisticalBits = 128;

/** ξ = κ + 2 λ_s: the number of choice bits that encode Bob's random multiplicand (DKLs23 §5): 512. */
export const choiceBits = scalarBits + 2 * statisticalBits;

/**
 * Bits of the field of the extension's check. The challenge is a hash (Fiat-Shamir), so that a cheater can
 * search offline: the size must give computational security, not only statistical.
 */
export const checkBits = 128;

/** Elements of GF(2^128) in the choices of one multiplication: 4. */
export const choiceBlocks = choiceBits / checkBits;

/**
 * 32-bit words of a column of the extension for `items` multiplications: the choices of all of them, and one
 * random block that hides them in the check.
 */
export function columnWords(items: number): number {
  return (items * choiceBits + checkBits) / 32;
}

/** The number of Alice's inputs to one multiplication, l: her share of the nonce and her share of the key. */
export const inputs = 2;

/** The number of random inputs for the check, ρ = ⌈κ / λ_c⌉: 2, the conservative reading of Protocol 5.2. */
export const checkInputs = Math.ceil(scalarBits / securityBits);

/** Scalars that are transferred by the OT of one choice bit: l + ρ. */
export const width = inputs + checkInputs;
