/**
 * A key of secp256k1 that can sign by DKLs23: the key generation of both curves, and then, in the same session, what
 * every pair needs to multiply with each other. The set-up hangs on nothing of the key but its session, so that
 * `generate.ts` stays as it is; the commit that follows makes one of both, or nothing.
 * @module
 */
import { chooseBaseOts, offerBaseOts, receiveChoices } from "../crypto/dkls/base_ot.ts";
import { wordsOf } from "../crypto/dkls/bit_matrix.ts";
import type { DiffieHellman } from "../crypto/dkls/diffie_hellman.ts";
import { type PairState, pairState } from "../crypto/dkls/pair.ts";
import { baseOts } from "../crypto/dkls/parameters.ts";
import { paced } from "../crypto/dkls/steps.ts";
import { seedOf, seedPromise } from "../crypto/dkls/zero_share.ts";
import { equal } from "../crypto/codec.ts";
import { groups } from "../crypto/group.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { Random } from "../ports.ts";
import { generate, type GeneratedKey } from "./generate.ts";
import type { Net } from "./rounds.ts";
import { directionSetup, type generatingEcdsa, pairSetup, type settingUp } from "./setup_ecdsa_messages.ts";

export interface SetupOptions {
  /** 32 bytes; the set-up is bound to it. */
  session: Uint8Array;
  random: Random;
  diffieHellman: DiffieHellman;
  /** Called every 10 ms or so of work; the next step waits for it. It is told the part that is done, 0 to 1. */
  pause?: (done: number) => Promise<void>;
}

/** A key, this party's share of it, and its end of every pair. */
export interface GeneratedEcdsaKey extends GeneratedKey {
  /** By the other holder. The caller disposes of each. */
  pairs: ReadonlyMap<PeerId, PairState>;
}

/**
 * Makes a key of secp256k1 together with everyone in `net.party`, ready to sign.
 *
 * @throws Whatever {@linkcode generate} and {@linkcode setupEcdsa} throw.
 */
export async function generateEcdsa(
  net: Net<typeof generatingEcdsa>,
  options: SetupOptions & { threshold: number },
): Promise<GeneratedEcdsaKey> {
  const key = await generate(net, { ...options, group: groups.secp256k1 });
  try {
    return { ...key, pairs: await setupEcdsa(net, options) };
  } catch (error) {
    key.share.fill(0);
    throw error;
  }
}

/**
 * Sets up the multiplication of this party with every other: 128 base OTs in each direction, Δ drawn anew for each
 * pair and direction, and the seed of the pair's shares of zero.
 *
 * @throws {SessionError} `invalid-commitment` or `malformed-message`, naming every cheater, and whatever
 * {@linkcode Net.exchange} throws. Nothing here depends on a secret that will be used again: no bans.
 */
export async function setupEcdsa(
  net: Net<typeof settingUp>,
  { session, random, diffieHellman, pause = () => Promise.resolve() }: SetupOptions,
): Promise<Map<PeerId, PairState>> {
  const { self, party } = net;
  const others = party.filter((peer) => peer !== self);
  const identifierOf = (peer: PeerId) => party.indexOf(peer) + 1;
  const me = identifierOf(self);
  const setups = new Map(others.map((peer) => [peer, pairSetup(session, me, identifierOf(peer))]));
  const promiseOf = (peer: PeerId, author: PeerId, opening: { part: Uint8Array; salt: Uint8Array }) =>
    seedPromise(setups.get(peer)!, identifierOf(author), opening);
  // What a round sends to each; asked for this party itself, it shows what the first other gets.
  const toEach = <T>(messages: ReadonlyMap<PeerId, T>) => (to: PeerId) =>
    messages.get(to === self ? others[0]! : to)!;
  let pairsDone = 0;
  const paceOf = (half: number) => (done: number) => pause((pairsDone + (half + done) / 2) / others.length);

  // 1. Offer: a fresh key for the base OTs that I send to each (MRR21 figure 3), and a promise of my part of the seed.
  const senders = new Map(others.map((peer) => [peer, offerBaseOts(random)]));
  const openings = new Map(others.map((peer) => [peer, { part: random(32), salt: random(32) }]));
  const deltas = new Map(others.map((peer) => [peer, drawDelta(random)]));
  const chosen = new Map<PeerId, { answer: Uint8Array; keys: Uint8Array }>();
  const pairs = new Map<PeerId, PairState>();
  let done = false;
  using _wiped = {
    [Symbol.dispose]() {
      for (const sender of senders.values()) sender[Symbol.dispose]();
      for (const { part } of openings.values()) part.fill(0);
      if (done) return;
      for (const secret of [...deltas.values(), ...[...chosen.values()].map(({ keys }) => keys)]) {
        secret.fill(0);
      }
      for (const pair of pairs.values()) pair[Symbol.dispose]();
    },
  };
  const offered = await net.exchange(
    "offer",
    toEach(
      new Map(others.map((peer) => [peer, {
        offer: senders.get(peer)!.offer,
        promise: promiseOf(peer, self, openings.get(peer)!),
      }])),
    ),
  );

  // 2. Choose by Δ from what each offered; open the promise.
  for (const peer of others) {
    const setup = directionSetup(setups.get(peer)!, identifierOf(peer), me);
    const { offer } = offered.get(peer)!;
    const choosing = chooseBaseOts({ setup, choices: deltas.get(peer)!, offer, random, diffieHellman });
    chosen.set(peer, await paced(choosing, paceOf(0)));
    pairsDone += 1 / 2;
  }
  const answers = await net.exchange(
    "choose",
    toEach(
      new Map(others.map((peer) => [peer, { answer: chosen.get(peer)!.answer, ...openings.get(peer)! }])),
    ),
  );
  const liars = others.filter((peer) =>
    !equal(offered.get(peer)!.promise, promiseOf(peer, peer, answers.get(peer)!))
  );
  if (liars.length > 0) throw new SessionError("invalid-commitment", { culprits: liars });

  // 3. Both keys of each base OT that I sent.
  const culprits: PeerId[] = [];
  for (const peer of others) {
    const setup = directionSetup(setups.get(peer)!, me, identifierOf(peer));
    const { answer, part } = answers.get(peer)!;
    const keys = await paced(
      receiveChoices({ setup, sender: senders.get(peer)!, answer, diffieHellman }),
      paceOf(0),
    );
    pairsDone += 1 / 2;
    if (keys === null) culprits.push(peer);
    else {
      pairs.set(
        peer,
        pairState({
          setup: setups.get(peer)!,
          delta: deltas.get(peer)!,
          chosen: chosen.get(peer)!.keys,
          offered: keys,
          zeroSeed: seedOf(openings.get(peer)!.part, part),
        }),
      );
    }
  }
  if (culprits.length > 0) throw new SessionError("malformed-message", { culprits });
  done = true;
  return pairs;
}

/** Δ, 4 words. */
function drawDelta(random: Random): Uint32Array {
  const drawn = random(baseOts / 8);
  const delta = wordsOf(drawn);
  drawn.fill(0);
  return delta;
}
