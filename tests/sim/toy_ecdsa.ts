/**
 * The ECDSA of the toy vault: the rounds of set-up and of signing, what each round is bound to, and the two moments in
 * which a check bans. A pair's state is a seed; what passes a check is a hash under it, where the real one multiplies.
 * @module
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytes, equal, hash, record } from "../../src/crypto/codec.ts";
import { SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Agreed, Random } from "../../src/ports.ts";
import { broadcast, direct, type Net } from "../../src/protocol/rounds.ts";
import { encode, interpolate, randomScalar, scalar, scalarOf } from "./toy_field.ts";
import { toyGenerating, toyPromise } from "./toy_protocols.ts";

export const toyGeneratingEcdsa = {
  ...toyGenerating,
  offer: direct(record("quorate/toy/offer", { promise: bytes(32) }), "worthless"),
  choose: direct(record("quorate/toy/choose", { part: bytes(32), salt: bytes(32) }), "worthless"),
};

export const toySigningEcdsa = {
  extend: direct(record("quorate/toy/extend", { request: bytes(32), check: bytes(32) })),
  correct: direct(record("quorate/toy/correct", { nonce: scalar, salt: bytes(32), check: bytes(32) })),
  finish: broadcast(record("quorate/toy/finish", { share: scalar, view: bytes(32) })),
};

/** A seed with each other, 32 bytes. @throws {SessionError} `invalid-commitment`. */
export async function toySetup(
  net: Pick<Net<typeof toyGeneratingEcdsa>, "self" | "party" | "exchange">,
  { session, random }: { session: Uint8Array; random: Random },
): Promise<Map<PeerId, Uint8Array>> {
  const { self, party } = net;
  const others = party.filter((peer) => peer !== self);
  const mine = new Map(others.map((peer) => [peer, { part: random(32), salt: random(32) }]));
  const to = <T>(messages: ReadonlyMap<PeerId, T>) => (peer: PeerId) =>
    messages.get(peer === self ? others[0]! : peer)!;
  const promise = (from: PeerId, { part, salt }: { part: Uint8Array; salt: Uint8Array }) =>
    hash("toy/seed-promise", session, from, part, salt);
  const promises = new Map(others.map((peer) => [peer, { promise: promise(self, mine.get(peer)!) }]));
  const offered = await net.exchange("offer", to(promises));
  const chosen = await net.exchange("choose", to(mine));
  const liars = others.filter((peer) => !equal(offered.get(peer)!.promise, promise(peer, chosen.get(peer)!)));
  if (liars.length > 0) throw new SessionError("invalid-commitment", { culprits: liars });
  return new Map(others.map((peer) => {
    const parts = [mine.get(peer)!.part, chosen.get(peer)!.part];
    return [peer, hash("toy/seed", session, ...(self < peer ? parts : parts.reverse()))];
  }));
}

export interface ToySigningEcdsa {
  attempt: Uint8Array;
  self: PeerId;
  key: { publicKey: Uint8Array; members: readonly PeerId[] };
  share: Uint8Array;
  digests: readonly Uint8Array[];
  random: Random;
}

/** The secrets that a first round promises. */
interface Nonce {
  nonce: Uint8Array;
  salt: Uint8Array;
}

const promiseOf = (attempt: Uint8Array, from: PeerId, { nonce, salt }: Nonce) =>
  hash("toy/nonce", attempt, from, nonce, salt);

/** The effects and facts of a run, beside its net. */
export interface ToyRunEcdsa extends Pick<Agreed, "session" | "firstRound" | "pairs"> {
  ban(peers: readonly PeerId[]): Promise<void>;
}

export function drawToyEcdsa(signing: ToySigningEcdsa) {
  const { attempt, self, random } = signing;
  const mine = { nonce: encode(randomScalar(random)), salt: random(32) };
  return {
    firstRound: toyPromise.encode({ promise: promiseOf(attempt, self, mine) }),
    run: (net: Net<typeof toySigningEcdsa>, run: ToyRunEcdsa) => toySignEcdsa(net, signing, { ...run, mine }),
  };
}

/** @throws {SessionError} As the real one does. */
async function toySignEcdsa(
  net: Net<typeof toySigningEcdsa>,
  { attempt, key, share, digests }: ToySigningEcdsa,
  { session, firstRound, pairs, ban, mine }: ToyRunEcdsa & { mine: Nonce },
): Promise<Uint8Array[]> {
  const { self, party } = net;
  const others = party.filter((peer) => peer !== self);
  const to = <T>(messages: ReadonlyMap<PeerId, T>) => (peer: PeerId) =>
    messages.get(peer === self ? others[0]! : peer)!;
  const request = hash("toy/request", session, key.publicKey, digests.length, ...digests, ...party);
  const seal = (peer: PeerId, from: PeerId, ...what: Uint8Array[]) =>
    hash("toy/check", pairs.get(peer)!, request, from, ...what);
  const banning = async (culprits: readonly PeerId[]) => {
    if (culprits.length === 0) return;
    await ban(culprits).catch((cause) => {
      throw new SessionError("store-failed", { cause });
    });
    throw new SessionError("invalid-multiplication", { culprits });
  };
  const rejected = () =>
    others.length === 1
      ? new SessionError("invalid-signature-share", { culprits: others, checkableBy: "recipient" })
      : new SessionError("result-rejected");

  const heard = await net.exchange(
    "extend",
    to(new Map(others.map((peer) => [peer, { request, check: seal(peer, self) }]))),
  );
  if (others.some((peer) => !equal(heard.get(peer)!.request, request))) {
    throw new SessionError("session-mismatch");
  }
  await banning(others.filter((peer) => !equal(heard.get(peer)!.check, seal(peer, peer))));

  const answers = await net.exchange(
    "correct",
    to(new Map(others.map((peer) => [peer, { ...mine, check: seal(peer, self, mine.nonce) }]))),
  );
  const liars = others.filter((peer) =>
    !equal(toyPromise.decode(firstRound.get(peer)!).promise, promiseOf(attempt, peer, answers.get(peer)!))
  );
  if (liars.length > 0) throw new SessionError("invalid-commitment", { culprits: liars });
  await banning(others.filter((peer) => {
    const { check, nonce } = answers.get(peer)!;
    return !equal(check, seal(peer, peer, nonce));
  }));

  const nonces = party.map((peer) => peer === self ? mine.nonce : answers.get(peer)!.nonce);
  const identifiers = party.map((peer) => BigInt(key.members.indexOf(peer) + 1));
  const weight = interpolate(identifiers, BigInt(key.members.indexOf(self) + 1));
  const said = { share: encode(weight * scalarOf(share)), view: hash("toy/nonces", ...nonces) };
  const finished = await net.exchange("finish", said);
  if (others.some((peer) => !equal(finished.get(peer)!.view, said.view))) throw rejected();
  // Who asked gets a signature that is one: that is beyond the vault.
  const secret = secretOf([...finished.values()].reduce((all, { share }) => all + scalarOf(share), 0n));
  if (!equal(toyPublicKey(secret), key.publicKey)) throw rejected();
  return digests.map((digest) => secp256k1.sign(digest, secret, { prehash: false }));
}

/** The sum of what hides nothing, as a secret key: 32 bytes. */
export const secretOf = (sum: bigint): Uint8Array => encode(sum).reverse();

/** 33 bytes. */
export const toyPublicKey = (secret: Uint8Array): Uint8Array => secp256k1.getPublicKey(secret);
