/**
 * Cheats against the session itself, in any protocol: rounds, echoes, votes, aborts. The tests of those
 * checks use them; the demonstration does not offer them.
 * @module
 */
import type { FailureCode, Kind, PeerId } from "../../failure.ts";
import { maxPiece } from "../../limits.ts";
import { linkConfirmation } from "../../protocol/ecdh.ts";
import { abortRecord, abortRound, cancelRound, voteRound } from "../../session/control.ts";
import { messageRecord } from "../../session/echo.ts";
import {
  type Cheat,
  type Expected,
  isProtocolRound,
  type Outgoing,
  sending,
  withPayload,
} from "./cheat_wire.ts";

interface Plan {
  name: string;
  label: string;
  kinds?: readonly Kind[];
  expects: Expected;
}
const named = (code: FailureCode): Expected => ({ outcome: "failed", code, names: "culprit" });
const nobody = (code: FailureCode): Expected => ({ outcome: "failed", code, names: "nobody" });

/** A cheat that replaces messages one by one. */
export function cheatOf(
  { kinds = ["sign", "generate"], ...plan }: Plan,
  instead: (sent: Outgoing) => readonly Outgoing[],
): Cheat {
  return { ...plan, kinds, applies: () => true, wrap: (wire) => sending(wire, instead) };
}
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

/** Sends its messages under the name of a round that does not exist. */
export const unknownRound = cheatOf(
  {
    name: "unknown-round",
    label: "speak of a round that does not exist",
    expects: named("unexpected-round"),
  },
  (sent) => isProtocolRound(sent.round) ? [{ ...sent, round: "no such round" }] : [sent],
);

/** Sends its first message as one of the last round. */
export const roundTooEarly = cheatOf({
  name: "round-too-early",
  label: "skip two rounds",
  kinds: ["generate"],
  expects: named("unexpected-round"),
}, (sent) => sent.round === "reveal" ? [{ ...sent, round: "confirm" }] : [sent]);

/** Sends messages that are longer than any of the session may be. */
export const tooLong = cheatOf(
  { name: "too-long", label: "send more than a message may have", expects: named("malformed-message") },
  (sent) => [isProtocolRound(sent.round) ? { ...sent, body: new Uint8Array(2 * maxPiece) } : sent],
);

/** Signs for each peer alone a message that must be the same for all. */
export const whispers = cheatOf(
  { name: "whispers", label: "whisper what all must hear", expects: named("malformed-message") },
  (sent) => sent.audience === "all" && isProtocolRound(sent.round) ? [{ ...sent, audience: "one" }] : [sent],
);

/** Signs for everyone a message that is for one peer alone. */
export const blabs = cheatOf({
  name: "blabs",
  label: "tell everyone what is for one alone",
  kinds: ["generate"],
  expects: named("malformed-message"),
}, (sent) => sent.round === "deal" ? [{ ...sent, audience: "all" }] : [sent]);

/** Sends, after each message, another one in the same place. */
export const conflictingDuplicate = cheatOf(
  { name: "conflicting-duplicate", label: "say two things in one place", expects: named("equivocation") },
  (sent) => isProtocolRound(sent.round) ? [sent, { ...sent, body: flip(sent.body) }] : [sent],
);

function withEcho(sent: Outgoing, change: (echo: readonly Uint8Array[]) => Uint8Array[]): Outgoing {
  const { payload, echo } = messageRecord.decode(sent.body);
  return { ...sent, body: messageRecord.encode({ payload, echo: change(echo) }) };
}

/** Echoes hashes of messages that nobody sent. */
export const wrongEcho = cheatOf({
  name: "wrong-echo",
  label: "echo messages that nobody sent",
  kinds: ["generate"],
  expects: named("malformed-message"),
}, (sent) => sent.round === "deal" ? [withEcho(sent, (echo) => echo.map(flip))] : [sent]);

/** Echoes nothing. */
export const noEcho = cheatOf({
  name: "no-echo",
  label: "pass nothing on",
  kinds: ["generate"],
  expects: named("malformed-message"),
}, (sent) => sent.round === "deal" ? [withEcho(sent, () => [])] : [sent]);

export const wrongVote = cheatOf({
  name: "wrong-vote",
  label: "vote for another key",
  kinds: ["generate"],
  expects: named("invalid-confirmation"),
}, (sent) => sent.round === voteRound ? [{ ...sent, body: flip(sent.body) }] : [sent]);

export const twoVotes = cheatOf({
  name: "two-votes",
  label: "vote twice",
  kinds: ["generate"],
  expects: named("equivocation"),
}, (sent) => sent.round === voteRound ? [{ ...sent, body: flip(sent.body) }, sent] : [sent]);

export const noVote = cheatOf({
  name: "no-vote",
  label: "not vote",
  kinds: ["generate"],
  expects: { outcome: "failed", code: "wallet-pending", names: "missing" },
}, (sent) => sent.round === voteRound ? [] : [sent]);

export const wrongLinkConfirmation = cheatOf({
  name: "wrong-link-confirmation",
  label: "confirm another link",
  kinds: ["ecdh"],
  expects: named("invalid-confirmation"),
}, (sent) => sent.round === "confirm" ? [withPayload(sent, linkConfirmation.confirm.codec, flip)] : [sent]);

/** Sends the given abort instead of everything from a round on. */
export function abortsWith(
  { from, code, peers, evidence = () => [] }: {
    from: string;
    code: FailureCode;
    peers: readonly PeerId[];
    evidence?: () => Uint8Array[];
  },
): Cheat {
  let over = false;
  const told = new Set<PeerId>();
  return cheatOf(
    { name: "lying-abort", label: "lie about why it ends", expects: nobody("aborted-by-peer") },
    (sent) => {
      over ||= sent.round === from;
      if (!over) return [sent];
      if (told.has(sent.to)) return [];
      told.add(sent.to);
      const body = abortRecord.encode({ code, round: from, peers: [...peers], evidence: evidence() });
      return [{ to: sent.to, round: abortRound, body, audience: "all" }];
    },
  );
}

/** Sends an abort that does not decode. */
export const unreadableAbort = cheatOf(
  { name: "unreadable-abort", label: "end it without sense", expects: named("malformed-message") },
  (sent) => [{ ...sent, round: abortRound, body: new Uint8Array([255]), audience: "all" }],
);

/** Sends a cancellation that no initiator signed, and is honest otherwise. */
export const forgedCancel = cheatOf({
  name: "forged-cancel",
  label: "cancel what others asked for",
  expects: { outcome: "success", names: "nobody" },
}, (sent) => [{ ...sent, round: cancelRound, body: new Uint8Array(64), audience: "all" }, sent]);
