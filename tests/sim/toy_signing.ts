/**
 * The FROST of the toy vault: the same first rounds, rounds, checks and codes as the real one, for one item and for
 * several.
 * @module
 */
import { bytes, type Codec, equal, hash, list, record } from "../../src/crypto/codec.ts";
import { SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { maxItems } from "../../src/limits.ts";
import type { Agreed, Random } from "../../src/ports.ts";
import { broadcast, type Net, type Round } from "../../src/protocol/rounds.ts";
import { encode, interpolate, mod, randomScalar, scalar, scalarOf, toScalar } from "./toy_field.ts";
import type { ToyDrawn } from "./toy_protocols.ts";

/** The first round of one item. */
const toyNonce = record("quorate/toy/nonce", { nonce: scalar });
/** The first round of several: a promise of their nonces. */
const toyNoncesPromise = record("quorate/toy/nonces-promise", { promise: bytes(32) });

const toyNonces = record("quorate/toy/nonces", { nonces: list(scalar, maxItems) });
const toyShares = record("quorate/toy/shares", { shares: list(scalar, maxItems) });

/** The same codec for lists of one length only. */
function exactly<T>(length: number, codec: Codec<T>, listOf: (message: T) => readonly unknown[]): Codec<T> {
  return {
    encode: codec.encode,
    decode(input) {
      const read = codec.decode(input);
      if (listOf(read).length !== length) throw new TypeError(`Cannot read: expected ${length} items`);
      return read;
    },
  };
}

/** A signature of one item has no `commit`. */
export type ToySigningRounds = {
  readonly commit: Round<{ nonces: Uint8Array[] }>;
  readonly share: Round<{ shares: Uint8Array[] }>;
};

/** The first round and the rounds after it of so many items. */
export function toySigning(items: number): { firstRound: Codec<unknown>; rounds: ToySigningRounds } {
  const share = broadcast(exactly(items, toyShares, ({ shares }) => shares));
  if (items === 1) return { firstRound: toyNonce, rounds: { share } as ToySigningRounds };
  const commit = broadcast(exactly(items, toyNonces, ({ nonces }) => nonces));
  return { firstRound: toyNoncesPromise, rounds: { commit, share } };
}

export interface ToySigning {
  attempt: Uint8Array;
  self: PeerId;
  key: { publicKey: Uint8Array; verifyingShares: readonly Uint8Array[]; members: readonly PeerId[] };
  share: Uint8Array;
  messages: readonly Uint8Array[];
  random: Random;
}

/** Schnorr among numbers: R = sum of the nonces, z = sum of nonce + challenge · λ · share. 64 bytes for each message. */
export function drawToySignatures(signing: ToySigning): ToyDrawn<Net<ToySigningRounds>, Uint8Array[]> {
  const { attempt, self, messages, random } = signing;
  const nonces = messages.map(() => randomScalar(random));
  const firstRound = nonces.length === 1
    ? toyNonce.encode({ nonce: encode(nonces[0]!) })
    : toyNoncesPromise.encode({ promise: promiseOf(attempt, self, nonces.map(encode)) });
  return { firstRound, run: (net, agreed) => toySign(net, { ...signing, nonces, ...agreed }) };
}

const promiseOf = (attempt: Uint8Array, from: PeerId, nonces: readonly Uint8Array[]) =>
  hash("toy/nonces", attempt, from, nonces.length, ...nonces);

type Running = ToySigning & Pick<Agreed, "firstRound"> & { nonces: readonly bigint[] };

/** Everybody's nonces, in the order of the items. */
async function noncesOf(
  net: Net<ToySigningRounds>,
  { attempt, nonces, firstRound }: Running,
): Promise<ReadonlyMap<PeerId, readonly Uint8Array[]>> {
  const accepted = <T>(codec: Codec<T>, peer: PeerId) => codec.decode(firstRound.get(peer)!);
  if (nonces.length === 1) {
    return new Map(net.party.map((peer) => [peer, [accepted(toyNonce, peer).nonce]]));
  }
  const shown = await net.exchange("commit", { nonces: nonces.map(encode) }, {
    code: "invalid-commitment",
    passes: ({ nonces }, from) =>
      equal(accepted(toyNoncesPromise, from).promise, promiseOf(attempt, from, nonces)),
  });
  return new Map([...shown].map(([peer, { nonces }]) => [peer, nonces]));
}

async function toySign(net: Net<ToySigningRounds>, running: Running): Promise<Uint8Array[]> {
  const { key, share, messages, nonces } = running;
  const { party, self } = net;
  const all = await noncesOf(net, running);
  const identifiers = party.map((peer) => BigInt(key.members.indexOf(peer) + 1));
  const weight = (peer: PeerId) => interpolate(identifiers, BigInt(key.members.indexOf(peer) + 1));
  const held = (peer: PeerId) => scalarOf(key.verifyingShares[key.members.indexOf(peer)]!);
  const items = messages.map((message, item) => {
    const nonceOf = (peer: PeerId) => scalarOf(all.get(peer)![item]!);
    const sum = encode(party.reduce((sum, peer) => sum + nonceOf(peer), 0n));
    return { nonceOf, sum, c: signingChallenge(sum, key.publicKey, message) };
  });
  const own = items.map(({ c }, item) => encode(nonces[item]! + c * weight(self) * scalarOf(share)));
  const shares = await net.exchange("share", { shares: own });
  const spoiltBy = (from: PeerId) =>
    items.flatMap(({ nonceOf, c }, item) =>
      scalarOf(shares.get(from)!.shares[item]!) === mod(nonceOf(from) + c * weight(from) * held(from))
        ? []
        : [item]
    );
  const spoilt = new Map(party.map((peer) => [peer, spoiltBy(peer)]));
  const culprits = party.filter((peer) => spoilt.get(peer)!.length > 0);
  if (culprits.length > 0) {
    const which = [...new Set([...spoilt.values()].flat())].sort((a, b) => a - b);
    throw new SessionError("invalid-signature-share", {
      culprits,
      ...(messages.length > 1 && { items: which }),
    });
  }
  return items.map(({ sum }, item) => {
    const z = party.reduce((z, peer) => z + scalarOf(shares.get(peer)!.shares[item]!), 0n);
    return new Uint8Array([...sum, ...encode(z)]);
  });
}

const signingChallenge = (nonce: Uint8Array, publicKey: Uint8Array, message: Uint8Array) =>
  toScalar(hash("toy/sign", nonce, publicKey, message));

/** Whether a toy signature is good. */
export function toyVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const [nonce, z] = [signature.slice(0, 32), signature.slice(32)];
  const c = signingChallenge(nonce, publicKey, message);
  return equal(z, encode(scalarOf(nonce) + c * scalarOf(publicKey)));
}
