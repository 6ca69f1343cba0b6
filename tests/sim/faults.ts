/**
 * What each fault does: to frames on the network, to what a cheat's wire says, to processes and disks.
 * @module
 */
import type { Arrival } from "../../src/transport/memory/memory.ts";
import type { WireFacts } from "../../src/cluster/context.ts";
import type { PeerId } from "../../src/failure.ts";
import { abortRecord, abortRound } from "../../src/session/control.ts";
import { encodeEnvelope } from "../../src/session/envelope.ts";
import type { Identity } from "../../src/ports.ts";
import { bent, cheat, cheatFirstRound } from "./cheats.ts";
import { anotherGo, mixedGo } from "./false_gos.ts";
import type { Outgoing } from "../../src/demo/cheats/cheat_wire.ts";
import { leapOf } from "./leap.ts";
import { coordinates, type Planned } from "./schedule.ts";
import { inTime, tooLate } from "./delays.ts";
import { type Frame, phaseOf } from "./tap.ts";

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
  identity(name: string): Identity;
}

/** A fault that waits for its moment. */
export interface Armed {
  /** Frames by name. @returns Null: as if there was no fault. */
  carry(frame: Frame, inTime: number): Arrival[] | null;
  /** What stands in the cheat's accept. */
  firstRound(honest: Uint8Array): Uint8Array;
  /** What the cheat sends instead of its go to a peer: none, another, or several. */
  go(go: Uint8Array, to: string): Promise<readonly Uint8Array[]>;
  /** What the cheat's wire sends instead. */
  say(said: Outgoing, about: WireFacts): readonly Outgoing[];
  /** Whether its moment came. */
  readonly happened: boolean;
  /** Who does it, by name. */
  readonly of: string;
}

/** Arms the fault of a schedule: it waits for its moment. */
export function arm(schedule: Planned, hands: Hands): Armed {
  return new ArmedFault(schedule, hands);
}

class ArmedFault implements Armed {
  readonly #schedule: Planned;
  readonly #hands: Hands;
  readonly #invites = new Map<string, Uint8Array>();
  #seen = 0;
  #silent = false;
  happened = false;

  constructor(schedule: Planned, hands: Hands) {
    this.#schedule = schedule;
    this.#hands = hands;
  }

  get of(): string {
    return this.#schedule.faulty;
  }

  /** Whether a frame belongs to the phase in which the fault happens. */
  #isAbout(frame: Frame): boolean {
    const s = this.#schedule;
    const own = s.kind === "ecdh" ? between(frame, s) : frame.id === this.#hands.id();
    return frame.phase === s.phase && own;
  }

  /** Whether a frame is the faulty peer's first to the victim. */
  #isHit(frame: Frame): boolean {
    const { faulty, victim } = this.#schedule;
    return this.#isAbout(frame) && frame.from === faulty && frame.to === victim && !this.happened;
  }

  /** The moment at which a peer falls silent or goes away: at its own frame, or at one for it if it has none to send. */
  #isMoment(frame: Frame): boolean {
    const { phase, faulty, nth } = this.#schedule;
    const own = phase === "command" || phase === "result";
    const concerns = frame.from === faulty || (own && frame.to === faulty);
    if (!this.#isAbout(frame) || this.happened || !concerns) return false;
    const many = phase === "vote" || phase === "release" ||
      (phase.startsWith("key") && phase !== "key accept");
    return this.#seen++ === (many ? nth : 0);
  }

  carry(frame: Frame, soon: number): Arrival[] | null {
    switch (this.#schedule.fault) {
      case "again":
      case "foreign":
        return this.#watch(frame);
      case "drop":
      case "delay":
      case "late":
      case "duplicate":
      case "reorder":
      case "corrupt":
        return this.#disturb(frame, soon);
      case "silence":
        return this.#silence(frame);
      default:
        return this.#strike(frame);
    }
  }

  /** Faults that leave the frames as they are. */
  #watch(frame: Frame): null {
    const s = this.#schedule;
    const own = frame.id === this.#hands.id();
    if (s.fault === "foreign") {
      if (frame.phase === "command" && own) this.happened = true;
      return null;
    }
    if (!own || frame.from !== coordinates(s) || frame.to !== s.victim || this.happened) return null;
    if (frame.phase === "invite") this.#invites.set(frame.to, frame.bytes);
    const invite = this.#invites.get(frame.to);
    if (frame.phase === "go" && invite) {
      this.happened = true;
      this.#hands.again(frame.from, frame.to, invite);
    }
    return null;
  }

  /** Faults of one frame on the network. */
  #disturb(frame: Frame, soon: number): Arrival[] | null {
    const { fault, phase, much } = this.#schedule;
    if (fault === "reorder" ? !this.#isAbout(frame) : !this.#isHit(frame)) return null;
    this.happened = true;
    const after = (afterMs: number, bytes = frame.bytes): Arrival => ({ bytes, afterMs });
    switch (fault) {
      case "drop":
        return [];
      case "late":
        return [after(tooLate[phase] + much * 3_000)];
      case "delay":
        return [after(soon + much * inTime[phase])];
      case "duplicate":
        return [after(soon), after(soon + much * 50)];
      case "reorder":
        return [after(soon * (1 + much * 100))];
      default:
        // At the end of the first frame of a stream is the go that it shows: only who doubts it reads that.
        return [after(soon, bent(frame.bytes, phase === "open" ? 40 : frame.bytes.length - 1))];
    }
  }

  /** A silent peer may also be deaf: then it does not even end the sessions that it takes part in. */
  #silence(frame: Frame): Arrival[] | null {
    const s = this.#schedule;
    if (this.#isMoment(frame)) this.happened = this.#silent = true;
    const deaf = s.phase === "vote" && s.much > 1 / 2 && frame.to === s.faulty;
    const own = s.kind === "ecdh" ? between(frame, s) : frame.id === this.#hands.id();
    return this.#silent && (frame.from === s.faulty || deaf) && own ? [] : null;
  }

  /** Faults of a process, its machine or its cables. */
  #strike(frame: Frame): Arrival[] | null {
    const s = this.#schedule;
    // After going back at once, whatever it sends in the same moment to others is lost too.
    const lost = s.fault === "rollback" && this.happened && isSoon(s);
    if (lost && this.#isAbout(frame) && frame.from === s.faulty) return [];
    if (!["crash", "restart", "rollback", "clock", "partition"].includes(s.fault)) return null;
    if (!this.#isMoment(frame)) return null;
    this.happened = true;
    switch (s.fault) {
      case "rollback":
        this.#hands.goBack(s.faulty, isSoon(s) ? 0 : 300 + part(s, 29) * 3_000, part(s, 7));
        return null;
      case "clock":
        this.#hands.leap(s.faulty, leapOf(s));
        return null;
      case "partition":
        this.#hands.cutOff(s.faulty, 200 + s.much * 3_000);
        return [];
      default:
        this.#hands.kill(s.faulty, s.fault === "crash" ? null : 200 + s.much * 2_000);
        return [];
    }
  }

  firstRound(honest: Uint8Array): Uint8Array {
    const wrong = cheatFirstRound(this.#schedule, honest, this.#hands.real);
    if (wrong !== honest) this.happened = true;
    return wrong;
  }

  async go(go: Uint8Array, to: string): Promise<readonly Uint8Array[]> {
    const { fault, phase, victim, faulty } = this.#schedule;
    if (phase !== "go" || to !== victim) return [go];
    const identity = this.#hands.identity(faulty);
    switch (fault) {
      case "equivocate":
        this.happened = true;
        return [await anotherGo(identity, go)];
      case "contradict":
        this.happened = true;
        return [go, await anotherGo(identity, go)];
      case "garbage":
        this.happened = true;
        return [await mixedGo(identity, go)];
      default:
        return [go];
    }
  }

  say(said: Outgoing, { id, kind, session }: WireFacts): readonly Outgoing[] {
    const s = this.#schedule;
    const own = s.kind === "ecdh"
      ? kind === "ecdh" && s.party.includes(said.to) && !this.happened
      : id === this.#hands.id();
    if (phaseOf(kind, said.round) !== s.phase || !own) return [said];
    if (s.fault === "slander") return this.#slandered(said, kind, session);
    if (s.fault === "contradict-vote") {
      if (said.to !== s.victim) return [said];
      this.happened = true;
      this.#hands.alone(s.victim, s.faulty, 3_000);
      return [];
    }
    const one = s.fault === "equivocate" || s.fault === "contradict" || s.phase === "key deal";
    const other = one && said.to !== s.victim ? null : cheat(s, said, this.#hands.real, session);
    if (other === null) return [said];
    this.happened = true;
    return s.fault === "contradict" ? [said, other] : [other];
  }

  /** An abort against the victim, with a message in its name that it never signed. */
  #slandered(said: Outgoing, kind: WireFacts["kind"], session: Uint8Array): Outgoing[] {
    const hands = this.#hands;
    const { victim } = this.#schedule;
    this.happened = true;
    const forged = {
      session,
      round: said.round,
      to: "*",
      body: new Uint8Array(3),
      signature: new Uint8Array(64),
    };
    const evidence = [encodeEnvelope({ ...forged, from: hands.peer(victim) })];
    const code = kind === "sign" ? "invalid-signature-share" : "malformed-message";
    const body = abortRecord.encode({ code, round: said.round, peers: [hands.peer(victim)], evidence });
    return [{ to: said.to, round: abortRound, body, audience: "all" }];
  }
}

/** More that is drawn, from 0 to 1. */
const part = ({ much }: Planned, nth: number) => (much * nth) % 1;
/** In every second schedule it happens in the middle, in the others when that may be over. */
const isSoon = (s: Planned) => part(s, 13) < 1 / 2;

const between = ({ from, to }: Frame, { party }: Planned) => party.includes(from) && party.includes(to);
