/**
 * The search through all states of the model, nearest first.
 * @module
 */
import { type Property, violated } from "./properties.ts";
import { type State, Unknown } from "./state.ts";
import type { World } from "./world.ts";

export interface Found {
  readonly states: number;
  readonly depth: number;
  readonly disks: number;
  readonly seconds: number;
  /** The steps to the nearest violation, and the property in the end; null if all holds. */
  readonly violation: readonly string[] | null;
}

const keyOf = (state: State): string => String.fromCharCode(...state);
const stateOf = (key: string): State => Array.from(key, (_, i) => key.charCodeAt(i));

async function known<T>(find: () => T): Promise<T> {
  for (;;) {
    try {
      return find();
    } catch (unknown) {
      if (!(unknown instanceof Unknown)) throw unknown;
      await unknown.ask();
    }
  }
}

export async function explore(world: World, asked: ReadonlySet<Property>): Promise<Found> {
  const began = performance.now();
  const states: string[] = [keyOf(world.first())];
  const seen = new Set(states);
  const from: number[] = [-1];
  const said: string[] = [""];
  const depths: number[] = [0];
  const found = (at: number, violation: string | null): Found => {
    const steps: string[] = [];
    for (let i = at; violation !== null && i > 0; i = from[i]!) steps.unshift(said[i]!);
    return {
      states: states.length,
      depth: depths[at]!,
      disks: world.peers.disks,
      seconds: (performance.now() - began) / 1000,
      violation: violation === null ? null : [...steps, violation],
    };
  };
  for (let at = 0; at < states.length; at++) {
    const state = stateOf(states[at]!);
    const look = () => {
      const steps = world.steps(state);
      return { steps, violation: violated(world, state, steps, asked) };
    };
    const { steps, violation } = await known(look);
    if (violation !== null) return found(at, violation);
    for (const step of steps) {
      const key = keyOf(step.next);
      if (seen.has(key)) continue;
      seen.add(key);
      states.push(key);
      from.push(at);
      said.push(step.said);
      depths.push(depths[at]! + 1);
    }
  }
  return found(states.length - 1, null);
}
