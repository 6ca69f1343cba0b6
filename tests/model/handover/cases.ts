/**
 * The cases of the model of the hand-over: what holds, what does not, and each rule that is missed.
 * @module
 */
import { explore, type Found } from "./explore.ts";
import { material, type Offer, type Scenario } from "./offers.ts";
import { everyProperty, type Property } from "./properties.ts";
import type { Mutant, Powers } from "./state.ts";
import { World } from "./world.ts";

const replace: Offer = { members: [0, 1, 3], threshold: 2, dealers: [0, 2], gone: [] };
const refresh: Offer = { members: [0, 1, 2], threshold: 2, dealers: [0, 1], gone: [] };
const add: Offer = { members: [0, 1, 2], threshold: 2, dealers: [0, 1], gone: [] };
const keep: Offer = { members: [0, 1], threshold: 2, dealers: [0, 1], gone: [] };

const twoOfThree = { members: [0, 1, 2], threshold: 2 };
const twoOfTwo = { members: [0, 1], threshold: 2 };
/** The scenarios by what they are. Of two resharings, the first is X and the second is Y. */
const scenarios = {
  /** 2 of a, b, c; X: 2 of a, b, d. */
  replaced: { ...twoOfThree, peers: 4, offers: [replace] },
  /** 2 of a, b; X: 2 of a, b, c. */
  added: { ...twoOfTwo, peers: 3, offers: [add] },
  /** 2 of a, b; X: 2 of a, b, c; Y: 2 of a, b with new shares. */
  addedOrNot: { ...twoOfTwo, peers: 3, offers: [add, keep] },
  /** 2 of a, b; X and Y: 2 of a, b, c. */
  addedTwice: { ...twoOfTwo, peers: 3, offers: [add, add] },
  /** 2 of a, b, c; X: 2 of a, b, d; Y: 2 of a, b, c with new shares. */
  replacedOrNot: { ...twoOfThree, peers: 4, offers: [replace, refresh] },
  /** 2 of a, b, c; X: 2 of a, b; Y: 2 of a, d. Nobody but c is in neither. */
  narrowed: {
    ...twoOfThree,
    peers: 4,
    offers: [
      { members: [0, 1], threshold: 2, dealers: [0, 1], gone: [] },
      { members: [0, 3], threshold: 2, dealers: [0, 1], gone: [] },
    ],
  },
  /** 2 of a, b, c, d; X: 2 of a, b, without d; Y: 2 of c, d, without a and b. Only c is asked about both. */
  split: {
    members: [0, 1, 2, 3],
    threshold: 2,
    peers: 4,
    offers: [
      { members: [0, 1], threshold: 2, dealers: [0, 1], gone: [3] },
      { members: [2, 3], threshold: 2, dealers: [2, 3], gone: [0, 1] },
    ],
  },
  /** 2 of a, b, c; X: 2 of a, d, without b; Y: 2 of b, e, without a. Only c is asked about both, and leaves. */
  leaving: {
    ...twoOfThree,
    peers: 5,
    offers: [
      { members: [0, 3], threshold: 2, dealers: [0, 2], gone: [1] },
      { members: [1, 4], threshold: 2, dealers: [1, 2], gone: [0] },
    ],
  },
} satisfies Record<string, Scenario>;

export interface Case extends Partial<Powers> {
  readonly name: string;
  readonly of: keyof typeof scenarios;
  /** The one property that is asked; all of them but `no fork` if that is left out. */
  readonly only?: Property;
  /** Whether a violation is to be found. */
  readonly breaks?: true;
  /** Whether the case takes a few seconds at most. */
  readonly quick?: true;
}

const [a, b, c, d] = [0, 1, 2, 3];

const holding: readonly Case[] = [
  { name: "one is replaced, all honest", of: "replaced", giveUps: 2, quick: true },
  {
    name: "one is replaced, one that deals and stays cheats",
    of: "replaced",
    cheaters: [a],
    giveUps: 1,
    quick: true,
  },
  { name: "one is replaced, one that stays cheats", of: "replaced", cheaters: [b], giveUps: 1, quick: true },
  { name: "one is replaced, who leaves cheats", of: "replaced", cheaters: [c], giveUps: 1, quick: true },
  { name: "one is replaced, who comes cheats", of: "replaced", cheaters: [d], giveUps: 1, quick: true },
  { name: "one is replaced, the disk of one that stays goes back", of: "replaced", goesBack: b, quick: true },
  { name: "one is replaced, the disk of who leaves goes back", of: "replaced", goesBack: c, quick: true },
  { name: "one is replaced, the disk of who comes goes back", of: "replaced", goesBack: d, quick: true },
  {
    name: "one is replaced, who comes cheats, and a disk goes back",
    of: "replaced",
    cheaters: [d],
    goesBack: b,
    quick: true,
  },
  { name: "one is added, all honest", of: "added", giveUps: 2, quick: true },
  { name: "one is added, and cheats", of: "added", cheaters: [c], giveUps: 1, quick: true },
  { name: "two resharings compete, all honest", of: "addedOrNot", quick: true },
  { name: "the same, an operator gives up", of: "addedOrNot", giveUps: 1 },
  {
    name: "the same, and erases what it gave up",
    of: "addedOrNot",
    giveUps: 1,
    erases: true,
    only: "a quorum can sign",
    quick: true,
  },
  { name: "two resharings compete, who is in one cheats", of: "addedOrNot", cheaters: [c] },
  { name: "two resharings add the same peer, who cheats", of: "addedTwice", cheaters: [c] },
  { name: "two resharings with one peer in both, all honest", of: "split", quick: true },
  { name: "the same, an operator gives up", of: "split", giveUps: 1 },
  { name: "the same, the disk of the one in both goes back", of: "split", goesBack: c },
  { name: "two resharings, a member of neither cheats", of: "narrowed", cheaters: [c] },
  { name: "the same, and no two successors", of: "narrowed", cheaters: [c], only: "no fork" },
  { name: "two resharings, one that leaves is in both", of: "leaving" },
  { name: "the same, an operator gives up", of: "leaving", giveUps: 1 },
  { name: "the same, the disk of the one in both goes back", of: "leaving", goesBack: c },
  { name: "two of 2 of 3, all honest", of: "replacedOrNot" },
  { name: "two of 2 of 3, one that deals cheats", of: "replacedOrNot", cheaters: [a] },
  { name: "two of 2 of 3, one that leaves cheats", of: "replacedOrNot", cheaters: [c] },
];

/** What the design accepts: the fork shows itself by a proof, or somebody has decided it; and what is left to mend. */
const accepted: readonly Case[] = [
  {
    name: "a fork by one new member, all members before are honest",
    of: "addedOrNot",
    cheaters: [c],
    only: "no fork",
    breaks: true,
    quick: true,
  },
  { name: "a fork by one operator who gives up", of: "split", giveUps: 1, only: "no fork", breaks: true },
  { name: "a fork by one disk that goes back", of: "split", goesBack: c, only: "no fork", breaks: true },
  {
    name: "a fork by one new member, and two operators erase what they gave up",
    of: "addedTwice",
    cheaters: [c],
    erases: true,
    only: "a quorum can sign",
    breaks: true,
  },
];

const without = (
  mutant: Mutant,
  of: Case["of"],
  { name = `without a rule: ${mutant}`, ...powers }: Partial<Powers> & Partial<Pick<Case, "only" | "name">> =
    {},
): Case => ({
  name,
  of,
  mutant,
  ...powers,
  breaks: true,
  quick: true,
});

export const cases: readonly Case[] = [
  ...holding,
  ...accepted,
  without("release said before it is written", "split"),
  without("no lock", "split"),
  without("unlocked when a session fails", "split"),
  without("vote before all releases", "split"),
  without("a given-up share erased", "addedOrNot", { giveUps: 1, erases: true, only: "a quorum can sign" }),
  without("erased before t' say so", "replaced", { cheaters: [a] }),
  without("erased when pending", "replaced"),
  without("no said before it is written", "replaced"),
  without("given up without a share says yes", "replaced", { cheaters: [a] }),
  without("disk that went back unnoticed", "replaced", { goesBack: b }),
  without("given up for good once another epoch is known", "addedTwice", {
    name: "with a rule: given up for good once another epoch is known",
    cheaters: [c],
    only: "a quorum can sign",
  }),
];

/** Looks at every state of a case, or goes on to the nearest violation. */
export async function look({ name: _, of, only, breaks: __, quick: ___, ...powers }: Case): Promise<Found> {
  const nobody: Powers = { cheaters: [], giveUps: 0, erases: false, goesBack: null, mutant: null };
  const world = new World(await material(scenarios[of]), { ...nobody, ...powers });
  const asked = only === undefined ? everyProperty.filter((property) => property !== "no fork") : [only];
  return await explore(world, new Set(asked));
}
