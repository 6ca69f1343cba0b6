/**
 * What a world looks at while an epoch passes: which epochs nodes know and use, what they release, and what is on disk.
 * @module
 */
import { equal } from "../../src/crypto/codec.ts";
import type { ReshareRequested } from "../../src/cluster/commands/consent/approval.ts";
import type { NodeEvent, SessionId } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Task } from "../../src/ports.ts";
import {
  certifiedOn,
  type EpochDisks,
  hasQuorum,
  holdersOn,
  isCertified,
  laterThan,
  latestOn,
  type OnDisk,
} from "./epoch_disks.ts";
import { violated, type Violation } from "./invariants.ts";

/** The public half that no epoch changes. */
export interface LastingKey {
  readonly wallet: string;
  readonly publicKey: Uint8Array;
  readonly chainCode: Uint8Array;
}

/** A resharing as its command asks for it. Peers. */
export type AskedAnew = Pick<ReshareRequested, "members" | "threshold" | "dealers" | "gone">;

export class EpochWatch {
  readonly #found: Violation[] = [];
  /** Epochs that nodes know to be retired, as `name session`. */
  readonly #retired = new Set<string>();
  /** The sessions to which nodes have released epochs, by `name parent`. */
  readonly #released = new Map<string, Set<SessionId>>();
  /** What nodes have said yes to, as `name life id`. */
  readonly #consents = new Set<string>();
  readonly #lives = new Map<string, number>();
  readonly #looks: Promise<void>[] = [];
  /** Whose disk once went back: a member of an epoch may have lost its share of it. */
  readonly #wentBack = new Set<string>();
  key!: LastingKey;
  /** The peer that cheats, by name: its disk counts for nothing. */
  cheat: string | null = null;

  constructor(
    readonly disks: EpochDisks,
    readonly holders: readonly string[],
  ) {}

  add(invariant: string, what: string): void {
    this.#found.push(...violated(invariant, what));
  }

  #life(name: string): string {
    return `${name} ${this.#lives.get(name) ?? 0}`;
  }

  died(name: string): void {
    this.#lives.set(name, 1 + (this.#lives.get(name) ?? 0));
    for (const known of this.#retired) if (known.startsWith(`${name} `)) this.#retired.delete(known);
  }

  /** An item of `name`'s own view. */
  told(name: string, event: NodeEvent): void {
    if (event.type === "key" && event.state === "retired") this.#retired.add(`${name} ${event.session}`);
  }

  /** `name` said yes to a resharing: it was shown what is asked for. */
  accepted(name: string, request: ReshareRequested, asked: AskedAnew | null): void {
    this.#consents.add(`${this.#life(name)} ${request.id}`);
    if (asked === null) return;
    const { members, threshold, dealers, gone } = request;
    const same = [[members, asked.members], [dealers, asked.dealers], [gone, asked.gone]].every((
      [one, other],
    ) => [...one!].sort().join() === [...other!].sort().join());
    if (!same || threshold !== asked.threshold) {
      this.add("I29 consent", `${name} was shown another resharing`);
    }
  }

  /** `name` asked for it itself. */
  asked(name: string, id: string): void {
    this.#consents.add(`${this.#life(name)} ${id}`);
  }

  /** `name` draws for a task, or runs it. @param id The command's, once it is known. */
  uses(name: string, task: Task, id: string | null): void {
    if (task.kind === "generate") return;
    const keyId = task.keyId.toHex();
    if (this.#retired.has(`${name} ${keyId}`)) {
      this.add("I26 epochs", `${name} uses epoch ${task.key.epoch} to ${task.kind}, and knows a later one`);
    }
    const uses = task.kind === "reshare" && task.share !== null && id !== null;
    if (uses && !this.#consents.has(`${this.#life(name)} ${id}`)) {
      this.add("I29 consent", `${name} deals its share for ${id} without a yes`);
    }
  }

  /** `name` says to the others that it releases an epoch to a session. */
  releases(name: string, session: Uint8Array): void {
    this.#looks.push(this.#released1(name, session.toHex()));
  }

  async #released1(name: string, session: SessionId): Promise<void> {
    const rows = await this.disks.of(name);
    const parent = rows.get(session)?.parent?.session.toHex();
    if (parent === undefined) {
      return this.add("I30 one release", `${name} releases to ${session}, and not on its disk`);
    }
    const before = this.#released.get(`${name} ${parent}`) ?? new Set();
    this.#released.set(`${name} ${parent}`, before);
    const open = [...before].find((other) => other !== session && isUndecided(rows.get(other)?.state));
    if (open !== undefined) {
      this.add("I30 one release", `${name} releases one epoch to ${open} and to ${session}`);
    }
    before.add(session);
  }

  /** A disk went back: what it had released is not known any more. */
  wentBack(name: string): void {
    this.#wentBack.add(name);
    for (const key of this.#released.keys()) if (key.startsWith(`${name} `)) this.#released.delete(key);
  }

  /**
   * Looks at all disks: the key is the same, one epoch follows each, and of one that may still be used the honest disks
   * have shares enough.
   */
  async look(): Promise<ReadonlyMap<string, OnDisk>> {
    const { wallet, publicKey, chainCode } = this.key;
    const disks = await this.disks.all(this.holders);
    for (const [name, rows] of disks) {
      for (const row of rows.values()) {
        if (isCertified(row) && row.parent) this.#retired.add(`${name} ${row.parent.session.toHex()}`);
        if (row.key?.wallet !== wallet) continue;
        if (equal(row.key.publicKey, publicKey) && equal(row.key.chainCode, chainCode)) continue;
        this.add("I24 same key", `${name} has another key of epoch ${row.key.epoch}`);
      }
    }
    const honest = new Map([...disks].filter(([name]) => name !== this.cheat));
    if (!hasQuorum(honest, wallet)) this.add("I25 some quorum", "no epoch has shares enough on honest disks");
    const latest = latestOn(disks, wallet);
    if (latest.length > 1) this.add("I28 one line", `${latest.length} epochs are the last one`);
    return disks;
  }

  /**
   * In the end no share of a retired epoch is on any disk, but for that of a member whose disk went back: it keeps
   * its old share while it has none of a later epoch. @returns What is not so.
   */
  async lingering(nameOf: (peer: PeerId) => string): Promise<string | null> {
    const disks = await this.disks.all(this.holders);
    const certified = certifiedOn(disks, this.key.wallet);
    const retired = new Set([...certified.values()].flatMap(({ parent }) => parent?.session.toHex() ?? []));
    for (const session of retired) {
      const after = laterThan(certified, session);
      const lost = (name: string) =>
        this.#wentBack.has(name) &&
        after.every(({ session, key }) =>
          key!.members.some((peer) => nameOf(peer) === name) &&
          !holdersOn(disks, session.toHex()).includes(name)
        );
      const holders = holdersOn(disks, session).filter((name) => !lost(name));
      if (holders.length > 0) return `${holders} hold epoch ${certified.get(session)?.key?.epoch} still`;
    }
    return null;
  }

  /** What was found since the last call. */
  async violations(): Promise<Violation[]> {
    await Promise.all(this.#looks.splice(0));
    return this.#found.splice(0);
  }
}

const isUndecided = (state: string | undefined): boolean => state === "released" || state === "pending";
