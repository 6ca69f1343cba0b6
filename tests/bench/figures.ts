/**
 * A measured figure, and the machine that it was measured on.
 * @module
 */
import type { Scheme } from "../../src/events.ts";

/** How the name of a figure begins, by the scheme that it is about, before the threshold. */
export const schemeStarts: Readonly<Record<Scheme, string>> = {
  ed25519: "",
  ecdsa: "ECDSA ",
  bip340: "BIP-340 ",
};

export interface Figure {
  name: string;
  unit: "ms" | "kB" | "MB" | "1/s" | "round trips";
  median: number;
  p95: number;
  n: number;
  /** Load of the machine over the last minute, at the end: others may use it too. */
  load: number;
  [more: string]: string | number;
}

/** The value below which `part` of all values lie. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}

const rounded = (value: number) => Number(value.toPrecision(value < 100 ? 3 : 4));

/** A figure out of all that was measured for it. */
export function figure(
  name: string,
  unit: Figure["unit"],
  values: readonly number[],
  more: Record<string, string | number> = {},
): Figure {
  const [load] = Deno.loadavg();
  return {
    name,
    unit,
    median: rounded(quantile(values, 0.5)),
    p95: rounded(quantile(values, 0.95)),
    n: values.length,
    ...more,
    load: rounded(load!),
  };
}

/** One line about where this ran. */
export async function machine(): Promise<string> {
  const cpu = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /^model name\s*: (.*)$/m.exec(cpu)?.[1] ?? Deno.build.arch;
  const gib = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  const { os } = Deno.build;
  return `${navigator.hardwareConcurrency} × ${model}, ${gib} GiB, ${os}, Deno ${Deno.version.deno}`;
}
