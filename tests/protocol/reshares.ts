/**
 * Resharings, and dealers that cheat in them. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { type DlogProof, proveDlog } from "../../src/crypto/dlog_proof.ts";
import { lagrange } from "../../src/crypto/feldman.ts";
import type { Element } from "../../src/crypto/group.ts";
import type { Scheme } from "../../src/events.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { type DealRun, type DealtKey, drawKey } from "../../src/protocol/deal.ts";
import {
  type DealingRounds,
  hashOfDealing,
  promiseOf,
  resharings,
} from "../../src/protocol/deal_messages.ts";
import { type Dealing, type Resharing, resharing } from "../../src/protocol/dealing.ts";
import { attempt, makeKey, seeded, session, type TestKey } from "./keys.ts";
import { accept, type Ran, results, runDrawn, type Tamper } from "./local_net.ts";

export interface ReshareOptions extends Omit<Resharing, "gone"> {
  made: TestKey;
  /** Default nobody: who neither deals nor receives is a witness. */
  gone?: readonly PeerId[];
  seed?: string;
  session?: Uint8Array;
  /** Attempts of those who are in another one than the rest. */
  attempts?: ReadonlyMap<PeerId, Uint8Array>;
  /** Dealings of those who see another one than the rest. */
  dealings?: ReadonlyMap<PeerId, Dealing>;
  tamper?: Tamper;
}

/** The dealing of a resharing, as everyone in it sees it. */
export const dealingOf = ({ made, gone = [], ...peers }: ReshareOptions): Dealing =>
  resharing(made.key, { ...peers, gone });

/** Runs a resharing for its party. The seed decides everything. */
export async function reshareAll({ made, ...options }: ReshareOptions): Promise<Ran<DealtKey>> {
  const suite = resharings[made.key.scheme];
  const dealing = dealingOf({ made, ...options });
  const randoms = new Map(
    dealing.party.map((self) => [self, seeded(`reshare ${options.seed ?? ""} ${self}`)]),
  );
  const seenBy = (self: PeerId) => options.dealings?.get(self) ?? dealing;
  return await runDrawn<DealingRounds, DealtKey, DealRun>(suite.rounds, dealing.party, {
    draw: (self) =>
      drawKey({
        suite,
        dealing: seenBy(self),
        attempt: options.attempts?.get(self) ?? attempt,
        self,
        share: seenBy(self).dealers.includes(self) ? made.shares.get(self)! : null,
        random: randoms.get(self)!,
      }),
    inputOf: (self) => ({ session: options.session ?? session, random: randoms.get(self)! }),
  }, options.tamper);
}

/** The key of the next epoch. @throws {Error} If anyone has none, or two peers have different ones. */
export function nextKey(
  { made: { key }, recipients, threshold }: ReshareOptions,
  ran: Ran<DealtKey>,
): TestKey {
  const [first, ...others] = results(ran);
  const { share: _, ...common } = first!;
  for (const { share: _, ...same } of others) assert.deepEqual(same, common);
  const { publicKey, verifyingShares, chainCode } = common;
  const members = [...recipients];
  return {
    key: { ...key, epoch: key.epoch + 1, threshold, members, publicKey, verifyingShares, chainCode },
    shares: new Map(members.map((peer) => [peer, ran.endings.get(peer)!.result!.share!])),
  };
}

/** Reshares, and hands out the next epoch. */
export async function reshared(options: ReshareOptions): Promise<TestKey> {
  return nextKey(options, await reshareAll(options));
}

/**
 * A resharing in which every peer has three different numbers: bob, a dealer that leaves, is 2nd of the old members,
 * carol, who stays, the 3rd of those and the 1st of the new; the party is bob, carol, dave and erin.
 */
export async function carolsResharing(scheme: Scheme): Promise<ReshareOptions & Resharing> {
  const made = await makeKey({ scheme });
  const recipients = ["carol", "dave", "erin"];
  return { made, dealers: ["bob", "carol"], recipients, threshold: 2, gone: ["alice"] };
}

/** The same, but that alice looks on: she is in the party, and neither deals nor receives. */
export async function witnessedResharing(scheme: Scheme): Promise<ReshareOptions & Resharing> {
  return { ...await carolsResharing(scheme), gone: [] };
}

/** Every subset of `size` of these peers. */
export function subsets(peers: readonly PeerId[], size: number): PeerId[][] {
  if (size === 0) return [[]];
  return peers.flatMap((peer, i) => subsets(peers.slice(i + 1), size - 1).map((rest) => [peer, ...rest]));
}

/** λ_i · s_i of a dealer. */
export function weighted({ made: { key, shares }, dealers }: ReshareOptions, dealer: PeerId): bigint {
  const { group } = resharings[key.scheme];
  const x = (peer: PeerId) => key.members.indexOf(peer) + 1;
  return group.reduce(
    lagrange(group, x(dealer), dealers.map(x)) * group.decodeScalar(shares.get(dealer)!),
  );
}

export interface RogueResharer {
  name?: PeerId;
  /** a_0, a_1, …: as many as it likes. */
  coefficients: readonly bigint[];
  /** What it shows instead of its coefficients times G. */
  polynomial?: readonly Element[];
  /** What it shows instead of an honest proof. */
  proof?: DlogProof;
}

/** A dealer that is consistent from its promise to its shares, but for what is given. */
export function rogueResharer(options: ReshareOptions, { name = "bob", ...rogue }: RogueResharer): Tamper {
  const suite = resharings[options.made.key.scheme], { scheme, group, firstRound, rounds } = suite;
  const { coefficients } = rogue;
  const dealing = dealingOf(options);
  const place = dealing.party.indexOf(name) + 1;
  const agreed = hashOfDealing(scheme, dealing)!;
  const polynomial = rogue.polynomial ?? coefficients.map(group.multiplyBase);
  const opening = { polynomial, chainCode: new Uint8Array(), salt: new Uint8Array(32) };
  const secret = coefficients[0] ?? 1n;
  const proof = rogue.proof ?? proveDlog(group, {
    secret,
    statement: polynomial[0] ?? group.multiplyBase(secret),
    context: { scheme, session, identifier: place },
    random: seeded("rogue"),
  });
  return ({ from, to, round, bytes }) => {
    if (from !== name) return bytes;
    switch (round) {
      case accept:
        return firstRound.encode({ promise: promiseOf(suite, attempt, place, opening), dealing: agreed });
      case "reveal":
        return rounds.reveal.codec.encode({ ...opening, proof });
      case "deal": {
        const x = BigInt(options.recipients.indexOf(to) + 1);
        const share = coefficients.reduceRight((sum, a) => group.reduce(sum * x + a), 0n);
        return rounds.deal.codec.encode(x === 0n ? null : { share });
      }
      default:
        return bytes;
    }
  };
}

/** Everyone but the culprits, or those of `by`, names exactly the culprits; and nobody names itself. */
export function assertNamed<T>(
  ran: Ran<T>,
  code: FailureCode,
  culprits: readonly PeerId[],
  by: readonly PeerId[] = [...ran.endings.keys()].filter((peer) => !culprits.includes(peer)),
): void {
  for (const peer of by) {
    const { failed } = ran.endings.get(peer)!;
    assert.deepEqual({ by: peer, ...failed }, { by: peer, code, culprits, missing: [] });
  }
  for (const [peer, { failed }] of ran.endings) {
    assert.ok(!failed?.culprits.includes(peer), `${peer} names itself`);
  }
}
