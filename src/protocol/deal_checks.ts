/**
 * The checks of a dealing: of what dealers reveal, and of the shares that they deal.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { verifyDlog } from "../crypto/dlog_proof.ts";
import { publicShare } from "../crypto/feldman.ts";
import type { Element } from "../crypto/group.ts";
import type { PeerId } from "../failure.ts";
import { type DealingSuite, type Dealt, type Promised, promiseOf, type Reveal } from "./deal_messages.ts";
import { constantTerms, type Dealing, hasContent, placeInParty, recipientIdentifier } from "./dealing.ts";
import type { Check } from "./rounds.ts";

/** The facts that a dealing's messages are held against. */
export interface DealFacts {
  suite: DealingSuite;
  dealing: Dealing;
  /** 32 bytes. */
  attempt: Uint8Array;
  /** 32 bytes. */
  session: Uint8Array;
  /** The first rounds, in the order of the party. */
  promises: ReadonlyMap<PeerId, Promised>;
  /** λ_i · S_i by dealer; null where a constant term may be anything. */
  expected: ReadonlyMap<PeerId, Element> | null;
  isRecipient(peer: PeerId): boolean;
  /** f(x_j) · G of a recipient, for a commitment to f. */
  publicShareOf(commitment: readonly Element[], recipient: PeerId): Element;
}

/** Gathers the facts of one dealing. */
export function dealFacts(
  given: Pick<DealFacts, "suite" | "dealing" | "attempt" | "session" | "promises">,
): DealFacts {
  const { suite: { group }, dealing } = given;
  const computed = new Map<readonly Element[], ReadonlyMap<PeerId, Element>>();
  return {
    ...given,
    expected: constantTerms(group, dealing),
    isRecipient: (peer) => dealing.recipients.includes(peer),
    // Computed once for each commitment.
    publicShareOf(commitment, recipient) {
      const shares = computed.get(commitment) ??
        new Map(
          dealing.recipients.map((
            to,
          ) => [to, publicShare(group, commitment, recipientIdentifier(dealing, to))]),
        );
      computed.set(commitment, shares);
      return shares.get(recipient)!;
    },
  };
}

/** The checks of an opening, in the order in which they are made. */
export function revealChecks(
  { suite, dealing, attempt, session, promises, expected, publicShareOf }: DealFacts,
): Check<Reveal | null>[] {
  const { scheme, group } = suite;
  const ofDealers =
    (passes: (reveal: Reveal, from: PeerId) => boolean) => (reveal: Reveal | null, from: PeerId) =>
      reveal === null || passes(reveal, from);
  return [{
    code: "malformed-message",
    passes: (reveal, from) => (reveal !== null) === hasContent(dealing, { round: "reveal", from, to: "*" }),
  }, {
    code: "invalid-commitment",
    // More than t' coefficients would raise the threshold unnoticed.
    passes: ofDealers((reveal, from) =>
      reveal.polynomial.length === dealing.threshold &&
      equal(promises.get(from)!.promise!, promiseOf(suite, attempt, placeInParty(dealing, from), reveal))
    ),
  }, {
    code: "invalid-commitment",
    // Another constant term would change the key.
    passes: ofDealers(({ polynomial }, from) =>
      expected === null || polynomial[0]!.equals(expected.get(from)!)
    ),
  }, {
    code: "invalid-proof",
    passes: ofDealers(({ polynomial, proof }, from) =>
      verifyDlog(group, polynomial[0]!, proof, { scheme, session, identifier: placeInParty(dealing, from) })
    ),
  }, {
    code: "invalid-commitment",
    // No honest polynomial has a root at a recipient's identifier, except with negligible probability.
    passes: ofDealers(({ polynomial }) =>
      dealing.recipients.every((recipient) => !publicShareOf(polynomial, recipient).is0())
    ),
  }];
}

/** The checks of a dealt share. They are also made of shares between others, which their recipients have opened. */
export function dealChecks(
  { suite: { group }, dealing, publicShareOf }: DealFacts,
  reveals: ReadonlyMap<PeerId, Reveal | null>,
): Check<Dealt | null>[] {
  const isDue = (from: PeerId, to: PeerId) => hasContent(dealing, { round: "deal", from, to });
  return [{
    code: "malformed-message",
    passes: (message, from, to) => (message !== null) === isDue(from, to),
  }, {
    code: "invalid-dealt-share",
    // A wrong share tells nothing that its dealer does not know, so its recipient may open it for all to check.
    opens: true,
    passes: (message, from, to) =>
      message === null || !isDue(from, to) ||
      group.multiplyBase(message.share).equals(publicShareOf(reveals.get(from)!.polynomial, to)),
  }];
}
