/**
 * The random oracle of the inner loops: ChaCha20 keyed with the SHA-256 of 52 bytes. It is called about 2,500
 * times for one multiplication, and a library's overhead for a call (objects, copies, checks) is ten times
 * the work itself. So both functions are written here for this one size, on words, without allocations. Tests
 * compare them with noble's.
 *
 * It has two uses, which differ in the first 32 bytes: a secret key of the base OTs expands into a column of
 * the extension, and a row of the extension, under a hash that binds the session, into pads. The same 32-bit
 * operations run whatever the words are.
 * @module
 */

/** SHA-256's round constants (FIPS 180-4 §4.2.2). */
// deno-fmt-ignore
const roundConstants = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
);
/** SHA-256's initial state (FIPS 180-4 §5.3.3). */
// deno-fmt-ignore
const initial = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);
const schedule = new Int32Array(64);
const key = new Int32Array(8);
const scratch = new Int32Array(16);

/**
 * Fills `out[at …]` with the first `words` words of ChaCha20's stream, nonce 0 and counter
 * from 0, under the key SHA-256(long ‖ number ‖ short), where words and number are hashed big-endian.
 *
 * @param long 8 words, from `longAt` on.
 * @param number Below 2^32.
 */
export function shortOracle(
  long: Uint32Array,
  longAt: number,
  number: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
  out: Uint32Array,
  at: number,
  words: number,
): void {
  for (let i = 0; i < 8; i++) schedule[i] = long[longAt + i]!;
  schedule[8] = number;
  schedule[9] = s0;
  schedule[10] = s1;
  schedule[11] = s2;
  schedule[12] = s3;
  schedule[13] = 0x80000000; // the padding of one block: a one, zeros, and the length in bits
  schedule[14] = 0;
  schedule[15] = 52 * 8;
  compress();
  for (let block = 0; block * 16 < words; block++) {
    chachaBlock(block, out, at + block * 16, Math.min(16, words - block * 16));
  }
}

/** Wipes the state that the last call left behind. */
export function forgetLast(): void {
  schedule.fill(0);
  key.fill(0);
  scratch.fill(0);
}

/** SHA-256 of one block (FIPS 180-4 §6.2.2), into `key` as little-endian words. */
function compress(): void {
  for (let t = 16; t < 64; t++) {
    const w2 = schedule[t - 2]!, w15 = schedule[t - 15]!;
    const s1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
    const s0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
    schedule[t] = (s1 + schedule[t - 7]! + s0 + schedule[t - 16]!) | 0;
  }
  let a = initial[0]!, b = initial[1]!, c = initial[2]!, d = initial[3]!;
  let e = initial[4]!, f = initial[5]!, g = initial[6]!, h = initial[7]!;
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[t]! + schedule[t]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  key[0] = swapped(a + initial[0]!);
  key[1] = swapped(b + initial[1]!);
  key[2] = swapped(c + initial[2]!);
  key[3] = swapped(d + initial[3]!);
  key[4] = swapped(e + initial[4]!);
  key[5] = swapped(f + initial[5]!);
  key[6] = swapped(g + initial[6]!);
  key[7] = swapped(h + initial[7]!);
}

function swapped(x: number): number {
  return ((x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24)) | 0;
}

/** The first `words` words of one block of ChaCha20 (RFC 8439 §2.3) under `key`. */
// Long because the quarter rounds are unrolled, on local variables: engines keep those in registers.
function chachaBlock(counter: number, out: Uint32Array, at: number, words: number): void {
  const k0 = key[0]!, k1 = key[1]!, k2 = key[2]!, k3 = key[3]!, k4 = key[4]!, k5 = key[5]!, k6 = key[6]!;
  const k7 = key[7]!;
  let x0 = 0x61707865, x1 = 0x3320646e, x2 = 0x79622d32, x3 = 0x6b206574;
  let x4 = k0, x5 = k1, x6 = k2, x7 = k3, x8 = k4, x9 = k5, x10 = k6, x11 = k7;
  let x12 = counter, x13 = 0, x14 = 0, x15 = 0;
  for (let round = 0; round < 10; round++) {
    x0 = (x0 + x4) | 0;
    x12 ^= x0;
    x12 = (x12 << 16) | (x12 >>> 16);
    x8 = (x8 + x12) | 0;
    x4 ^= x8;
    x4 = (x4 << 12) | (x4 >>> 20);
    x0 = (x0 + x4) | 0;
    x12 ^= x0;
    x12 = (x12 << 8) | (x12 >>> 24);
    x8 = (x8 + x12) | 0;
    x4 ^= x8;
    x4 = (x4 << 7) | (x4 >>> 25);
    x1 = (x1 + x5) | 0;
    x13 ^= x1;
    x13 = (x13 << 16) | (x13 >>> 16);
    x9 = (x9 + x13) | 0;
    x5 ^= x9;
    x5 = (x5 << 12) | (x5 >>> 20);
    x1 = (x1 + x5) | 0;
    x13 ^= x1;
    x13 = (x13 << 8) | (x13 >>> 24);
    x9 = (x9 + x13) | 0;
    x5 ^= x9;
    x5 = (x5 << 7) | (x5 >>> 25);
    x2 = (x2 + x6) | 0;
    x14 ^= x2;
    x14 = (x14 << 16) | (x14 >>> 16);
    x10 = (x10 + x14) | 0;
    x6 ^= x10;
    x6 = (x6 << 12) | (x6 >>> 20);
    x2 = (x2 + x6) | 0;
    x14 ^= x2;
    x14 = (x14 << 8) | (x14 >>> 24);
    x10 = (x10 + x14) | 0;
    x6 ^= x10;
    x6 = (x6 << 7) | (x6 >>> 25);
    x3 = (x3 + x7) | 0;
    x15 ^= x3;
    x15 = (x15 << 16) | (x15 >>> 16);
    x11 = (x11 + x15) | 0;
    x7 ^= x11;
    x7 = (x7 << 12) | (x7 >>> 20);
    x3 = (x3 + x7) | 0;
    x15 ^= x3;
    x15 = (x15 << 8) | (x15 >>> 24);
    x11 = (x11 + x15) | 0;
    x7 ^= x11;
    x7 = (x7 << 7) | (x7 >>> 25);
    x0 = (x0 + x5) | 0;
    x15 ^= x0;
    x15 = (x15 << 16) | (x15 >>> 16);
    x10 = (x10 + x15) | 0;
    x5 ^= x10;
    x5 = (x5 << 12) | (x5 >>> 20);
    x0 = (x0 + x5) | 0;
    x15 ^= x0;
    x15 = (x15 << 8) | (x15 >>> 24);
    x10 = (x10 + x15) | 0;
    x5 ^= x10;
    x5 = (x5 << 7) | (x5 >>> 25);
    x1 = (x1 + x6) | 0;
    x12 ^= x1;
    x12 = (x12 << 16) | (x12 >>> 16);
    x11 = (x11 + x12) | 0;
    x6 ^= x11;
    x6 = (x6 << 12) | (x6 >>> 20);
    x1 = (x1 + x6) | 0;
    x12 ^= x1;
    x12 = (x12 << 8) | (x12 >>> 24);
    x11 = (x11 + x12) | 0;
    x6 ^= x11;
    x6 = (x6 << 7) | (x6 >>> 25);
    x2 = (x2 + x7) | 0;
    x13 ^= x2;
    x13 = (x13 << 16) | (x13 >>> 16);
    x8 = (x8 + x13) | 0;
    x7 ^= x8;
    x7 = (x7 << 12) | (x7 >>> 20);
    x2 = (x2 + x7) | 0;
    x13 ^= x2;
    x13 = (x13 << 8) | (x13 >>> 24);
    x8 = (x8 + x13) | 0;
    x7 ^= x8;
    x7 = (x7 << 7) | (x7 >>> 25);
    x3 = (x3 + x4) | 0;
    x14 ^= x3;
    x14 = (x14 << 16) | (x14 >>> 16);
    x9 = (x9 + x14) | 0;
    x4 ^= x9;
    x4 = (x4 << 12) | (x4 >>> 20);
    x3 = (x3 + x4) | 0;
    x14 ^= x3;
    x14 = (x14 << 8) | (x14 >>> 24);
    x9 = (x9 + x14) | 0;
    x4 ^= x9;
    x4 = (x4 << 7) | (x4 >>> 25);
  }
  scratch[0] = x0 + 0x61707865;
  scratch[1] = x1 + 0x3320646e;
  scratch[2] = x2 + 0x79622d32;
  scratch[3] = x3 + 0x6b206574;
  scratch[4] = x4 + k0;
  scratch[5] = x5 + k1;
  scratch[6] = x6 + k2;
  scratch[7] = x7 + k3;
  scratch[8] = x8 + k4;
  scratch[9] = x9 + k5;
  scratch[10] = x10 + k6;
  scratch[11] = x11 + k7;
  scratch[12] = x12 + counter;
  scratch[13] = x13;
  scratch[14] = x14;
  scratch[15] = x15;
  for (let i = 0; i < words; i++) out[at + i] = scratch[i]!;
}
