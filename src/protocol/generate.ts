/**
 * Key generation without a dealer, for every scheme: everyone shares a secret by Feldman's scheme, and the key
 * is the sum of the secrets (Pedersen). All commit before anyone reveals, so that nobody can choose the key,
 * and prove knowledge of their secrets, so that nobody can cancel out the others.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { proveDlog, verifyDlog } from "../crypto/dlog_proof.ts";
import { drawPolynomial, publicShare } from "../crypto/feldman.ts";
import type { Element, Group } from "../crypto/group.ts";
import { InputError, SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxParties } from "../limits.ts";
import type { Random } from "../ports.ts";
import {
  chainCodeOf,
  type Generating,
  type GeneratingSuite,
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
  /** SHA-256 of all broadcasts, 32 bytes. */
  transcript: Uint8Array;
}

/**
 * Makes a key together with everyone in `net.party`, whose order gives the identifiers 1..n.
 *
 * @param options.suite Of the rounds that `net` was opened with.
 * @param options.session 32 bytes that bind everything agreed on: the party, the threshold, the epoch, the
 * wallet.
 * @throws {InputError} If the threshold is not from 2 to n, n is over 16, or the session is not 32 bytes;
 * nothing was sent.
 * @throws {SessionError} `invalid-commitment`, `invalid-proof`, `invalid-dealt-share` or
 * `invalid-confirmation`, naming every cheater; `result-rejected` for a result that no cheater can cause; and
 * the errors of {@linkcode Net.exchange}.
 */
export async function generate(
  net: Net<Generating>,
  { suite, session, threshold, random }: {
    suite: GeneratingSuite;
    session: Uint8Array;
    threshold: number;
    random: Random;
  },
): Promise<GeneratedKey> {
  const { self, party } = net;
  const { scheme, group } = suite;
  checkInput(party, threshold, session);
  const identifierOf = (peer: PeerId) => party.indexOf(peer) + 1;
  const publicSharesOf = publicSharesFor(group, party);

  // 1. Draw f of degree t-1. Promise its commitment, A_k = a_k · G, and a part of the chain code.
  using polynomial = drawPolynomial(group, threshold, random);
  const opening = { polynomial: polynomial.commitment, chainCode: random(32), salt: random(32) };
  const promises = await net.exchange("commit", {
    promise: promiseOf(suite, session, identifierOf(self), opening),
  });

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
      equal(promises.get(from)!.promise, promiseOf(suite, session, identifierOf(from), reveal)),
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

function checkInput(party: readonly PeerId[], threshold: number, session: Uint8Array): void {
  const n = party.length;
  if (n < 2 || n > maxParties || new Set(party).size !== n) {
    throw new InputError("party", `expected 2 to ${maxParties} different peers, found ${n}`);
  }
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > n) {
    throw new InputError("threshold", `expected 2 to ${n}, found ${threshold}`);
  }
  if (session.length !== 32) throw new InputError("session", `expected 32 bytes, found ${session.length}`);
}
