/**
 * A store that fails where a test says so. Deterministic: it counts calls and has no timers.
 * @module
 */
import { StoreError } from "../../src/errors.ts";
import type { Store } from "../../src/ports.ts";

/** One thing that goes wrong. */
export interface Fault {
  on: "get" | "swap" | "names";
  /** Only for names (or prefixes) that match; default all. */
  name?: RegExp;
  /** Which of the calls that match, from 1; default each of them. */
  nth?: number;
  /**
   * - `fail`: the call throws and does nothing; the store works on;
   * - `crash-before`: the call does nothing, and it and all later ones throw;
   * - `crash-after`: the call does its work, durably, and it and all later ones throw.
   */
  then: "fail" | "crash-before" | "crash-after";
}

/** A {@linkcode Store} with faults. The store inside outlives a crash: "restart" by using it again. */
export interface FaultyStore extends Store {
  readonly crashed: boolean;
  /** Every call so far, as `swap wallet/a`. */
  readonly calls: readonly string[];
}

/** Wraps `store`; of several faults that apply to a call the first one counts. */
export function faultyStore(store: Store, plan: readonly Fault[]): FaultyStore {
  const seen = new Map<Fault, number>();
  const calls: string[] = [];
  let crashed = false;

  const applies = (fault: Fault, on: Fault["on"], name: string) => {
    if (fault.on !== on || name.search(fault.name ?? /(?:)/) === -1) return false;
    const count = 1 + (seen.get(fault) ?? 0);
    seen.set(fault, count);
    return fault.nth === undefined || fault.nth === count;
  };

  async function call<T>(on: Fault["on"], name: string, work: () => Promise<T>): Promise<T> {
    calls.push(`${on} ${name}`);
    if (crashed) throw new StoreError(`Cannot ${on} ${name}: the process has crashed`);
    const fault = plan.filter((fault) => applies(fault, on, name)).at(0);
    if (fault === undefined) return await work();
    crashed = fault.then !== "fail";
    if (fault.then === "crash-after") await work();
    throw new StoreError(`Cannot ${on} ${name}: planned, ${fault.then}`);
  }

  return {
    get crashed() {
      return crashed;
    },
    calls,
    get: (name) => call("get", name, () => store.get(name)),
    swap: (name, from, sealed) => call("swap", name, () => store.swap(name, from, sealed)),
    names: (prefix) => call("names", prefix, () => store.names(prefix)),
    close: () => store.close(),
  };
}
