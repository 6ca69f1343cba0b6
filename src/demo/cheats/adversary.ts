/**
 * The adversary: it makes a node cheat once. Everything else about the node is honest: code, keys, streams.
 * @module
 */
import type { WireFacts } from "../../cluster/context.ts";
import type { Clock, Vault, Wire } from "../../ports.ts";
import { pause } from "../../session/deadline.ts";
import type { Cheat } from "./cheat_wire.ts";

/** A layer between an honest node and its peers. */
export interface Adversary {
  /** For `assembleNode`. */
  wrapWire(wire: Wire, about: WireFacts): Wire;
  /**
   * For `assembleNode`: the node withholds the signature that it makes of the others' good shares, and
   * promises in its accept what the cheat says.
   */
  wrapVault(vault: Vault): Vault;
  /** Cheats in the next session that the cheat applies to; with `once: false`, in every such session. */
  arm(cheat: Cheat, options?: { once?: boolean }): void;
  disarm(): void;
  /** The cheat that it waits to do. */
  readonly armed: Cheat | null;
  /** The commands in which it has cheated so far. */
  readonly cheated: readonly string[];
}

/** @param options.exit What `crash` does: ends the process. */
export function adversary(clock: Clock, options: { exit?: () => void } = {}): Adversary {
  const exit = options.exit ?? (() => {
    throw new Error("Cannot crash: expected the option exit, found none");
  });
  const cheated: string[] = [];
  /** The time for which the outcome of a session is withheld, ms, by its id in hex. */
  const withholding = new Map<string, number>();
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
      get locked() {
        return vault.locked ?? false;
      },
      async draw(task) {
        const drawn = await vault.draw(task);
        const cheat = armed?.cheat.applies(task) ? armed.cheat : null;
        return {
          firstRound: cheat?.firstRound?.(task, drawn.firstRound) ?? drawn.firstRound,
          async run(agreed, io) {
            // The node itself goes on with what it has drawn.
            const firstRound = new Map([...agreed.firstRound, [task.self, drawn.firstRound]]);
            const outcome = await drawn.run({ ...agreed, firstRound }, io);
            await withheld(clock, withholding.get(agreed.session.toHex()) ?? 0, io.signal);
            return outcome;
          },
          [Symbol.dispose]: () => drawn[Symbol.dispose](),
        };
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
      withholding.set(about.session.toHex(), cheat.withholdsMs ?? 0);
      return wrapped;
    },
  };
}

/** Waits `ms`. @throws {SessionError} What ends the session meanwhile. */
async function withheld(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return;
  if (ms < Infinity) await pause(clock, ms, signal);
  else if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
  signal.throwIfAborted();
}
