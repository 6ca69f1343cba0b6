/**
 * Keys of secp256k1 that can sign, and signatures with them. Not a test by itself.
 *
 * {@linkcode makeEcdsaKey} runs the real rounds; {@linkcode dealEcdsaKey} deals the same from one place, in a few
 * milliseconds, where a test is about signing.
 * @module
 */
import { maskAt, wordsOf } from "../../src/crypto/dkls/bit_matrix.ts";
import { type PairState, pairState } from "../../src/crypto/dkls/pair.ts";
import { baseOts } from "../../src/crypto/dkls_parameters.ts";
import { drawPolynomial } from "../../src/crypto/feldman.ts";
import { groups } from "../../src/crypto/group.ts";
import type { PeerId } from "../../src/failure.ts";
import type { PublicKeyPackage, Random } from "../../src/ports.ts";
import { generation } from "../../src/protocol/dealing.ts";
import { type DealtEcdsaKey, drawEcdsaKey } from "../../src/protocol/setup_ecdsa.ts";
import { dealingEcdsa, pairSetup } from "../../src/protocol/setup_ecdsa_messages.ts";
import { drawEcdsaSignatures, type EcdsaItem, type EcdsaResult } from "../../src/protocol/sign_ecdsa.ts";
import { signingEcdsa } from "../../src/protocol/sign_ecdsa_messages.ts";
import { diffieHellman } from "../crypto/diffie_hellman.ts";
import { attempt, party, seeded, session } from "./keys.ts";
import { type Ending, type Ran, runDrawn, type Tamper } from "./local_net.ts";

const group = groups.secp256k1;
export { diffieHellman };

export interface EcdsaKeyOptions {
  members?: readonly PeerId[];
  threshold?: number;
  seed?: string;
  tamper?: Tamper;
}

/** Runs key generation and set-up for all. The seed decides everything. */
export function generateEcdsaAll(options: EcdsaKeyOptions = {}): Promise<Ran<DealtEcdsaKey>> {
  const { members = party, threshold = 2, seed = "seed", tamper } = options;
  const randoms = new Map(members.map((self) => [self, seeded(`${seed} ${self}`)]));
  const common = { attempt, dealing: generation(members, threshold), share: null };
  return runDrawn(dealingEcdsa.generate, members, {
    draw: (self) => drawEcdsaKey({ ...common, self, random: randoms.get(self)! }),
    inputOf: (self) => ({ session, random: randoms.get(self)!, diffieHellman }),
  }, tamper);
}

export interface EcdsaTestKey {
  key: PublicKeyPackage;
  shares: ReadonlyMap<PeerId, Uint8Array>;
  /** By holder, by other holder. */
  pairs: ReadonlyMap<PeerId, ReadonlyMap<PeerId, PairState>>;
}

/** What a run of {@linkcode generateEcdsaAll} that went well has made. */
export function keyOf(ran: Ran<DealtEcdsaKey>, threshold: number): EcdsaTestKey {
  const members = [...ran.endings.keys()];
  const made = new Map(members.map((peer) => [peer, ran.endings.get(peer)!.result!]));
  const { publicKey, verifyingShares, chainCode } = made.get(members[0]!)!;
  return {
    key: {
      wallet: "treasury",
      scheme: "ecdsa",
      epoch: 0,
      threshold,
      members,
      publicKey,
      verifyingShares,
      chainCode,
    },
    shares: new Map([...made].map(([peer, { share }]) => [peer, share!])),
    pairs: new Map([...made].map(([peer, { pairs }]) => [peer, pairs])),
  };
}

/** Deals a key and the state of each pair. */
export function dealEcdsaKey(options: Omit<EcdsaKeyOptions, "tamper"> = {}): EcdsaTestKey {
  const { members = party, threshold = 2, seed = "seed" } = options;
  const random = seeded(seed);
  using polynomial = drawPolynomial(group, threshold, random);
  const shares = members.map((_, i) => polynomial.share(i + 1));
  const pairs = new Map(members.map((peer) => [peer, new Map<PeerId, PairState>()]));
  for (const [i, one] of members.entries()) {
    for (const [j, other] of members.entries()) {
      if (j <= i) continue;
      const setup = pairSetup(session, i + 1, j + 1);
      const zeroSeed = random(32);
      const [there, back] = [dealDirection(random), dealDirection(random)];
      pairs.get(one)!.set(other, pairState({ setup, zeroSeed, ...there.alice, ...back.bob }));
      pairs.get(other)!.set(
        one,
        pairState({ setup, zeroSeed: zeroSeed.slice(), ...back.alice, ...there.bob }),
      );
    }
  }
  return {
    key: {
      wallet: "treasury",
      scheme: "ecdsa",
      epoch: 0,
      threshold,
      members,
      publicKey: group.encodeElement(polynomial.commitment[0]!),
      verifyingShares: shares.map((share) => group.encodeElement(group.multiplyBase(share))),
      chainCode: random(32),
    },
    shares: new Map(members.map((peer, i) => [peer, group.encodeScalar(shares[i]!)])),
    pairs,
  };
}

/** The base OTs of one direction, as they come out. */
export function dealDirection(random: Random) {
  const offered = random(baseOts * 64);
  const delta = wordsOf(random(baseOts / 8));
  const chosen = new Uint8Array(baseOts * 32);
  for (let i = 0; i < baseOts; i++) {
    const o = 64 * i + (maskAt(delta, i) & 32);
    chosen.set(offered.subarray(o, o + 32), 32 * i);
  }
  return { alice: { delta, chosen }, bob: { offered } };
}

export interface SignEcdsaAllOptions {
  made: EcdsaTestKey;
  signers?: readonly PeerId[];
  digest?: Uint8Array;
  /** What each is told, where they differ. */
  digests?: ReadonlyMap<PeerId, Uint8Array>;
  sessions?: ReadonlyMap<PeerId, Uint8Array>;
  attempts?: ReadonlyMap<PeerId, Uint8Array>;
  path?: readonly number[];
  /** The batch; by default one item, of `path` and `digest`. */
  items?: readonly EcdsaItem[];
  /** What each is told, where they differ. */
  itemsOf?: ReadonlyMap<PeerId, readonly EcdsaItem[]>;
  seed?: string;
  tamper?: Tamper;
  progress?: (at: PeerId, done: number) => void;
  ban?: (by: PeerId, peers: readonly PeerId[]) => Promise<void>;
  pause?: (at: PeerId) => Promise<void>;
}

export const digest = new Uint8Array(32).fill(0x2a);

/** Signs a batch of one. */
export async function signEcdsaAll(options: SignEcdsaAllOptions): Promise<Ran<EcdsaResult>> {
  const { endings, ...ran } = await signEcdsaBatch(options);
  const first = ([peer, ending]: [PeerId, Ending<readonly EcdsaResult[]>]): [PeerId, Ending<EcdsaResult>] => [
    peer,
    ending.result ? { result: ending.result[0]! } : ending as Ending<EcdsaResult>,
  ];
  return { ...ran, endings: new Map([...endings].map(first)) };
}

/** Signs a batch. */
export async function signEcdsaBatch(
  { made, signers = ["alice", "carol"], ...options }: SignEcdsaAllOptions,
): Promise<Ran<readonly EcdsaResult[]>> {
  const randoms = new Map(signers.map((self) => [self, seeded(`${options.seed ?? "sign"} ${self}`)]));
  const itemsOf = (self: PeerId) =>
    options.itemsOf?.get(self) ?? options.items ?? [{
      path: options.path ?? [],
      digest: options.digests?.get(self) ?? options.digest ?? digest,
    }];
  return await runDrawn((self) => signingEcdsa(itemsOf(self).length), signers, {
    draw: (self) =>
      drawEcdsaSignatures({
        key: made.key,
        attempt: options.attempts?.get(self) ?? attempt,
        self,
        party: signers,
        share: made.shares.get(self)!,
        items: itemsOf(self),
        random: randoms.get(self)!,
      }),
    inputOf: (self) => ({
      session: options.sessions?.get(self) ?? session,
      pairs: made.pairs.get(self)!,
      random: randoms.get(self)!,
      ban: async (peers: readonly PeerId[]) => await options.ban?.(self, peers),
      pause: async () => await options.pause?.(self),
      progress: (done: number) => options.progress?.(self, done),
    }),
  }, options.tamper);
}
