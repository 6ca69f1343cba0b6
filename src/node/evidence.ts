/**
 * What the signed messages of a failure show to someone who was not there.
 *
 * What the session was about is taken from the preimage of its id, and from nothing else: not from the event, whose
 * author may lie, and not from whoever checks it, who may be mistaken.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { childOf, tweakVerifyingShares } from "../crypto/bip32.ts";
import { equal } from "../crypto/codec.ts";
import {
  type NonceCommitment,
  nonceCommitment,
  signatureShare,
  verifySignatureShare,
} from "../crypto/frost.ts";
import { evidenceHash, evidenceRecord } from "../cluster/links/evidence_store.ts";
import { decodeCertificate } from "../keystore/key_certificate.ts";
import { type Preimage, readPreimage } from "../cluster/records/preimage.ts";
import type { Failure } from "../events.ts";
import type { PeerId } from "../failure.ts";
import { peerVerifier } from "../identity/peer_key.ts";
import type { PublicKeyPackage, Statement } from "../ports.ts";
import { roundsOf } from "../protocol/catalogue.ts";
import { echoedIn, readerOf } from "../protocol/rounds.ts";
import { certified } from "../keystore/key_rows.ts";
import { messageRecord, statementEvidence, statementsIn } from "../session/echo.ts";
import { decodeEnvelope, statementOf, verifyStatement } from "../session/envelope.ts";

/** `unknown`: what is at hand does not suffice to tell. */
export type Proof = "proven" | "not-proven" | "unknown";

/** A signed message, as far as it is known: a statement alone has no body. */
interface Shown {
  statement: Statement;
  body: Uint8Array | null;
}

/** Codes that signed messages alone can show. */
const provable = ["equivocation", "malformed-message", "invalid-signature-share"];

/**
 * Checks, from its signed messages alone, whether a failure's culprits did what it says. `unknown` also for what was
 * not made by this version, for a link, and for a signature share without the message that was to be signed.
 *
 * @param evidence What {@linkcode QuorateNode.evidence} gave; null if it is not at hand.
 * @param known The message that was to be signed, if it is known: its SHA-256 is in the signed command.
 */
export async function checkEvidence(
  failure: Failure,
  evidence: Uint8Array | null,
  { message = null }: { message?: Uint8Array | null } = {},
): Promise<Proof> {
  if (!provable.includes(failure.code) || failure.culprits.length === 0) return "unknown";
  if (evidence === null || evidenceHash(evidence) !== failure.evidence) return "unknown";
  const read = decoded(evidence);
  const verify = { verify: peerVerifier() };
  const preimage = read && await readPreimage(verify, read.preimage);
  if (!read || !preimage) return "unknown";
  if (!isAbout(failure, preimage)) return "not-proven";
  const shown = read.shown.map(readShown).filter((item) => item !== null);
  for (const { statement } of shown) {
    const here = equal(statement.session, preimage.session) && preimage.party.includes(statement.from);
    if (!here || !await verifyStatement(verify, statement)) return "not-proven";
  }
  const key = await keyOf(verify, read.certificate, preimage);
  const session = { preimage, key, message, shown };
  const proven = await Promise.all(failure.culprits.map((culprit) => against(culprit, failure, session)));
  if (proven.includes("unknown")) return "unknown";
  return proven.every((proof) => proof === "proven") ? "proven" : "not-proven";
}

/** Whether a failure speaks of the session that its evidence is about, and says of it what its members signed. */
function isAbout(failure: Failure, { session, attempt, command, party }: Preimage): boolean {
  const { kind, wallet, curve } = command;
  return failure.session === session.toHex() && failure.attempt === attempt.toHex() &&
    failure.id === command.id.toHex() && failure.kind === kind && failure.wallet === wallet &&
    failure.curve === curve && failure.culprits.every((culprit) => party.includes(culprit));
}

/** What is known of the session. */
interface Known {
  preimage: Preimage;
  /** The key that the command names, as all its members have signed it. */
  key: PublicKeyPackage | null;
  message: Uint8Array | null;
  shown: readonly Shown[];
}

async function against(culprit: PeerId, { code }: Failure, known: Known): Promise<Proof> {
  const said = known.shown.filter(({ statement }) => statement.from === culprit);
  switch (code) {
    case "equivocation":
      return verdict(toldTwoStories(said));
    case "malformed-message":
      return verdict(await saidNonsense(said, known));
    case "invalid-signature-share":
      return sharedWrongly(culprit, known);
    default:
      return "unknown";
  }
}

const verdict = (proven: boolean): Proof => proven ? "proven" : "not-proven";

function decoded(encoded: Uint8Array): ReturnType<typeof evidenceRecord.decode> | null {
  try {
    return evidenceRecord.decode(encoded);
  } catch {
    return null; // of another version, or nothing that this one has made
  }
}

function readShown(encoded: Uint8Array): Shown | null {
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

/** The key that a command names, by the certificate that came with the evidence: its members have signed it. */
async function keyOf(
  verify: Parameters<typeof certified>[0],
  certificate: Uint8Array,
  { command: { key: id, wallet, curve }, invite: { epoch }, party }: Preimage,
): Promise<PublicKeyPackage | null> {
  if (certificate.length === 0) return null;
  try {
    const row = decodeCertificate(certificate);
    const { key } = row;
    const named = equal(row.session, id) && key?.wallet === wallet && key.curve === curve &&
      key.epoch === epoch;
    if (!named || key.threshold !== party.length || !party.every((peer) => key.members.includes(peer))) {
      return null;
    }
    return await certified(verify, row) ? key : null;
  } catch {
    return null; // no certificate
  }
}

/** Two in one place: to all in one round, or to one peer. */
function toldTwoStories(said: readonly Shown[]): boolean {
  const statements = said.map(({ statement }) => statement);
  return statements.some((one, i) =>
    statements.slice(i + 1).some(({ round, to, bodyHash }) =>
      round === one.round && to === one.to && !equal(bodyHash, one.bodyHash)
    )
  );
}

/** Whether something in it is not as its round wants it: the same checks as a member's own, of `net.ts`. */
async function saidNonsense(said: readonly Shown[], { preimage }: Known): Promise<boolean> {
  const { command: { kind, curve }, party, session } = preimage;
  const rounds = roundsOf(kind, curve);
  const names = Object.keys(rounds);
  for (const { statement: { from, round, to }, body } of said) {
    const reads = readerOf(rounds, round);
    if (body === null || !reads) continue;
    const index = names.indexOf(round); // -1 for the common part of a direct round, which echoes nothing
    if ((index < 0 || rounds[round]!.delivery !== "direct") !== (to === "*")) return true;
    const echoes = index < 0 ? null : echoedIn(rounds, index);
    try {
      const { payload, echo } = messageRecord.decode(body);
      reads(payload);
      if (echo.length !== (echoes === null ? 0 : party.length - 1)) return true;
      if (echoes === null) continue;
      const verify = { verify: peerVerifier() };
      for (const told of statementsIn(echo, { party, teller: from, session, round: echoes })) {
        if (!await verifyStatement(verify, told)) return true;
      }
    } catch {
      return true;
    }
  }
  return false;
}

/**
 * A share is held against the commitments that its own author passed on with it: another's word, also the accuser's
 * own, may have been a different one to others.
 */
function sharedWrongly(culprit: PeerId, { preimage, key, message, shown }: Known): Proof {
  const { command: { kind, curve, path, messageHash }, party } = preimage;
  // A share of an ECDSA signature is judged by what its recipient keeps secret.
  if (kind !== "sign" || curve !== "ed25519" || key === null || message === null) return "unknown";
  if (!equal(sha256(message), messageHash)) return "unknown";
  const said = (round: string) =>
    shown.flatMap(({ statement, body }) =>
      statement.round === round && body !== null ? [[statement.from, body] as const] : []
    );
  const commits = new Map(said("commit"));
  const share = new Map(said("share")).get(culprit);
  if (!share || !party.every((peer) => commits.has(peer))) return "unknown";
  try {
    const { payload, echo } = messageRecord.decode(share);
    const others = party.filter((peer) => peer !== culprit);
    const answers = others.every((peer, i) =>
      echo[i] !== undefined && equal(echo[i].slice(0, 32), sha256(commits.get(peer)!))
    );
    const commitments = new Map<number, NonceCommitment>(
      [...commits].map(([peer, body]) => [
        key.members.indexOf(peer) + 1,
        nonceCommitment.decode(messageRecord.decode(body).payload),
      ]),
    );
    const child = childOf(key, path);
    const verifyingShares = path.length === 0 ? key.verifyingShares : tweakVerifyingShares(key, child);
    const signing = { key: { ...key, publicKey: child.publicKey, verifyingShares }, commitments, message };
    const identifier = key.members.indexOf(culprit) + 1;
    return verdict(
      answers && !verifySignatureShare(signing, identifier, signatureShare.decode(payload).share),
    );
  } catch {
    return "not-proven"; // what does not decode was never checked as a share
  }
}
