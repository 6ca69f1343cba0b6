/**
 * Authentic messages that are wrong: what a cheat's wire sends in the place of what its node said.
 * @module
 */
import { groups } from "../../src/crypto/group.ts";
import { messageRecord } from "../../src/session/echo.ts";
import type { Schedule } from "./schedule.ts";
import type { Phase } from "./tap.ts";
import type { Outgoing } from "../../src/demo/cheats/cheat_wire.ts";

/** The same bytes but for one bit. */
export function bent(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

/** The last field of a message is 32 bytes, little-endian where it is a number; so are those before it. */
const field = (payload: Uint8Array, fromTheEnd: number) => payload.length - 34 * fromTheEnd + 2;

/** Where the first field of a message begins: after the list's head, the tag and its own head. 32 bytes. */
const firstField = (payload: Uint8Array) =>
  (payload[1] === 0x78 ? 3 + payload[2]! : 2 + payload[1]! - 0x60) + 2;

/** Where the salt is that opens a promise. */
function saltIn(phase: Phase, payload: Uint8Array, real: boolean): number {
  if (phase === "sign correct") return firstField(payload) + 34 + (real ? 35 : 34);
  return field(payload, phase === "key choose" ? 1 : 3);
}

/** An authentic message that is wrong. */
export function cheat({ fault, phase }: Schedule, said: Outgoing, real: boolean): Outgoing | null {
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
      if (phase === "sign commit" && real) return withPayload(said, otherNonce);
      // Another salt is another promise opened; everywhere else the last field is the message.
      return withPayload(said, (payload) => bent(payload, field(payload, phase === "key reveal" ? 3 : 1)));
    case "bad-commitment":
      return withPayload(said, (payload) => bent(payload, saltIn(phase, payload, real)));
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

function withPayload(said: Outgoing, change: (payload: Uint8Array) => Uint8Array): Outgoing {
  const { payload, echo } = messageRecord.decode(said.body);
  return { ...said, body: messageRecord.encode({ payload: change(payload), echo }) };
}

/** Another point in the place of the last of two. */
function otherNonce(payload: Uint8Array): Uint8Array {
  const copy = payload.slice();
  copy.set(groups.ed25519.encodeElement(groups.ed25519.multiplyBase(5n)), field(payload, 1));
  return copy;
}
