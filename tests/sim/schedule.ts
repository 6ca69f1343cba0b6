/**
 * What a seed draws: for each schedule one session, one fault in it, and who is who.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { type Phase, phases } from "./tap.ts";

/** Every way in which a schedule goes wrong. */
export const faults = [
  "drop", // a frame never arrives
  "delay", // it arrives late, but in time
  "late", // it arrives when it is over
  "duplicate", // it arrives twice
  "reorder", // all of a phase arrive in any order
  "corrupt", // a byte of it is another: nobody signed or sealed that
  "garbage", // authentic, and does not decode
  "wrong-round", // authentic, of a round that there is not
  "equivocate", // authentic, and another for one peer than for the others
  "contradict", // authentic, and then another in the same place
  "slander", // an abort that rests on forged evidence against another
  "bad-share",
  "bad-proof",
  "bad-commitment",
  "bad-confirmation",
  "silence", // from here on nothing comes
  "crash", // the process is gone; it comes back when all is over
  "restart", // it is gone, and soon back with what was on disk
  "partition", // one is cut off for a while
  "store", // a write fails
] as const;
export type FaultName = typeof faults[number];

const rounds: readonly Phase[] = [
  "key commit",
  "key reveal",
  "key deal",
  "key confirm",
  "sign commit",
  "sign share",
];
const broadcasts = rounds.filter((phase) => phase !== "key deal");
/** Where each fault can happen. */
const places: Record<FaultName, readonly Phase[]> = {
  "drop": phases,
  "delay": phases,
  "late": phases,
  "duplicate": phases,
  "reorder": [...rounds, "vote", "open"],
  "corrupt": phases,
  "garbage": [...rounds, "vote", "link confirm"],
  "wrong-round": [...rounds, "vote", "link confirm"],
  "equivocate": [...broadcasts, "vote"],
  "contradict": rounds,
  "slander": ["key reveal", "key deal", "key confirm", "sign share"],
  "bad-share": ["key deal", "sign share"],
  "bad-proof": ["key reveal"],
  "bad-commitment": ["key reveal"],
  "bad-confirmation": ["key confirm", "link confirm"],
  "silence": phases,
  "crash": phases,
  "restart": phases,
  "partition": phases,
  "store": ["open", "vote"],
};

export interface Cell {
  fault: FaultName;
  phase: Phase;
}

/** Faults that are in a peer, and not in its network, its process or its disk. */
const cheats: readonly FaultName[] = [
  "garbage",
  "wrong-round",
  "equivocate",
  "contradict",
  "slander",
  "bad-share",
  "bad-proof",
  "bad-commitment",
  "bad-confirmation",
];
export const isCheat = ({ fault }: { fault: FaultName }): boolean => cheats.includes(fault);

/** Every fault in every phase in which it can happen. */
export const cells: readonly Cell[] = faults.flatMap((fault) =>
  phases.filter((phase) => places[fault].includes(phase)).map((phase) => ({ fault, phase }))
);

export interface Schedule extends Cell {
  index: number;
  kind: "ecdh" | "generate" | "sign";
  /** Who asks: a member of the party, which then coordinates, or somebody else. */
  initiator: string;
  /** By name. */
  party: readonly string[];
  /** Who does it, or whose frame it happens to. */
  faulty: string;
  /** Whom it hits, where it hits one. */
  victim: string;
  /** Two that have nothing to do with it and sign at the same time. */
  control: readonly [string, string];
  threshold: number;
  /** For what takes time: from 0 to 1, how much. */
  much: number;
  /** The how many-th of the frames that match is hit, from 0. */
  nth: number;
}

/** Schedules that share a cluster, one after the other: starting it costs more than each of them. */
export const perWorld = 40;

/** Worlds of real cryptography among all: every so many-th. */
const realEvery = 27;
export const isReal = (world: number): boolean => world % realEvery === realEvery - 1;

/** Every other world has a holder more than any party. */
export const holdersOf = (world: number): readonly string[] =>
  ["alice", "bob", "carol", "dave"].slice(0, world % 2 === 0 ? 4 : 3);
export const console = "console";

/** Choices that a seed makes: xorshift32, from a hash of the seed. For schedules, never for secrets. */
export class Draw {
  #state: number;
  constructor(seed: string) {
    this.#state = new DataView(sha256(new TextEncoder().encode(seed)).buffer).getUint32(0) || 1;
  }
  /** From 0 to `below` - 1. */
  below(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % below;
  }
  /** From 0 to 1. */
  much(): number {
    return this.below(1_000_001) / 1_000_000;
  }
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.below(rest.length), 1)[0]!);
  }
}

/** The schedule of that number: every round through the cells has an order of its own. */
export function schedule(seed: string, index: number): Schedule {
  const lap = Math.floor(index / cells.length);
  const cell = new Draw(`${seed} lap ${lap}`).shuffled(cells)[index % cells.length]!;
  return drawn(new Draw(`${seed} schedule ${index}`), index, cell);
}

/** A schedule of one cell; everything else is drawn. */
export function drawn(draw: Draw, index: number, { fault, phase }: Cell): Schedule {
  const kind = kindOf(phase) ?? draw.of(["generate", "sign"] as const);
  const holders = holdersOf(Math.floor(index / perWorld));
  const order = draw.shuffled(holders);
  // Two stories need a third who compares.
  const two = kind === "ecdh" || (kind === "sign" && fault !== "equivocate" && draw.below(4) === 0);
  const party = order.slice(0, two ? 2 : 3);
  const outsider = phase === "command" || phase === "result" || draw.below(3) === 0;
  const others = [console, ...order.slice(party.length)];
  const initiator = outsider ? draw.of(phase === "command" ? [console] : others) : draw.of(party);
  const faulty = faultyOf(draw, { phase, fault, party, initiator });
  const victim = victimOf(draw, { phase, party, initiator, faulty });
  const [a, b] = draw.shuffled(
    holders.filter((name) => name !== faulty && !(kind === "ecdh" && name === victim)),
  );
  const threshold = 2 + draw.below(2);
  return {
    index,
    fault,
    phase,
    kind,
    initiator,
    party,
    faulty,
    victim,
    control: [a!, b ?? victim],
    threshold,
    much: draw.much(),
    nth: draw.below(2),
  };
}

function kindOf(phase: Phase): Schedule["kind"] | null {
  if (phase.startsWith("link")) return "ecdh";
  if (phase.startsWith("key") || phase === "vote") return "generate";
  return phase.startsWith("sign") ? "sign" : null;
}

/** The coordinator: who asks, if it is of the party; else the first that it is connected to. Known by name only. */
export const coordinates = ({ initiator, party }: Pick<Schedule, "initiator" | "party">): string =>
  party.includes(initiator) ? initiator : [...party].sort()[0]!;

function faultyOf(
  draw: Draw,
  { phase, fault, party, initiator }: Cell & { party: readonly string[]; initiator: string },
): string {
  const goes = fault === "crash" || fault === "restart" || fault === "partition" || fault === "silence";
  switch (phase) {
    case "command":
      return goes ? draw.of([initiator, coordinates({ initiator, party })]) : initiator;
    case "result":
      return goes && draw.below(4) === 0 ? initiator : draw.of(party);
    default:
      return draw.of(party);
  }
}

function victimOf(
  draw: Draw,
  { phase, party, initiator, faulty }: {
    phase: Phase;
    party: readonly string[];
    initiator: string;
    faulty: string;
  },
): string {
  const coordinator = coordinates({ initiator, party });
  const others = party.filter((name) => name !== faulty);
  switch (phase) {
    case "command":
      return faulty === coordinator ? initiator : coordinator;
    case "invite":
      return faulty === coordinator ? draw.of(others) : coordinator;
    case "result":
      return faulty === initiator ? draw.of(party) : initiator;
    default:
      return draw.of(others);
  }
}
