/**
 * FROST(Ed25519, SHA-512), RFC 9591 §6.1: bytes in, bytes out. The arithmetic is noble's; here are its edges: what may
 * come in, nonces that work once, and who is to blame.
 *
 * An identifier is a number from 1 to n, a member's place in the key. The caller knows it from the channel a message
 * came over; no message carries one.
 * @module
 */
import { createFROST, type FrostPublic, type Nonces } from "@noble/curves/abstract/frost.js";
import { sha512 } from "@noble/hashes/sha2.js";
import * as v from "valibot";
import type { Random } from "../ports.ts";
import { bytes, type Codec, record } from "./codec.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { groups } from "./group.ts";
import { KnownPoint } from "./known_points.ts";

// The stock suite checks torsion twice per point and step; this one checks each point once and is the same on the wire.
// H2 is plain SHA-512 so that the result is an Ed25519 signature (§6.1).
const suite = createFROST({ name: "FROST-ED25519-SHA512-v1", Point: KnownPoint, hash: sha512, H2: "" });
const { Identifier } = suite;

/** What signers know of a key. */
export interface FrostKey {
  readonly threshold: number;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** share · G of identifiers 1..n, each 32 bytes. */
  readonly verifyingShares: readonly Uint8Array[];
}

/** One member's secret. */
export interface FrostShare {
  readonly identifier: number;
  /** A scalar, 32 bytes. */
  readonly share: Uint8Array;
}

/** D and E of RFC 9591 §5.1, 32 bytes each. */
export interface NonceCommitment {
  readonly hiding: Uint8Array;
  readonly binding: Uint8Array;
}

/** What every signer must have agreed on before round two: who signs, with which nonces, what. */
export interface Signing {
  readonly key: FrostKey;
  readonly commitments: ReadonlyMap<number, NonceCommitment>;
  readonly message: Uint8Array;
}

// Decoding rejects all that noble would later throw on: what has decoded may be wrong, but it cannot make this node
// look broken.
const reads = (decode: (bytes: Uint8Array) => unknown) => (input: Uint8Array) => {
  try {
    decode(input);
    return true;
  } catch {
    return false;
  }
};
const element = v.pipe(
  bytes(32),
  v.check(reads(groups.ed25519.decodeElement), "expected a point of prime order"),
);
// 0 is let in, as DeserializeScalar does (§3.1): an honest share is 0 once in 2^252, and a dishonest one is found out
// by the same equation as any other wrong share, so that there is one name for all of them.
const scalar = v.pipe(
  bytes(32),
  v.check(reads(groups.ed25519.decodeScalar), "expected a scalar below the order"),
);

/** A {@linkcode NonceCommitment} on the wire. */
export const nonceCommitment: Codec<NonceCommitment> = record("quorate/1/frost/commitment", {
  hiding: element,
  binding: element,
});

/** A signature share on the wire, a scalar of 32 bytes. */
export const signatureShare: Codec<{ share: Uint8Array }> = record("quorate/1/frost/share", {
  share: scalar,
});

/** Two nonces that sign once, and what to publish about them. */
export interface SigningNonces extends Disposable {
  readonly commitment: NonceCommitment;
  /**
   * This signer's share of the signature (§5.2), 32 bytes. The nonces are gone after the first call, whether or not it
   * succeeds: nobody outside can hold a copy of them.
   *
   * @throws {Error} If called again, or if `signing` does not hold this signer's own commitment or too few others'.
   */
  signShare(signing: Signing): Uint8Array;
}

/** Draws fresh nonces (§4.1, §5.1): 64 random bytes, hedged with the share. They are wiped when they leave scope. */
export function commit({ identifier, share }: FrostShare, random: Random): SigningNonces {
  const secret = { identifier: Identifier.fromNumber(identifier), signingShare: share };
  const drawn = suite.commit(secret, (length = 32) => random(length));
  const { hiding, binding } = drawn.commitments;
  let nonces: Nonces | null = drawn.nonces;
  const wipe = (used: Nonces | null) => {
    used?.hiding.fill(0);
    used?.binding.fill(0);
  };
  return {
    commitment: { hiding, binding },
    signShare({ key, commitments, message }) {
      if (nonces === null) throw new Error("Cannot sign: these nonces were used before");
      const once = nonces;
      nonces = null;
      try {
        return suite.signShare(secret, publicOf(key), once, listOf(commitments), message);
      } finally {
        wipe(once);
      }
    },
    [Symbol.dispose]() {
      wipe(nonces);
      nonces = null;
    },
  };
}

/** Whether `share` is what the signer with `identifier` had to answer (§5.4). */
export function verifySignatureShare(
  { key, commitments, message }: Signing,
  identifier: number,
  share: Uint8Array,
): boolean {
  return suite.verifyShare(
    publicOf(key),
    listOf(commitments),
    message,
    Identifier.fromNumber(identifier),
    share,
  );
}

/** A signature of 64 bytes, or the identifiers of all whose shares kept it from being one. */
export type Aggregate = { signature: Uint8Array } | { signature: null; cheaters: readonly number[] };

/**
 * Adds up the shares (§5.3). Only if the sum is no signature are they looked at one by one (§5.4), and then all of
 * them, so that every cheater is named. No cheaters and no signature: something is wrong that should be impossible.
 */
export function aggregate(signing: Signing, shares: ReadonlyMap<number, Uint8Array>): Aggregate {
  const { key, commitments, message } = signing;
  const byIdentifier = Object.fromEntries(
    [...shares].map(([identifier, share]) => [Identifier.fromNumber(identifier), share]),
  );
  let signature: Uint8Array;
  try {
    signature = suite.aggregate(publicOf(key), listOf(commitments), message, byIdentifier);
  } catch {
    const cheaters = [...shares].filter(([identifier, share]) =>
      !verifySignatureShare(signing, identifier, share)
    );
    return { signature: null, cheaters: cheaters.map(([identifier]) => identifier) };
  }
  return verifyEd25519(key.publicKey, message, signature) ? { signature } : { signature: null, cheaters: [] };
}

function publicOf({ threshold, publicKey, verifyingShares }: FrostKey): FrostPublic {
  const pack = {
    signers: { min: threshold, max: verifyingShares.length },
    commitments: [publicKey],
    verifyingShares: Object.fromEntries(
      verifyingShares.map((share, i) => [Identifier.fromNumber(i + 1), share]),
    ),
  };
  return pack as FrostPublic; // noble's type wants bytes that are not shared between threads
}

function listOf(commitments: ReadonlyMap<number, NonceCommitment>) {
  return [...commitments].map(([identifier, { hiding, binding }]) => ({
    identifier: Identifier.fromNumber(identifier),
    hiding,
    binding,
  }));
}
