/**
 * What members say to each other beside the rounds of a protocol: in envelopes like any other, under names that no
 * round may have.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, peerId, record, text } from "../crypto/codec.ts";
import { type FailureCode, failures } from "../failure.ts";
import { maxFrame, maxParties } from "../limits.ts";

export const abortRound = "/abort";
export const voteRound = "/vote";
export const cancelRound = "/cancel";

const codes = Object.keys(failures) as [FailureCode, ...FailureCode[]];
/** A code on the wire: one of ours, or nothing. */
export const failureCode = v.picklist(codes);

/** What goes to the others when a session fails: never local text. */
export const abortRecord = record("quorate/1/abort", {
  code: failureCode,
  round: text(32),
  /** Culprits, or whom the sender still waited for. */
  peers: list(peerId, maxParties),
  /** The signed envelopes it rests on. */
  evidence: list(bytesUpTo(maxFrame), 2 * maxParties),
});

/** The first thing that two members say on a session's stream, signed: in clear, for it names what all agree on. */
export const openRecord = record("quorate/2/open", {
  /** What the session is about: who is asked later how a key stands need not look for what never was one. */
  kind: v.picklist(["generate", "sign"]),
  attempt: bytes(32),
  session: bytes(32),
  /** The session id of the link whose secret protects this stream. Whoever opens the stream chooses it. */
  link: bytes(32),
});

/** The initiator's word that a command is over. */
export const cancelRecord = record("quorate/1/cancel", { id: bytes(16) });
