/**
 * The dealing of an ECDSA key for DKLs23: `deal.ts` on secp256k1 and then, in the same session, the set-up of the
 * multiplications of every pair of recipients. The set-up needs nothing of the key but its session and the
 * recipients' identifiers. The commit that follows keeps both, or neither.
 * @module
 */
import { type BaseOtSender, chooseBaseOts, offerBaseOts, receiveChoices } from "../crypto/dkls/base_ot.ts";
import { wordsOf } from "../crypto/dkls/bit_matrix.ts";
import type { DiffieHellman } from "../crypto/dkls/diffie_hellman.ts";
import { type PairState, pairState } from "../crypto/dkls/pair.ts";
import { baseOts } from "../crypto/dkls_parameters.ts";
import { paced, type Steps } from "../crypto/dkls/steps.ts";
import { seedOf, seedPromise } from "../crypto/dkls/zero_share.ts";
import { equal } from "../crypto/codec.ts";
import { SessionError } from "../errors.ts";
import type { FailureCode, PeerId } from "../failure.ts";
import type { Random } from "../ports.ts";
import type { Agreed, Drawn } from "./drawn.ts";
import { type DealTask, type DealtKey, drawKey } from "./deal.ts";
import { type DealingRounds, dealingSuites } from "./deal_messages.ts";
import type { Check, Net } from "./rounds.ts";
import { directionSetup, pairSetup, type settingUpHolders } from "./setup_ecdsa_messages.ts";

export interface SetupOptions {
  /** 32 bytes; the set-up is bound to it. */
  session: Uint8Array;
  /** The members of the key that the session makes, in the order of their identifiers; all are in the party. */
  holders: readonly PeerId[];
  random: Random;
  diffieHellman: DiffieHellman;
  /** Awaited after about every 10 ms of work, with the part of the set-up that is done, 0 to 1. */
  pause?: (done: number) => Promise<void>;
}

/** A dealt key at one peer: its share, the public part, and its end of every pair. */
export interface DealtEcdsaKey extends DealtKey {
  /** By the other recipient; empty at a dealer that is none. The caller disposes of each. */
  pairs: ReadonlyMap<PeerId, PairState>;
}

/**
 * Draws this member's part of an ECDSA key, and promises it. `run` makes a key that is ready to sign, and
 * throws whatever that of {@linkcode drawKey} and {@linkcode setupEcdsa} throw.
 *
 * @throws {InputError} As {@linkcode drawKey}.
 */
export function drawEcdsaKey(
  task: Omit<DealTask, "suite">,
): Drawn<
  Net<DealingRounds & typeof settingUpHolders>,
  DealtEcdsaKey,
  Agreed & Omit<SetupOptions, "holders">
> {
  const { act, recipients: holders } = task.dealing;
  const drawn = drawKey({ ...task, suite: dealingSuites[act].ecdsa });
  return {
    firstRound: drawn.firstRound,
    async run(net, options) {
      const key = await drawn.run(net, options);
      try {
        return { ...key, pairs: await setupEcdsa(net, { ...options, holders }) };
      } catch (error) {
        key.share?.fill(0);
        throw error;
      }
    },
    [Symbol.dispose]: () => drawn[Symbol.dispose](),
  };
}

/** A part of a pair's seed, and the salt that hides it in its promise; 32 bytes each. */
interface SeedOpening {
  part: Uint8Array;
  salt: Uint8Array;
}

/**
 * This party's secrets of a set-up, each by the other holder. Leaving their scope wipes them, except for the
 * pairs once they are released.
 */
class SetupSecrets implements Disposable {
  /** As sender of base OTs. */
  readonly senders: ReadonlyMap<PeerId, BaseOtSender>;
  readonly seeds: ReadonlyMap<PeerId, SeedOpening>;
  /** Δ, as receiver of base OTs: drawn anew for each pair and direction. */
  readonly deltas: ReadonlyMap<PeerId, Uint32Array>;
  /** The points to send and the keys chosen by Δ, as receiver. */
  readonly chosen = new Map<PeerId, { points: Uint8Array; keys: Uint8Array }>();
  readonly pairs = new Map<PeerId, PairState>();
  #released = false;

  constructor(others: readonly PeerId[], random: Random) {
    this.senders = new Map(others.map((peer) => [peer, offerBaseOts(random)]));
    this.seeds = new Map(others.map((peer) => [peer, { part: random(32), salt: random(32) }]));
    this.deltas = new Map(others.map((peer) => [peer, drawDelta(random)]));
  }

  /** Hands the pairs over to the caller, who disposes of them. */
  release(): Map<PeerId, PairState> {
    this.#released = true;
    return this.pairs;
  }

  [Symbol.dispose](): void {
    for (const sender of this.senders.values()) sender[Symbol.dispose]();
    for (const { part } of this.seeds.values()) part.fill(0);
    if (this.#released) return;
    for (const delta of this.deltas.values()) delta.fill(0);
    for (const { keys } of this.chosen.values()) keys.fill(0);
    for (const pair of this.pairs.values()) pair[Symbol.dispose]();
  }
}

/**
 * Sets up the multiplications of this holder with every other: 128 base OTs in each direction, and the seed of
 * the pair's shares of zero. Peers of the party that hold no share take part in the rounds, with empty messages.
 *
 * @throws {SessionError} `invalid-commitment` or `malformed-message`, naming every cheater, and the errors of
 * {@linkcode Net.exchange}. No failure bans: every secret used here is new.
 */
export async function setupEcdsa(
  net: Net<typeof settingUpHolders>,
  { session, holders, random, diffieHellman, pause = () => Promise.resolve() }: SetupOptions,
): Promise<Map<PeerId, PairState>> {
  const { self } = net;
  const isPair = (one: PeerId, other: PeerId) =>
    one !== other && holders.includes(one) && holders.includes(other);
  const others = holders.filter((peer) => isPair(self, peer));
  const identifierOf = (peer: PeerId) => holders.indexOf(peer) + 1;
  const setupOf = (peer: PeerId) => pairSetup(session, identifierOf(self), identifierOf(peer));
  const promiseOf = (peer: PeerId, author: PeerId, opening: SeedOpening) =>
    seedPromise(setupOf(peer), identifierOf(author), opening);
  const accuse = (code: FailureCode, passes: (peer: PeerId) => boolean) => {
    const culprits = others.filter((peer) => !passes(peer));
    if (culprits.length > 0) throw new SessionError(code, { culprits });
  };
  const toOthers = <T>(messageFor: (peer: PeerId) => T) => (to: PeerId): T | null =>
    isPair(self, to) ? messageFor(to) : null;
  const isDue: Check<unknown> = {
    code: "malformed-message",
    passes: (message, from, to) => (message !== null) === isPair(from, to),
  };
  let directionsDone = 0;
  const run = async <T>(steps: Steps<T>) => {
    const result = await paced(steps, (done) => pause((directionsDone + done) / (2 * others.length)));
    directionsDone++;
    return result;
  };
  using secrets = new SetupSecrets(others, random);
  const { senders, seeds, deltas, chosen, pairs } = secrets;

  // 1. Offer a fresh key for the base OTs with each (MRR21 figure 3), and promise a part of the pair's seed.
  const offers = await net.exchange(
    "offer",
    toOthers((peer) => ({
      offer: senders.get(peer)!.offer,
      promise: promiseOf(peer, self, seeds.get(peer)!),
    })),
    isDue,
  );

  // 2. As receiver, choose by Δ from each offer; open the promise.
  for (const peer of others) {
    const setup = directionSetup(setupOf(peer), identifierOf(peer), identifierOf(self));
    const { offer } = offers.get(peer)!;
    const choosing = chooseBaseOts({ setup, choices: deltas.get(peer)!, offer, random, diffieHellman });
    chosen.set(peer, await run(choosing));
  }
  const choices = await net.exchange(
    "choose",
    toOthers((peer) => ({ points: chosen.get(peer)!.points, ...seeds.get(peer)! })),
    isDue,
  );
  accuse(
    "invalid-commitment",
    (peer) => equal(offers.get(peer)!.promise, promiseOf(peer, peer, choices.get(peer)!)),
  );

  // 3. As sender, compute both keys of each base OT.
  for (const peer of others) {
    const setup = directionSetup(setupOf(peer), identifierOf(self), identifierOf(peer));
    const { points, part } = choices.get(peer)!;
    const offered = await run(receiveChoices({ setup, sender: senders.get(peer)!, points, diffieHellman }));
    if (offered === null) continue;
    const state = pairState({
      setup: setupOf(peer),
      delta: deltas.get(peer)!,
      chosen: chosen.get(peer)!.keys,
      offered,
      zeroSeed: seedOf(seeds.get(peer)!.part, part),
    });
    pairs.set(peer, state);
  }
  accuse("malformed-message", (peer) => pairs.has(peer));
  return secrets.release();
}

/** Draws Δ, 4 words. */
function drawDelta(random: Random): Uint32Array {
  const drawn = random(baseOts / 8);
  const delta = wordsOf(drawn);
  drawn.fill(0);
  return delta;
}
