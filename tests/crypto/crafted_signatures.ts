/**
 * Ed25519 signatures on which verifiers differ: the twelve of ed25519-speccheck, and some of a key of our own whose R
 * is crafted. Each is judged by every verifier that is given. Not a test by itself; runs in browsers too.
 * @module
 */
import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import speccheck from "../vectors/ed25519_speccheck.json" with { type: "json" };

export interface Crafted {
  what: string;
  publicKey: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
  /** Whether it is a signature. */
  good: boolean;
}

const { Point } = ed25519;
const { Fn } = Point;
const hex = (text: string) => Uint8Array.fromHex(text);
const number = (bytes: Uint8Array) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const little = (n: bigint) => Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 255n));
const scalar = (text: string) => number(sha512(new TextEncoder().encode(text))) % Fn.ORDER;

/** A point of order 8. */
export const torsion = ED25519_TORSION_SUBGROUP.map((text) => Point.fromHex(text)).find((point) =>
  !point.multiplyUnsafe(4n).is0()
)!;

/** A secret scalar, and what verifies under it: unlike a seed's, its public key can be given a part of small order. */
export interface Secret {
  secret: bigint;
  publicKey: Uint8Array;
}

/** Signs with an R of the caller's choice: `nonce · B`, unless its bytes are given. */
export function signWith(
  { secret, publicKey }: Secret,
  message: Uint8Array,
  R?: Uint8Array,
  nonce = scalar("r"),
) {
  R ??= Point.BASE.multiply(nonce).toBytes();
  const k = number(sha512(Uint8Array.of(...R, ...publicKey, ...message))) % Fn.ORDER;
  return Uint8Array.of(...R, ...little((nonce + k * secret) % Fn.ORDER));
}

const message = new TextEncoder().encode("who may spend this?");
const own: Secret = { secret: scalar("a"), publicKey: Point.BASE.multiply(scalar("a")).toBytes() };

function ofOwn(
  what: string,
  signature: Uint8Array,
  { good = false, publicKey = own.publicKey } = {},
): Crafted {
  return { what, publicKey, message, signature, good };
}

/** Whose parts of small order cancel each other: it passes with and without the cofactor. */
function mixedKey(): Crafted {
  const publicKey = Point.BASE.multiply(own.secret).add(torsion).toBytes();
  for (let i = 0;; i++) {
    const signature = signWith({ ...own, publicKey }, message, undefined, scalar(`r ${i}`));
    const k = number(sha512(Uint8Array.of(...signature.subarray(0, 32), ...publicKey, ...message))) %
      Fn.ORDER;
    if (k % 8n === 0n) {
      return ofOwn("a key with a part of order 8, which the challenge cancels", signature, { publicKey });
    }
  }
}

const usual = signWith(own, message);
const identity = little(1n);
const field = Point.Fp.ORDER;
export const crafted: readonly Crafted[] = [
  ...speccheck.map(({ message, pub_key, signature }, i) => ({
    what: `ed25519-speccheck ${i}`,
    publicKey: hex(pub_key),
    message: hex(message),
    signature: hex(signature),
    good: false,
  })),
  ofOwn("an honest signature", usual, { good: true }),
  ofOwn(
    "R with a part of order 8",
    signWith(own, message, Point.BASE.multiply(scalar("r")).add(torsion).toBytes()),
  ),
  ofOwn("S + L", Uint8Array.of(...usual.subarray(0, 32), ...little(number(usual.subarray(32)) + Fn.ORDER))),
  ofOwn("R is the identity", signWith(own, message, identity, 0n)),
  ofOwn("R is the identity with its sign set", signWith(own, message, little(1n + (1n << 255n)), 0n)),
  ofOwn("R is the identity as y = p + 1", signWith(own, message, little(field + 1n), 0n)),
  mixedKey(),
];

/** What of `crafted` a verifier judges otherwise than it is. */
export async function misjudged(
  verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const { what, publicKey, message, signature, good } of crafted) {
    const said = await verify(publicKey, message, signature);
    if (said !== good) wrong.push(`${what}: ${said}`);
  }
  return wrong;
}

/**
 * Whether this engine's WebCrypto, asked without any check of ours, takes an R with a part of small order under a key of
 * prime order. None that is supported does; for one that did, R would have to be checked too.
 */
export async function webCryptoTakesCraftedR(): Promise<boolean> {
  const { publicKey, message, signature } = crafted.find(({ what }) => what === "R with a part of order 8")!;
  const key = await crypto.subtle.importKey("raw", publicKey as BufferSource, "Ed25519", false, ["verify"]);
  return await crypto.subtle.verify("Ed25519", key, signature as BufferSource, message as BufferSource);
}
