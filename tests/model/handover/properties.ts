/**
 * What is asked of every state of the model.
 * @module
 */
import { letter } from "./offers.ts";
import { bit, type Bits, bitsOf } from "./peer.ts";
import { names, type State, type Step } from "./state.ts";
import type { World } from "./world.ts";

/** The properties, each by its name. */
export const everyProperty = [
  "a quorum can sign",
  "nobody honest contradicts itself",
  "a yes stands for a share",
  "nobody signs with a past epoch",
  "no fork without its reason",
  "no fork",
  "no lock stays",
  "what is done is done everywhere",
] as const;
export type Property = (typeof everyProperty)[number];

const count = (bits: Bits): number => bits.toString(2).replaceAll("0", "").length;

/** @returns What is violated, in one sentence; null if nothing is. */
export function violated(
  world: World,
  state: State,
  steps: readonly Step[],
  asked: ReadonlySet<Property>,
): string | null {
  const { honest, material: { scenario, dealt }, powers } = world;
  const here = honest.filter((peer) => world.here(state, peer));
  const all = here.map((peer) => ({ peer, ...world.facts(state, peer) }));
  if (asked.has("a quorum can sign")) {
    const before = all.filter(({ holdsOld, retired }) => holdsOld && !retired).length >= scenario.threshold;
    if (!before && !dealt.some((_, s) => canSign(world, state, s))) {
      return "no quorum of honest disks can sign, with any epoch";
    }
  }
  for (const [s, name] of names.slice(0, dealt.length).entries()) {
    const both = state[world.voted(s)]! & state[world.refused(s)]!;
    if (asked.has("nobody honest contradicts itself") && both !== 0) {
      return `yes and no of one peer to ${name}`;
    }
  }
  for (const { peer, rows } of asked.has("a yes stands for a share") ? all : []) {
    if (peer === powers.goesBack && state[world.back()] === 2) continue;
    const s = rows.findIndex(({ share }, s) => !share && (state[world.voted(s)]! & bit(peer)) !== 0);
    if (s >= 0) return `${letter(peer)} has voted for ${names[s]}, and has no share of it`;
  }
  if (asked.has("nobody signs with a past epoch")) {
    for (const { peer, signsOld, retired, rows } of all) {
      const knows = rows.some(({ certified }) => certified);
      if (knows && signsOld) return `${letter(peer)} would sign with an epoch whose successor it knows`;
      if (retired && !knows) return `${letter(peer)} has retired an epoch without a successor`;
    }
  }
  const forked = dealt.length === 2 && [0, 1].every((s) =>
    world.isSigned(state, s) &&
    world.all(bitsOf(dealt[s]!.dealers), state[world.released(s)]!)
  );
  if (forked && asked.has("no fork")) return "two successors can be certified";
  if (forked && asked.has("no fork without its reason") && !isExplained(world, state)) {
    return "two successors can be certified, and no honest peer in both parties has given way";
  }
  const isQuiet = here.every((peer) => state[world.run(peer)] === 0) && !steps.some(({ heals }) => heals);
  if (!isQuiet) return null;
  const undecided = (of: (typeof all)[number], s: number) =>
    ["pending", "released"].includes(of.rows[s]!.state);
  for (const [s, name] of names.slice(0, dealt.length).entries()) {
    const refusing = all.filter(({ peer, rows }) =>
      rows[s]!.state === "no" && (world.members[s]! & bit(peer)) !== 0
    );
    for (const one of all) {
      if (!asked.has("no lock stays") || !undecided(one, s)) continue;
      const isFreed = refusing.some(({ peer }) => !(one.rows[s]!.yes & bit(peer)));
      if (isFreed) return `${letter(one.peer)} is locked to ${name} for ever, which a member has refused`;
      const free = powers.cheaters.length === 0 && powers.goesBack === null;
      if (free) return `${letter(one.peer)} is locked to ${name} for ever, though all are honest and up`;
    }
  }
  if (!asked.has("what is done is done everywhere")) return null;
  const certain = dealt.map((_, s) => world.knowing(state, s).length > 0);
  const [s] = certain.flatMap((known, s) => known ? [s] : []);
  if (s === undefined || certain.filter(Boolean).length > 1) return null;
  if (powers.goesBack !== null) return null;
  for (const { peer, rows, holdsOld } of all) {
    if ((world.parties[s]! & bit(peer)) !== 0 && !rows[s]!.certified) {
      return `${letter(peer)} never learns of ${names[s]}`;
    }
    if (holdsOld) return `${letter(peer)} keeps a share of a past epoch for ever`;
  }
  return null;
}

/** Whether a quorum of honest disks has shares of a session's epoch, and can come by its certificate without a cheater. */
function canSign(world: World, state: State, s: number): boolean {
  const here = world.honest.filter((peer) => world.here(state, peer));
  const rows = here.map((peer) => ({ peer, row: world.facts(state, peer).rows[s]! }));
  const holders = rows.filter(({ peer, row }) => row.share && !world.isOut(state, peer, s));
  if (holders.length + taken(world, state, s) < world.material.dealt[s]!.threshold) return false;
  if (rows.some(({ row }) => row.certified)) return true;
  // Whoever has voted says yes to everyone who asks.
  const voters = bitsOf(holders.filter(({ row }) => row.state !== "lost").map(({ peer }) => peer));
  return holders.some(({ row }) => (world.members[s]! & ~(row.yes | voters)) === 0);
}

/** The shares that a disk had before it went back: 0 or 1. */
function taken(world: World, state: State, s: number): number {
  const { goesBack } = world.powers;
  if (goesBack === null || state[world.back()] !== 2) return 0;
  const hasVoted = (state[world.voted(s)]! & bit(goesBack)) !== 0;
  return hasVoted && !world.facts(state, goesBack).rows[s]!.share ? 1 : 0;
}

/**
 * Whether a fork has one of its three reasons at every honest peer that is in both parties: a member that cheats has said
 * no there (its yes and its no are a proof), the operator gave one of them up, or the disk went back. If nobody honest is
 * in both parties, the commands have named the others as gone.
 */
function isExplained(world: World, state: State): boolean {
  const both = world.parties[0]! & world.parties[1]!;
  return world.honest.filter((peer) => both & bit(peer)).every((peer) => {
    if (world.powers.goesBack === peer && state[world.back()] === 2) return true;
    return [0, 1].some((s) => {
      const lies = world.facts(state, peer).rows[s]!.nos & world.cheaters;
      return count(lies) > 0 || (state[world.gaveUp(s)]! & bit(peer)) !== 0;
    });
  });
}
