/**
 * Cheats against the session itself, whatever its protocol: rounds, echoes, votes, aborts. The demonstration does not
 * offer them; the tests of those checks do.
 * @module
 */
import type { FailureCode, Kind, PeerId } from "../../failure.ts";
import { linkConfirmation } from "../../protocol/ecdh.ts";
import { abortRecord, abortRound, cancelRound, voteRound } from "../../session/control.ts";
import { messageRecord } from "../../session/echo.ts";
import { type Cheat, type Expected, isProtocolRound, type Said, saying, withPayload } from "./cheat_wire.ts";

interface Plan {
  name: string;
  label: string;
  kinds?: readonly Kind[];
  expects: Expected;
}
const named = (code: FailureCode): Expected => ({ outcome: "failed", code, names: "culprit" });
const nobody = (code: FailureCode): Expected => ({ outcome: "failed", code, names: "nobody" });

/** A cheat that changes what is said, message by message. */
export function cheatOf(
  { kinds = ["sign", "generate"], ...plan }: Plan,
  instead: (said: Said) => readonly Said[],
): Cheat {
  return { ...plan, kinds, applies: () => true, wrap: (wire) => saying(wire, instead) };
}
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

/** Sends its first message under the name of a round that does not exist. */
export const unknownRound = cheatOf(
  {
    name: "unknown-round",
    label: "speak of a round that does not exist",
    expects: named("unexpected-round"),
  },
  (said) => isProtocolRound(said.round) ? [{ ...said, round: "no such round" }] : [said],
);

/** Begins with the last round. */
export const roundTooEarly = cheatOf({
  name: "round-too-early",
  label: "skip two rounds",
  kinds: ["generate"],
  expects: named("unexpected-round"),
}, (said) => said.round === "commit" ? [{ ...said, round: "confirm" }] : [said]);

/** Tells each peer alone what all must hear. */
export const whispers = cheatOf(
  { name: "whispers", label: "whisper what all must hear", expects: named("malformed-message") },
  (said) => said.audience === "all" && isProtocolRound(said.round) ? [{ ...said, audience: "one" }] : [said],
);

/** Tells everyone, under its signature, what is for one alone. */
export const blabs = cheatOf({
  name: "blabs",
  label: "tell everyone what is for one alone",
  kinds: ["generate"],
  expects: named("malformed-message"),
}, (said) => said.round === "deal" ? [{ ...said, audience: "all" }] : [said]);

/** After each message, another one in the same place. */
export const conflictingDuplicate = cheatOf(
  { name: "conflicting-duplicate", label: "say two things in one place", expects: named("equivocation") },
  (said) => isProtocolRound(said.round) ? [said, { ...said, body: flip(said.body) }] : [said],
);

function withEcho(said: Said, change: (echo: readonly Uint8Array[]) => Uint8Array[]): Said {
  const { payload, echo } = messageRecord.decode(said.body);
  return { ...said, body: messageRecord.encode({ payload, echo: change(echo) }) };
}

/** Passes on of everyone what they did not say. */
export const wrongEcho = cheatOf({
  name: "wrong-echo",
  label: "put words into others' mouths",
  kinds: ["generate"],
  expects: named("malformed-message"),
}, (said) => said.round === "reveal" ? [withEcho(said, (echo) => echo.map(flip))] : [said]);

/** Passes on nothing. */
export const noEcho = cheatOf({
  name: "no-echo",
  label: "pass nothing on",
  kinds: ["generate"],
  expects: named("malformed-message"),
}, (said) => said.round === "reveal" ? [withEcho(said, () => [])] : [said]);

export const wrongVote = cheatOf({
  name: "wrong-vote",
  label: "vote for another key",
  kinds: ["generate"],
  expects: named("invalid-confirmation"),
}, (said) => said.round === voteRound ? [{ ...said, body: flip(said.body) }] : [said]);

export const twoVotes = cheatOf({
  name: "two-votes",
  label: "vote twice",
  kinds: ["generate"],
  expects: named("equivocation"),
}, (said) => said.round === voteRound ? [{ ...said, body: flip(said.body) }, said] : [said]);

export const noVote = cheatOf({
  name: "no-vote",
  label: "not vote",
  kinds: ["generate"],
  expects: { outcome: "failed", code: "wallet-pending", names: "missing" },
}, (said) => said.round === voteRound ? [] : [said]);

export const wrongLinkConfirmation = cheatOf({
  name: "wrong-link-confirmation",
  label: "confirm another link",
  kinds: ["ecdh"],
  expects: named("invalid-confirmation"),
}, (said) => said.round === "confirm" ? [withPayload(said, linkConfirmation.confirm.codec, flip)] : [said]);

/** An abort that says what it is given to say, in place of everything from a round on. */
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
    (said) => {
      over ||= said.round === from;
      if (!over) return [said];
      if (told.has(said.to)) return [];
      told.add(said.to);
      const body = abortRecord.encode({ code, round: from, peers: [...peers], evidence: evidence() });
      return [{ to: said.to, round: abortRound, body, audience: "all" }];
    },
  );
}

/** An abort that nobody can read. */
export const unreadableAbort = cheatOf(
  { name: "unreadable-abort", label: "end it without sense", expects: named("malformed-message") },
  (said) => [{ ...said, round: abortRound, body: new Uint8Array([255]), audience: "all" }],
);

/** A cancellation that no initiator signed; nothing else is changed. */
export const forgedCancel = cheatOf({
  name: "forged-cancel",
  label: "cancel what others asked for",
  expects: { outcome: "success", names: "nobody" },
}, (said) => [{ ...said, round: cancelRound, body: new Uint8Array(64), audience: "all" }, said]);
