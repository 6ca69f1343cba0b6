/**
 * The key generation of the toy vault: the same first rounds, rounds, deliveries, checks and codes as the real ones, over
 * the numbers below a prime instead of points of a curve. Secret sharing, proofs and signatures work as they do there;
 * only that nothing is hidden: "scalar · G" is the scalar itself.
 * @module
 */
import { bytes, equal, hash, list, record } from "../../src/crypto/codec.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { maxParties } from "../../src/limits.ts";
import type { Agreed, Random } from "../../src/ports.ts";
import { broadcast, direct, type Net, reliable } from "../../src/protocol/rounds.ts";
import { encode, mod, randomScalar, scalar, scalarOf, toScalar } from "./toy_field.ts";

const revealRecord = record("quorate/toy/reveal", {
  polynomial: list(scalar, maxParties),
  chainCode: bytes(32),
  salt: bytes(32),
  commitment: scalar,
  response: scalar,
});
type Reveal = ReturnType<typeof revealRecord.decode>;

/** The first round, as it stands in an accept. */
export const toyPromise = record("quorate/toy/promise", { promise: bytes(32) });

export const toyGenerating = {
  reveal: reliable(revealRecord, "worthless"),
  deal: direct(record("quorate/toy/deal", { share: scalar }), "worthless"),
  confirm: broadcast(record("quorate/toy/confirm", { outcome: bytes(32) }), "worthless"),
};

/** A toy protocol with its secrets, between its first round and the others. */
export interface ToyDrawn<N, T> {
  readonly firstRound: Uint8Array;
  run(net: N, agreed: Pick<Agreed, "session" | "firstRound">): Promise<T>;
}

export interface ToyKey {
  share: Uint8Array;
  publicKey: Uint8Array;
  verifyingShares: Uint8Array[];
  chainCode: Uint8Array;
  transcript: Uint8Array;
}

type Opening = Pick<Reveal, "polynomial" | "chainCode" | "salt">;

const promiseOf = (attempt: Uint8Array, from: PeerId, { polynomial, chainCode, salt }: Opening) =>
  hash("toy/promise", attempt, from, polynomial.length, ...polynomial, chainCode, salt);

const challenge = (session: Uint8Array, from: PeerId, statement: Uint8Array, commitment: Uint8Array) =>
  toScalar(hash("toy/challenge", session, from, statement, commitment));

/** The same reveal with another proof that is right: only an echo finds that its author has shown both. */
export function anotherProof(payload: Uint8Array, session: Uint8Array, from: PeerId): Uint8Array {
  const reveal = revealRecord.decode(payload);
  const [first] = reveal.polynomial;
  const commitment = encode(scalarOf(reveal.commitment) + 1n);
  const c = challenge(session, from, first!, commitment);
  const response = encode(scalarOf(commitment) + c * scalarOf(first!));
  return revealRecord.encode({ ...reveal, commitment, response });
}

type GenerateNet = Pick<Net<typeof toyGenerating>, "self" | "party" | "exchange">;

/** Feldman among numbers. */
export function drawToyKey(
  { attempt, self, threshold, random }: {
    attempt: Uint8Array;
    self: PeerId;
    threshold: number;
    random: Random;
  },
): ToyDrawn<GenerateNet, ToyKey> {
  const coefficients = Array.from({ length: threshold }, () => randomScalar(random));
  const opening = { polynomial: coefficients.map(encode), chainCode: random(32), salt: random(32) };
  return {
    firstRound: toyPromise.encode({ promise: promiseOf(attempt, self, opening) }),
    run: (net, agreed) => toyGenerate(net, { ...agreed, attempt, coefficients, opening, random }),
  };
}

async function toyGenerate(
  net: GenerateNet,
  { attempt, session, firstRound, coefficients, opening, random }: Pick<Agreed, "session" | "firstRound"> & {
    attempt: Uint8Array;
    coefficients: readonly bigint[];
    opening: Opening;
    random: Random;
  },
): Promise<ToyKey> {
  const { self, party } = net;
  const identifierOf = (peer: PeerId) => BigInt(party.indexOf(peer) + 1);
  const at = (polynomial: readonly bigint[], x: bigint) =>
    polynomial.reduceRight((sum, a) => mod(sum * x + a), 0n);
  const nonce = randomScalar(random);
  const c = challenge(session, self, opening.polynomial[0]!, encode(nonce));
  const mine = { ...opening, commitment: encode(nonce), response: encode(nonce + c * coefficients[0]!) };

  const opens = (reveal: Reveal, from: PeerId) =>
    reveal.polynomial.length === coefficients.length &&
    equal(toyPromise.decode(firstRound.get(from)!).promise, promiseOf(attempt, from, reveal));
  const knows = ({ polynomial: [first], commitment, response }: Reveal, from: PeerId) =>
    scalarOf(response) ===
      mod(scalarOf(commitment) + challenge(session, from, first!, commitment) * scalarOf(first!));
  // Two checks of one round; what it is called depends on which of them failed.
  let code: FailureCode = "invalid-commitment";
  const revealed = await net.exchange("reveal", mine, {
    get code() {
      return code;
    },
    passes(reveal, from) {
      const opened = opens(reveal, from);
      if (opened && !knows(reveal, from)) code = "invalid-proof";
      return opened && knows(reveal, from);
    },
  });

  const inPublic = (from: PeerId, to: PeerId) =>
    at(revealed.get(from)!.polynomial.map(scalarOf), identifierOf(to));
  const dealt = await net.exchange("deal", (to) => ({ share: encode(at(coefficients, identifierOf(to))) }), {
    code: "invalid-dealt-share",
    passes: ({ share }, from, to) => scalarOf(share) === inPublic(from, to),
  });

  const sum = (values: bigint[]) => encode(values.reduce((a, b) => a + b, 0n));
  const reveals = party.map((peer) => revealed.get(peer)!);
  const key = {
    share: sum([...dealt.values()].map(({ share }) => scalarOf(share))),
    publicKey: sum(reveals.map(({ polynomial: [first] }) => scalarOf(first!))),
    verifyingShares: party.map((to) => sum(party.map((from) => inPublic(from, to)))),
    chainCode: hash("toy/chain-code", session, ...reveals.map(({ chainCode }) => chainCode)),
    transcript: hash("toy/transcript", session, ...reveals.map((reveal) => revealRecord.encode(reveal))),
  };
  const outcome = hash("toy/outcome", key.publicKey, ...key.verifyingShares, key.chainCode, key.transcript);
  await net.exchange("confirm", { outcome }, {
    code: "invalid-confirmation",
    passes: (theirs) => equal(theirs.outcome, outcome),
  });
  return key;
}
