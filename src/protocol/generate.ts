/**
 * Key generation without a dealer, for both curves: everyone deals a secret by Feldman's scheme, and the key is the sum
 * (Pedersen). All commit before anyone reveals, so that nobody chooses the key, and prove to know what they deal, so
 * that nobody cancels the others out.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { proveDlog, verifyDlog } from "../crypto/dlog_proof.ts";
import { drawPolynomial, shareInPublic } from "../crypto/feldman.ts";
import type { Element, Group } from "../crypto/group.ts";
import { InputError, SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxParties } from "../limits.ts";
import type { Random } from "../ports.ts";
import { chainCodeOf, type Generating, outcomeOf, promiseOf, transcriptOf } from "./generate_messages.ts";
import type { Net } from "./rounds.ts";

/** This party's share, and what is the same at every party. */
export interface GeneratedKey {
  /** A secret scalar, 32 bytes. The caller wipes it. */
  share: Uint8Array;
  publicKey: Uint8Array;
  /** share · G of everyone, in the order of the party. */
  verifyingShares: Uint8Array[];
  /** 32 bytes. */
  chainCode: Uint8Array;
  /** SHA-256 of all that was broadcast, 32 bytes. */
  transcript: Uint8Array;
}

/**
 * Makes a key together with everyone in `net.party`, whose order gives the identifiers 1..n.
 *
 * @param options.session 32 bytes that bind everything agreed on: the party, the threshold, the epoch, the wallet.
 * @throws {InputError} If the threshold is not from 2 to n, n over 16, or the session not 32 bytes; nothing was sent.
 * @throws {SessionError} `invalid-commitment`, `invalid-proof`, `invalid-dealt-share`, `invalid-confirmation`, each
 * naming every cheater; `result-rejected` for what no cheater can bring about; and whatever {@linkcode Net.exchange}
 * throws.
 */
export async function generate(
  net: Net<Generating>,
  { group, session, threshold, random }: {
    group: Group;
    session: Uint8Array;
    threshold: number;
    random: Random;
  },
): Promise<GeneratedKey> {
  const { self, party } = net;
  checkInput(party, threshold, session);
  const identifierOf = (peer: PeerId) => party.indexOf(peer) + 1;
  const blameUnless = (code: "invalid-commitment" | "invalid-proof", passes: (peer: PeerId) => boolean) => {
    const culprits = party.filter((peer) => peer !== self && !passes(peer));
    if (culprits.length > 0) throw new SessionError(code, { culprits });
  };

  // 1. Choose f of degree t-1, and promise A_k = a_k · G and a part of the chain code.
  using mine = drawPolynomial(group, threshold, random);
  const opening = { polynomial: mine.commitment, chainCode: random(32), salt: random(32) };
  const promised = await net.exchange("commit", {
    promise: promiseOf(group, session, identifierOf(self), opening),
  });

  // 2. Open the promise, and prove to know a_0. More than t coefficients would raise the threshold in silence.
  const proof = proveDlog(group, {
    secret: mine.secret,
    statement: mine.commitment[0]!,
    context: { session, identifier: identifierOf(self) },
    random,
  });
  const revealed = await net.exchange("reveal", { ...opening, proof }, {
    code: "invalid-commitment",
    passes: (reveal, from) =>
      reveal.polynomial.length === threshold &&
      equal(promised.get(from)!.promise, promiseOf(group, session, identifierOf(from), reveal)),
  });
  blameUnless("invalid-proof", (peer) => {
    const { polynomial, proof } = revealed.get(peer)!;
    return verifyDlog(group, polynomial[0]!, proof, { session, identifier: identifierOf(peer) });
  });

  // 3. From here on anyone can compute f_i(x_j) · G for all i and j. Chance makes none of them the identity; whoever
  //    has a root at a member's identifier put it there.
  const inPublic = new Map(party.map((from) => {
    const { polynomial } = revealed.get(from)!;
    return [from, new Map(party.map((to) => [to, shareInPublic(group, polynomial, identifierOf(to))]))];
  }));
  blameUnless(
    "invalid-commitment",
    (peer) => [...inPublic.get(peer)!.values()].every((image) => !image.is0()),
  );

  // 4. Deal f(x_j) to each j. The run dies with a wrong one, so its recipient may show it, and all can check it again.
  const dealt = await net.exchange("deal", (to) => ({ share: mine.share(identifierOf(to)) }), {
    code: "invalid-dealt-share",
    passes: ({ share }, from, to) => group.multiplyBase(share).equals(inPublic.get(from)!.get(to)!),
  });

  // 5. Add up: my share is the sum of f_i(x_me), the key that of A_i0.
  const sum = (elements: Element[]) => elements.reduce((a, b) => a.add(b), group.zero);
  const share = group.reduce([...dealt.values()].reduce((total, { share }) => total + share, 0n));
  const key = sum(party.map((peer) => revealed.get(peer)!.polynomial[0]!));
  const verifying = party.map((to) => sum(party.map((from) => inPublic.get(from)!.get(to)!)));
  // The identity, as key or share, takes a promise opened after the others' were seen: a collision in SHA-256.
  if ([key, ...verifying].some((element) => element.is0())) throw new SessionError("result-rejected");
  const reveals = party.map((peer) => revealed.get(peer)!);
  const result = {
    publicKey: group.encodeElement(key),
    verifyingShares: verifying.map(group.encodeElement),
    chainCode: chainCodeOf(session, reveals.map(({ chainCode }) => chainCode)),
    transcript: transcriptOf(group, session, party.map((peer) => promised.get(peer)!), reveals),
  };

  // 6. Confirm. The echoes have been compared before this: all honest peers computed from the same messages, so who
  //    confirms something else lies or is broken.
  const outcome = outcomeOf(session, result);
  await net.exchange("confirm", { outcome }, {
    code: "invalid-confirmation",
    passes: (theirs) => equal(theirs.outcome, outcome),
  });
  return { share: group.encodeScalar(share), ...result };
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
