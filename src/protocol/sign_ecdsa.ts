/**
 * Threshold ECDSA: DKLs23 (eprint 2023/765), Protocol 3.6, between exactly t holders, for a batch of 1 to 256 items
 * in one session. Everyone ends with the same signatures, and has verified them; or nobody here gets any.
 *
 * The promise of the nonces is the first round, in the accepts. All of them are in the session's id, and so in the
 * requests, which are compared before any R_i is opened: nobody can choose its R_i after seeing another's, and
 * signers that hold different promises go no further.
 *
 * Three checks depend on this signer's secrets, and whether they pass reveals something about those secrets.
 * After one of them has failed, the pair must never multiply again with this set-up: the ban is on disk
 * before any peer can notice the failure. Everything that an honest but confused peer could cause (another
 * session, another OT state, bytes that do not decode) is compared before these checks, and never bans.
 *
 * The checks of a batch are one decision for each peer. They are made at once, after everything that they need was
 * computed for all items with all peers, and before anything leaves: nothing, not even the time that passes, shows
 * for which item one fails.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { type Alice, type Bob, type Pair, rvoleAlice, rvoleBob } from "../crypto/dkls/rvole.ts";
import * as equations from "../crypto/dkls/sign.ts";
import { zeroShare } from "../crypto/dkls/zero_share.ts";
import { assemble, nonceScalar } from "../crypto/ecdsa/signature.ts";
import { groups } from "../crypto/group.ts";
import { SessionError } from "../errors.ts";
import type { FailureCode, PeerId } from "../failure.ts";
import { type Drawn, drawnOnce } from "./drawn.ts";
import { readFirstRounds } from "./first_round.ts";
import { type Net, toEach } from "./rounds.ts";
import { directionSetup } from "./setup_ecdsa_messages.ts";
import {
  aliceSession,
  bobSession,
  type Correct,
  type CorrectItem,
  type Extend,
  extendHash,
  pairRequest,
  promisedNonces,
  requestOf,
  type signingEcdsa,
  viewOfNonces,
} from "./sign_ecdsa_messages.ts";
import {
  checkRun,
  type EcdsaResult,
  type EcdsaRun,
  type EcdsaTask,
  type ReadyItem,
  readyItems,
} from "./sign_ecdsa_task.ts";

export type { EcdsaItem, EcdsaResult, EcdsaRun, EcdsaTask } from "./sign_ecdsa_task.ts";

const group = groups.secp256k1;

/** The net of a batch. */
export type EcdsaNet = Net<ReturnType<typeof signingEcdsa>>;

/**
 * Draws this signer's r_i and φ_i for each item, and promises all R_i = r_i · G. `run` signs together with everyone
 * in the party; its result is in the order of the items.
 *
 * `run` throws an `InputError` if pairs or session are not as above, before anything was sent; and a
 * `SessionError`: `invalid-multiplication`, naming each cheater, after `ban` has resolved (`store-failed` if it
 * rejects); `session-mismatch` if not all sign the same; `invalid-commitment`; `invalid-signature-share` if
 * there is only one other signer, `result-rejected` if any could be at fault; and the errors of
 * {@linkcode readFirstRounds} and {@linkcode Net.exchange}. None of them tells which item failed.
 *
 * @throws {InputError} As {@linkcode readyItems} does.
 */
export function drawEcdsaSignatures(task: EcdsaTask): Drawn<EcdsaNet, readonly EcdsaResult[], EcdsaRun> {
  const { key, attempt, self, random } = task;
  const items = readyItems(task);
  const nonces = equations.drawNonces(items.length, random);
  const me = key.members.indexOf(self) + 1;
  const commitments = nonces.items.map(({ commitment }) => commitment);
  const promise = equations.noncePromise(attempt, me, { commitments, salt: nonces.salt });
  const own = promisedNonces.encode({ promise });
  const drawn = { ...task, items, own };
  return drawnOnce(nonces, own, (nonces, net, run) => signEcdsa(net, { ...drawn, ...run, nonces }));
}

// Long because it is Protocol 3.6 step by step: each check must stand between the two messages it guards.
async function signEcdsa(
  net: EcdsaNet,
  options: Omit<EcdsaTask, "items"> & EcdsaRun & {
    items: readonly ReadyItem[];
    nonces: equations.Nonces;
    /** The first round that was drawn. */
    own: Uint8Array;
  },
): Promise<readonly EcdsaResult[]> {
  const { key, attempt, session, pairs, items, nonces, random, ban } = options;
  const { self, party, pause = () => Promise.resolve(), progress = () => {} } = options;
  const others = party.filter((peer) => peer !== self);
  checkRun(others, options);
  const promises = readFirstRounds(options, promisedNonces, options.own, options.firstRound);
  const identifierOf = (peer: PeerId) => key.members.indexOf(peer) + 1;
  const me = identifierOf(self);
  const signers = party.map(identifierOf);
  const requests = items.map(({ child: { publicKey }, digest }, item) =>
    requestOf({ session, item, publicKey, digest, signers })
  );
  const ofPair = new Map(others.map((peer) => [peer, pairRequest(requests, pairs.get(peer)!.setup)]));
  const accuse = (code: FailureCode, passes: (peer: PeerId) => boolean) => {
    const culprits = others.filter((peer) => !passes(peer));
    if (culprits.length > 0) throw new SessionError(code, { culprits });
  };
  const banAndAccuse = async (passed: ReadonlySet<PeerId>) => {
    const culprits = others.filter((peer) => !passed.has(peer));
    try {
      if (culprits.length > 0) await ban(culprits);
    } catch (cause) {
      throw new SessionError("store-failed", { cause });
    }
    accuse("invalid-multiplication", (peer) => passed.has(peer));
  };
  // A wrong result can be blamed on somebody only if there is just one other signer.
  const rejected = () =>
    others.length === 1
      ? new SessionError("invalid-signature-share", { culprits: others, checkableBy: "recipient" })
      : new SessionError("result-rejected");
  let multiplied = 0;
  const multipliedOne = () => progress(++multiplied / (2 * others.length * items.length));

  // 1. As Bob, draw a χ_ij for each item and other signer. All r_i and φ_i are drawn, and the R_i are promised.
  const bobs = new Map<PeerId, Bob>();
  const alices = new Map<PeerId, Alice>();
  using _wiped = {
    [Symbol.dispose]: () => [...bobs.values(), ...alices.values()].forEach((end) => end[Symbol.dispose]()),
  };
  const ownExtensions = new Map<PeerId, Extend>();
  for (const peer of others) {
    const { setup, offered } = pairs.get(peer)!;
    const fresh = random(32);
    const bob = rvoleBob({
      setup: directionSetup(setup, me, identifierOf(peer)),
      keys: offered,
      items: items.length,
      session: bobSession(ofPair.get(peer)!, me, identifierOf(peer), fresh),
      random,
    });
    bobs.set(peer, bob);
    ownExtensions.set(peer, { request: ofPair.get(peer)!, nonce: fresh, ...bob.message });
    await pause();
  }
  const extensions = await net.exchange("extend", toEach(net, (peer) => ownExtensions.get(peer)!));
  if (others.some((peer) => !equal(extensions.get(peer)!.request, ofPair.get(peer)!))) {
    throw new SessionError("session-mismatch");
  }
  const sessions = new Map(others.map((peer) => {
    const [own, received] = [ownExtensions.get(peer)!, extensions.get(peer)!];
    const [ownHash, receivedHash] = [extendHash(own), extendHash(received)];
    const ofBob = (bob: number, alice: number, { nonce }: Extend) =>
      bobSession(ofPair.get(peer)!, bob, alice, nonce);
    const asAlice = ofBob(identifierOf(peer), me, received);
    const asBob = ofBob(me, identifierOf(peer), own);
    return [peer, {
      asAlice: { bob: asAlice, alice: aliceSession(asAlice, receivedHash, ownHash) },
      asBob: aliceSession(asBob, ownHash, receivedHash),
    }];
  }));

  // 2. As Alice, check each other's OT extension: check 1. No pause from a check to its ban: the session could end
  //    in it, and the failure would be lost.
  for (const peer of others) {
    const { setup, chosen, delta } = pairs.get(peer)!;
    const alice = rvoleAlice({
      setup: directionSetup(setup, identifierOf(peer), me),
      keys: chosen,
      delta,
      items: items.length,
      sessions: sessions.get(peer)!.asAlice,
      message: extensions.get(peer)!,
    });
    if (alice !== null) alices.set(peer, alice);
  }
  await banAndAccuse(new Set(alices.keys()));

  // 3. As Alice, multiply r_i and sk_i = λ_i s_i + ζ_i of each item by each other's χ_ji.
  const seeds = new Map(others.map((peer) => [identifierOf(peer), pairs.get(peer)!.zeroSeed]));
  const coefficient = equations.lagrange(me, signers);
  const keyShares = items.map(({ child }, item) => {
    const zero = zeroShare({ session: requests[item]!, identifier: me, seeds });
    return group.reduce(coefficient * (group.decodeScalar(options.share) + child.tweak) + zero);
  });
  const ownOpening = nonces.items.map(({ commitment }, item) => ({
    nonce: commitment,
    key: group.multiplyBase(keyShares[item]!),
  }));
  const asAlice = new Map<PeerId, Pair[]>(others.map((peer) => [peer, []]));
  const ownCorrections = new Map<PeerId, Correct>();
  for (const peer of others) {
    const { multiplicands } = bobs.get(peer)!;
    using alice = alices.get(peer)!;
    const corrected: CorrectItem[] = [];
    for (const [item, nonce] of nonces.items.entries()) {
      const { message, shares } = alice.multiply(item, [nonce.share, keyShares[item]!], random);
      asAlice.get(peer)!.push(shares);
      corrected.push({
        ...ownOpening[item]!,
        ...message,
        gammas: [group.multiplyBase(shares[0]), group.multiplyBase(shares[1])],
        psi: group.reduce(nonce.mask - multiplicands[item]!),
      });
      multipliedOne();
      await pause();
    }
    ownCorrections.set(peer, { salt: nonces.salt, items: corrected });
  }
  const corrections = await net.exchange("correct", toEach(net, (peer) => ownCorrections.get(peer)!));

  // 4. Promises must open before the checks that ban. They are in the session's id: all signers have the same.
  accuse("invalid-commitment", (peer) => {
    const { items, salt } = corrections.get(peer)!;
    const commitments = items.map(({ nonce }) => nonce);
    return equal(
      promises.get(peer)!.promise,
      equations.noncePromise(attempt, identifierOf(peer), { commitments, salt }),
    );
  });

  // 5. As Bob, finish each multiplication. Check 2: of Alice's corrections. Check 3: that she multiplied what she
  //    shows. Both are made after the last multiplication of all, and nothing may come between them and the ban.
  const asBob = new Map<PeerId, Pair[]>(others.map((peer) => [peer, []]));
  const consistent = new Map(others.map((peer) => [peer, new equations.ConsistencyCheck(random)]));
  for (const [i, peer] of others.entries()) {
    const bob = bobs.get(peer)!;
    for (const [item, correction] of corrections.get(peer)!.items.entries()) {
      if (i + item > 0) await pause();
      const shares = bob.unmask(item, sessions.get(peer)!.asBob, correction);
      const multiplicand = bob.multiplicands[item]!;
      consistent.get(peer)!.add({ multiplicand, shares, consistency: correction });
      asBob.get(peer)!.push(shares);
      multipliedOne();
    }
  }
  const passed = others.map((peer) => [bobs.get(peer)!.passes(), consistent.get(peer)!.holds()]);
  await banAndAccuse(new Set(others.filter((_, i) => passed[i]!.every((passes) => passes))));
  const openings = party.map((peer) => peer === self ? ownOpening : corrections.get(peer)!.items);
  const sumUp = ({ publicKey }: ReadyItem, item: number) =>
    group.sum(openings.map((opening) => opening[item]!.key)).equals(publicKey);
  if (!items.every(sumUp)) throw rejected();

  // 6. Shares of u = r φ and v = sk φ; R = Σ R_j, of which x is r of the signature.
  const sums = items.map((_, item) => group.sum(openings.map((opening) => opening[item]!.nonce)));
  if (sums.some((sum) => sum.is0())) throw rejected();
  const scalars = sums.map(nonceScalar);
  const ownShares = items.map(({ m }, item) => {
    const products = others.map((peer) => ({
      psi: corrections.get(peer)!.items[item]!.psi,
      asAlice: asAlice.get(peer)![item]!,
      asBob: asBob.get(peer)![item]!,
    }));
    const nonce = nonces.items[item]!;
    const { u, v } = equations.productShares({ nonce, keyShare: keyShares[item]!, others: products });
    return { u, w: equations.signatureShare(m, nonce.mask, scalars[item]!.rx, v) };
  });
  const noncesView = viewOfNonces(openings);
  const finished = await net.exchange("finish", { items: ownShares, view: noncesView });

  // 7. s = Σ w_j / Σ u_j. A signature that does not verify is shown to nobody, and neither are the others.
  if (others.some((peer) => !equal(finished.get(peer)!.view, noncesView))) throw rejected();
  const total = (field: "u" | "w", item: number) =>
    group.reduce([...finished.values()].reduce((sum, { items }) => sum + items[item]![field], 0n));
  // inverse(0) is 0: s is 0 then, and does not verify. Neither does the -s that the last signer to send can make of
  // it, though a check of x alone would take it: its recovery bits would lead to another key.
  const signed = items.map(({ m, publicKey }, item) => ({
    nonce: sums[item]!,
    rx: scalars[item]!.rx,
    s: group.reduce(total("w", item) * equations.inverse(total("u", item))),
    m,
    key: publicKey,
  }));
  if (!equations.allVerify(signed, random)) throw rejected();
  return items.map(({ child: { publicKey } }, item) => {
    const signature = assemble(scalars[item]!, signed[item]!.s);
    if (signature === null) throw rejected();
    return { ...signature, publicKey };
  });
}
