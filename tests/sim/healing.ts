/**
 * The healing of a simulated cluster after a schedule: everybody is brought back, what lasts is found and taken back. Not
 * a test by itself.
 * @module
 */
import { createHash } from "node:crypto";
import { retryLast } from "../../src/limits.ts";
import { calm } from "./calm.ts";
import type { Cluster } from "./cluster.ts";
import type { Draw } from "./draw.ts";
import { leapOf, type LeapWatch, putRight } from "./leap.ts";
import type { Machines } from "./machines.ts";
import { type Clean, lastingRows, marks, pardon } from "./pardon.ts";
import { Probe } from "./probe.ts";
import { askForName } from "./raw_asks.ts";
import { type RollbackWatch, setRight } from "./rollback.ts";
import { console, type Schedule } from "./schedule.ts";
import type { Views } from "./views.ts";

/** Virtual time after which nothing waits any more, ms; where a key was pending, the next look at it. */
const quietMs = 6_000;

/** 16 bytes that a text decides. */
export const idOf = (text: string) =>
  Uint8Array.from(createHash("sha256").update(text).digest()).slice(0, 16);

/** The parts of the world that healing looks at. */
export interface HealingOptions {
  readonly cluster: Cluster;
  readonly holders: readonly string[];
  readonly real: boolean;
  readonly views: Views;
  readonly rollbacks: RollbackWatch;
  readonly leaps: LeapWatch;
  readonly machines: Machines;
  readonly draw: Draw;
  /** Excuses a second key, by scheme and wallet: the first was given up. */
  excuse(key: string): void;
  /** Has `by` ask `signers` for a signature over `text`. */
  sign(by: string, signers: readonly string[], text: string): Promise<unknown>;
}

export class Healing {
  readonly #options: HealingOptions;

  constructor(options: HealingOptions) {
    this.#options = options;
  }

  /** Every holder's lasting rows, by name. */
  async lasting(): Promise<Map<string, Clean>> {
    const { cluster, holders } = this.#options;
    const all = new Map<string, Clean>();
    for (const name of holders) all.set(name, await lastingRows(cluster.at(name).store));
    return all;
  }

  /** Brings everybody back. @returns Whatever is still wrong, or null. */
  async heal(schedule: Schedule): Promise<string | null> {
    const { cluster, machines, holders, views, rollbacks, leaps, sign, excuse } = this.#options;
    cluster.network.reachable(() => true);
    await machines.restarted();
    for (const name of [...holders, console]) {
      if (!cluster.nodes.has(name)) await cluster.boot(name);
    }
    const { fault, kind, faulty, index } = schedule;
    const patience = kind === "generate" ? retryLast + quietMs : quietMs;
    const probe = new Probe(
      faulty,
      holders.includes(faulty),
      schedule.control,
      (by, signers) => sign(by, signers, `after ${index}`),
    );
    if (fault === "rollback") {
      const gaveUp = (wallet: string) => excuse(`${schedule.scheme} ${wallet}`);
      if (kind === "generate") rollbacks.lost.set(`w${index}`, faulty);
      await setRight({ cluster, watch: rollbacks, probe, gaveUp });
    }
    if (fault === "clock") await putRight({ cluster, watch: leaps, probe, leap: leapOf(schedule) });
    const wrong = await calm(cluster, views, patience);
    if (wrong !== null || (fault !== "rollback" && fault !== "clock")) return wrong;
    const codes = await cluster.clock.until(probe.asks());
    return codes === null ? await calm(cluster, views, quietMs) : `${faulty} cannot sign: ${codes}`;
  }

  /**
   * After a fault that is not seen from outside, a manager asks for the name a second time: it is refused where anybody
   * has a key of that name, and accepted where nobody has.
   */
  async askAgain({ index, fault, kind, threshold, party, scheme }: Schedule): Promise<string | null> {
    const { cluster, real, draw, views } = this.#options;
    if (kind !== "generate" || (fault !== "rollback" && fault !== "clock")) return null;
    if (real && scheme === "ecdsa") return null; // takes seconds
    const members = party.map((name) => cluster.peer(name));
    const name = { wallet: `w${index}`, scheme, id: idOf(`name ${index}`), threshold, members };
    const asker = cluster.at(console);
    void askForName(asker, cluster.clock.now(), { ...name, coordinator: draw.of(members) });
    await cluster.clock.pass(3_000);
    return await calm(cluster, views, retryLast + quietMs);
  }

  /** The bans, and pairs erased for good, on each holder's disk. Made keys and counted failures are no marks. */
  async marks(before: ReadonlyMap<string, Clean>): Promise<Map<string, string[]>> {
    const { cluster } = this.#options;
    const all = new Map<string, string[]>();
    for (const [name, clean] of before) {
      const rows = await marks(cluster.at(name).store, clean);
      const keys = await this.#keys(name);
      const found = rows.map((row) => row.split("/")).flatMap(([what, key, peer]) =>
        what === "ban" || (what === "pair" && keys.has(key!) && clean.has(`pair/${key}/${peer}`))
          ? [`${what} ${cluster.nameOf(peer!)}`]
          : []
      );
      all.set(name, found.sort());
    }
    return all;
  }

  /** The keys that a holder signs with, by session in hex. A key that was given up takes its pairs with it. */
  async #keys(name: string): Promise<ReadonlySet<string>> {
    const keys = await this.#options.cluster.at(name).node.keys();
    return new Set(keys.filter(({ held }) => held).map(({ session }) => session));
  }

  /** Takes back the lasting rows, which would be in the way of every later schedule. */
  async pardon(before: ReadonlyMap<string, Clean>, schedule: Schedule): Promise<string | null> {
    const { cluster, views } = this.#options;
    const lasting = new Map<string, Clean>();
    for (const [name, clean] of before) {
      const rows = await marks(cluster.at(name).store, clean);
      const keys = await this.#keys(name);
      const lasts = (row: string) =>
        !row.startsWith("pair/") || (clean.has(row) && keys.has(row.split("/")[1]!));
      if (rows.some(lasts)) lasting.set(name, clean);
    }
    const again = await pardon(cluster, lasting, (name) => views.died(name));
    return again.length > 0 ? await this.heal(schedule) : null;
  }
}
