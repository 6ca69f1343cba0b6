/**
 * Authentic messages that are wrong: what a cheat's wire sends in the place of what its node said.
 * @module
 */
import { groups } from "../../src/crypto/group.ts";
import type { Scheme } from "../../src/events.ts";
import { messageRecord } from "../../src/session/echo.ts";
import type { Planned } from "./schedule.ts";
import { anotherProof } from "./toy_protocols.ts";
import { anotherReshareProof } from "./toy_reshare.ts";
import type { Outgoing } from "../../src/demo/cheats/cheat_wire.ts";

/** The same bytes but for one bit. */
export function bent(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

/** Where a field is, counted from the end, if it and those after it are 32 bytes, as numbers and points of Ed25519 are. */
const field = (payload: Uint8Array, fromTheEnd: number) => payload.length - 34 * fromTheEnd + 2;

/** Where the head of a message's first field is: after the list's head and the tag. */
const firstHead = (payload: Uint8Array) => payload[1] === 0x78 ? 3 + payload[2]! : 2 + payload[1]! - 0x60;

/** Where the first field of a message begins, if it is of at most 255 bytes. */
const firstField = (payload: Uint8Array) => firstHead(payload) + 2;

/** Where the field after the first one begins, if it is of 24 to 255 bytes: the first one is longer in a batch. */
function secondField(payload: Uint8Array): number {
  const head = firstHead(payload);
  const isLong = payload[head] === 0x59; // two bytes of length
  const length = isLong ? payload[head + 1]! * 256 + payload[head + 2]! : payload[head + 1]!;
  return head + (isLong ? 3 : 2) + length + 2;
}

/** Where the salt is that opens a promise. Points of secp256k1 after it are 33 bytes. */
function saltIn({ phase, scheme }: Planned, payload: Uint8Array, real: boolean): number {
  if (phase === "sign correct") return secondField(payload);
  const longer = real && scheme !== "ed25519" ? 1 : 0;
  return phase === "key choose" ? field(payload, 1) : field(payload, 3) - longer;
}

/** Whether what is said is signed for all and is no message of a protocol: a release, or a vote. */
const isWord = ({ phase }: Planned) => phase === "vote" || phase === "release";

/** An authentic message that is wrong. @param session The id of its session; for two stories of a key. */
export function cheat(
  s: Planned,
  said: Outgoing,
  real: boolean,
  session: Uint8Array = new Uint8Array(32),
): Outgoing | null {
  const { fault, phase } = s;
  switch (fault) {
    case "wrong-round":
      return { ...said, round: "nonsense" };
    case "garbage":
      return isWord(s) ? { ...said, body: new Uint8Array(32) } : withPayload(said, () => new Uint8Array(7));
    case "equivocate":
    case "contradict":
      if (isWord(s)) return { ...said, body: new Uint8Array(32) };
      // Among toys a peer goes by its name.
      if (fault === "equivocate" && phase === "key reveal" && !real) {
        const another = s.kind === "reshare" ? anotherReshareProof : anotherProof;
        return withPayload(said, (payload) => another(payload, session, s.faulty));
      }
      if (real && phase === "sign commit") return withPayload(said, otherNonce(s.scheme));
      // Another salt is another promise opened; everywhere else the last field is the message.
      return withPayload(
        said,
        (payload) => bent(payload, phase === "key reveal" ? saltIn(s, payload, real) : field(payload, 1)),
      );
    case "bad-commitment":
      if (phase === "sign commit") {
        return withPayload(said, real ? otherNonce(s.scheme) : (payload) => bent(payload, field(payload, 1)));
      }
      return withPayload(said, (payload) => bent(payload, saltIn(s, payload, real)));
    case "other-request":
      return withPayload(said, (payload) => bent(payload, firstField(payload)));
    case "bad-share": // at the end of an ECDSA signature the last field is what was heard
      return withPayload(said, (payload) => bent(payload, field(payload, phase === "sign finish" ? 2 : 1)));
    case "bad-multiplication":
    case "bad-proof":
    case "bad-confirmation":
      return withPayload(said, (payload) => bent(payload, field(payload, 1)));
    default:
      return null;
  }
}

/** A first round that is wrong. */
export function cheatFirstRound(
  { fault, phase, scheme, items }: Planned,
  honest: Uint8Array,
  real: boolean,
) {
  if (phase !== "key accept" && phase !== "sign accept") return honest;
  switch (fault) {
    case "garbage":
      return new Uint8Array(7);
    case "bad-commitment":
      return real && phase === "sign accept" && scheme !== "ecdsa" && items === 1
        ? otherNonce(scheme)(honest)
        : bent(honest, field(honest, 1));
    default:
      return honest;
  }
}

function withPayload(said: Outgoing, change: (payload: Uint8Array) => Uint8Array): Outgoing {
  const { payload, echo } = messageRecord.decode(said.body);
  return { ...said, body: messageRecord.encode({ payload: change(payload), echo }) };
}

/** Another point in the place of the last of two. */
const otherNonce = (scheme: Scheme) => (payload: Uint8Array) => {
  const group = scheme === "ed25519" ? groups.ed25519 : groups.secp256k1;
  const copy = payload.slice();
  copy.set(group.encodeElement(group.multiplyBase(5n)), payload.length - group.elementLength);
  return copy;
};
