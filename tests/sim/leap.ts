/**
 * A wall clock that leaps: how far, who has to say so, and which commands are then of another time. Not a test by itself.
 * @module
 */
import type { NodeEvent } from "../../src/events.ts";
import { clockSkew, defaultCommandAge, presenceEvery } from "../../src/limits.ts";
import type { Cluster } from "./cluster.ts";
import { violated, type Violation } from "./invariants.ts";
import type { Probe } from "./probe.ts";
import type { Schedule } from "./schedule.ts";

/** From one second to eleven days, forward or back, ms. */
export function leapOf({ much }: Pick<Schedule, "much">): number {
  const drawn = Math.round(much * 1_000_000);
  return (drawn % 2 === 0 ? 1 : -1) * Math.round(1_000 * 10 ** (much * 6));
}

/** What is between asking and looking, ms. */
const margin = 2_000;
/** After so long each has told its time twice: one message alone may have been on its way for long. */
const saidAfter = 3 * presenceEvery;

/** Whether a command of a clock that is `ahead`, ms, of that of who is asked is of another time; null: it is close. */
function isOfAnotherTime(ahead: number): boolean | null {
  const [most, least] = [clockSkew, -(clockSkew + defaultCommandAge)];
  const close = Math.abs(ahead - most) < margin || Math.abs(ahead - least) < margin;
  return close ? null : ahead > most || ahead < least;
}

/** Whether a leap can be in the way of what was asked for before it. */
export const isFar = (s: Pick<Schedule, "much">): boolean => Math.abs(leapOf(s)) > clockSkew - margin;

const broken = (what: string) => violated("I21 clocks", what);

/** What nodes say of clocks and links while one of them is wrong. */
export class LeapWatch {
  readonly #differences = new Map<string, number>();
  readonly #violations: Violation[] = [];
  #leapt = false;

  leapt(): void {
    this.#leapt = true;
  }

  forget(): void {
    this.#leapt = false;
    this.#differences.clear();
  }

  /** An item of `name`'s own view. */
  told(name: string, event: NodeEvent, nameOf: (peer: string) => string): void {
    if (event.type === "warning" && event.code === "clock-difference") {
      this.#differences.set(`${name} of ${nameOf(event.via!)}`, event.seconds!);
      if (!this.#leapt) this.#violations.push(...broken(`${name} says that a clock is off, and none is`));
    }
    if (this.#leapt && event.type === "link" && event.state !== "up") {
      this.#violations.push(...broken(`the link of ${name} to ${nameOf(event.other)} is ${event.state}`));
    }
    if (this.#leapt && event.type === "peer" && event.state !== "here") {
      this.#violations.push(...broken(`${nameOf(event.other)} is ${event.state} for ${name}`));
    }
  }

  /** What was found since the last call. */
  violations(): Violation[] {
    return this.#violations.splice(0);
  }

  /** The clock is wrong, and has been for a while: everybody that it concerns has said so, and by how much. */
  said({ nodes }: Cluster, faulty: string, leap: number): void {
    const far = Math.abs(leap) > clockSkew + margin;
    if (!far && isFarEnoughToDoubt(leap)) return;
    for (const name of nodes.keys()) {
      if (name === faulty) continue;
      for (const [by, of, ahead] of [[name, faulty, leap], [faulty, name, -leap]] as const) {
        const seconds = this.#differences.get(`${by} of ${of}`);
        const right = far
          ? seconds !== undefined && Math.abs(seconds * 1_000 - ahead) < margin
          : seconds === undefined;
        if (right) continue;
        this.#violations.push(
          ...broken(`${by} says ${seconds} s of ${of}'s clock, which is ${ahead} ms ahead`),
        );
      }
    }
  }

  add(what: string): void {
    this.#violations.push(...broken(what));
  }
}

const isFarEnoughToDoubt = (leap: number) => Math.abs(Math.abs(leap) - clockSkew) <= margin;

export interface Leapt {
  cluster: Cluster;
  watch: LeapWatch;
  probe: Probe;
  leap: number;
}

/** While the clock is wrong: what is said of it, and what becomes of commands; then somebody puts it right. */
export async function putRight({ cluster, watch, probe, leap }: Leapt): Promise<void> {
  const { clock } = cluster;
  const { faulty } = probe;
  await clock.pass(saidAfter);
  watch.said(cluster, faulty, leap);
  for (const [ask, ahead] of [["asks", leap], ["asked", -leap]] as const) {
    if (ask === "asked" && !probe.isHolder) continue;
    const refused = isOfAnotherTime(ahead);
    const codes = await clock.until(probe[ask]());
    const right = refused ? codes?.includes("clock-skew") : codes === null;
    if (refused !== null && !right) {
      watch.add(`${faulty} ${ask}, ${ahead} ms ahead, and that ended with ${codes ?? "success"}`);
    }
  }
  cluster.setClock(faulty, 0);
  await clock.pass(presenceEvery + margin); // the next leap is another
}
