/**
 * What each fault does: to frames on the network, to what a cheat's wire says, to processes and disks.
 * @module
 */
import type { Arrival } from "../../src/transport/memory/memory.ts";
import type { WireFacts } from "../../src/cluster/context.ts";
import type { PeerId } from "../../src/failure.ts";
import { abortRecord, abortRound } from "../../src/session/control.ts";
import { encodeEnvelope } from "../../src/session/envelope.ts";
import { bent, cheat } from "./cheats.ts";
import type { Said } from "../../src/demo/cheats/cheat_wire.ts";
import { leapOf } from "./leap.ts";
import { coordinates, type Schedule } from "./schedule.ts";
import { type Frame, type Phase, phaseOf } from "./tap.ts";

/** What a fault can do to the world it is in. Peers by name. */
export interface Hands {
  /** From now on `name` cannot be reached, for `ms`. */
  cutOff(name: string, ms: number): void;
  /** Soon, and for `ms`, `name` reaches nobody but `other`. */
  alone(name: string, other: string, ms: number): void;
  /** The process is gone; after `ms`, if not null, it is started again. */
  kill(name: string, restart: number | null): void;
  /** After `ms` the process is gone; then it is started again, with what was on its disk before: `kept` from 0 to 1. */
  goBack(name: string, ms: number, kept: number): void;
  /** The wall clock of its machine leaps by `ms`. */
  leap(name: string, ms: number): void;
  /** The id of the session in which it is to happen; null while that is not known. */
  id(): string | null;
  real: boolean;
  /** Says a frame once more, on a stream of its own. */
  again(from: string, to: string, frame: Uint8Array): void;
  peer(name: string): PeerId;
  /** The id of that session once it is open; 32 bytes. */
  session(): Uint8Array | null;
}

/** A fault that waits for its moment. */
export interface Armed {
  /** Frames by name. @returns Null: as if there was no fault. */
  carry(frame: Frame, inTime: number): Arrival[] | null;
  /** What the cheat's wire sends instead. */
  say(said: Said, about: WireFacts): readonly Said[];
  /** Whether its moment came. */
  readonly happened: boolean;
  /** Who does it, by name. */
  readonly of: string;
}

/** Longest delays that are still in time, ms: what waits for such a frame waits longer. */
const inTime: Record<Phase, number> = {
  "link hello": 1_500,
  "link confirm": 1_500, // as for votes
  "command": 1_500,
  "invite": 1_500,
  "open": 1_500,
  "key commit": 9_000,
  "key reveal": 9_000,
  "key deal": 9_000,
  "key confirm": 9_000,
  "key offer": 9_000,
  "key choose": 9_000,
  "vote": 1_500, // whoever has all votes is done, and keeps its streams for two seconds more
  "sign commit": 4_500,
  "sign share": 1_500, // as for votes
  "sign extend": 4_500,
  "sign correct": 4_500,
  "sign finish": 1_500,
  "result": 1_500,
};
/** And delays after which nobody waits any more, ms. */
const tooLate: Record<Phase, number> = {
  ...inTime,
  "link hello": 2_500,
  "link confirm": 11_000,
  "command": 2_500,
  "invite": 2_500,
  "open": 16_000,
  "key commit": 10_500,
  "key reveal": 10_500,
  "key deal": 10_500,
  "key confirm": 10_500,
  "key offer": 17_000,
  "key choose": 17_000,
  "vote": 31_000,
  "sign commit": 5_500,
  "sign share": 5_500,
  "sign extend": 5_500,
  "sign correct": 5_500,
  "sign finish": 5_500,
  "result": 3_000,
};

export function arm(s: Schedule, hands: Hands): Armed {
  let happened = false;
  let seen = 0;
  const state = { silent: false };
  const invites = new Map<string, Uint8Array>();

  const about = (frame: Frame) =>
    frame.phase === s.phase && (s.kind === "ecdh" ? between(frame, s) : frame.id === hands.id());
  const from = (frame: Frame) => about(frame) && frame.from === s.faulty;
  const hit = (frame: Frame) => from(frame) && frame.to === s.victim && !happened;
  /** Where a peer falls silent or goes away: at its own frame, or where it has none to send, at one for it. */
  const moment = (frame: Frame) => {
    const own = s.phase === "command" || s.phase === "result";
    if (!about(frame) || happened || !(frame.from === s.faulty || (own && frame.to === s.faulty))) {
      return false;
    }
    return seen++ === (s.phase === "vote" || s.phase.startsWith("key") ? s.nth : 0);
  };
  const now = (frame: Frame, afterMs: number): Arrival[] => [{ bytes: frame.bytes, afterMs }];

  /** Who is silent may also be deaf: it does not even end what it takes part in. */
  const silenced = ({ from, to }: Frame) =>
    from === s.faulty || (s.phase === "vote" && s.much > 1 / 2 && to === s.faulty);

  /** An abort against the victim, with a message in its name that it never signed. */
  function slandered(said: Said, kind: WireFacts["kind"]): Said[] {
    const session = hands.session();
    if (session === null) return [said];
    happened = true;
    const forged = {
      session,
      round: said.round,
      to: "*",
      body: new Uint8Array(3),
      signature: new Uint8Array(64),
    };
    const evidence = [encodeEnvelope({ ...forged, from: hands.peer(s.victim) })];
    const code = kind === "sign" ? "invalid-signature-share" : "malformed-message";
    const body = abortRecord.encode({ code, round: said.round, peers: [hands.peer(s.victim)], evidence });
    return [{ to: said.to, round: abortRound, body, audience: "all" }];
  }

  return {
    of: s.faulty,
    get happened() {
      return happened;
    },
    carry(frame, soon) {
      switch (s.fault) {
        case "again": {
          const mine = frame.id === hands.id() && frame.from === coordinates(s) && frame.to === s.victim;
          if (mine && frame.phase === "invite" && !happened) invites.set(frame.to, frame.bytes);
          const invite = invites.get(frame.to);
          if (mine && frame.phase === "open" && invite && !happened) {
            happened = true;
            hands.again(frame.from, frame.to, invite);
          }
          return null;
        }
        case "foreign":
          if (frame.phase === "command" && frame.id === hands.id()) happened = true;
          return null;
        case "drop":
          if (!hit(frame)) return null;
          happened = true;
          return [];
        case "delay":
        case "late": {
          if (!hit(frame)) return null;
          happened = true;
          const late = tooLate[s.phase] + s.much * 3_000;
          return now(frame, s.fault === "late" ? late : soon + s.much * inTime[s.phase]);
        }
        case "duplicate":
          if (!hit(frame)) return null;
          happened = true;
          return [...now(frame, soon), ...now(frame, soon + s.much * 50)];
        case "reorder":
          if (!about(frame)) return null;
          happened = true;
          return now(frame, soon * (1 + s.much * 100));
        case "corrupt":
          if (!hit(frame)) return null;
          happened = true;
          return now({ ...frame, bytes: bent(frame.bytes, frame.bytes.length - 1) }, soon);
        case "silence":
          if (moment(frame)) happened = state.silent = true;
          return state.silent && silenced(frame) && (frame.id === hands.id() || s.kind === "ecdh") &&
              (s.kind !== "ecdh" || between(frame, s))
            ? []
            : null;
        case "crash":
        case "restart":
          if (!moment(frame)) return null;
          happened = true;
          hands.kill(s.faulty, s.fault === "crash" ? null : 200 + s.much * 2_000);
          return [];
        case "rollback":
          // What it sends in the same moment to others dies with it.
          if (happened && isSoon(s) && from(frame)) return [];
          if (!moment(frame)) return null;
          happened = true;
          hands.goBack(s.faulty, isSoon(s) ? 0 : 300 + part(s, 29) * 3_000, part(s, 7));
          return null;
        case "clock":
          if (!moment(frame)) return null;
          happened = true;
          hands.leap(s.faulty, leapOf(s));
          return null;
        case "partition":
          if (!moment(frame)) return null;
          happened = true;
          hands.cutOff(s.faulty, 200 + s.much * 3_000);
          return [];
        default:
          return null;
      }
    },
    say(said, { id, kind }) {
      const here = phaseOf(kind, said.round) === s.phase &&
        (s.kind === "ecdh" ? kind === "ecdh" && s.party.includes(said.to) && !happened : id === hands.id());
      if (!here) return [said];
      if (s.fault === "slander") return slandered(said, kind);
      if (s.fault === "contradict-vote") {
        if (said.to !== s.victim) return [said];
        happened = true;
        hands.alone(s.victim, s.faulty, 3_000);
        return [];
      }
      const one = s.fault === "equivocate" || s.fault === "contradict" || s.phase === "key deal";
      const other = one && said.to !== s.victim ? null : cheat(s, said, hands.real);
      if (other === null) return [said];
      happened = true;
      return s.fault === "contradict" ? [said, other] : [other];
    },
  };
}

/** More that is drawn, from 0 to 1. */
const part = ({ much }: Schedule, nth: number) => (much * nth) % 1;
/** In every second schedule it happens in the middle, in the others when that may be over. */
const isSoon = (s: Schedule) => part(s, 13) < 1 / 2;

const between = ({ from, to }: Frame, { party }: Schedule) => party.includes(from) && party.includes(to);
