/**
 * What a seed draws for a wallet that is dealt anew again and again: who gets it next, who deals, and what goes wrong
 * meanwhile.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { ecdsaPhases, type FaultName, isCheat } from "./cells.ts";
import { Draw } from "./draw.ts";
import { console, coordinates, type Planned } from "./schedule.ts";
import type { Phase } from "./tap.ts";

/** The holders of a world in which epochs pass. */
export const epochHolders: readonly string[] = ["alice", "bob", "carol", "dave", "erin"];
/** Schedules in one of them, each a resharing. */
export const perLine = 16;

/** What goes wrong in a resharing; `none`, and `rival`: another manager asks for another one at the same moment. */
export type EpochFault =
  | Exclude<FaultName, "again" | "foreign" | "clock" | "contradict-vote">
  | "none"
  | "rival";

/** Stations of a resharing, in their order. */
export const epochPhases: readonly Phase[] = [
  "command",
  "invite",
  "key accept",
  "go",
  "open",
  "key reveal",
  "key deal",
  "key confirm",
  "key offer",
  "key choose",
  "release",
  "vote",
  "result",
];
const rounds: readonly Phase[] = ["key reveal", "key deal", "key confirm"];

/** What happens to a peer that has nothing to send as well. */
const ofProcesses: readonly EpochFault[] = ["silence", "crash", "restart", "partition"];

/** Where each fault can happen. */
const places: Readonly<Record<EpochFault, readonly Phase[]>> = {
  "none": ["command"],
  "rival": ["command"],
  "drop": epochPhases,
  "delay": epochPhases,
  "late": epochPhases,
  "duplicate": epochPhases,
  "reorder": [...rounds, "key accept", "release", "vote"],
  "corrupt": epochPhases,
  "silence": epochPhases,
  "crash": epochPhases,
  "restart": epochPhases,
  "partition": epochPhases,
  "rollback": ["key accept", "open", "key confirm", "release", "vote", "result"],
  "store": ["open", "release", "vote"],
  "garbage": [...rounds, "key accept", "go", "release", "vote"],
  "wrong-round": [...rounds, "release", "vote"],
  "equivocate": ["key reveal", "key confirm", "go", "release", "vote"],
  "contradict": [...rounds, "release"],
  "slander": [...rounds],
  "bad-share": ["key deal"],
  "bad-proof": ["key reveal"],
  "bad-commitment": ["key accept", "key reveal", "key choose"],
  "bad-confirmation": ["key confirm"],
  "bad-multiplication": [],
  "other-request": [],
};

/** A fault, and where it happens. */
export interface EpochCell {
  readonly fault: EpochFault;
  readonly phase: Phase;
}

/** Every fault in every phase of a resharing. */
export const epochCells: readonly EpochCell[] = Object.entries(places).flatMap(([fault, phases]) =>
  phases.map((phase) => ({ fault: fault as EpochFault, phase }))
);

/** The name of a cell of resharings. */
export const epochCellName = ({ fault, phase }: EpochCell): string => `reshare ${fault} @ ${phase}`;

/** One resharing. By name. */
export interface EpochPlan {
  readonly number: number;
  readonly fault: EpochFault;
  readonly phase: Phase;
  readonly initiator: string;
  readonly members: readonly string[];
  readonly threshold: number;
  readonly dealers: readonly string[];
  readonly gone: readonly string[];
  /** Members to be, and members now that are not gone. Sorted. */
  readonly party: readonly string[];
  readonly faulty: string;
  readonly victim: string;
  /** A second manager, and whom it would give the key to. */
  readonly rival: { readonly initiator: string; readonly members: readonly string[] };
  /** Two that sign with a wallet of their own. */
  readonly control: readonly [string, string];
  /** Members now that sign with the wallet while it is dealt anew. */
  readonly beside: readonly string[];
  readonly much: number;
  readonly nth: number;
}

/** In every third resharing people think about its command, instead of rules that answer at once. */
export const peopleThinkOf = ({ number }: Pick<EpochPlan, "number">): boolean => number % 3 === 0;

/** The epoch that is dealt anew. By name. */
export interface EpochNow {
  readonly members: readonly string[];
  readonly threshold: number;
  /** Of those, who has its share on disk. */
  readonly holding: readonly string[];
}

const lineSchemes: readonly Scheme[] = ["ed25519", "ecdsa", "bip340"];
/** The scheme of the wallet of a line. */
export const schemeOfLine = (line: number): Scheme => lineSchemes[line % lineSchemes.length]!;

/**
 * What goes wrong in the n-th resharing of a line, from 0: something in every second one, so that epochs pass. Every
 * round through the cells of a scheme has an order of its own.
 */
export function epochCell(seed: string, line: number, nth: number): EpochCell {
  if (nth % 2 === 1) return { fault: "none", phase: "command" };
  const scheme = schemeOfLine(line);
  const cells = epochCells.filter(({ phase }) => scheme === "ecdsa" || !ecdsaPhases.includes(phase));
  const among = Math.floor(line / lineSchemes.length) * Math.ceil(perLine / 2) + nth / 2;
  const lap = new Draw(`${seed} lap ${Math.floor(among / cells.length)} of ${scheme}`);
  return lap.shuffled(cells)[among % cells.length]!;
}

/** Draws all else. What would leave fewer shares than sign is not drawn: nothing can help against that. */
export function epochPlan(draw: Draw, number: number, cell: EpochCell, now: EpochNow): EpochPlan {
  const order = draw.shuffled(epochHolders);
  const size = 3 + draw.below(3);
  const members = [...order.slice(0, size)].sort();
  const threshold = 2 + draw.below(size > 3 ? 2 : 1);
  const leaving = now.members.filter((name) => !members.includes(name));
  const spare = now.holding.length - now.threshold - 1;
  const gone = draw.below(2) === 0
    ? []
    : draw.shuffled(leaving).slice(0, Math.max(0, Math.min(spare, 2))).sort();
  const able = draw.shuffled(now.holding.filter((name) => !gone.includes(name)));
  const dealers = able.slice(0, now.threshold).sort();
  const party = [...new Set([...members, ...now.members.filter((name) => !gone.includes(name))])].sort();
  // A command travels only where whoever asks does not coordinate.
  const asksItself = cell.phase !== "command" || cell.fault === "none" || cell.fault === "rival";
  const initiator = !asksItself || draw.below(3) === 0 ? console : draw.of(party);
  const peers = { party, dealers, initiator, members };
  const fault = mayLose(cell, { now, members, threshold }) ? cell.fault : "none";
  const faulty = faultyOf(draw, { ...cell, fault }, peers);
  const [a, b] = draw.shuffled(epochHolders.filter((name) => name !== faulty));
  return {
    number,
    ...cell,
    fault,
    threshold,
    gone,
    ...peers,
    faulty,
    victim: victimOf(draw, { ...cell, fault }, { ...peers, faulty }),
    rival: {
      initiator: draw.of(epochHolders.filter((name) => name !== initiator)),
      members: [...draw.shuffled(epochHolders).slice(0, 3)].sort(),
    },
    control: [a!, b!],
    beside: draw.shuffled(now.holding).slice(0, now.threshold),
    much: draw.much(),
    nth: draw.below(2),
  };
}

/** Whether one disk may lose what was on it, of this epoch and of the next. */
function mayLose(
  { fault }: EpochCell,
  { now, members, threshold }: { now: EpochNow; members: readonly string[]; threshold: number },
): boolean {
  return fault !== "rollback" || (now.holding.length > now.threshold && members.length > threshold);
}

type Peers = Pick<EpochPlan, "party" | "dealers" | "initiator" | "members">;

function faultyOf(
  draw: Draw,
  { fault, phase }: EpochCell,
  { party, dealers, initiator, members }: Peers,
): string {
  const coordinator = coordinates({ party, initiator });
  switch (phase) {
    case "command":
      return draw.of(ofProcesses.includes(fault) ? [initiator, coordinator] : [initiator]);
    case "invite":
    case "go":
      return coordinator;
    case "key accept":
      return fault === "bad-commitment" ? draw.of(dealers) : draw.of(
        isCheat({ fault: fault as FaultName }) ? party : party.filter((name) => name !== coordinator),
      );
    case "key reveal":
    case "key deal":
      return draw.of(isCheat({ fault: fault as FaultName }) ? dealers : party);
    case "vote":
      return draw.of(members);
    case "result":
      return draw.of(party.filter((name) => name !== initiator));
    default:
      return draw.of(party);
  }
}

function victimOf(
  draw: Draw,
  { phase }: EpochCell,
  { party, initiator, members, faulty }: Peers & Pick<EpochPlan, "faulty">,
): string {
  const coordinator = coordinates({ party, initiator });
  const others = party.filter((name) => name !== faulty);
  switch (phase) {
    case "command":
      return faulty === coordinator ? initiator : coordinator;
    case "invite":
    case "key accept":
      return faulty === coordinator ? draw.of(others) : coordinator;
    case "key deal":
    case "key choose":
      return draw.of(others.filter((name) => members.includes(name)));
    case "result":
      return initiator;
    default:
      return draw.of(others);
  }
}

/** The same as the faults of other sessions see it. */
export function plannedOf(plan: EpochPlan, scheme: Scheme): Planned {
  const { number, fault, phase, initiator, party, faulty, victim, control, threshold, much, nth } = plan;
  const kind = "reshare";
  return {
    index: number,
    fault: fault as FaultName,
    phase,
    scheme,
    kind,
    initiator,
    party,
    faulty,
    victim,
    control,
    threshold,
    much,
    nth,
    items: 1,
  };
}
