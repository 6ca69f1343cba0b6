/**
 * A node that can be told to cheat once. Everything else about it is honest: same code, same keys, same streams.
 * @module
 */
import type { WireFacts } from "../../cluster/context.ts";
import type { Clock, Vault, Wire } from "../../ports.ts";
import type { Cheat } from "./cheat_wire.ts";

/** What stands between an honest node and its peers. */
export interface Adversary {
  /** For `assembleNode`. */
  wrapWire(wire: Wire, about: WireFacts): Wire;
  /** For `assembleNode`: who has forged a share does not hand over the signature that the others' good ones give it. */
  wrapVault(vault: Vault): Vault;
  /** Cheats in the next session that gives it the chance; with `once: false`, in each from then on. */
  arm(cheat: Cheat, options?: { once?: boolean }): void;
  disarm(): void;
  /** What it waits to do. */
  readonly armed: Cheat | null;
  /** The commands in which it has cheated so far. */
  readonly cheated: readonly string[];
}

/** @param options.exit What `crash` does: ends the process. */
export function adversary(clock: Clock, options: { exit?: () => void } = {}): Adversary {
  const exit = options.exit ?? (() => {
    throw new Error("Cannot crash: nobody said how");
  });
  const cheated: string[] = [];
  /** Sessions, in hex: the wire that a protocol gets is not the one that was wrapped. */
  const withholding = new Set<string>();
  let armed: { cheat: Cheat; once: boolean } | null = null;
  return {
    get armed() {
      return armed?.cheat ?? null;
    },
    cheated,
    arm(cheat, { once = true } = {}) {
      armed = { cheat, once };
    },
    wrapVault: (vault) => ({
      ...vault,
      async run(task, io) {
        const outcome = await vault.run(task, io);
        return withholding.has(task.session.toHex()) ? await untilEnded(io.signal) : outcome;
      },
    }),
    disarm() {
      armed = null;
    },
    wrapWire(wire, about) {
      if (armed === null || !armed.cheat.kinds.includes(about.kind) || !armed.cheat.applies(about)) {
        return wire;
      }
      const { cheat, once } = armed;
      if (once) armed = null;
      cheated.push(about.id);
      const wrapped = cheat.wrap(wire, about, { clock, exit });
      if (cheat.withholds) withholding.add(about.session.toHex());
      return wrapped;
    },
  };
}

/** Says nothing until the session is over for some other reason. */
function untilEnded(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const over = () => reject(signal.reason);
    signal.addEventListener("abort", over, { once: true });
    if (signal.aborted) over();
  });
}
