/**
 * What a seed draws: for each schedule one session, one fault in it, and who is who.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { type Cell, cells, isCheat } from "./cells.ts";
import { Draw } from "./draw.ts";
import type { Phase } from "./tap.ts";

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
  /** How many items it signs: 2 to 5 are a batch. */
  items: number;
}

/** What a fault has to know of the session in which it happens: of any kind. */
export type Planned = Omit<Schedule, "kind"> & { kind: Schedule["kind"] | "reshare" };

/** Schedules that share a cluster, one after the other: starting it costs more than each of them. */
export const perWorld = 40;

/** Worlds of real cryptography among all: every so many-th. */
const realEvery = 27;
export const isReal = (world: number): boolean => world % realEvery === realEvery - 1;
/** The number of the n-th of them, from 0. */
export const nthReal = (n: number): number => realEvery * (n + 1) - 1;

/** In every fourth world there is a holder more than in any party. */
export const holdersOf = (world: number): readonly string[] =>
  ["alice", "bob", "carol", "dave"].slice(0, world % 4 === 0 ? 4 : 3);
export const console = "console";

export const isSetup = ({ phase }: Cell): boolean => phase === "key offer" || phase === "key choose";
const instead: Cell = { fault: "late", phase: "sign correct", scheme: "ecdsa" };

/** The schedule of that number: every round through the cells has an order of its own. */
export function schedule(seed: string, index: number): Schedule {
  const lap = Math.floor(index / cells.length);
  const cell = new Draw(`${seed} lap ${lap}`).shuffled(cells)[index % cells.length]!;
  // A real set-up takes seconds, and is nothing but two more rounds for what goes wrong around it.
  const short = isReal(Math.floor(index / perWorld)) && isSetup(cell) ? instead : cell;
  return drawn(new Draw(`${seed} schedule ${index}`), index, short);
}

/** A schedule of one cell; everything else is drawn. */
export function drawn(draw: Draw, index: number, { fault, phase, scheme }: Cell): Schedule {
  const kind = fault === "foreign" ? "sign" : kindOf(phase) ?? draw.of(["generate", "sign"] as const);
  const holders = holdersOf(Math.floor(index / perWorld));
  const order = draw.shuffled(holders);
  // Two stories need a third who compares.
  const two = kind === "ecdh" || (kind === "sign" && fault !== "equivocate" && draw.below(4) === 0);
  const party = order.slice(0, two ? 2 : 3);
  const outsider = fault !== "foreign" && (phase === "command" || phase === "result" || draw.below(3) === 0);
  const others = [console, ...order.slice(party.length)];
  const initiator = outsider ? draw.of(phase === "command" ? [console] : others) : draw.of(party);
  const faulty = faultyOf(draw, { phase, fault, party, initiator, index });
  const victim = victimOf(draw, { phase, fault, party, initiator, faulty });
  const [a, b] = draw.shuffled(
    holders.filter((name) => name !== faulty && !(kind === "ecdh" && name === victim)),
  );
  const threshold = 2 + draw.below(2);
  return {
    index,
    fault,
    phase,
    scheme,
    kind,
    initiator,
    party,
    faulty,
    victim,
    control: [a!, b ?? victim],
    threshold,
    much: draw.much(),
    nth: draw.below(2),
    items: itemsOf(draw, { kind, fault, phase }),
  };
}

/** How many items: a batch where only that has the phase, and in every third signature. */
function itemsOf(draw: Draw, { kind, fault, phase }: Pick<Schedule, "kind" | "fault" | "phase">): number {
  if (kind !== "sign" || fault === "foreign") return 1;
  return phase === "sign commit" || draw.below(3) === 0 ? 2 + draw.below(4) : 1;
}

/** In every third schedule people think about its command, instead of rules that answer at once. */
export const peopleThink = ({ index }: Pick<Schedule, "index">): boolean => index % 3 === 0;

const walletStarts: Readonly<Record<Scheme, string>> = {
  ed25519: "",
  ecdsa: "coins of a ",
  bip340: "outputs of a ",
};

/** The wallet that so many sign with. */
export const walletOf = (scheme: Scheme, signers: number): string =>
  `${walletStarts[scheme]}${signers === 2 ? "pair" : "trio"}`;

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
  { phase, fault, party, initiator, index }:
    & Omit<Cell, "scheme">
    & Pick<Schedule, "party" | "initiator" | "index">,
): string {
  const coordinator = coordinates({ initiator, party });
  const goes = fault === "rollback" || fault === "clock" || fault === "crash" || fault === "restart" ||
    fault === "partition" || fault === "silence";
  switch (phase) {
    case "command":
      return goes ? draw.of([initiator, coordinator]) : initiator;
    case "invite": // where nobody thinks, a member says nothing but its accept
      return peopleThink({ index }) ? draw.of(party) : coordinator;
    case "key accept":
    case "sign accept":
      // The coordinator's own stands in its go alone.
      return isCheat({ fault }) ? draw.of(party) : draw.of(party.filter((name) => name !== coordinator));
    case "go":
      return coordinator;
    case "result":
      return goes && draw.below(4) === 0 ? initiator : draw.of(party);
    default:
      return draw.of(party);
  }
}

function victimOf(
  draw: Draw,
  { phase, fault, party, initiator, faulty }: {
    phase: Phase;
    fault: Cell["fault"];
    party: readonly string[];
    initiator: string;
    faulty: string;
  },
): string {
  const coordinator = coordinates({ initiator, party });
  if (fault === "again") return draw.of(party.filter((name) => name !== coordinator));
  const others = party.filter((name) => name !== faulty);
  switch (phase) {
    case "command":
      return faulty === coordinator ? initiator : coordinator;
    case "invite":
    case "key accept":
    case "sign accept":
      return faulty === coordinator ? draw.of(others) : coordinator;
    case "result":
      return faulty === initiator ? draw.of(party) : initiator;
    default:
      return draw.of(others);
  }
}
