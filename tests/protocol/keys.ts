/**
 * What tests of protocols begin with: parties, seeded randomness, keys. Not a test by itself.
 * @module
 */
import { chacha20 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Curve, Group } from "../../src/crypto/group.ts";
import type { PeerId } from "../../src/failure.ts";
import { evenKey } from "../../src/crypto/bip340/signing_key.ts";
import type { Scheme } from "../../src/events.ts";
import type { PublicKeyPackage, Random } from "../../src/ports.ts";
import { type DealRun, type DealtKey, drawKey } from "../../src/protocol/deal.ts";
import { generation } from "../../src/protocol/dealing.ts";
import { type DealingRounds, generating } from "../../src/protocol/deal_messages.ts";
import { type Ran, results, runDrawn, type Tamper } from "./local_net.ts";

/** A key generation on each curve. */
export const suites = { ed25519: generating.ed25519, secp256k1: generating.ecdsa };

export const party = ["alice", "bob", "carol"];
export const session = new Uint8Array(32).fill(7);
export const attempt = new Uint8Array(32).fill(6);

/** The same bytes for the same seed. */
export function seeded(seed: string): Random {
  const key = sha256(new TextEncoder().encode(seed));
  let drawn = 0n;
  return (length) => {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setBigUint64(4, drawn++);
    return chacha20(key, nonce, new Uint8Array(length));
  };
}

export interface KeyOptions {
  curve?: Curve;
  /** Whose key generation it is; by default the curve's in {@linkcode suites}. */
  scheme?: Scheme;
  members?: readonly PeerId[];
  threshold?: number;
  session?: Uint8Array;
  attempt?: Uint8Array;
  /** Attempts of those who are in another one than the rest. */
  attempts?: ReadonlyMap<PeerId, Uint8Array>;
  seed?: string;
  tamper?: Tamper;
}

const suiteOf = ({ scheme, curve = "ed25519" }: KeyOptions) => scheme ? generating[scheme] : suites[curve];

/** The result of a generation: everybody has a share. */
export type GeneratedKey = DealtKey & { share: Uint8Array };

/** Runs a key generation for all. The seed decides everything: two runs with one seed send the same bytes. */
export async function generateAll(options: KeyOptions = {}): Promise<Ran<GeneratedKey>> {
  const { members = party, threshold = 2, seed = "seed", tamper } = options;
  const suite = suiteOf(options);
  const randoms = new Map(members.map((self) => [self, seeded(`${seed} ${self}`)]));
  const ran = await runDrawn<DealingRounds, DealtKey, DealRun>(suite.rounds, members, {
    draw: (self) =>
      drawKey({
        suite,
        attempt: options.attempts?.get(self) ?? options.attempt ?? attempt,
        self,
        dealing: generation(members, threshold),
        share: null,
        random: randoms.get(self)!,
      }),
    inputOf: (self) => ({ session: options.session ?? session, random: randoms.get(self)! }),
  }, tamper);
  return ran as Ran<GeneratedKey>;
}

export interface TestKey {
  key: PublicKeyPackage;
  shares: ReadonlyMap<PeerId, Uint8Array>;
}

/** A finished key, and everybody's share of it. */
export async function makeKey(options: KeyOptions = {}): Promise<TestKey> {
  const { members = party, threshold = 2 } = options;
  const scheme = suiteOf(options).scheme as Scheme;
  const generated = results(await generateAll(options));
  const made = scheme === "bip340" ? generated.map(evenKey) : generated;
  const { publicKey, verifyingShares, chainCode } = made[0]!;
  const key = {
    wallet: "treasury",
    scheme,
    epoch: 0,
    threshold,
    members,
    publicKey,
    verifyingShares,
    chainCode,
  };
  return { key, shares: new Map(members.map((peer, i) => [peer, made[i]!.share])) };
}

/** f(0) out of shares by identifier: what no party ever computes. */
export function interpolate(group: Group, shares: ReadonlyMap<number, bigint>): bigint {
  let secret = 0n;
  for (const [i, share] of shares) {
    let numerator = 1n, denominator = 1n;
    for (const j of shares.keys()) {
      if (j === i) continue;
      numerator = group.reduce(numerator * BigInt(j));
      denominator = group.reduce(denominator * BigInt(j - i));
    }
    secret = group.reduce(secret + share * numerator * power(group, denominator, group.order - 2n));
  }
  return secret;
}

function power(group: Group, base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = group.reduce(b * b)) {
    if (e & 1n) result = group.reduce(result * b);
  }
  return result;
}
