/**
 * Authentic messages that are wrong: what a cheat's wire sends in the place of what its node said.
 * @module
 */
import { groups } from "../../src/crypto/group.ts";
import { messageRecord } from "../../src/session/echo.ts";
import type { Schedule } from "./schedule.ts";
import type { Said } from "./wires.ts";

/** The same bytes but for one bit. */
export function bent(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

/** The last field of a message is 32 bytes, little-endian where it is a number; so are those before it. */
const field = (payload: Uint8Array, fromTheEnd: number) => payload.length - 34 * fromTheEnd + 2;

/** An authentic message that is wrong. */
export function cheat({ fault, phase }: Schedule, said: Said, real: boolean): Said | null {
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
      return withPayload(said, (payload) => bent(payload, field(payload, 3)));
    case "bad-share":
    case "bad-proof":
    case "bad-confirmation":
      return withPayload(said, (payload) => bent(payload, field(payload, 1)));
    default:
      return null;
  }
}

function withPayload(said: Said, change: (payload: Uint8Array) => Uint8Array): Said {
  const { payload, echo } = messageRecord.decode(said.body);
  return { ...said, body: messageRecord.encode({ payload: change(payload), echo }) };
}

/** Another point in the place of the last of two. */
function otherNonce(payload: Uint8Array): Uint8Array {
  const copy = payload.slice();
  copy.set(groups.ed25519.encodeElement(groups.ed25519.multiplyBase(5n)), field(payload, 1));
  return copy;
}
