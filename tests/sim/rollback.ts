/**
 * A disk that goes back to an earlier copy: who has to notice, what nobody does with it until its operator has said so,
 * and what the operators do. Not a test by itself.
 * @module
 */
import type { NodeEvent } from "../../src/events.ts";
import { retryLast } from "../../src/limits.ts";
import type { Cluster } from "./cluster.ts";
import type { Disk } from "./disk.ts";
import { violated, type Violation } from "./invariants.ts";
import type { Probe } from "./probe.ts";

/** A generation that was on disk for so long has been told to everybody, ms: see `presenceAfterLink`. */
const toldAfter = 1_000;
/** Virtual time in which everybody has met again, ms. */
const meetMs = 2 * retryLast;

const broken = (what: string) => violated("I20 rollback", what);

/** What nodes have found of each other's disks, and what they then took part in. */
export class RollbackWatch {
  /** By a node's name: of whom it has found that it went back, itself among them. */
  readonly #found = new Map<string, Set<string>>();
  /** What a node had found when a command began at it. */
  readonly #began = new Map<string, ReadonlySet<string>>();
  readonly #violations: Violation[] = [];
  /** Who can have lost its share of a key, by wallet. */
  readonly lost = new Map<string, string>();
  /** Whether what was lost is known to the others. */
  mustNotice = false;

  /** The process of `name` has ended. @returns How many writes its disk keeps: at least one is lost, if there is one. */
  wentBack(disk: Disk, { much, now }: { much: number; now: number }): number {
    const kept = Math.floor(much * disk.writes.length);
    this.mustNotice = disk.writes.slice(kept).some(({ name, at }) =>
      name === "generation" && at < now - toldAfter
    );
    return kept;
  }

  died(name: string): void {
    this.#found.delete(name);
  }

  forget(): void {
    this.#began.clear();
    this.mustNotice = false;
  }

  /** Whether a node has found that its own disk went back. */
  knows(name: string): boolean {
    return this.#found.get(name)?.has(name) ?? false;
  }

  /** An item of `name`'s own view. */
  told(name: string, event: NodeEvent, nameOf: (peer: string) => string): void {
    if (event.type === "rollback") {
      const found = this.#found.get(name) ?? new Set();
      this.#found.set(name, found);
      if (event.state === "over") found.delete(nameOf(event.other));
      else found.add(nameOf(event.other));
    }
    if (event.type === "began") this.#began.set(`${name} ${event.id}`, new Set(this.#found.get(name)));
    if (event.type !== "opened" || event.kind === "ecdh") return;
    const before = this.#began.get(`${name} ${event.id}`) ?? new Set();
    const wrong = event.party.map(nameOf).filter((other) => before.has(other));
    if (wrong.length > 0) {
      this.#violations.push(...broken(`${name} took part in ${event.id} with ${wrong}, who has gone back`));
    }
  }

  /** What was found since the last call. */
  violations(): Violation[] {
    return this.#violations.splice(0);
  }

  add(what: string): void {
    this.#violations.push(...broken(what));
  }
}

export interface SettingRight {
  cluster: Cluster;
  watch: RollbackWatch;
  probe: Probe;
  /** A key was given up, by its wallet. */
  gaveUp(wallet: string): void;
}

/** What operators do: they look what the nodes say, have no command carried out before, and say their words. */
export async function setRight(all: SettingRight): Promise<void> {
  const { cluster, watch, probe } = all;
  const { faulty } = probe;
  const { clock } = cluster;
  await metAgain(cluster);
  const { node } = cluster.at(faulty);
  if (watch.mustNotice) {
    if (node.rolledBack !== "rolled-back") watch.add(`${faulty} does not know that its disk went back`);
    for (const { name, node } of cluster.nodes.values()) {
      const status = node.peers.get(cluster.peer(faulty));
      if (status && !status.rolledBack) watch.add(`${name} does not know that ${faulty}'s disk went back`);
    }
  }
  if (node.rolledBack !== null) {
    for (const ask of probe.isHolder ? ["asks", "asked"] as const : []) {
      const codes = await clock.until(probe[ask]());
      if (!codes?.includes("restored")) {
        watch.add(`${faulty} ${ask}, and that ended with ${codes ?? "success"}`);
      }
    }
    await clock.until(node.confirmRestored());
  }
  await pendingDecided(all);
}

async function metAgain({ clock, nodes }: Cluster): Promise<void> {
  const met = () =>
    [...nodes.values()].every(({ node }) => [...node.peers.values()].every((p) => p.connected));
  for (let waited = 0; !met() && waited < meetMs; waited += 500) await clock.pass(500);
  await clock.pass(1_000);
}

/** A member that remembers nothing frees nothing: what is still pending after a while, each operator gives up. */
async function pendingDecided({ cluster, gaveUp, watch }: SettingRight): Promise<void> {
  const pending = async () => {
    const all = [];
    for (const { name, node } of cluster.nodes.values()) {
      for (const key of await node.keys()) if (key.state === "pending") all.push({ name, node, key });
    }
    return all;
  };
  for (let waited = 0; waited < 2 * retryLast + 5_000 && (await pending()).length > 0; waited += 1_000) {
    await cluster.clock.pass(1_000);
  }
  for (const { name, node, key } of await pending()) {
    for (const { name: there, node } of cluster.nodes.values()) {
      const active = (await node.keys()).some(({ session, state }) =>
        session === key.session && state !== "pending"
      );
      if (active) watch.add(`${key.wallet} is pending at ${name}, and active at ${there}`);
    }
    await node.giveUp({ session: key.session });
    gaveUp(key.wallet);
  }
}
