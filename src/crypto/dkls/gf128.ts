/**
 * GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1), for the check of the OT extension: one inner product
 * with public coefficients, over many rows. An element is 4 words; bit i is the coefficient of x^i.
 * @module
 */

/**
 * t · (x^7 + x^2 + x + 1) for t of 4 bits, which replaces the four highest bits when they are shifted out.
 */
const carried = Uint32Array.from({ length: 16 }, (_, t) => {
  let sum = 0;
  for (let bit = 0; bit < 4; bit++) if ((t >>> bit) & 1) sum ^= 0x87 << bit;
  return sum;
});

/**
 * For each coefficient, its 16 multiples by polynomials of degree below 4, 64 words a coefficient.
 *
 * @param coefficients 4 words each.
 */
export function multiplesOf(coefficients: Uint32Array): Uint32Array {
  const count = coefficients.length / 4;
  const tables = new Uint32Array(count * 64);
  for (let k = 0; k < count; k++) {
    let a = coefficients[4 * k]!, b = coefficients[4 * k + 1]!;
    let c = coefficients[4 * k + 2]!, d = coefficients[4 * k + 3]!;
    for (let bit = 0; bit < 4; bit++) {
      for (let v = 1; v < 16; v++) {
        if (((v >>> bit) & 1) === 0) continue;
        const o = k * 64 + v * 4;
        tables[o]! ^= a;
        tables[o + 1]! ^= b;
        tables[o + 2]! ^= c;
        tables[o + 3]! ^= d;
      }
      const top = -(d >>> 31);
      d = (d << 1) | (c >>> 31);
      c = (c << 1) | (b >>> 31);
      b = (b << 1) | (a >>> 31);
      a = (a << 1) ^ (top & 0x87);
    }
  }
  return tables;
}

/**
 * Adds Σ coefficient_k · block_k to 4 words of `out`, where the blocks are in `rows` from word `from` on. All
 * blocks go through Horner's rule together, four bits at a time, so that there is one shift for all.
 *
 * The secret blocks select the table entries that are read. The tables of four coefficients have 1 kB, so that
 * the time does not depend on the blocks while they stay in the first-level cache (`docs/threat_model.md`).
 */
export function foldBlocks(
  rows: Uint32Array,
  from: number,
  tables: Uint32Array,
  out: Uint32Array,
  at: number,
): void {
  const blocks = tables.length / 64;
  let a = 0, b = 0, c = 0, d = 0;
  for (let word = 3; word >= 0; word--) {
    for (let shift = 28; shift >= 0; shift -= 4) {
      const top = d >>> 28;
      d = (d << 4) | (c >>> 28);
      c = (c << 4) | (b >>> 28);
      b = (b << 4) | (a >>> 28);
      a = (a << 4) ^ carried[top]!;
      for (let k = 0; k < blocks; k++) {
        const o = k * 64 + ((rows[from + 4 * k + word]! >>> shift) & 15) * 4;
        a ^= tables[o]!;
        b ^= tables[o + 1]!;
        c ^= tables[o + 2]!;
        d ^= tables[o + 3]!;
      }
    }
  }
  out[at]! ^= a;
  out[at + 1]! ^= b;
  out[at + 2]! ^= c;
  out[at + 3]! ^= d;
}
