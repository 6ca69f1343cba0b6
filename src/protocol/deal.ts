/**
 * The dealing of a key without a trusted dealer, for every scheme and every act of `dealing.ts`: dealers share
 * secrets by Feldman's scheme, and the key is the sum of the secrets. All promise before anyone reveals, so that
 * nobody can choose a polynomial after seeing another's: the promises are the first round, in the accepts, and
 * nothing is revealed before all of them are in the session's id. All prove knowledge of their secrets, so that
 * nobody can cancel out the others.
 *
 * Generation is Pedersen's; resharing is Desmedt–Jajodia's (1997), verifiable as in Wong–Wang–Wing (2002). As in
 * ChillDKG (BIP draft), no outcome is final in here: whoever confirms may still find that others did not, and
 * only the votes that follow make the new shares count. At least one of t dealers is honest and its polynomial
 * fresh, so the new sharing is independent of the old.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { proveDlog } from "../crypto/dlog_proof.ts";
import { drawPolynomial, type Polynomial } from "../crypto/feldman.ts";
import { InputError, SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { Random } from "../ports.ts";
import { dealChecks, type DealFacts, dealFacts, revealChecks } from "./deal_checks.ts";
import {
  chainCodeOf,
  type DealingRounds,
  type DealingSuite,
  type Dealt,
  hashOfDealing,
  type Opening,
  outcomeOf,
  type Promised,
  promiseOf,
  type Reveal,
  transcriptOf,
} from "./deal_messages.ts";
import {
  checkDealing,
  constantTerms,
  dealersSecret,
  type Dealing,
  placeInParty,
  recipientIdentifier,
  samePeers,
} from "./dealing.ts";
import { type Agreed, type Drawn, drawnOnce } from "./drawn.ts";
import { readFirstRounds } from "./first_round.ts";
import type { Net } from "./rounds.ts";

/** A dealt key at one peer: its secret share, and the public part, which is the same at every peer. */
export interface DealtKey {
  /** A secret scalar, 32 bytes, that the caller wipes; null at a dealer that is no recipient. */
  share: Uint8Array | null;
  publicKey: Uint8Array;
  /** Every recipient's share · G, in the order of the recipients. */
  verifyingShares: Uint8Array[];
  /** 32 bytes. */
  chainCode: Uint8Array;
  /** SHA-256 of all promises and reveals, 32 bytes. */
  transcript: Uint8Array;
}

/** One dealing, at one peer of its party. */
export interface DealTask {
  /** Of the same act as the dealing. */
  suite: DealingSuite;
  dealing: Dealing;
  /** The hash of the signed invite, 32 bytes: the promise is bound to it. */
  attempt: Uint8Array;
  self: PeerId;
  /** In a resharing, a dealer's share of epoch e, 32 bytes: only read, the caller wipes it. Otherwise null. */
  share: Uint8Array | null;
  random: Random;
}

/** A dealing's run: what all have agreed on, and the randomness of the proof. */
export type DealRun = Agreed & { random: Random };

/** The secrets and promised values of a dealer. */
interface DealersDraw {
  polynomial: Polynomial;
  opening: Opening;
}

/**
 * Draws this peer's polynomial and promises it; a peer that only receives draws nothing, and promises nothing.
 * `run` deals together with everyone in the party.
 *
 * `run` throws an `InputError` if the session is not 32 bytes or the net has another party, and a `SessionError`: `invalid-commitment`,
 * `invalid-proof`, `invalid-dealt-share`, `invalid-confirmation`, or `malformed-message` for an empty message
 * where one is due or a message where an empty one is, naming every cheater; `session-mismatch`, naming nobody, if a
 * peer states another resharing and this peer was no member of epoch e; `result-rejected` for a result that no cheater
 * can cause; and the errors of {@linkcode readFirstRounds} and {@linkcode Net.exchange}.
 *
 * @throws {InputError} If the dealing or the attempt is not as above, this peer is not in the party, or its share
 * is not that of epoch e.
 */
export function drawKey(task: DealTask): Drawn<Net<DealingRounds>, DealtKey, DealRun> {
  const { suite, dealing, attempt, self } = task;
  checkTask(task);
  const draw = dealing.dealers.includes(self) ? drawDeal(task) : null;
  const promise = draw && promiseOf(suite, attempt, placeInParty(dealing, self), draw.opening);
  const dealingHash = hashOfDealing(suite.scheme, dealing);
  const own = suite.firstRound.encode({ promise, ...(dealingHash && { dealing: dealingHash }) });
  const secrets = { [Symbol.dispose]: () => draw?.polynomial[Symbol.dispose]() };
  return drawnOnce(secrets, own, (_secrets, net, { session, firstRound, random }) => {
    if (session.length !== 32) throw new InputError("session", `expected 32 bytes, found ${session.length}`);
    if (net.self !== self || !samePeers(net.party, dealing.party)) {
      throw new InputError("party", "expected a net of the dealing's party, found another");
    }
    const promises = readPromises(task, { own, dealingHash }, firstRound);
    const facts = dealFacts({ suite, dealing, attempt, session, promises });
    return deal(net, { self, draw, random, facts });
  });
}

/** 1. Draw f of degree t'-1 with f(0) = a_i. Promise its commitment, A_k = a_k · G, and a part of the chain code. */
function drawDeal({ suite: { group }, dealing, self, share, random }: DealTask): DealersDraw {
  const secret = dealersSecret(group, dealing, self, share) ?? undefined;
  const polynomial = drawPolynomial(group, dealing.threshold, random, secret);
  const expected = constantTerms(group, dealing)?.get(self);
  if (expected !== undefined && !polynomial.commitment[0]!.equals(expected)) {
    polynomial[Symbol.dispose]();
    throw new InputError("share", "expected this dealer's share of the key, found another");
  }
  const chainCode = dealing.chainCode === null ? random(32) : new Uint8Array();
  return { polynomial, opening: { polynomial: polynomial.commitment, chainCode, salt: random(32) } };
}

async function deal(
  net: Net<DealingRounds>,
  { self, draw, random, facts }: Pick<DealTask, "self" | "random"> & {
    /** Null at a peer that only receives. */
    draw: DealersDraw | null;
    facts: DealFacts;
  },
): Promise<DealtKey> {
  const { suite, dealing, session, promises, isRecipient } = facts;
  const { scheme, group } = suite;

  // 2. Open the promise, and prove knowledge of a_0.
  const proof = draw && proveDlog(group, {
    secret: draw.polynomial.secret,
    statement: draw.polynomial.commitment[0]!,
    context: { scheme, session, identifier: placeInParty(dealing, self) },
    random,
  });
  const revealed = await net.exchange(
    "reveal",
    draw && { ...draw.opening, proof: proof! },
    ...revealChecks(facts),
  );
  const reveals = new Map(dealing.dealers.map((dealer) => [dealer, revealed.get(dealer)!]));

  // 3. Deal f(x_j) to each recipient j.
  const shareFor = (recipient: PeerId): Dealt | null =>
    draw !== null && isRecipient(recipient)
      ? { share: draw.polynomial.share(recipientIdentifier(dealing, recipient)) }
      : null;
  const dealt = await net.exchange("deal", shareFor, ...dealChecks(facts, reveals));

  // 4. Add up: a recipient's share is the sum of the f_i(x_j) dealt to it, the key the sum of the A_i0.
  const result = {
    ...publicResult(facts, reveals),
    transcript: transcriptOf(suite, session, [...promises.values()], [...revealed.values()]),
  };
  const total = [...dealt.values()].reduce((sum, message) => sum + (message?.share ?? 0n), 0n);

  // 5. Confirm. The echoes have been compared by now: all honest peers computed from the same messages, so a
  //    peer that confirms another outcome lies or is broken. Dealers that leave confirm as well.
  const outcome = outcomeOf(session, result);
  await net.exchange("confirm", { outcome }, {
    code: "invalid-confirmation",
    passes: (confirmation) => equal(confirmation.outcome, outcome),
  });
  return { share: isRecipient(self) ? group.encodeScalar(group.reduce(total)) : null, ...result };
}

/** The key that the commitments add up to. @throws {SessionError} `result-rejected` */
function publicResult(
  { suite: { group }, dealing, session, publicShareOf }: DealFacts,
  reveals: ReadonlyMap<PeerId, Reveal | null>,
) {
  const commitments = [...reveals.values()].map((reveal) => reveal!.polynomial);
  const [key, top] = [0, dealing.threshold - 1].map((k) => group.sum(commitments.map((A) => A[k]!)));
  const verifyingShares = dealing.recipients.map((recipient) =>
    group.sum(commitments.map((commitment) => publicShareOf(commitment, recipient)))
  );
  const { constantTerm: term } = dealing;
  // The constant terms have passed, and so they add up to the key that is dealt anew.
  const isKept = term.is === "random" || key!.equals(group.decodeElement(term.of.publicKey));
  // To make one of these the identity, a peer would have to open its promise after seeing the others: a
  // SHA-256 collision. Without its top coefficient the sum would have a lower threshold.
  if (!isKept || [key!, top!, ...verifyingShares].some((element) => element.is0())) {
    throw new SessionError("result-rejected");
  }
  return {
    publicKey: group.encodeElement(key!),
    verifyingShares: verifyingShares.map(group.encodeElement),
    chainCode: dealing.chainCode ??
      chainCodeOf(session, [...reveals.values()].map((reveal) => reveal!.chainCode)),
  };
}

/**
 * @param own What this peer has drawn: its first round, and the hash of its dealing.
 * @throws {SessionError} As {@linkcode readFirstRounds}; that of {@linkcode otherDealing}; `malformed-message` for a
 * promise that is not due.
 */
function readPromises(
  { suite, dealing, self }: DealTask,
  { own, dealingHash }: { own: Uint8Array; dealingHash: Uint8Array | null },
  firstRound: ReadonlyMap<PeerId, Uint8Array>,
): ReadonlyMap<PeerId, Promised> {
  const { party, dealers } = dealing;
  const promises = readFirstRounds({ self, party }, suite.firstRound, own, firstRound);
  const differing = party.filter((peer) => dealingHash && !equal(promises.get(peer)!.dealing!, dealingHash));
  if (differing.length > 0) throw otherDealing(dealing, self, differing);
  const culprits = party.filter((peer) => (promises.get(peer)!.promise !== null) !== dealers.includes(peer));
  if (culprits.length > 0) throw new SessionError("malformed-message", { culprits });
  return promises;
}

/**
 * The failure if some peers state another resharing than this peer does. The session's id binds the command, and with
 * it everything in the hash but the key of epoch e, which it binds by its id. Every certificate of that id has the
 * signatures of all members of e, and an honest member signs one key in one session: to a member, whoever states another
 * one lies. A peer that was no member cannot tell: members of e that all cheat can have shown two keys to two honest
 * peers. It names nobody.
 */
function otherDealing({ constantTerm }: Dealing, self: PeerId, culprits: readonly PeerId[]): SessionError {
  const hasSigned = constantTerm.is === "weighted-share" && constantTerm.of.members.includes(self);
  return hasSigned
    ? new SessionError("invalid-confirmation", { culprits })
    : new SessionError("session-mismatch");
}

function checkTask({ suite, dealing, self, share, attempt }: DealTask): void {
  if (suite.act !== dealing.act) throw new InputError("suite", `expected one to ${dealing.act}`);
  checkDealing(suite.group, dealing);
  const { party, dealers, constantTerm } = dealing;
  if (!party.includes(self)) throw new InputError("party", "expected this peer among them, found none");
  const hasShare = constantTerm.is === "weighted-share" && dealers.includes(self);
  if ((share !== null) !== hasShare) {
    throw new InputError("share", hasShare ? "expected one, found none" : "expected none, found one");
  }
  if (attempt.length !== 32) throw new InputError("attempt", `expected 32 bytes, found ${attempt.length}`);
}
