/**
 * Key generation without a dealer, for every scheme: everyone shares a secret by Feldman's scheme, and the key
 * is the sum of the secrets (Pedersen). All promise before anyone reveals, so that nobody can choose the key:
 * the promises are the first round, in the accepts, and nothing is revealed before all of them are in the
 * session's id. All prove knowledge of their secrets, so that nobody can cancel out the others.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { proveDlog, verifyDlog } from "../crypto/dlog_proof.ts";
import { drawPolynomial, type Polynomial, publicShare } from "../crypto/feldman.ts";
import type { Element, Group } from "../crypto/group.ts";
import { InputError, SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxParties } from "../limits.ts";
import type { Random } from "../ports.ts";
import { type Agreed, type Drawn, drawnOnce } from "./drawn.ts";
import { readFirstRounds } from "./first_round.ts";
import {
  chainCodeOf,
  type Generating,
  type GeneratingSuite,
  type Opening,
  outcomeOf,
  promiseOf,
  transcriptOf,
} from "./generate_messages.ts";
import type { Net } from "./rounds.ts";

/** A generated key at one party: its secret share, and the public part, which is the same at every party. */
export interface GeneratedKey {
  /** A secret scalar, 32 bytes. The caller wipes it. */
  share: Uint8Array;
  publicKey: Uint8Array;
  /** Everyone's share · G, in the order of the party. */
  verifyingShares: Uint8Array[];
  /** 32 bytes. */
  chainCode: Uint8Array;
  /** SHA-256 of all promises and reveals, 32 bytes. */
  transcript: Uint8Array;
}

/** One key generation, at one member. */
export interface GenerationTask {
  suite: GeneratingSuite;
  /** The hash of the signed invite, 32 bytes: the promise is bound to it. */
  attempt: Uint8Array;
  self: PeerId;
  /** 2 to 16 members; their order gives the identifiers 1..n. */
  party: readonly PeerId[];
  /** From 2 to n. */
  threshold: number;
  random: Random;
}

/** A generation's run: what all have agreed on, and the randomness of the proof. */
export type GenerationRun = Agreed & { random: Random };

/**
 * Draws this member's part of a key, and promises it. `run` makes the key together with everyone in the party.
 *
 * `run` throws an `InputError` if the session is not 32 bytes, and a `SessionError`: `invalid-commitment`,
 * `invalid-proof`, `invalid-dealt-share` or `invalid-confirmation`, naming every cheater; `result-rejected` for
 * a result that no cheater can cause; and the errors of {@linkcode readFirstRounds} and
 * {@linkcode Net.exchange}.
 *
 * @throws {InputError} If the party, the threshold or the attempt is not as above.
 */
export function drawKey(task: GenerationTask): Drawn<Net<Generating>, GeneratedKey, GenerationRun> {
  const { suite, attempt, self, party, threshold, random } = task;
  checkInput(task);
  // 1. Draw f of degree t-1. Promise its commitment, A_k = a_k · G, and a part of the chain code.
  const polynomial = drawPolynomial(suite.group, threshold, random);
  const opening = { polynomial: polynomial.commitment, chainCode: random(32), salt: random(32) };
  const own = suite.firstRound.encode({
    promise: promiseOf(suite, attempt, party.indexOf(self) + 1, opening),
  });
  return drawnOnce(
    polynomial,
    own,
    (polynomial, net, agreed) => generate(net, { ...agreed, task, polynomial, opening, own }),
  );
}

async function generate(
  net: Net<Generating>,
  { task, polynomial, opening, own, session, firstRound, random }: GenerationRun & {
    task: GenerationTask;
    polynomial: Polynomial;
    opening: Opening;
    /** The first round that was drawn. */
    own: Uint8Array;
  },
): Promise<GeneratedKey> {
  const { suite, attempt, self, party, threshold } = task;
  const { scheme, group } = suite;
  if (session.length !== 32) throw new InputError("session", `expected 32 bytes, found ${session.length}`);
  const identifierOf = (peer: PeerId) => party.indexOf(peer) + 1;
  const publicSharesOf = publicSharesFor(group, party);
  const promises = readFirstRounds(task, suite.firstRound, own, firstRound);

  // 2. Open the promise, and prove knowledge of a_0.
  const proof = proveDlog(group, {
    secret: polynomial.secret,
    statement: polynomial.commitment[0]!,
    context: { scheme, session, identifier: identifierOf(self) },
    random,
  });
  const reveals = await net.exchange("reveal", { ...opening, proof }, {
    code: "invalid-commitment",
    // More than t coefficients would raise the threshold unnoticed.
    passes: (reveal, from) =>
      reveal.polynomial.length === threshold &&
      equal(promises.get(from)!.promise, promiseOf(suite, attempt, identifierOf(from), reveal)),
  }, {
    code: "invalid-proof",
    passes: ({ polynomial, proof }, from) =>
      verifyDlog(group, polynomial[0]!, proof, { scheme, session, identifier: identifierOf(from) }),
  }, {
    code: "invalid-commitment",
    // No honest polynomial has a root at a member's identifier, except with negligible probability.
    passes: ({ polynomial }) => [...publicSharesOf(polynomial).values()].every((share) => !share.is0()),
  });

  // 3. Deal f(x_j) to each j. No share outlives a run with a wrong one, so a recipient may publish it for all
  //    to check.
  const publicShare = (from: PeerId, to: PeerId) => publicSharesOf(reveals.get(from)!.polynomial).get(to)!;
  const dealt = await net.exchange("deal", (to) => ({ share: polynomial.share(identifierOf(to)) }), {
    code: "invalid-dealt-share",
    passes: ({ share }, from, to) => group.multiplyBase(share).equals(publicShare(from, to)),
  });

  // 4. Add up: this party's share is the sum of the f_i(x_j) dealt to it, the key the sum of the A_i0.
  const share = group.reduce([...dealt.values()].reduce((total, { share }) => total + share, 0n));
  const key = group.sum([...reveals.values()].map(({ polynomial }) => polynomial[0]!));
  const verifyingShares = party.map((to) => group.sum(party.map((from) => publicShare(from, to))));
  // To make one of these the identity, a peer would have to open its promise after seeing the others: a
  // SHA-256 collision.
  if ([key, ...verifyingShares].some((element) => element.is0())) throw new SessionError("result-rejected");
  const result = {
    publicKey: group.encodeElement(key),
    verifyingShares: verifyingShares.map(group.encodeElement),
    chainCode: chainCodeOf(session, [...reveals.values()].map(({ chainCode }) => chainCode)),
    transcript: transcriptOf(suite, session, [...promises.values()], [...reveals.values()]),
  };

  // 5. Confirm. The echoes have been compared by now: all honest peers computed from the same messages, so a
  //    peer that confirms another outcome lies or is broken.
  const outcome = outcomeOf(session, result);
  await net.exchange("confirm", { outcome }, {
    code: "invalid-confirmation",
    passes: (confirmation) => equal(confirmation.outcome, outcome),
  });
  return { share: group.encodeScalar(share), ...result };
}

/**
 * The public shares f(x_j) · G of all members, from the commitment to f. Computed once for each commitment.
 */
function publicSharesFor(group: Group, party: readonly PeerId[]) {
  const computed = new Map<readonly Element[], ReadonlyMap<PeerId, Element>>();
  return (commitment: readonly Element[]): ReadonlyMap<PeerId, Element> => {
    const shares = computed.get(commitment) ??
      new Map(party.map((to, i) => [to, publicShare(group, commitment, i + 1)]));
    computed.set(commitment, shares);
    return shares;
  };
}

function checkInput({ self, party, threshold, attempt }: GenerationTask): void {
  const n = party.length;
  if (n < 2 || n > maxParties || new Set(party).size !== n) {
    throw new InputError("party", `expected 2 to ${maxParties} different peers, found ${n}`);
  }
  if (!party.includes(self)) throw new InputError("party", "expected this peer among them, found none");
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > n) {
    throw new InputError("threshold", `expected 2 to ${n}, found ${threshold}`);
  }
  if (attempt.length !== 32) throw new InputError("attempt", `expected 32 bytes, found ${attempt.length}`);
}
