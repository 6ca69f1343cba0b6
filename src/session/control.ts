/**
 * The messages of a session itself, beside the rounds of its protocol: in envelopes like any other, under
 * names that no round of a protocol may have.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, peerId, record, text } from "../crypto/codec.ts";
import { type FailureCode, failures } from "../failure.ts";
import { maxCommandFrame, maxFrame, maxSessionParty } from "../limits.ts";

/** A signed `open`, bytes. */
const maxOpen = 512;

export const abortRound = "/abort";
export const releaseRound = "/release";
export const voteRound = "/vote";
export const cancelRound = "/cancel";

/** Whether an envelope of this round is for the session itself. */
export function isControlRound(round: string): boolean {
  return [abortRound, releaseRound, voteRound, cancelRound].includes(round);
}

const codes = Object.keys(failures) as [FailureCode, ...FailureCode[]];
/** A failure code on the wire; no other text decodes. */
export const failureCode = v.picklist(codes);

/** The abort sent to the others when a session fails: never local text. */
export const abortRecord = record("quorate/1/abort", {
  code: failureCode,
  round: text(32),
  /** The culprits, or the peers that the sender still waited for. */
  peers: list(peerId, maxSessionParty),
  /** The signed envelopes it rests on. */
  evidence: list(bytesUpTo(maxFrame), maxSessionParty),
});

type Abort = ReturnType<typeof abortRecord.decode>;

/** The body of an abort. It leaves out what the record has no room for: one that does not decode accuses its sender. */
export function encodeAbort({ peers, evidence, ...abort }: Abort): Uint8Array {
  const cut = <T>(items: readonly T[]) => items.slice(0, maxSessionParty);
  return abortRecord.encode({ ...abort, peers: cut(peers), evidence: cut(evidence) });
}

/**
 * The first message of a peer on its stream of a session, signed and in clear: it names the session that the
 * peer takes part in.
 */
export const openRecord = record("quorate/4/open", {
  /** The kind of the session: a signing session never made a key, so nobody need look for one later. */
  kind: v.picklist(["generate", "sign", "reshare"]),
  attempt: bytes(32),
  session: bytes(32),
  /** The session id of the link under whose secret this stream is sealed. Its sender chooses it. */
  link: bytes(32),
});

/** The first frame of a stream: the signed `open`, and the signed go that its session comes from. */
export const openingRecord = record("quorate/4/opening", {
  open: bytesUpTo(maxOpen),
  go: bytesUpTo(maxCommandFrame),
});

/** The initiator's cancellation of a command. */
export const cancelRecord = record("quorate/1/cancel", { id: bytes(16) });
