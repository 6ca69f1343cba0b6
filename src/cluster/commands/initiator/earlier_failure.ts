/**
 * The failure of an earlier command, out of what the peers say of it. The coordinator of a session is known by the preimage
 * of the session's id; of a failure before that, by the command's list. What anybody else says of a failure is its own
 * claim, and nobody's word makes another peer say something.
 * @module
 */
import { equal } from "../../../crypto/codec.ts";
import { SessionError } from "../../../errors.ts";
import type { Claim, FailureCode, PeerId } from "../../../failure.ts";
import type { Preimage } from "../../records/preimage.ts";
import { claimsOf, type Result, spoiltIn } from "../results.ts";
import type { Told } from "./outcome_question.ts";

/** A failure that one peer tells of. */
type ToldFailure = Told & {
  readonly order: NonNullable<Told["order"]>;
  readonly result: NonNullable<Told["result"]>;
};

const isFailure = (told: Told): told is ToldFailure =>
  told.order !== null && Boolean(told.result?.value.code);

/** The failures of sessions that there were. */
const ofSessions = (told: readonly Told[]) =>
  told.filter(isFailure).flatMap((one) => one.session ? [{ ...one, session: one.session }] : []);

/**
 * Whether a session that there was is over, though peers say that they still run the command: its coordinator says so, or
 * all members of its party but one, where those are several.
 */
export function isOver(told: readonly Told[]): boolean {
  const failed = ofSessions(told);
  const others = ({ session: id, party }: Preimage) =>
    party.filter((peer) => !failed.some(({ by, session }) => by === peer && equal(session.session, id)));
  return failed.some(({ session }) => {
    const left = others(session);
    return !left.includes(session.coordinator) || left.length === 1 && session.party.length > 2;
  });
}

/** The failure of a command; null if nobody tells of one. @param self This node, which believes what it has kept itself. */
export function failureIn(told: readonly Told[], self: PeerId): SessionError | null {
  const inSession = ofSessions(told);
  const own = inSession.find(({ by, session }) => by === session.coordinator);
  if (own) return failureOf(own, told, self);
  // The coordinator may have the result that the others lack.
  if (inSession[0]) return new SessionError("peer-left", { missing: [inSession[0].session.coordinator] });
  // A peer that has lost an outcome has taken part in a session: a failure before that was not the last word.
  const lost = saying("lost", told);
  const forgotten = saying("forgotten", told);
  const failed = told.filter(isFailure);
  if (lost.length + forgotten.length === 0 && failed.length > 0) {
    const first = failed.find(isOfFirst);
    if (first) return failureOf(first, told, self);
    return claimed(
      failed.map(({ by, result: { value } }) => ({ by, code: value.code!, peers: value.culprits })),
    );
  }
  if (lost.length > 0) return said("replayed-command", lost);
  if (forgotten.length > 0) return said("outcome-forgotten", forgotten);
  // A success that proves nothing is as good as none.
  const kept = saying("kept", told);
  return kept.length > 0 ? said("replayed-command", kept) : null;
}

/** Whether a failure before a session is the word of the coordinator that was given the command first. */
const isOfFirst = ({ by, coordinator, order, result }: ToldFailure): boolean =>
  by === coordinator && by === order.command.value.coordinators[0] && result.value.session.length === 0;

/** The failure that a coordinator tells of. */
function failureOf(
  { by, order, result: { value } }: ToldFailure,
  told: readonly Told[],
  self: PeerId,
): SessionError {
  const code = value.code!;
  // It is one peer's word, and no more than a claim against others.
  if (value.culprits.length > 0) return claimed([{ by, code, peers: value.culprits }]);
  const claims = claimsOf(value);
  const signed = claims.filter((claim) => [claim.by, self].includes(by) || hasSigned(claim, told));
  if (signed.length === 0 && claims.length > 0) {
    return claimed([{ by, code, peers: [...new Set(claims.map((claim) => claim.by))] }]);
  }
  const items = spoiltIn(value, order.command.value);
  return new SessionError(code, { missing: value.missing, claims: signed, items });
}

/** Whether the author of a claim says the same in a result of its own. */
function hasSigned({ by, code, peers }: Claim, told: readonly Told[]): boolean {
  const isSame = ({ code: own, culprits, missing }: Result) =>
    own === code && peers.every((peer) => culprits.includes(peer) || missing.includes(peer));
  return told.some(({ result }) => result?.by === by && isSame(result.value));
}

const claimed = (claims: readonly Claim[]) => new SessionError("aborted-by-peer", { claims });

/** The peers whose answer is of a state. */
const saying = (state: Told["state"], told: readonly Told[]): PeerId[] =>
  told.filter((one) => one.state === state).map(({ by }) => by);

/** A failure that is known by these peers' word. */
function said(code: FailureCode, by: readonly PeerId[]): SessionError {
  return new SessionError(code, { claims: by.map((peer) => ({ by: peer, code, peers: [] })) });
}
