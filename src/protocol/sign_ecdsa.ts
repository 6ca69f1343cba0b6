/**
 * Threshold ECDSA: DKLs23 (eprint 2023/765), Protocol 3.6, between exactly t holders. Everyone ends with the
 * same signature, and has verified it.
 *
 * The promises of the nonces are the first round, in the accepts. All of them are in the session's id, and so
 * in the request, which is compared before any R_i is opened: nobody can choose its R_i after seeing another's,
 * and signers that hold different promises go no further.
 *
 * Three checks depend on this signer's secrets, and whether they pass reveals something about those secrets.
 * After one of them has failed, the pair must never multiply again with this set-up: the ban is on disk
 * before any peer can notice the failure. Everything that an honest but confused peer could cause (another
 * session, another OT state, bytes that do not decode) is compared before these checks, and never bans.
 * @module
 */
import { type Child, childOf } from "../crypto/bip32.ts";
import { equal } from "../crypto/codec.ts";
import type { PairState } from "../crypto/dkls/pair.ts";
import { type Bob, type Pair, rvoleAlice, rvoleBob } from "../crypto/dkls/rvole.ts";
import * as equations from "../crypto/dkls/sign.ts";
import { zeroShare } from "../crypto/dkls/zero_share.ts";
import {
  assemble,
  type CompactSignature,
  digestScalar,
  nonceScalar,
  recoverKey,
  verifyEcdsa,
} from "../crypto/ecdsa_signature.ts";
import { groups } from "../crypto/group.ts";
import { InputError, SessionError } from "../errors.ts";
import type { FailureCode, PeerId } from "../failure.ts";
import type { PublicKeyPackage, Random } from "../ports.ts";
import { type Agreed, type Drawn, drawnOnce } from "./drawn.ts";
import { readFirstRounds } from "./first_round.ts";
import { type Net, toEach } from "./rounds.ts";
import { directionSetup } from "./setup_ecdsa_messages.ts";
import {
  aliceSession,
  bobSession,
  type Correct,
  type Extend,
  pairRequest,
  promisedNonce,
  requestOf,
  type signingEcdsa,
  viewOfNonces,
} from "./sign_ecdsa_messages.ts";

const group = groups.secp256k1;

/** One signature, at one signer. */
export interface EcdsaTask {
  key: PublicKeyPackage;
  /** The hash of the signed invite, 32 bytes: the promise is bound to it. */
  attempt: Uint8Array;
  self: PeerId;
  /** Exactly as many members as the threshold says. */
  party: readonly PeerId[];
  /** This holder's secret scalar, 32 bytes. The caller wipes it after the run. */
  share: Uint8Array;
  /** Non-hardened indices; empty for the key itself. */
  path: readonly number[];
  /** 32 bytes: a scalar below the order, and not 0. */
  digest: Uint8Array;
  random: Random;
}

/** A signature's run. */
export interface EcdsaRun extends Agreed {
  /** This holder's end of the pair with each other signer. */
  pairs: ReadonlyMap<PeerId, PairState>;
  random: Random;
  /**
   * Bans the pairs with these peers, ends their other sessions and erases their state. Resolves when durable.
   */
  ban: (peers: readonly PeerId[]) => Promise<void>;
  /** Awaited after every multiplication, which takes about 5 ms. */
  pause?: () => Promise<void>;
}

/** A signature and its public key: a child key, if there was a path. */
export interface EcdsaResult extends CompactSignature {
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * Draws this signer's r_i and φ_i for one signature of `digest`, and promises R_i = r_i · G. `run` signs
 * together with everyone in the party.
 *
 * `run` throws an `InputError` if pairs or session are not as above, before anything was sent; and a
 * `SessionError`: `invalid-multiplication`, naming each cheater, after `ban` has resolved (`store-failed` if it
 * rejects); `session-mismatch` if not all sign the same; `invalid-commitment`; `invalid-signature-share` if
 * there is only one other signer, `result-rejected` if any could be at fault; and the errors of
 * {@linkcode readFirstRounds} and {@linkcode Net.exchange}.
 *
 * @throws {InputError} If the key is of another scheme, or party, path, attempt or digest are not as above.
 */
export function drawEcdsaSignature(
  task: EcdsaTask,
): Drawn<Net<typeof signingEcdsa>, EcdsaResult, EcdsaRun> {
  const { key, attempt, self, random } = task;
  const m = checkTask(task);
  const child = childOf(group, key, task.path);
  const nonce = equations.drawNonce(random);
  const me = key.members.indexOf(self) + 1;
  const own = promisedNonce.encode({ promise: equations.noncePromise(attempt, me, nonce) });
  const drawn = { ...task, m, child, own };
  return drawnOnce(nonce, own, (nonce, net, run) => signEcdsa(net, { ...drawn, ...run, nonce }));
}

// Long because it is Protocol 3.6 step by step: each check must stand between the two messages it guards.
async function signEcdsa(
  net: Net<typeof signingEcdsa>,
  options: EcdsaTask & EcdsaRun & {
    /** The digest as a scalar. */
    m: bigint;
    child: Child;
    nonce: equations.Nonce;
    /** The first round that was drawn. */
    own: Uint8Array;
  },
): Promise<EcdsaResult> {
  const { key, attempt, session, pairs, digest, m, child, nonce, random, ban } = options;
  const { self, party, pause = () => Promise.resolve() } = options;
  const others = party.filter((peer) => peer !== self);
  checkRun(others, options);
  const promises = readFirstRounds(options, promisedNonce, options.own, options.firstRound);
  const identifierOf = (peer: PeerId) => key.members.indexOf(peer) + 1;
  const me = identifierOf(self);
  const signers = party.map(identifierOf);
  const request = requestOf({ session, publicKey: child.publicKey, digest, signers });
  const requests = new Map(others.map((peer) => [peer, pairRequest(request, pairs.get(peer)!.setup)]));
  const accuse = (code: FailureCode, passes: (peer: PeerId) => boolean) => {
    const culprits = others.filter((peer) => !passes(peer));
    if (culprits.length > 0) throw new SessionError(code, { culprits });
  };
  const banAndAccuse = async (passes: (peer: PeerId) => boolean) => {
    const culprits = others.filter((peer) => !passes(peer));
    try {
      if (culprits.length > 0) await ban(culprits);
    } catch (cause) {
      throw new SessionError("store-failed", { cause });
    }
    accuse("invalid-multiplication", passes);
  };
  // A wrong result can be blamed on somebody only if there is just one other signer.
  const rejected = () =>
    others.length === 1
      ? new SessionError("invalid-signature-share", { culprits: others, checkableBy: "recipient" })
      : new SessionError("result-rejected");

  // 1. As Bob, draw a χ_ij for each other signer. r_i and φ_i are drawn, and R_i is promised.
  const bobs = new Map<PeerId, Bob>();
  using _wiped = { [Symbol.dispose]: () => bobs.forEach((bob) => bob[Symbol.dispose]()) };
  const ownExtensions = new Map<PeerId, Extend>();
  for (const peer of others) {
    const { setup, offered } = pairs.get(peer)!;
    const fresh = random(32);
    const bob = rvoleBob({
      setup: directionSetup(setup, me, identifierOf(peer)),
      keys: offered,
      session: bobSession(requests.get(peer)!, me, identifierOf(peer), fresh),
      random,
    });
    bobs.set(peer, bob);
    ownExtensions.set(peer, { request: requests.get(peer)!, nonce: fresh, ...bob.message });
    await pause();
  }
  const extensions = await net.exchange("extend", toEach(net, (peer) => ownExtensions.get(peer)!));
  if (others.some((peer) => !equal(extensions.get(peer)!.request, requests.get(peer)!))) {
    throw new SessionError("session-mismatch");
  }

  // 2. As Alice, multiply r_i and sk_i = λ_i s_i + ζ_i by each other's χ_ji. Check 1: of the OT extension.
  const seeds = new Map(others.map((peer) => [identifierOf(peer), pairs.get(peer)!.zeroSeed]));
  const zero = zeroShare({ session: request, identifier: me, seeds });
  const share = group.decodeScalar(options.share) + child.tweak;
  const keyShare = group.reduce(equations.lagrange(me, signers) * share + zero);
  const ownOpening = {
    nonce: nonce.commitment,
    salt: nonce.salt,
    key: group.multiplyBase(keyShare),
  };
  const asAlice = new Map<PeerId, Pair>();
  const ownCorrections = new Map<PeerId, Correct>();
  for (const [i, peer] of others.entries()) {
    const { setup, chosen, delta } = pairs.get(peer)!;
    const extension = extensions.get(peer)!;
    const first = bobSession(requests.get(peer)!, identifierOf(peer), me, extension.nonce);
    const alice = rvoleAlice({
      setup: directionSetup(setup, identifierOf(peer), me),
      keys: chosen,
      delta,
      sessions: { bob: first, alice: aliceSession(first, extension, ownExtensions.get(peer)!) },
      message: extension,
      factors: [nonce.share, keyShare],
      random,
    });
    if (alice === null) continue;
    asAlice.set(peer, alice.shares);
    const [u, v] = alice.shares;
    ownCorrections.set(peer, {
      ...ownOpening,
      ...alice.message,
      gammas: [group.multiplyBase(u), group.multiplyBase(v)],
      psi: group.reduce(nonce.mask - bobs.get(peer)!.multiplicand),
    });
    // No pause once a check has failed: the session could end in it, and the failure would be lost.
    if (ownCorrections.size > i) await pause();
  }
  await banAndAccuse((peer) => ownCorrections.has(peer));
  const corrections = await net.exchange("correct", toEach(net, (peer) => ownCorrections.get(peer)!));

  // 3. Promises must open before the checks that ban. They are in the session's id: all signers have the same.
  accuse("invalid-commitment", (peer) => {
    const { nonce: commitment, salt } = corrections.get(peer)!;
    return equal(
      promises.get(peer)!.promise,
      equations.noncePromise(attempt, identifierOf(peer), { commitment, salt }),
    );
  });

  // 4. As Bob, finish each multiplication. Check 2: of Alice's correction. Check 3: that she multiplied what
  //    she shows.
  const asBob = new Map<PeerId, Pair>();
  for (const [i, peer] of others.entries()) {
    const bob = bobs.get(peer)!;
    const correction = corrections.get(peer)!;
    const ownExtension = ownExtensions.get(peer)!;
    const first = bobSession(requests.get(peer)!, me, identifierOf(peer), ownExtension.nonce);
    const shares = bob.finish(aliceSession(first, ownExtension, extensions.get(peer)!), correction);
    const { multiplicand } = bob;
    if (shares && equations.gammaHolds({ multiplicand, shares, consistency: correction, random })) {
      asBob.set(peer, shares);
    }
    if (asBob.size > i) await pause(); // as above
  }
  await banAndAccuse((peer) => asBob.has(peer));
  const openings = party.map((peer) => peer === self ? ownOpening : corrections.get(peer)!);
  const publicKey = group.sum(openings.map(({ key }) => key));
  if (!publicKey.equals(group.decodeElement(child.publicKey))) throw rejected();

  // 5. Shares of u = r φ and v = sk φ; R = Σ R_j, of which x is r of the signature.
  const r = group.sum(openings.map(({ nonce }) => nonce));
  if (r.is0()) throw rejected();
  const { rx, recovery } = nonceScalar(r);
  const products = others.map((peer) => ({
    psi: corrections.get(peer)!.psi,
    asAlice: asAlice.get(peer)!,
    asBob: asBob.get(peer)!,
  }));
  const { u, v } = equations.productShares({ nonce, keyShare, others: products });
  const noncesView = viewOfNonces(openings);
  const finished = await net.exchange("finish", {
    u,
    w: equations.signatureShare(m, nonce.mask, rx, v),
    view: noncesView,
  });

  // 6. s = Σ w_j / Σ u_j. A signature that does not verify is shown to nobody.
  if (others.some((peer) => !equal(finished.get(peer)!.view, noncesView))) throw rejected();
  const total = (field: "u" | "w") =>
    group.reduce([...finished.values()].reduce((sum, message) => sum + message[field], 0n));
  const s = group.reduce(total("w") * equations.inverse(total("u"))); // inverse(0) is 0 here: s is 0, and fails
  const signature = assemble({ rx, recovery }, s);
  if (signature === null || !verifyEcdsa(child.publicKey, digest, signature.compact)) throw rejected();
  // The last signer to send can make it -s, which verifies as well, but its recovery bits lead to another
  // key.
  const recovered = recoverKey(signature, digest);
  if (recovered === null || !equal(recovered, child.publicKey)) throw rejected();
  return { ...signature, publicKey: child.publicKey };
}

/** @returns The digest as a scalar. */
function checkTask({ key, attempt, self, party, digest }: EcdsaTask): bigint {
  const { scheme, threshold, members } = key;
  const signers = new Set(party);
  if (scheme !== "ecdsa") throw new InputError("key", `expected one for ecdsa, found ${scheme}`);
  if (party.length !== threshold || signers.size !== threshold || threshold < 2) {
    throw new InputError("party", `expected ${threshold} different signers, found ${signers.size}`);
  }
  if (!party.every((peer) => members.includes(peer))) {
    throw new InputError("party", "expected members of the wallet, found a stranger");
  }
  if (!signers.has(self)) throw new InputError("party", "expected this peer among the signers, found none");
  if (attempt.length !== 32) throw new InputError("attempt", `expected 32 bytes, found ${attempt.length}`);
  const m = digestScalar(digest);
  if (m === null) throw new InputError("digest", "expected 32 bytes that are a scalar and not 0");
  return m;
}

function checkRun(others: readonly PeerId[], { session, pairs }: Pick<EcdsaRun, "session" | "pairs">): void {
  const alone = others.filter((peer) => !pairs.has(peer));
  if (alone.length > 0) {
    throw new InputError("pairs", `expected one with each signer, found ${alone.length} missing`);
  }
  if (session.length !== 32) throw new InputError("session", `expected 32 bytes, found ${session.length}`);
}
