/**
 * Authentic messages that are wrong: what a cheat's wire sends in the place of what its node said.
 * @module
 */
import { groups } from "../../src/crypto/group.ts";
import type { Scheme } from "../../src/events.ts";
import { messageRecord } from "../../src/session/echo.ts";
import type { Schedule } from "./schedule.ts";
import { anotherProof } from "./toy_protocols.ts";
import type { Outgoing } from "../../src/demo/cheats/cheat_wire.ts";

/** The same bytes but for one bit. */
export function bent(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

/** Where a field is, counted from the end, if it and those after it are 32 bytes, as numbers and points of Ed25519 are. */
const field = (payload: Uint8Array, fromTheEnd: number) => payload.length - 34 * fromTheEnd + 2;

/** Where the first field of a message begins: after the list's head, the tag and its own head. 32 bytes. */
const firstField = (payload: Uint8Array) =>
  (payload[1] === 0x78 ? 3 + payload[2]! : 2 + payload[1]! - 0x60) + 2;

/** Where the salt is that opens a promise. Points of secp256k1 before or after it are 33 bytes. */
function saltIn({ phase, scheme }: Schedule, payload: Uint8Array, real: boolean): number {
  const longer = real && scheme !== "ed25519" ? 1 : 0;
  if (phase === "sign correct") return firstField(payload) + 34 + longer;
  return phase === "key choose" ? field(payload, 1) : field(payload, 3) - longer;
}

/** An authentic message that is wrong. @param session The id of its session; for two stories of a key. */
export function cheat(
  s: Schedule,
  said: Outgoing,
  real: boolean,
  session: Uint8Array = new Uint8Array(32),
): Outgoing | null {
  const { fault, phase } = s;
  switch (fault) {
    case "wrong-round":
      return { ...said, round: "nonsense" };
    case "garbage":
      return phase === "vote"
        ? { ...said, body: new Uint8Array(32) }
        : withPayload(said, () => new Uint8Array(7));
    case "equivocate":
    case "contradict":
      if (phase === "vote") return { ...said, body: new Uint8Array(32) };
      // Among toys a peer goes by its name.
      if (fault === "equivocate" && phase === "key reveal" && !real) {
        return withPayload(said, (payload) => anotherProof(payload, session, s.faulty));
      }
      // Another salt is another promise opened; everywhere else the last field is the message.
      return withPayload(
        said,
        (payload) => bent(payload, phase === "key reveal" ? saltIn(s, payload, real) : field(payload, 1)),
      );
    case "bad-commitment":
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
export function cheatFirstRound({ fault, phase, scheme }: Schedule, honest: Uint8Array, real: boolean) {
  if (phase !== "key accept" && phase !== "sign accept") return honest;
  switch (fault) {
    case "garbage":
      return new Uint8Array(7);
    case "bad-commitment":
      return real && phase === "sign accept" && scheme !== "ecdsa"
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
