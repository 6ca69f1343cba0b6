/**
 * FROST signing (RFC 9591 §5) without a coordinator: every signer aggregates for itself, and so every signer
 * can name a cheater.
 *
 * The commitments to the nonces are the first round, in the accepts, and in clear: whoever accepts last has
 * seen the others'. FROST allows for that: the binding factors (§4.4) hash all commitments, so that nobody can
 * choose the sum of the nonces. No share leaves before all commitments are in the session's id.
 * @module
 */
import {
  aggregate,
  commit,
  type FrostKey,
  type FrostSuite,
  type SigningNonces,
  verifySignatureShare,
} from "../crypto/frost.ts";
import { frostBip340 } from "../crypto/frost_bip340.ts";
import { frostEd25519 } from "../crypto/frost_ed25519.ts";
import { InputError, SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxMessage } from "../limits.ts";
import type { Random } from "../ports.ts";
import { type Agreed, type Drawn, drawnOnce } from "./drawn.ts";
import { readFirstRounds } from "./first_round.ts";
import { broadcast, type Net } from "./rounds.ts";

const rounds = ({ signatureShare }: FrostSuite) => ({ share: broadcast(signatureShare) });

/** The rounds of a FROST signature after the first. */
export type SigningFrost = ReturnType<typeof rounds>;

/** The suites by the id of the scheme whose signatures they make. */
export const frostSuites = { ed25519: frostEd25519, bip340: frostBip340 } as const;

/** The rounds of each suite: what differs is how elements and scalars are written. */
export const signingFrost = {
  ed25519: rounds(frostSuites.ed25519),
  bip340: rounds(frostSuites.bip340),
};

/** One signature, at one signer. */
export interface FrostTask {
  /** The suite whose rounds it runs on. */
  suite: FrostSuite;
  self: PeerId;
  /** Exactly as many members as the threshold says. */
  party: readonly PeerId[];
  /** `members` in the order of their identifiers 1..n. */
  key: FrostKey & { readonly members: readonly PeerId[] };
  /** This member's secret scalar, 32 bytes. It is copied; the caller wipes its own. */
  share: Uint8Array;
  /** 0 to 65,536 bytes, signed as they are. */
  message: Uint8Array;
  random: Random;
}

/**
 * Draws this signer's nonces for one signature, and commits to them (§5.1). `run` signs together with everyone
 * in the party, and returns a 64-byte signature of the suite under the group key that noble has verified; the
 * consent gate verifies it strictly.
 *
 * Disposing wipes the bytes of nonces and share. It does not reach numbers that noble computes from them, nor,
 * for BIP-340 and a group commitment with an odd y, noble's negated copies.
 *
 * `run` throws a `SessionError`: `invalid-signature-share`, naming each cheater; `share-corrupt` if this node's
 * own share does not verify; `result-rejected` if all shares verify and the signature does not; and the errors
 * of {@linkcode readFirstRounds} and {@linkcode Net.exchange}.
 *
 * @throws {InputError} If the party or the message is not as above.
 */
export function drawFrostSignature(task: FrostTask): Drawn<Net<SigningFrost>, Uint8Array> {
  const { suite, self, party, key, message, random } = task;
  checkInput(party, self, key, message);
  const identifier = key.members.indexOf(self) + 1;
  const nonces = commit(suite, { identifier, share: task.share }, random);
  const own = suite.nonceCommitment.encode(nonces.commitment);
  return drawnOnce(
    nonces,
    own,
    (nonces, net, { firstRound }) => signFrost(net, { ...task, nonces, own, firstRound }),
  );
}

async function signFrost(
  net: Net<SigningFrost>,
  { suite, self, party, key, message, nonces, own, firstRound }:
    & Omit<FrostTask, "share" | "random">
    & Pick<Agreed, "firstRound">
    & {
      nonces: SigningNonces;
      /** The first round that was drawn. */
      own: Uint8Array;
    },
): Promise<Uint8Array> {
  const identifierOf = (peer: PeerId) => key.members.indexOf(peer) + 1;
  const byIdentifier = <T>(messages: ReadonlyMap<PeerId, T>) =>
    new Map([...messages].map(([peer, message]) => [identifierOf(peer), message]));

  // Round 1 was in the accepts.
  const members = { self, party };
  const commitments = byIdentifier(readFirstRounds(members, suite.nonceCommitment, own, firstRound));

  // Round 2: sign with exactly the commitments that are in the session's id (§5.2). If this node's own signature
  // share does not verify, its key share is damaged: better found here than by the others.
  const signed = { key, commitments, message };
  const ownShare = nonces.signShare(signed);
  if (!verifySignatureShare(suite, signed, identifierOf(self), ownShare)) {
    throw new SessionError("share-corrupt");
  }
  const shares = await net.exchange("share", { share: ownShare });

  // Aggregate (§5.3). Only if the result does not verify is each share checked (§5.4), and every cheater
  // named.
  const aggregated = aggregate(
    suite,
    signed,
    byIdentifier(new Map([...shares].map(([peer, { share }]) => [peer, share]))),
  );
  if (aggregated.signature) return aggregated.signature;
  const culprits = party.filter((peer) => peer !== self && aggregated.cheaters.includes(identifierOf(peer)));
  throw culprits.length > 0
    ? new SessionError("invalid-signature-share", { culprits })
    : new SessionError("result-rejected");
}

function checkInput(
  party: readonly PeerId[],
  self: PeerId,
  { threshold, members }: { threshold: number; members: readonly PeerId[] },
  message: Uint8Array,
): void {
  const signers = new Set(party);
  if (party.length !== threshold || signers.size !== threshold) {
    throw new InputError("party", `expected ${threshold} different signers, found ${signers.size}`);
  }
  if (!party.every((peer) => members.includes(peer))) {
    throw new InputError("party", "expected members of the wallet, found a stranger");
  }
  if (!signers.has(self)) throw new InputError("party", "expected this peer among the signers, found none");
  if (message.length > maxMessage) {
    throw new InputError("message", `expected at most ${maxMessage} bytes, found ${message.length}`);
  }
}
