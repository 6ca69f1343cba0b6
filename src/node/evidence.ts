/**
 * The check of evidence: whether signed messages prove a failure to somebody who did not take part.
 *
 * The facts of the session come from the preimage of its id only: not from the event, whose author may lie,
 * and not from the caller, who may be mistaken.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { evidenceHash, evidenceRecord } from "../cluster/links/evidence_store.ts";
import { areItemsOf } from "../cluster/records/items.ts";
import { decodeCertificate } from "../keystore/key_certificate.ts";
import { type Preimage, readPreimage } from "../cluster/records/preimage.ts";
import { InputError } from "../errors.ts";
import type { Failure } from "../events.ts";
import type { PeerId } from "../failure.ts";
import { peerVerifier } from "../identity/peer_key.ts";
import type { PublicKeyPackage, Statement } from "../ports.ts";
import { resharings } from "../protocol/deal_messages.ts";
import { hasContent } from "../protocol/dealing.ts";
import { echoedIn, readerOf } from "../protocol/rounds.ts";
import { certified } from "../keystore/vote_signatures.ts";
import type { SignItem } from "../schemes/scheme.ts";
import { isFirstRound, type ItemInput, itemOf, roundsOf, schemes, signingItem } from "../schemes/schemes.ts";
import { messageRecord, statementEvidence, statementsIn } from "../session/echo.ts";
import { acceptedTwice, type Go, readGo } from "../session/invite.ts";
import { decodeEnvelope, statementOf, verifyStatement } from "../session/envelope.ts";

/** The result of a check. `unknown`: the material does not suffice. */
export type Proof = "proven" | "not-proven" | "unknown";

/** A signed message; without a body if only its statement is known. */
interface Shown {
  statement: Statement;
  body: Uint8Array | null;
}

/** The codes that signed messages alone can prove. */
const provable = ["equivocation", "malformed-message", "invalid-signature-share"];

/**
 * Checks whether the signed messages of a failure prove it against each of its culprits. `unknown` also for
 * evidence of another version, for a link, and for a signature share without what was to be signed.
 *
 * @param evidence The result of {@linkcode QuorateNode.evidence}; null if it is not available.
 * @param known What was to be signed, if it is known: the input of each item, in order, as it was given to
 * `sign`. Its hash is in the signed command.
 */
export async function checkEvidence(
  failure: Failure,
  evidence: Uint8Array | null,
  { items: inputs = null }: { items?: readonly ItemInput[] | null } = {},
): Promise<Proof> {
  if (!provable.includes(failure.code) || failure.culprits.length === 0) return "unknown";
  if (evidence === null || evidenceHash(evidence) !== failure.evidence) return "unknown";
  const read = decoded(evidence);
  const verify = { verify: peerVerifier() };
  const preimage = read && await readPreimage(verify, read.preimage);
  if (!read || !preimage) return "unknown";
  if (!isAbout(failure, preimage)) return "not-proven";
  const shown = read.shown.map(readShown).filter((item) => item !== null);
  const gos = await Promise.all(read.shown.map((one) => readGo(verify, one, preimage)));
  for (const { statement } of shown) {
    const here = equal(statement.session, preimage.session) && preimage.party.includes(statement.from);
    if (!here || !await verifyStatement(verify, statement)) return "not-proven";
  }
  const key = await keyOf(verify, read.certificate, preimage);
  const items = inputs && itemsFor(preimage, inputs);
  const session = { preimage, key, items, shown, gos: gos.filter((go) => go !== null) };
  if (failure.code === "invalid-signature-share") return sentWrongShares(failure, session);
  const proven = await Promise.all(failure.culprits.map((culprit) => against(culprit, failure, session)));
  if (proven.includes("unknown")) return "unknown";
  return proven.every((proof) => proof === "proven") ? "proven" : "not-proven";
}

/** Whether a failure states the same session as its evidence, with the facts that its members signed. */
function isAbout(failure: Failure, { session, attempt, command, party }: Preimage): boolean {
  const { kind, wallet, scheme, itemCount } = command;
  if (failure.items !== (itemCount > 1 ? itemCount : undefined)) return false;
  return failure.session === session.toHex() && failure.attempt === attempt.toHex() &&
    failure.id === command.id.toHex() && failure.kind === kind && failure.wallet === wallet &&
    failure.scheme === scheme && failure.culprits.every((culprit) => party.includes(culprit));
}

/** The session, as far as it is known. */
interface Known {
  preimage: Preimage;
  /** The key that the command names, as all its members have signed it. */
  key: PublicKeyPackage | null;
  /** The items of the command. */
  items: readonly SignItem[] | null;
  shown: readonly Shown[];
  /** The gos of the attempt among what is shown. */
  gos: readonly Go[];
}

async function against(culprit: PeerId, { code }: Failure, known: Known): Promise<Proof> {
  const sent = known.shown.filter(({ statement }) => statement.from === culprit);
  switch (code) {
    case "equivocation":
      return proofIf(sentTwoMessages(sent) || ofTwoGos(culprit, known));
    case "malformed-message":
      return proofIf(!firstRoundDecodes(culprit, known) || await sentMalformed(sent, known));
    default:
      return "unknown";
  }
}

const proofIf = (proven: boolean): Proof => proven ? "proven" : "not-proven";

function decoded(encoded: Uint8Array): ReturnType<typeof evidenceRecord.decode> | null {
  try {
    return evidenceRecord.decode(encoded);
  } catch {
    return null; // of another version, or no evidence at all
  }
}

function readShown(encoded: Uint8Array): Shown | null {
  try {
    const envelope = decodeEnvelope(encoded);
    return { statement: statementOf(envelope), body: envelope.body };
  } catch {
    // Not an envelope: it may be the bare statement that an echo forwarded.
  }
  try {
    return { statement: { ...statementEvidence.decode(encoded), to: "*" }, body: null };
  } catch {
    return null; // proves nothing
  }
}

/** The key that a command names, from the certificate in the evidence: its members have signed it. */
async function keyOf(
  verify: Parameters<typeof certified>[0],
  certificate: Uint8Array,
  { command: { keyId: id, wallet, scheme }, invited: { epoch }, party }: Preimage,
): Promise<PublicKeyPackage | null> {
  if (certificate.length === 0) return null;
  try {
    const row = decodeCertificate(certificate);
    const { key } = row;
    const named = equal(row.session, id) && key?.wallet === wallet && key.scheme === scheme &&
      key.epoch === epoch;
    if (!named || key.threshold !== party.length || !party.every((peer) => key.members.includes(peer))) {
      return null;
    }
    return await certified(verify, row) ? key : null;
  } catch {
    return null; // no certificate
  }
}

/** Whether two gos of one attempt prove that this peer signed both, or accepted twice for them. */
function ofTwoGos(culprit: PeerId, { gos, preimage: { coordinator } }: Known): boolean {
  return gos.some((one) =>
    gos.some((other) =>
      !equal(one.session, other.session) &&
      (culprit === coordinator || acceptedTwice(one, other).includes(culprit))
    )
  );
}

/** The items of a command, from their inputs; null if it was signed for others. */
function itemsFor({ command }: Preimage, inputs: readonly ItemInput[]): SignItem[] | null {
  try {
    const items = inputs.map((input) => itemOf(command.scheme, input));
    return areItemsOf(command, items) ? items : null;
  } catch (error) {
    if (error instanceof InputError) return null; // no command has such an item
    throw error;
  }
}

/** Two different messages in one round, both to all or both to one peer. */
function sentTwoMessages(sent: readonly Shown[]): boolean {
  const statements = sent.map(({ statement }) => statement);
  return statements.some((one, i) =>
    statements.slice(i + 1).some(({ round, to, bodyHash }) =>
      round === one.round && to === one.to && !equal(bodyHash, one.bodyHash)
    )
  );
}

/** Whether the first round in a peer's accept is one of its protocol. */
function firstRoundDecodes(peer: PeerId, { preimage: { command, firstRound } }: Known): boolean {
  const bytes = firstRound.get(peer)!;
  if (!isFirstRound(command, bytes)) return false;
  if (command.kind !== "reshare") return true;
  const { promise } = resharings[command.scheme].firstRound.decode(bytes);
  return (promise !== null) === command.dealers.includes(peer);
}

/**
 * Whether one of the messages breaks the rules of its round: the same checks as a member's own, in `net.ts`.
 */
async function sentMalformed(sent: readonly Shown[], { preimage }: Known): Promise<boolean> {
  const { command, party, session } = preimage;
  const { dealers, members: recipients } = command;
  const { rounds } = roundsOf(command);
  const names = Object.keys(rounds);
  for (const { statement: { from, round, to }, body } of sent) {
    const reads = readerOf(rounds, round);
    if (body === null || !reads) continue;
    const index = names.indexOf(round); // -1 for the shared part of a direct round, which echoes nothing
    if ((index < 0 || rounds[round]!.delivery !== "direct") !== (to === "*")) return true;
    const echoes = index < 0 ? null : echoedIn(rounds, index);
    try {
      const { payload, echo } = messageRecord.decode(body);
      const message = reads(payload);
      const due = command.kind !== "reshare" || hasContent({ dealers, recipients }, { round, from, to });
      if ((message !== null) !== due) return true;
      if (echo.length !== (echoes === null ? 0 : party.length - 1)) return true;
      if (echoes === null) continue;
      const verify = { verify: peerVerifier() };
      for (const echoed of statementsIn(echo, { party, by: from, session, round: echoes })) {
        if (!await verifyStatement(verify, echoed)) return true;
      }
    } catch {
      return true;
    }
  }
  return false;
}

/** Proof that each culprit has sent a wrong share, and that the failure names exactly the items that these spoil. */
function sentWrongShares({ culprits, spoilt = [] }: Failure, known: Known): Proof {
  const wrong = culprits.map((culprit) => wrongSharesOf(culprit, known));
  if (wrong.includes(null)) return "unknown";
  if (wrong.some((items) => items!.length === 0)) return "not-proven";
  const items = known.items!.flatMap((_, i) => wrong.some((one) => one!.includes(i)) ? [i] : []);
  return proofIf(known.items!.length === 1 || items.join() === spoilt.join());
}

/**
 * The items, from 0, of which a peer has sent a wrong share; null if that cannot be known. Shares are checked against
 * the commitments in the accepts, which the session's id binds; those of a batch against the commitments that
 * everyone has shown, as promised in the accepts.
 */
function wrongSharesOf(culprit: PeerId, { preimage, key, items, shown }: Known): number[] | null {
  const { command: { kind, scheme }, attempt, firstRound } = preimage;
  const check = schemes[scheme].shares;
  if (kind !== "sign" || check === null || key === null || items === null) return null;
  const sent = (round: string) =>
    shown.flatMap(({ statement, body }) =>
      statement.round === round && body !== null ? [[statement.from, body] as const] : []
    );
  const shares = new Map(sent(check.share)).get(culprit);
  if (!shares) return null;
  const identifierOf = (peer: PeerId) => key.members.indexOf(peer) + 1;
  try {
    return check.wrongShares({
      key,
      attempt,
      items: items.map((item) => signingItem(scheme, item)),
      firstRound: new Map([...firstRound].map(([peer, bytes]) => [identifierOf(peer), bytes])),
      commitments: new Map(
        sent(check.commit).map(([peer, body]) => [identifierOf(peer), messageRecord.decode(body).payload]),
      ),
      identifier: identifierOf(culprit),
      shares: messageRecord.decode(shares).payload,
    });
  } catch {
    return []; // a message that does not decode was never checked as a share
  }
}
