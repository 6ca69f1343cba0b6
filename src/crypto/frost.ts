/**
 * FROST (RFC 9591): bytes in, bytes out. The arithmetic is noble's; here are its edges: what may come in,
 * nonces that work once, and who is to blame. A {@linkcode FrostSuite} names the group and the signature
 * scheme.
 *
 * An identifier is a number from 1 to n, a member's place in the key. The caller knows it from the channel a
 * message came over; no message carries one.
 * @module
 */
import type { createFROST, FrostPublic, Nonces } from "@noble/curves/abstract/frost.js";
import * as v from "valibot";
import type { Random } from "../ports.ts";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytes, type Codec, record } from "./codec.ts";
import type { Group } from "./group.ts";

/** noble's rounds of one ciphersuite. */
type FROST = ReturnType<typeof createFROST>;

/** A ciphersuite (RFC 9591 §6): a group, the hashes, and the signature scheme that the result belongs to. */
export interface FrostSuite {
  readonly group: Group;
  /** The arithmetic. */
  readonly frost: FROST;
  /** Called with each element that {@linkcode commit} has computed, which need not be checked like a stranger's. */
  computed(element: Uint8Array): void;
  /** A {@linkcode NonceCommitment} on the wire. */
  readonly nonceCommitment: Codec<NonceCommitment>;
  /** The promise of a batch's commitments, a hash of 32 bytes. */
  readonly promise: Codec<{ promise: Uint8Array }>;
  /** The codec of `count` commitments, some 70 bytes each. */
  nonceCommitments(count: number): Codec<readonly NonceCommitment[]>;
  /** The codec of `count` signature shares, scalars of 32 bytes. */
  signatureShares(count: number): Codec<readonly Uint8Array[]>;
}

/**
 * Joins a suite's parts, and makes the codecs of its messages.
 *
 * @param name Separates its messages from other suites': `quorate/1/${name}/commitment`.
 */
export function frostSuite(
  { name, group, frost, computed }: { name: string } & Pick<FrostSuite, "group" | "frost" | "computed">,
): FrostSuite {
  // Decoding rejects all that noble would later throw on: what has decoded may be wrong, but it cannot make
  // this node look broken.
  const reads = (decode: (bytes: Uint8Array) => unknown) => (input: Uint8Array) => {
    try {
      decode(input);
      return true;
    } catch {
      return false;
    }
  };
  const isElement = reads(group.decodeElement);
  const length = group.elementLength;
  const element = v.pipe(bytes(length), v.check(isElement, "expected a point of prime order"));
  // 0 is let in, as DeserializeScalar does (§3.1): an honest share is 0 once in 2^252, and a dishonest one is
  // found out by the same equation as any other wrong share, so that there is one name for all of them.
  const isScalar = reads(group.decodeScalar);
  const nonceCommitment = record(`quorate/1/${name}/commitment`, { hiding: element, binding: element });
  const commitments = record(`quorate/1/${name}/commitments`, { list: v.array(bytes(2 * length)) });
  const shares = record(`quorate/2/${name}/shares`, { list: v.array(bytes(32)) });
  return {
    group,
    frost,
    computed,
    nonceCommitment,
    promise: record(`quorate/1/${name}/promise`, { promise: bytes(32) }),
    nonceCommitments: (count) => ({
      encode: (all) =>
        commitments.encode({ list: all.map(({ hiding, binding }) => concatBytes(hiding, binding)) }),
      decode(input) {
        const list = exactly(count, commitments.decode(input).list).map((both) => ({
          hiding: both.subarray(0, length),
          binding: both.subarray(length),
        }));
        if (!list.every(({ hiding, binding }) => isElement(hiding) && isElement(binding))) {
          throw new TypeError("Cannot read commitments: not of prime order");
        }
        return list;
      },
    }),
    signatureShares: (count) => ({
      encode: (all) => shares.encode({ list: [...all] }),
      decode(input) {
        const { list } = shares.decode(input);
        if (!exactly(count, list).every(isScalar)) {
          throw new TypeError("Cannot read shares: not below the order");
        }
        return list;
      },
    }),
  };
}

/** Counts entries before they are decoded, which takes time. @throws {TypeError} */
function exactly<T>(count: number, list: readonly T[]): readonly T[] {
  if (list.length !== count) throw new TypeError(`Cannot read ${list.length} entries: expected ${count}`);
  return list;
}

/** The public part of a key, which all signers know. */
export interface FrostKey {
  readonly threshold: number;
  /** An element of the suite's group: 32 bytes (Ed25519) or 33 (secp256k1). */
  readonly publicKey: Uint8Array;
  /** share · G of identifiers 1..n, each an element. */
  readonly verifyingShares: readonly Uint8Array[];
}

/** One member's secret. */
export interface FrostShare {
  readonly identifier: number;
  /** A scalar, 32 bytes. */
  readonly share: Uint8Array;
}

/** D and E of RFC 9591 §5.1, each an element of 32 bytes (Ed25519) or 33 (secp256k1). */
export interface NonceCommitment {
  readonly hiding: Uint8Array;
  readonly binding: Uint8Array;
}

/**
 * The facts that all signers must agree on before round two: the key, the signers with their nonces, the
 * message.
 */
export interface Signing {
  readonly key: FrostKey;
  readonly commitments: ReadonlyMap<number, NonceCommitment>;
  readonly message: Uint8Array;
}

/** Two nonces that sign once, and what to publish about them. */
export interface SigningNonces extends Disposable {
  readonly commitment: NonceCommitment;
  /**
   * This signer's share of the signature (§5.2), 32 bytes. The nonces are gone after the first call, whether
   * or not it succeeds: nobody outside can hold a copy of them.
   *
   * @throws {Error} If called again, or if `signing` does not hold this signer's own commitment or too few
   * others'.
   */
  signShare(signing: Signing): Uint8Array;
}

/**
 * Draws fresh nonces (§4.1, §5.1): 64 random bytes, hedged with the share. Their bytes are wiped when they
 * leave scope; copies that noble makes of them while it signs are left to the garbage collector. The share is
 * copied, and the copy wiped with them; the caller wipes its own.
 */
export function commit(
  { frost, computed }: FrostSuite,
  { identifier, share }: FrostShare,
  random: Random,
): SigningNonces {
  const own = { identifier: frost.Identifier.fromNumber(identifier), signingShare: share };
  const drawn = frost.commit(own, (length = 32) => random(length));
  const { hiding, binding } = drawn.commitments;
  for (const element of [hiding, binding]) computed(element);
  let nonces: Nonces | null = drawn.nonces;
  const secret = { ...own, signingShare: share.slice() };
  const wipe = () => {
    for (const bytes of [drawn.nonces.hiding, drawn.nonces.binding, secret.signingShare]) bytes.fill(0);
  };
  return {
    commitment: { hiding, binding },
    signShare({ key, commitments, message }) {
      if (nonces === null) throw new Error("Cannot sign: these nonces were used before");
      const once = nonces;
      nonces = null;
      try {
        return frost.signShare(
          secret,
          publicOf(frost, key),
          once,
          listOf(frost, commitments),
          message,
        );
      } finally {
        wipe();
      }
    },
    [Symbol.dispose]() {
      nonces = null;
      wipe();
    },
  };
}

/** Whether `share` is what the signer with `identifier` had to answer (§5.4). */
export function verifySignatureShare(
  { frost }: FrostSuite,
  { key, commitments, message }: Signing,
  identifier: number,
  share: Uint8Array,
): boolean {
  return frost.verifyShare(
    publicOf(frost, key),
    listOf(frost, commitments),
    message,
    frost.Identifier.fromNumber(identifier),
    share,
  );
}

/** A signature of 64 bytes, or the identifiers of all whose shares kept it from being one. */
export type Aggregate = { signature: Uint8Array } | { signature: null; cheaters: readonly number[] };

/**
 * Adds up the shares (§5.3). Only if the sum is no signature are they looked at one by one (§5.4), and then
 * all of them, so that every cheater is named. No cheaters and no signature: something is wrong that should
 * be impossible.
 *
 * noble verifies the sum by the group's equation. All points in it are of prime order, so that the strict rules
 * of everybody else say the same, unless R is the identity; the consent gate verifies by those.
 */
export function aggregate(
  suite: FrostSuite,
  signing: Signing,
  shares: ReadonlyMap<number, Uint8Array>,
): Aggregate {
  const { frost } = suite;
  const { key, commitments, message } = signing;
  const byIdentifier = Object.fromEntries(
    [...shares].map(([identifier, share]) => [frost.Identifier.fromNumber(identifier), share]),
  );
  try {
    return {
      signature: frost.aggregate(publicOf(frost, key), listOf(frost, commitments), message, byIdentifier),
    };
  } catch {
    const cheaters = [...shares].filter(([identifier, share]) =>
      !verifySignatureShare(suite, signing, identifier, share)
    );
    return { signature: null, cheaters: cheaters.map(([identifier]) => identifier) };
  }
}

function publicOf(
  { Identifier }: FROST,
  { threshold, publicKey, verifyingShares }: FrostKey,
): FrostPublic {
  const pack = {
    signers: { min: threshold, max: verifyingShares.length },
    commitments: [publicKey],
    verifyingShares: Object.fromEntries(
      verifyingShares.map((share, i) => [Identifier.fromNumber(i + 1), share]),
    ),
  };
  return pack as FrostPublic; // noble's type wants bytes that are not shared between threads
}

function listOf({ Identifier }: FROST, commitments: ReadonlyMap<number, NonceCommitment>) {
  return [...commitments].map(([identifier, { hiding, binding }]) => ({
    identifier: Identifier.fromNumber(identifier),
    hiding,
    binding,
  }));
}
