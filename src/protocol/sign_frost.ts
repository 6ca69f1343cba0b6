/**
 * FROST signing (RFC 9591 §5) without a coordinator: every signer aggregates for itself, and so every signer
 * can name a cheater. One run signs 1 to 256 items, with nonces of its own for each.
 *
 * The commitments to the nonces are public before the last signer has drawn its own, or, in a batch, before it
 * shows them. FROST allows for that: the binding factors (§4.4) hash all commitments, so that nobody can choose
 * the sum of the nonces. No share leaves before all commitments are fixed by the session's id: the accepts
 * carry those of one signature, and a promise of a batch's.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import {
  aggregate,
  commit,
  type FrostKey,
  type FrostSuite,
  type NonceCommitment,
  type Signing,
  type SigningNonces,
  verifySignatureShare,
} from "../crypto/frost.ts";
import { InputError, SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxItems, maxMessage } from "../limits.ts";
import type { Random } from "../ports.ts";
import { type Agreed, type Drawn, drawnOnce } from "./drawn.ts";
import { readFirstRounds } from "./first_round.ts";
import type { Net } from "./rounds.ts";
import { commitmentsPromise, type SigningFrost } from "./sign_frost_messages.ts";

/** One thing to sign. */
export interface FrostItem {
  /** The key that signs it: the group key, or what derivation and tweaks make of it. */
  key: FrostKey;
  /** This member's secret scalar under that key, 32 bytes. It is copied; the caller wipes its own. */
  share: Uint8Array;
  /** 0 to 65,536 bytes, signed as they are. */
  message: Uint8Array;
}

/** The signatures of one run, at one signer. */
export interface FrostTask {
  /** The suite whose rounds it runs on. */
  suite: FrostSuite;
  /** The hash of the signed invite, 32 bytes: the promise of a batch is bound to it. */
  attempt: Uint8Array;
  self: PeerId;
  /** Exactly as many members as the threshold says. */
  party: readonly PeerId[];
  /** In the order of their identifiers 1..n. */
  members: readonly PeerId[];
  /** 1 to 256. */
  items: readonly FrostItem[];
  random: Random;
}

/** A run of them. */
export interface FrostRun extends Agreed {
  /**
   * Awaited after each part of the computation, of which a batch has two for every item.
   *
   * @param done The part of it that is done, 0 to 1.
   */
  pause?: (done: number) => Promise<void>;
}

/**
 * Draws this signer's nonces for each item, and commits to them (§5.1). `run` signs together with everyone in
 * the party, and returns for each item, in order, a 64-byte signature of the suite under the item's key that
 * noble has verified; the consent gate verifies it strictly. If one item fails, nothing is returned.
 *
 * Disposing wipes the bytes of nonces and shares. It does not reach numbers that noble computes from them, nor,
 * for BIP-340 and a group commitment with an odd y, noble's negated copies.
 *
 * `run` throws a `SessionError`: `invalid-signature-share`, naming each cheater, and each item of a batch that
 * one of them has spoilt; `invalid-commitment` for commitments that were not promised; `share-corrupt` if this
 * node's own share does not verify; `result-rejected` if all shares verify and a signature does not; and the
 * errors of {@linkcode readFirstRounds} and {@linkcode Net.exchange}.
 *
 * @throws {InputError} If the party, the items or the attempt are not as above.
 */
export function drawFrostSignatures(
  task: FrostTask,
): Drawn<Net<SigningFrost>, readonly Uint8Array[], FrostRun> {
  const { suite, attempt, self, party, members, items, random } = task;
  checkInput(task);
  const identifier = members.indexOf(self) + 1;
  const nonces = new BatchNonces();
  try {
    for (const { share } of items) nonces.add(commit(suite, { identifier, share }, random));
  } catch (error) {
    nonces[Symbol.dispose]();
    throw error;
  }
  const { commitments } = nonces;
  const own = items.length === 1
    ? suite.nonceCommitment.encode(commitments[0]!)
    : suite.promise.encode({ promise: commitmentsPromise(suite, attempt, identifier, commitments) });
  const run = { suite, self, party, members, items: items.map(publicPart), attempt, own };
  return drawnOnce(nonces, own, (nonces, net, agreed) => signFrost(net, { ...run, ...agreed, nonces }));
}

/** An item without this member's share, which the nonces keep a copy of. */
const publicPart = ({ key, message }: FrostItem): PublicItem => ({ key, message });
type PublicItem = Omit<FrostItem, "share">;

/** The nonces of all items. */
class BatchNonces implements Disposable {
  readonly #nonces: SigningNonces[] = [];

  add(nonces: SigningNonces): void {
    this.#nonces.push(nonces);
  }

  /** In the order of the items. */
  get commitments(): NonceCommitment[] {
    return this.#nonces.map(({ commitment }) => commitment);
  }

  /** This signer's share of the signature of one item, whose nonces are gone then. */
  signShare(item: number, signing: Signing): Uint8Array {
    return this.#nonces[item]!.signShare(signing);
  }

  [Symbol.dispose](): void {
    for (const nonces of this.#nonces) nonces[Symbol.dispose]();
  }
}

interface RunOptions extends Omit<FrostTask, "items" | "random">, FrostRun {
  items: readonly PublicItem[];
  nonces: BatchNonces;
  /** The first round that was drawn. */
  own: Uint8Array;
}

async function signFrost(net: Net<SigningFrost>, options: RunOptions): Promise<readonly Uint8Array[]> {
  const { suite, self, members, items, nonces, pause = () => Promise.resolve() } = options;
  const identifierOf = (peer: PeerId) => members.indexOf(peer) + 1;

  // Round 1: the commitments are in the accepts; of a batch they are shown now, as promised there.
  const all = await commitmentsOf(net, options);
  const signings = items.map(({ key, message }, item): Signing => ({
    key,
    message,
    commitments: ofItem(all, item, identifierOf),
  }));

  // Round 2: sign with exactly those commitments (§5.2). If this node's own signature share does not verify, its
  // key share is damaged: better found here than by the others.
  const ownShares: Uint8Array[] = [];
  for (const [item, signing] of signings.entries()) {
    if (item > 0) await pause(item / (2 * items.length));
    const share = nonces.signShare(item, signing);
    if (!verifySignatureShare(suite, signing, identifierOf(self), share)) {
      throw new SessionError("share-corrupt");
    }
    ownShares.push(share);
  }
  const shares = await net.exchange("share", ownShares);

  // Aggregate (§5.3). Only if a result does not verify is each of its shares checked (§5.4). All items are
  // looked at, so that every cheater is named.
  const signatures: Uint8Array[] = [];
  const failed = new Map<number, readonly number[]>();
  for (const [item, signing] of signings.entries()) {
    if (item > 0) await pause((items.length + item) / (2 * items.length));
    const aggregated = aggregate(suite, signing, ofItem(shares, item, identifierOf));
    if (aggregated.signature) signatures.push(aggregated.signature);
    else failed.set(item, aggregated.cheaters);
  }
  if (failed.size === 0) return signatures;
  throw rejection(failed, { ...options, identifierOf });
}

/** The failure of items of which the signatures do not verify, by the identifiers of those who spoilt each. */
function rejection(
  failed: ReadonlyMap<number, readonly number[]>,
  { self, party, items, identifierOf }:
    & Pick<RunOptions, "self" | "party" | "items">
    & { identifierOf: (peer: PeerId) => number },
): SessionError {
  const cheaters = new Set([...failed.values()].flat());
  const culprits = party.filter((peer) => peer !== self && cheaters.has(identifierOf(peer)));
  if (culprits.length === 0) return new SessionError("result-rejected");
  const spoilt = [...failed].filter(([, by]) => by.length > 0).map(([item]) => item);
  return new SessionError("invalid-signature-share", {
    culprits,
    ...(items.length > 1 && { items: spoilt }),
  });
}

/** The messages of all signers about one item, by their identifiers. */
function ofItem<T>(
  all: ReadonlyMap<PeerId, readonly T[]>,
  item: number,
  identifierOf: (peer: PeerId) => number,
): Map<number, T> {
  return new Map([...all].map(([peer, list]) => [identifierOf(peer), list[item]!]));
}

/**
 * Everyone's commitments, in the order of the items.
 *
 * @throws {SessionError} `invalid-commitment`, naming everyone whose commitments are not the promised ones.
 */
async function commitmentsOf(
  net: Net<SigningFrost>,
  options: RunOptions,
): Promise<ReadonlyMap<PeerId, readonly NonceCommitment[]>> {
  const { suite, attempt, members, items, nonces, own, firstRound } = options;
  if (items.length === 1) {
    const read = readFirstRounds(options, suite.nonceCommitment, own, firstRound);
    return new Map([...read].map(([peer, commitment]) => [peer, [commitment]]));
  }
  const promises = readFirstRounds(options, suite.promise, own, firstRound);
  return await net.exchange("commit", nonces.commitments, {
    code: "invalid-commitment",
    passes: (shown, peer) =>
      equal(
        promises.get(peer)!.promise,
        commitmentsPromise(suite, attempt, members.indexOf(peer) + 1, shown),
      ),
  });
}

/** @throws {InputError} */
function checkInput({ attempt, self, party, members, items }: FrostTask): void {
  if (items.length < 1 || items.length > maxItems) {
    throw new InputError("items", `expected 1 to ${maxItems}, found ${items.length}`);
  }
  const { threshold } = items[0]!.key;
  const signers = new Set(party);
  if (party.length !== threshold || signers.size !== threshold) {
    throw new InputError("party", `expected ${threshold} different signers, found ${signers.size}`);
  }
  if (!party.every((peer) => members.includes(peer))) {
    throw new InputError("party", "expected members of the wallet, found a stranger");
  }
  if (!signers.has(self)) throw new InputError("party", "expected this peer among the signers, found none");
  if (attempt.length !== 32) throw new InputError("attempt", `expected 32 bytes, found ${attempt.length}`);
  for (const { message } of items) {
    if (message.length > maxMessage) {
      throw new InputError("message", `expected at most ${maxMessage} bytes, found ${message.length}`);
    }
  }
}
