/**
 * What the signed messages of a failure show to someone who was not there.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { equal } from "./crypto/codec.ts";
import {
  type NonceCommitment,
  nonceCommitment,
  signatureShare,
  verifySignatureShare,
} from "./crypto/frost.ts";
import type { Failure } from "./events.ts";
import type { PeerId } from "./failure.ts";
import { peerVerifier } from "./identity/peer_key.ts";
import type { Statement } from "./ports.ts";
import { roundsOf } from "./protocol/catalogue.ts";
import { readerOf } from "./protocol/rounds.ts";
import { messageRecord, statementEvidence } from "./session/echo.ts";
import { decodeEnvelope, statementOf, verifyStatement } from "./session/envelope.ts";
import type { GroupKey } from "./cluster/keys.ts";

/** `unknown`: what is at hand does not suffice to tell. */
export type Proof = "proven" | "not-proven" | "unknown";

/** A signed message, as far as it is known: a statement alone has no body. */
interface Shown {
  statement: Statement;
  body: Uint8Array | null;
}

/**
 * Checks, from its signed messages alone, whether a failure's culprits did what it says.
 *
 * @param known For `invalid-signature-share`: the key, and the message that was to be signed.
 */
export async function checkEvidence(
  failure: Failure,
  known: { key: GroupKey | null; message: Uint8Array | null },
): Promise<Proof> {
  const shown = (failure.evidence ?? []).map(read).filter((item) => item !== null);
  if (shown.length === 0 || failure.culprits.length === 0) return "unknown";
  const verify = { verify: peerVerifier() };
  for (const { statement } of shown) {
    const here = statement.session.toHex() === failure.session;
    if (!here || !await verifyStatement(verify, statement)) return "not-proven";
  }
  const proven = failure.culprits.map((culprit) => against(culprit, failure, shown, known));
  if (proven.includes("unknown")) return "unknown";
  return proven.every((proof) => proof === "proven") ? "proven" : "not-proven";
}

function against(
  culprit: PeerId,
  failure: Failure,
  shown: readonly Shown[],
  { key, message }: { key: GroupKey | null; message: Uint8Array | null },
): Proof {
  switch (failure.code) {
    case "equivocation":
      return verdict(toldTwoStories(culprit, shown));
    case "malformed-message":
      return verdict(saidNonsense(culprit, failure, shown));
    case "invalid-signature-share":
      return key && message ? sharedWrongly(culprit, shown, key, message) : "unknown";
    default:
      return "unknown";
  }
}

const verdict = (proven: boolean): Proof => proven ? "proven" : "not-proven";

function read(hex: string): Shown | null {
  let encoded: Uint8Array;
  try {
    encoded = Uint8Array.fromHex(hex);
  } catch {
    return null; // what others gossip may be no hex
  }
  try {
    const envelope = decodeEnvelope(encoded);
    return { statement: statementOf(envelope), body: envelope.body };
  } catch {
    // Not an envelope: it may be the bare statement that an echo passed on.
  }
  try {
    return { statement: { ...statementEvidence.decode(encoded), to: "*" }, body: null };
  } catch {
    return null; // shows nothing
  }
}

/** Two in one place: to all in one round, or to one peer. */
function toldTwoStories(culprit: PeerId, shown: readonly Shown[]): boolean {
  const said = shown.map(({ statement }) => statement).filter(({ from }) => from === culprit);
  return said.some((one, i) =>
    said.slice(i + 1).some(({ round, to, bodyHash }) =>
      round === one.round && to === one.to && !equal(bodyHash, one.bodyHash)
    )
  );
}

function saidNonsense(culprit: PeerId, { kind, curve }: Failure, shown: readonly Shown[]): boolean {
  if ((kind !== "sign" && kind !== "generate") || curve === null) return false;
  const rounds = roundsOf(kind, curve);
  return shown.some(({ statement: { from, round }, body }) => {
    const reads = readerOf(rounds, round);
    if (from !== culprit || body === null || !reads) return false;
    try {
      reads(messageRecord.decode(body).payload);
      return false;
    } catch {
      return true;
    }
  });
}

/**
 * A share is held against the commitments that its own author passed on with it: another's word, also the accuser's
 * own, may have been a different one to others.
 */
function sharedWrongly(
  culprit: PeerId,
  shown: readonly Shown[],
  key: GroupKey,
  message: Uint8Array,
): Proof {
  const said = (round: string) =>
    shown.flatMap(({ statement, body }) =>
      statement.round === round && body !== null ? [[statement.from, body] as const] : []
    );
  const commits = new Map(said("commit"));
  const share = new Map(said("share")).get(culprit);
  // Of many signers not all that was said fits into an event.
  if (!share || commits.size !== key.threshold) return "unknown";
  try {
    const { payload, echo } = messageRecord.decode(share);
    const others = [...commits.keys()].sort().filter((peer) => peer !== culprit);
    const answers = others.every((peer, i) =>
      echo[i] !== undefined && equal(echo[i].slice(0, 32), sha256(commits.get(peer)!))
    );
    const commitments = new Map<number, NonceCommitment>(
      [...commits].map(([peer, body]) => [
        key.members.indexOf(peer) + 1,
        nonceCommitment.decode(messageRecord.decode(body).payload),
      ]),
    );
    const identifier = key.members.indexOf(culprit) + 1;
    const signing = { key, commitments, message };
    return verdict(
      answers && !verifySignatureShare(signing, identifier, signatureShare.decode(payload).share),
    );
  } catch {
    return "not-proven"; // what does not decode was never checked as a share
  }
}
