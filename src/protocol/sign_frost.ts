/**
 * FROST signing (RFC 9591 §5) without a coordinator: every signer aggregates for itself, and so every signer
 * can name a cheater.
 * @module
 */
import { aggregate, commit, type FrostKey, type FrostSuite, verifySignatureShare } from "../crypto/frost.ts";
import { frostBip340 } from "../crypto/frost_bip340.ts";
import { frostEd25519 } from "../crypto/frost_ed25519.ts";
import { InputError, SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxMessage } from "../limits.ts";
import type { Random } from "../ports.ts";
import { broadcast, type Net, reliable } from "./rounds.ts";

const rounds = ({ nonceCommitment, signatureShare }: FrostSuite) => ({
  commit: reliable(nonceCommitment),
  share: broadcast(signatureShare),
});

/** The rounds of a FROST signature. */
export type SigningFrost = ReturnType<typeof rounds>;

/** The suites by the id of the scheme whose signatures they make. */
export const frostSuites = { ed25519: frostEd25519, bip340: frostBip340 } as const;

/** The rounds of each suite: what differs is how elements and scalars are written. */
export const signingFrost = {
  ed25519: rounds(frostSuites.ed25519),
  bip340: rounds(frostSuites.bip340),
};

/**
 * Signs `message` together with everyone in `net.party`: exactly as many members as the threshold says.
 *
 * @param options.suite The suite whose rounds `net` was opened with.
 * @param options.key `members` in the order of their identifiers 1..n.
 * @param options.share This member's secret scalar, 32 bytes.
 * @param options.message 0 to 65,536 bytes, signed as they are.
 * @returns A 64-byte signature of the suite under the group key; it has passed strict verification.
 * @throws {InputError} If the party or the message is not as above; nothing was sent.
 * @throws {SessionError} `invalid-signature-share`, naming each cheater; `share-corrupt` if this node's own
 * share does not verify; `result-rejected` if all shares verify and the signature does not; and the errors of
 * {@linkcode Net.exchange}.
 */
export async function signFrost(
  net: Net<SigningFrost>,
  { suite, key, share, message, random }: {
    suite: FrostSuite;
    key: FrostKey & { readonly members: readonly PeerId[] };
    share: Uint8Array;
    message: Uint8Array;
    random: Random;
  },
): Promise<Uint8Array> {
  const { self, party } = net;
  checkInput(party, key, message);
  const identifierOf = (peer: PeerId) => key.members.indexOf(peer) + 1;
  const byIdentifier = <T>(messages: ReadonlyMap<PeerId, T>) =>
    new Map([...messages].map(([peer, message]) => [identifierOf(peer), message]));

  // Round 1: commit to two fresh nonces (§5.1). `using` wipes their bytes on every way out. It does not reach
  // numbers that noble computes from them, nor, for BIP-340 and a group commitment with an odd y, noble's
  // negated copies.
  using nonces = commit(suite, { identifier: identifierOf(self), share }, random);
  const commitments = byIdentifier(await net.exchange("commit", nonces.commitment));

  // Round 2: sign with exactly the commitments that everyone received (§5.2). If this node's own signature
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
  if (message.length > maxMessage) {
    throw new InputError("message", `expected at most ${maxMessage} bytes, found ${message.length}`);
  }
}
