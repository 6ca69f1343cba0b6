/**
 * The resharing of the toy vault: the first round, rounds, deliveries, empty messages, checks and codes of the real one,
 * over the numbers of `toy_field.ts`. New shares are of the same sum.
 * @module
 */
import { bytes, type Codec, equal, hash, list, record } from "../../src/crypto/codec.ts";
import { SessionError } from "../../src/errors.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { maxParties } from "../../src/limits.ts";
import type { Agreed, PublicKeyPackage, Random, Task } from "../../src/ports.ts";
import { orEmpty } from "../../src/protocol/empty_message.ts";
import { broadcast, direct, type Net, reliable } from "../../src/protocol/rounds.ts";
import { encode, interpolate, mod, randomScalar, scalar, scalarOf, toScalar } from "./toy_field.ts";

const revealRecord = record("quorate/toy/reshare/reveal", {
  polynomial: list(scalar, maxParties),
  salt: bytes(32),
  commitment: scalar,
  response: scalar,
});
type Reveal = ReturnType<typeof revealRecord.decode>;
const dealRecord = record("quorate/toy/reshare/deal", { share: scalar });
const offerRecord = record("quorate/toy/reshare/offer", { promise: bytes(32) });
const chooseRecord = record("quorate/toy/reshare/choose", { part: bytes(32), salt: bytes(32) });

/** The first round, as it stands in an accept. A dealer alone promises something. */
export const toyResharePromise: Codec<{ dealing: Uint8Array; promise: Uint8Array[] }> = record(
  "quorate/toy/reshare/promise",
  { dealing: bytes(32), promise: list(bytes(32), 1) },
);

export const toyResharing = {
  reveal: reliable(orEmpty("quorate/toy/reshare/no-reveal", revealRecord)),
  deal: direct(orEmpty("quorate/toy/reshare/no-deal", dealRecord)),
  confirm: broadcast(record("quorate/toy/reshare/confirm", { outcome: bytes(32) })),
};
export const toyResharingEcdsa = {
  ...toyResharing,
  offer: direct(orEmpty("quorate/toy/reshare/no-offer", offerRecord)),
  choose: direct(orEmpty("quorate/toy/reshare/no-choose", chooseRecord)),
};
type ReshareNet = Net<typeof toyResharing>;
type SetupNet = Net<typeof toyResharingEcdsa>;
type Reshare = Task & { kind: "reshare" };

/** What a resharing leaves at one peer. */
export interface ToyReshared {
  /** Null at a peer that receives nothing. */
  share: Uint8Array | null;
  verifyingShares: Uint8Array[];
  transcript: Uint8Array;
}

const numberIn = (peers: readonly PeerId[], peer: PeerId) => BigInt(peers.indexOf(peer) + 1);

/** λ_i · S_i of a dealer, which hides nothing: λ_i · s_i. */
function weighted({ key, dealers }: Pick<Reshare, "key" | "dealers">, dealer: PeerId): bigint {
  const held = scalarOf(key.verifyingShares[key.members.indexOf(dealer)]!);
  const identifiers = dealers.map((peer) => numberIn(key.members, peer));
  return mod(interpolate(identifiers, numberIn(key.members, dealer)) * held);
}

const at = (polynomial: readonly bigint[], x: bigint) =>
  polynomial.reduceRight((sum, a) => mod(sum * x + a), 0n);

const dealingOf = ({ key, dealers, recipients, gone, threshold }: Reshare): Uint8Array =>
  hash(
    "toy/dealing",
    key.publicKey,
    key.chainCode,
    key.epoch,
    key.threshold,
    key.members.length,
    ...key.members,
    ...key.verifyingShares,
    dealers.length,
    ...dealers,
    recipients.length,
    ...recipients,
    gone.length,
    ...gone,
    threshold,
  );

const promiseOf = (
  attempt: Uint8Array,
  from: PeerId,
  { polynomial, salt }: Pick<Reveal, "polynomial" | "salt">,
) => hash("toy/reshare/promise", attempt, from, polynomial.length, ...polynomial, salt);

const challenge = (session: Uint8Array, from: PeerId, statement: Uint8Array, commitment: Uint8Array) =>
  toScalar(hash("toy/challenge", session, from, statement, commitment));

/** The same reveal with another proof that is right: only an echo finds that its author has shown both. */
export function anotherReshareProof(payload: Uint8Array, session: Uint8Array, from: PeerId): Uint8Array {
  const reveal = revealRecord.decode(payload);
  const [first] = reveal.polynomial;
  const commitment = encode(scalarOf(reveal.commitment) + 1n);
  const c = challenge(session, from, first!, commitment);
  return revealRecord.encode({
    ...reveal,
    commitment,
    response: encode(scalarOf(commitment) + c * scalarOf(first!)),
  });
}

/** Draws what a peer promises. @param share Of epoch e; null at whoever deals nothing. */
export function drawToyReshare(task: Reshare, share: Uint8Array | null, random: Random) {
  const { attempt, self, key, dealers, threshold } = task;
  const identifiers = dealers.map((peer) => numberIn(key.members, peer));
  const drawn = share === null ? null : {
    coefficients: [
      mod(interpolate(identifiers, numberIn(key.members, self)) * scalarOf(share)),
      ...Array.from({ length: threshold - 1 }, () => randomScalar(random)),
    ],
    salt: random(32),
  };
  const opening = drawn && { polynomial: drawn.coefficients.map(encode), salt: drawn.salt };
  return {
    firstRound: toyResharePromise.encode({
      dealing: dealingOf(task),
      promise: opening === null ? [] : [promiseOf(attempt, self, opening)],
    }),
    run: (net: ReshareNet, agreed: Pick<Agreed, "session" | "firstRound">): Promise<ToyReshared> =>
      toyReshare(net, { ...agreed, task, drawn, random }),
  };
}

interface Running extends Pick<Agreed, "session" | "firstRound"> {
  readonly task: Reshare;
  /** Null at whoever deals nothing. */
  readonly drawn: { coefficients: readonly bigint[]; salt: Uint8Array } | null;
  readonly random: Random;
}

/** @throws {SessionError} As the real one does. */
async function toyReshare(net: ReshareNet, running: Running): Promise<ToyReshared> {
  const { session, task, drawn } = running;
  const { dealers, recipients, threshold, key } = task;
  checkPromises(net, running);
  const revealed = await reveal(net, running);
  const coefficientsOf = (dealer: PeerId) => revealed.get(dealer)!.polynomial.map(scalarOf);
  const inPublic = (from: PeerId, to: PeerId) => at(coefficientsOf(from), numberIn(recipients, to));
  const isDue = (from: PeerId, to: PeerId) => dealers.includes(from) && recipients.includes(to);

  const dealt = await net.exchange(
    "deal",
    (to) =>
      drawn && recipients.includes(to)
        ? { share: encode(at(drawn.coefficients, numberIn(recipients, to))) }
        : null,
    { code: "malformed-message", passes: (message, from, to) => (message !== null) === isDue(from, to) },
    {
      code: "invalid-dealt-share",
      opens: true,
      passes: (message, from, to) =>
        message === null || !isDue(from, to) || scalarOf(message.share) === inPublic(from, to),
    },
  );

  const verifyingShares = recipients.map((to) =>
    encode(dealers.reduce((sum, from) => sum + inPublic(from, to), 0n))
  );
  const reveals = dealers.map((dealer) => revealRecord.encode(revealed.get(dealer)!));
  const transcript = hash("toy/reshare/transcript", session, ...reveals);
  const outcome = hash(
    "toy/reshare/outcome",
    session,
    threshold,
    key.publicKey,
    key.chainCode,
    ...verifyingShares,
    transcript,
  );
  await net.exchange("confirm", { outcome }, {
    code: "invalid-confirmation",
    passes: (theirs) => equal(theirs.outcome, outcome),
  });
  const sum = [...dealt.values()].reduce(
    (sum, message) => sum + (message ? scalarOf(message.share) : 0n),
    0n,
  );
  return { share: recipients.includes(net.self) ? encode(sum) : null, verifyingShares, transcript };
}

/** Everyone sees the same resharing, and exactly the dealers promise something. @throws {SessionError} */
function checkPromises({ party, self }: ReshareNet, { firstRound, task }: Running): void {
  const said = new Map(party.map((peer) => [peer, toyResharePromise.decode(firstRound.get(peer)!)]));
  const own = dealingOf(task);
  const liars = party.filter((peer) => !equal(said.get(peer)!.dealing, own));
  if (liars.length > 0) {
    throw task.key.members.includes(self)
      ? new SessionError("invalid-confirmation", { culprits: liars })
      : new SessionError("session-mismatch");
  }
  const culprits = party.filter((peer) =>
    (said.get(peer)!.promise.length > 0) !== task.dealers.includes(peer)
  );
  if (culprits.length > 0) throw new SessionError("malformed-message", { culprits });
}

async function reveal(
  net: ReshareNet,
  { session, firstRound, task, drawn, random }: Running,
): Promise<ReadonlyMap<PeerId, Reveal>> {
  const { attempt, dealers, threshold } = task;
  const { self } = net;
  const promised = (from: PeerId) => toyResharePromise.decode(firstRound.get(from)!).promise[0]!;
  const opens = (reveal: Reveal, from: PeerId) =>
    reveal.polynomial.length === threshold && equal(promised(from), promiseOf(attempt, from, reveal));
  const isWeighted = ({ polynomial: [first] }: Reveal, from: PeerId) =>
    scalarOf(first!) === weighted(task, from);
  const knows = ({ polynomial: [first], commitment, response }: Reveal, from: PeerId) =>
    scalarOf(response) ===
      mod(scalarOf(commitment) + challenge(session, from, first!, commitment) * scalarOf(first!));
  const check = (code: FailureCode, passes: (reveal: Reveal, from: PeerId) => boolean) => ({
    code,
    passes: (reveal: Reveal | null, from: PeerId) => reveal === null || passes(reveal, from),
  });
  const nonce = randomScalar(random);
  const revealed = await net.exchange(
    "reveal",
    drawn && opened(drawn, { session, self, nonce }),
    { code: "malformed-message", passes: (reveal, from) => (reveal !== null) === dealers.includes(from) },
    check("invalid-commitment", opens),
    check("invalid-commitment", isWeighted),
    check("invalid-proof", knows),
  );
  return new Map(dealers.map((dealer) => [dealer, revealed.get(dealer)!]));
}

function opened(
  { coefficients, salt }: NonNullable<Running["drawn"]>,
  { session, self, nonce }: { session: Uint8Array; self: PeerId; nonce: bigint },
): Reveal {
  const polynomial = coefficients.map(encode);
  const c = challenge(session, self, polynomial[0]!, encode(nonce));
  return { polynomial, salt, commitment: encode(nonce), response: encode(nonce + c * coefficients[0]!) };
}

/** A seed with each other member of the new epoch, 32 bytes. @throws {SessionError} `invalid-commitment`. */
export async function toyResharedPairs(
  net: SetupNet,
  { session, recipients, random }: { session: Uint8Array; recipients: readonly PeerId[]; random: Random },
): Promise<Map<PeerId, Uint8Array>> {
  const { self } = net;
  const others = recipients.includes(self) ? recipients.filter((peer) => peer !== self) : [];
  const mine = new Map(others.map((peer) => [peer, { part: random(32), salt: random(32) }]));
  type Part = ReturnType<typeof chooseRecord.decode>;
  const promise = (from: PeerId, { part, salt }: Part) =>
    hash("toy/reshare/seed-promise", session, from, part, salt);
  const check = {
    code: "malformed-message" as const,
    passes: (message: unknown, from: PeerId, to: PeerId) =>
      (message !== null) === (recipients.includes(from) && recipients.includes(to)),
  };
  // A message to oneself is one like any other.
  const own = recipients.includes(self) ? { part: new Uint8Array(32), salt: new Uint8Array(32) } : null;
  const partFor = (peer: PeerId): Part | null => mine.get(peer) ?? (peer === self ? own : null);
  const offered = await net.exchange("offer", (to) => {
    const part = partFor(to);
    return part && { promise: promise(self, part) };
  }, check);
  const chosen = await net.exchange("choose", partFor, check);
  const liars = others.filter((peer) => !equal(offered.get(peer)!.promise, promise(peer, chosen.get(peer)!)));
  if (liars.length > 0) throw new SessionError("invalid-commitment", { culprits: liars });
  return new Map(others.map((peer) => {
    const parts = [mine.get(peer)!.part, chosen.get(peer)!.part];
    return [peer, hash("toy/seed", session, ...(self < peer ? parts : parts.reverse()))];
  }));
}

/** Whether the verifying shares of a toy key are of one polynomial, and of that key. */
export function isOneToySharing(
  { scheme, threshold, publicKey, verifyingShares }: PublicKeyPackage,
  publicKeyOf: (scheme: PublicKeyPackage["scheme"], sum: Uint8Array) => Uint8Array,
): boolean {
  const identifiers = verifyingShares.map((_, i) => BigInt(i + 1));
  const sumOf = (some: readonly bigint[]) =>
    encode(
      some.reduce((sum, x) => sum + interpolate(some, x) * scalarOf(verifyingShares[Number(x) - 1]!), 0n),
    );
  if (verifyingShares.length < threshold) return false;
  const fixed = identifiers.slice(0, threshold - 1);
  return identifiers.slice(threshold - 1).every((x) =>
    equal(publicKeyOf(scheme, sumOf([...fixed, x])), publicKey)
  );
}
