/**
 * What holds in every schedule, whatever goes wrong in it: I1 to I15 of the threat catalogue; I16, bans; I17, consent;
 * I18, what pages show; I19, a name has one key; I20, disks that go back; I21, clocks; I22, the death of a coordinator;
 * I23, batches; I24, outcomes by their id.
 * @module
 */
import {
  defaultLimits,
  itemMs,
  itemMsPerPair,
  roundShare,
  setupMsPerPair,
  unheardMs,
} from "../../src/limits.ts";
import { SessionError } from "../../src/errors.ts";
import { failures } from "../../src/failure.ts";
import { type Expected, expected, type Outcome } from "./expected.ts";
import { isCheat } from "./cells.ts";
import { coordinatorDeath } from "./ending.ts";
import { evidenceHolds } from "./proof.ts";
import { outcomeById } from "./outcome_by_id.ts";
import { outcomeOf, type View } from "./views.ts";
import type { Ran } from "./ran.ts";
import { everyItem } from "./signed.ts";
import type { World } from "./world.ts";

export interface Violation {
  invariant: string;
  what: string;
}

/** Virtual time by which an end may be late, ms. */
const grace = 250;

/** All that is wrong with one schedule. */
export async function check(ran: Ran, world: World): Promise<Violation[]> {
  const wants = expected(ran.schedule);
  const views = subject(ran, world);
  return [
    ...oneEnd(world.views.all()),
    ...agreement(views),
    ...nobodyHonestBlamed(ran, world),
    ...asExpected(ran, views, wants),
    ...await evidenceHolds(views.filter(({ name }) => name !== wants.not), world),
    ...inTime(ran, views),
    ...coordinatorDeath(ran, views),
    ...streamsClosed(ran),
    ...bans(ran, views),
    ...contradictions(ran, world),
    ...world.consents.violations(),
    ...ran.screens.flatMap((what) => violated("I18 screens", what)),
    ...world.rollbacks.violations(),
    ...world.leaps.violations(),
    ...await oneKey(world),
    ...await everyItem(ran, views, world),
    ...outcomeById(ran, views),
    ...others(ran),
  ];
}

export function violated(invariant: string, what: string): Violation[] {
  return [{ invariant, what }];
}

/** The views of the session in question. */
function subject({ id, schedule }: Ran, world: World): View[] {
  if (id !== null) return world.views.of(id);
  return world.views.all().filter(({ kind, name }) => kind === "ecdh" && schedule.party.includes(name));
}

/** I1: exactly one end for each node and session, and nothing after it. */
function oneEnd(views: readonly View[]): Violation[] {
  return views.flatMap(({ name, kind, id, end, after }) => [
    ...(end === null ? violated("I1 one end", `${name} never ended ${kind} ${id}`) : []),
    ...(after > 0
      ? violated("I1 one end", `${name} told ${after} more items after the end of ${kind} ${id}`)
      : []),
  ]);
}

/** I2: whoever is done has the same. */
function agreement(views: readonly View[]): Violation[] {
  const results = new Map<string, string>();
  for (const { end, id } of views) {
    if (end?.type !== "done") continue;
    const known = results.get(id);
    if (known !== undefined && known !== end.resultHash) {
      return violated("I2 agreement", `${id} gave ${known} and ${end.resultHash}`);
    }
    results.set(id, end.resultHash);
  }
  return [];
}

/** I4: codes of culprits name the cheat, all the others name nobody; who only lost frames is never blamed. */
function nobodyHonestBlamed({ schedule: s }: Ran, world: World): Violation[] {
  const cheat = isCheat(s) ? world.cluster.peer(s.faulty) : null;
  return world.views.all().flatMap(({ end, name }) => {
    if (end?.type !== "failed") return [];
    const wrong = end.culprits.filter((peer) => peer !== cheat);
    const named = end.culprits.length > 0 === (failures[end.code].names === "culprits");
    if (wrong.length > 0 && name !== s.faulty) {
      return violated(
        "I4 blame",
        `${name} blames ${wrong.map((peer) => world.cluster.nameOf(peer))}: ${end.code}`,
      );
    }
    return named || name === s.faulty
      ? []
      : violated("I4 blame", `${name} says ${end.code} of ${end.culprits}`);
  });
}

/** I3: what the table says. */
function asExpected(ran: Ran, views: readonly View[], wants: Expected): Violation[] {
  const { schedule: s, settled } = ran;
  const wrong = (what: string) => violated("I3 expected", `${s.fault} @ ${s.phase}: ${what}`);
  if (!ran.happened) return wrong("the fault never had its moment");
  const found: Violation[] = [];
  const honest = views.filter(({ name }) => s.party.includes(name) && name !== wants.not);
  const outcomes = honest.map((view) => [view.name, outcomeOf(view)] as const);
  for (const [name, outcome] of outcomes) {
    const may: readonly (Outcome | null)[] = name === s.victim && wants.victim ? wants.victim : wants.members;
    if (!may.includes(outcome)) {
      found.push(...wrong(`${name} ended with ${outcome}, expected ${may.join(" or ")}`));
    }
  }
  const error = settled && "threw" in settled ? settled.threw : null;
  const code = error instanceof SessionError ? error.code : null;
  if (
    wants.seen && ![...outcomes.map(([, outcome]) => outcome), code].some((one) => wants.seen!.includes(one!))
  ) {
    found.push(...wrong(`nobody reported ${wants.seen.join(" or ")}: ${outcomes.join("; ")}; ${code}`));
  }
  if (s.kind !== "ecdh") {
    const gave = settled === null ? null : "gave" in settled ? "success" : "failure";
    const mine = s.initiator === wants.not || gave === null;
    if (!mine && wants.result !== "either" && gave !== wants.result) {
      found.push(...wrong(`${s.initiator} got ${gave} (${code}), expected ${wants.result}`));
    }
    if (gave === null && s.initiator !== wants.not) found.push(...wrong(`${s.initiator} got nothing`));
  }
  if (error !== null && !(error instanceof SessionError)) found.push(...wrong(`threw ${error}`));
  return found;
}

/** I9: nothing takes longer than it may. */
function inTime({ schedule: s, settledAt, startedAt, settled }: Ran, views: readonly View[]): Violation[] {
  const { signMs, generateMs, linkMs } = defaultLimits;
  const pairs = s.scheme === "ecdsa" ? s.party.length - 1 : 0;
  const total = {
    sign: signMs + (s.items - 1) * (itemMs + itemMsPerPair * pairs),
    generate: generateMs + pairs * setupMsPerPair,
    ecdh: linkMs,
  }[s.kind];
  const share = s.kind === "ecdh" ? 1 / 2 : roundShare;
  const late = views.flatMap(({ name, opening, round, endedAt, end }) => {
    const whole = opening === null || endedAt === null ? 0 : endedAt - opening;
    const waited = round === null || endedAt === null ? 0 : endedAt - round;
    const silence = end?.type === "failed" && end.code === "round-timeout" && end.phase === "exchanging";
    return whole > total + grace || (silence && waited > total * share + grace)
      ? violated(
        "I9 in time",
        `${name} took ${Math.round(whole)} ms, ${Math.round(waited)} ms for its last round`,
      )
      : [];
  });
  if (settled && settledAt - startedAt > unheardMs + grace) {
    late.push(...violated("I9 in time", `${s.initiator} waited ${Math.round(settledAt - startedAt)} ms`));
  }
  return late;
}

/** I10: streams of errors end once, without an error, with all that was in them, for whoever reads whenever. */
function streamsClosed({ streams, schedule: s, settled }: Ran): Violation[] {
  const alive = settled !== null;
  if (streams === null || !alive) return [];
  if (streams.broken) return violated("I10 streams", `errors() broke: ${streams.broken}`);
  if (!streams.early || !streams.afterwards) {
    return violated("I10 streams", `errors() of ${s.initiator} never ended`);
  }
  const ends = (faults: readonly { type: string }[]) => faults.filter(({ type }) => type === "failed").length;
  const most = "threw" in settled ? 1 : 0;
  const same = streams.early.length === streams.afterwards.length;
  return same && ends(streams.early) <= 1 && ends(streams.early) >= most && ends(streams.afterwards) >= most
    ? []
    : violated(
      "I10 streams",
      `${ends(streams.early)} and ${ends(streams.afterwards)} failures, expected ${most}`,
    );
}

/** I16: who fails a check that bans is banned by whoever found it, on disk, first; nobody else ever is. */
function bans({ schedule: s, marks, early }: Ran, views: readonly View[]): Violation[] {
  const found = early.flatMap((name) => violated("I16 bans", `${name} told of a ban that was not on disk`));
  for (const [name, rows] of marks) {
    const caught = views.some((view) =>
      view.name === name && view.end?.type === "failed" && view.end.code === "invalid-multiplication"
    );
    const expected = caught && name !== s.faulty ? [`ban ${s.faulty}`, `pair ${s.faulty}`] : [];
    if (rows.join() !== expected.join()) {
      found.push(...violated("I16 bans", `${name} has ${rows.join() || "nothing"}, expected ${expected}`));
    }
  }
  return found;
}

/**
 * I4: nobody is named for a yes and a no but who has said both: who cheats, or whose disk went back to between the
 * opening of a session and its vote, where that cannot be noticed: nobody had heard of the vote yet. It is told as what
 * it is, with both words, and never ends a session.
 */
function contradictions({ schedule: s, contradicted }: Ran, { rollbacks }: World): Violation[] {
  const may = s.fault === "contradict-vote" || (s.fault === "rollback" && !rollbacks.mustNotice);
  const wrong = contradicted.filter((name) => !may || name !== s.faulty);
  return wrong.length > 0 ? violated("I4 blame", `${wrong} is said to contradict itself`) : [];
}

/**
 * I19: a name has one key. At nobody are two keys of one name active, unless it has a proof that somebody has said yes
 * and no, or an operator has given one of them up.
 */
export async function oneKey({ cluster, excused }: Pick<World, "cluster" | "excused">): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const { name, node } of cluster.nodes.values()) {
    const known = new Map<string, string>();
    for (const { wallet, scheme, session, state } of await node.keys()) {
      if (state === "pending" || excused.has(`${scheme} ${wallet}`)) continue;
      const other = known.get(`${scheme} ${wallet}`);
      if (other !== undefined) {
        found.push(
          ...violated("I19 one key", `${name} has two of ${scheme} ${wallet}: ${other}, ${session}`),
        );
      }
      known.set(`${scheme} ${wallet}`, session);
    }
  }
  return found;
}

/** I8, I12, I7: the session beside it succeeded; and in the end everything is as it was. */
function others({ control, healed }: Ran): Violation[] {
  return [
    ...(control === null ? violated("I8 others", "the session beside it failed") : []),
    ...(control !== null && control > 2_000
      ? violated("I8 others", `the session beside it took ${control} ms`)
      : []),
    ...(healed !== null ? violated("I12 back", healed) : []),
  ];
}
