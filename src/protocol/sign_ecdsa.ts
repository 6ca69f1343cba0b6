/**
 * Threshold ECDSA in three rounds: DKLs23 (eprint 2023/765), Protocol 3.6, between exactly t holders. Everyone ends
 * with the same signature, which it has verified.
 *
 * Three checks compare something with what only this signer's secrets know, and whether they pass tells about those
 * secrets. After one of them has failed, the pair must never multiply again with this set-up; so the ban is on disk
 * before anyone hears. Everything that an honest but confused peer could cause (another session, another state, bytes
 * that do not decode) is compared before these, and never bans.
 * @module
 */
import { childOf } from "../crypto/bip32.ts";
import { equal } from "../crypto/codec.ts";
import type { PairState } from "../crypto/dkls/pair.ts";
import { type Bob, type Pair, rvoleAlice, rvoleBob } from "../crypto/dkls/rvole.ts";
import * as equations from "../crypto/dkls/sign.ts";
import { zeroShare } from "../crypto/dkls/zero_share.ts";
import {
  assemble,
  digestScalar,
  type EcdsaSignature,
  nonceScalar,
  recoverKey,
  verifyEcdsa,
} from "../crypto/ecdsa_signature.ts";
import { type Element, groups } from "../crypto/group.ts";
import { InputError, SessionError } from "../errors.ts";
import type { FailureCode, PeerId } from "../failure.ts";
import type { PublicKeyPackage, Random } from "../ports.ts";
import type { Net } from "./rounds.ts";
import { directionSetup } from "./setup_ecdsa_messages.ts";
import {
  aliceSession,
  bobSession,
  type Correct,
  type Extend,
  pairRequest,
  requestOf,
  type signingEcdsa,
  viewOfNonces,
  viewOfPromises,
} from "./sign_ecdsa_messages.ts";

const group = groups.secp256k1;

export interface SignEcdsaOptions {
  key: PublicKeyPackage;
  /** 32 bytes that bind everything agreed on: the signers, the key, its epoch, the path, the digest. */
  session: Uint8Array;
  /** This holder's secret scalar, 32 bytes. */
  share: Uint8Array;
  /** This holder's end of the pair with each other signer. */
  pairs: ReadonlyMap<PeerId, PairState>;
  /** Non-hardened indices; empty for the key itself. */
  path: readonly number[];
  /** 32 bytes, neither 0 nor from the order on. */
  digest: Uint8Array;
  random: Random;
  /** Writes a ban of each pair with these peers, ends its other sessions and erases its state. Resolves when durable. */
  ban: (peers: readonly PeerId[]) => Promise<void>;
  /** Called after every multiplication, some 5 ms of work; the next waits for it. */
  pause?: () => Promise<void>;
}

/** A signature, and the key it is under: a child, if there was a path. */
export interface EcdsaResult extends EcdsaSignature {
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * Signs `digest` together with everyone in `net.party`: exactly as many members as the threshold says.
 *
 * @throws {InputError} If party, pairs, path, session or digest are not as above; nothing was sent.
 * @throws {SessionError} `invalid-multiplication`, naming each cheater, after `ban` has resolved (`store-failed` if it
 * rejects); `session-mismatch` if not all are about the same; `invalid-confirmation` of who says that it heard other
 * promises; `invalid-commitment`; `invalid-signature-share` where there is only one other; `result-rejected` where it could be any; and whatever {@linkcode Net.exchange} throws.
 */
export async function signEcdsa(
  net: Net<typeof signingEcdsa>,
  options: SignEcdsaOptions,
): Promise<EcdsaResult> {
  const { key, session, pairs, digest, random, ban, pause = () => Promise.resolve() } = options;
  const { self, party } = net;
  const m = checkInput(party, self, options);
  const others = party.filter((peer) => peer !== self);
  const identifierOf = (peer: PeerId) => key.members.indexOf(peer) + 1;
  const me = identifierOf(self);
  const signers = party.map(identifierOf);
  const child = childOf(key, options.path);
  const request = requestOf({ session, publicKey: child.publicKey, digest, signers });
  const requests = new Map(others.map((peer) => [peer, pairRequest(request, pairs.get(peer)!.setup)]));
  // What a round sends to each; asked for this party itself, it shows what the first other gets.
  const toEach = <T>(messages: ReadonlyMap<PeerId, T>) => (to: PeerId) =>
    messages.get(to === self ? others[0]! : to)!;
  // Names all others that fail, or goes on.
  const failing = (passes: (peer: PeerId) => boolean) => others.filter((peer) => !passes(peer));
  const blame = (code: FailureCode, culprits: readonly PeerId[]) => {
    if (culprits.length > 0) throw new SessionError(code, { culprits });
  };
  const banning = async (culprits: readonly PeerId[]) => {
    if (culprits.length === 0) return;
    try {
      await ban(culprits);
    } catch (cause) {
      throw new SessionError("store-failed", { cause });
    }
    blame("invalid-multiplication", culprits);
  };
  // Only with two signers is there one whom a wrong sum can come from.
  const rejected = () =>
    others.length === 1
      ? new SessionError("invalid-signature-share", { culprits: others })
      : new SessionError("result-rejected");

  // 1. Draw r_i, φ_i and, as Bob, a χ_ij for each other; promise R_i = r_i · G.
  const bobs = new Map<PeerId, Bob>();
  using _wiped = { [Symbol.dispose]: () => bobs.forEach((bob) => bob[Symbol.dispose]()) };
  using nonce = equations.drawNonce(random);
  const promise = equations.noncePromise(request, me, nonce);
  const extended = new Map<PeerId, Extend>();
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
    extended.set(peer, { request: requests.get(peer)!, nonce: fresh, promise, ...bob.message });
    await pause();
  }
  const heard = await net.exchange("extend", toEach(extended));
  if (failing((peer) => equal(heard.get(peer)!.request, requests.get(peer)!)).length > 0) {
    throw new SessionError("session-mismatch");
  }

  // 2. As Alice, multiply r_i and sk_i = λ_i s_i + ζ_i with each other's χ_ji, after the check of its extension.
  const seeds = new Map(others.map((peer) => [identifierOf(peer), pairs.get(peer)!.zeroSeed]));
  const zero = zeroShare({ session: request, identifier: me, seeds });
  const share = group.decodeScalar(options.share) + child.tweak;
  const keyShare = group.reduce(equations.lagrange(me, signers) * share + zero);
  const view = viewOfPromises(party.map((peer) => heard.get(peer)!));
  const common = { view, nonce: nonce.commitment, salt: nonce.salt, key: group.multiplyBase(keyShare) };
  const asAlice = new Map<PeerId, Pair>();
  const corrected = new Map<PeerId, Correct>();
  for (const [i, peer] of others.entries()) {
    const { setup, chosen, delta } = pairs.get(peer)!;
    const theirs = heard.get(peer)!;
    const first = bobSession(requests.get(peer)!, identifierOf(peer), me, theirs.nonce);
    const multiplied = rvoleAlice({
      setup: directionSetup(setup, identifierOf(peer), me),
      keys: chosen,
      delta,
      sessions: { bob: first, alice: aliceSession(first, theirs, extended.get(peer)!) },
      message: theirs,
      factors: [nonce.share, keyShare],
      random,
    });
    if (multiplied === null) continue;
    asAlice.set(peer, multiplied.shares);
    const [u, v] = multiplied.shares;
    corrected.set(peer, {
      ...common,
      ...multiplied.message,
      gammas: [group.multiplyBase(u), group.multiplyBase(v)],
      psi: group.reduce(nonce.mask - bobs.get(peer)!.multiplicand),
    });
    if (corrected.size > i) await pause(); // after a failed check nothing waits: an abort would lose what was found
  }
  await banning(failing((peer) => corrected.has(peer))); // check 1: of the OT extension
  const answers = await net.exchange("correct", toEach(corrected));

  // 3. All heard the same promises: the round has seen to that, so who confirms others lies. They open. Only then what
  //    may ban.
  blame("invalid-confirmation", failing((peer) => equal(answers.get(peer)!.view, view)));
  const opens = (peer: PeerId) => {
    const { nonce: commitment, salt } = answers.get(peer)!;
    return equal(
      heard.get(peer)!.promise,
      equations.noncePromise(request, identifierOf(peer), { commitment, salt }),
    );
  };
  blame("invalid-commitment", failing(opens));

  // 4. As Bob, end each multiplication: checks 2, of Alice's correction, and 3, that she multiplied what she shows.
  const asBob = new Map<PeerId, Pair>();
  for (const [i, peer] of others.entries()) {
    const bob = bobs.get(peer)!;
    const theirs = answers.get(peer)!;
    const first = bobSession(requests.get(peer)!, me, identifierOf(peer), extended.get(peer)!.nonce);
    const shares = bob.finish(aliceSession(first, extended.get(peer)!, heard.get(peer)!), theirs);
    const { multiplicand } = bob;
    if (shares && equations.gammaHolds({ multiplicand, shares, consistency: theirs, random })) {
      asBob.set(peer, shares);
    }
    if (asBob.size > i) await pause(); // as above
  }
  await banning(failing((peer) => asBob.has(peer)));
  const everyone = party.map((peer) => peer === self ? common : answers.get(peer)!);
  const sum = (elements: Element[]) => elements.reduce((a, b) => a.add(b), group.zero);
  if (!sum(everyone.map(({ key }) => key)).equals(group.decodeElement(child.publicKey))) throw rejected();

  // 5. Shares of u = r φ and v = sk φ; R = Σ R_j, of which x is r of the signature.
  const r = sum(everyone.map(({ nonce }) => nonce));
  if (r.is0()) throw rejected();
  const { rx, recovery } = nonceScalar(r);
  const products = others.map((peer) => ({
    psi: answers.get(peer)!.psi,
    asAlice: asAlice.get(peer)!,
    asBob: asBob.get(peer)!,
  }));
  const { u, v } = equations.productShares({ nonce, keyShare, others: products });
  const nonces = viewOfNonces(everyone);
  const finished = await net.exchange("finish", {
    u,
    w: equations.signatureShare(m, nonce.mask, rx, v),
    view: nonces,
  });

  // 6. s = Σ w_j / Σ u_j. What does not verify is not shown to anyone.
  if (failing((peer) => equal(finished.get(peer)!.view, nonces)).length > 0) throw rejected();
  const total = (field: "u" | "w") =>
    group.reduce([...finished.values()].reduce((all, one) => all + one[field], 0n));
  const s = group.reduce(total("w") * equations.inverse(total("u"))); // 0 has no inverse: it stays 0 here, and fails
  const signature = assemble({ rx, recovery }, s);
  if (signature === null || !verifyEcdsa(child.publicKey, digest, signature.compact)) throw rejected();
  // Whoever speaks last can make it -s, which verifies as well; the bits for recovery would lead to another key.
  const recovered = recoverKey(signature, digest);
  if (recovered === null || !equal(recovered, child.publicKey)) throw rejected();
  return { ...signature, publicKey: child.publicKey };
}

/** @returns The digest as a scalar. */
function checkInput(
  party: readonly PeerId[],
  self: PeerId,
  { key, session, pairs, digest }: SignEcdsaOptions,
): bigint {
  const { curve, threshold, members } = key;
  const signers = new Set(party);
  if (curve !== "secp256k1") throw new InputError("key", `expected a key of secp256k1, found ${curve}`);
  if (party.length !== threshold || signers.size !== threshold || threshold < 2) {
    throw new InputError("party", `expected ${threshold} different signers, found ${signers.size}`);
  }
  if (!party.every((peer) => members.includes(peer))) {
    throw new InputError("party", "expected members of the wallet, found a stranger");
  }
  const alone = party.filter((peer) => peer !== self && !pairs.has(peer));
  if (alone.length > 0) {
    throw new InputError("pairs", `expected one with each signer, found ${alone.length} missing`);
  }
  if (session.length !== 32) throw new InputError("session", `expected 32 bytes, found ${session.length}`);
  const m = digestScalar(digest);
  if (m === null) throw new InputError("digest", "expected 32 bytes that are a scalar and not 0");
  return m;
}
