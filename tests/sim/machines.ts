/**
 * The machines of a simulated cluster: their processes, disks, clocks and cables, and everything that a fault can do to
 * them. Not a test by itself.
 * @module
 */
import type { PeerId } from "../../src/failure.ts";
import type { Store } from "../../src/ports.ts";
import { type Fault as DiskFault, faultyStore } from "../store/fault_store.ts";
import type { Cluster } from "./cluster.ts";
import { Disk } from "./disk.ts";
import type { Hands } from "./faults.ts";
import type { LeapWatch } from "./leap.ts";
import type { RollbackWatch } from "./rollback.ts";
import type { Schedule } from "./schedule.ts";

/** Everything that must know of a process that is gone, or of a machine that is not as it was. */
export interface MachinesOptions {
  /** The cluster, once it is there. */
  cluster(): Cluster;
  /** Called when the process of `name` is gone. */
  died(name: string): void;
  rollbacks: RollbackWatch;
  leaps: LeapWatch;
}

export class Machines implements Pick<Hands, "cutOff" | "alone" | "kill" | "goBack" | "leap"> {
  readonly #options: MachinesOptions;
  readonly #disks = new Map<string, Disk>();
  readonly #diskFaults = new Map<string, DiskFault[]>();
  /** Names of the holders that have a ban on disk, since it was last cleared. */
  readonly banned = new Set<string>();
  #restarting = 0;

  constructor(options: MachinesOptions) {
    this.#options = options;
  }

  get #cluster(): Cluster {
    return this.#options.cluster();
  }

  get #clock() {
    return this.#cluster.clock;
  }

  disk(name: string): Disk {
    const disk = this.#disks.get(name) ?? new Disk(() => this.#clock.monotonic());
    this.#disks.set(name, disk);
    return disk;
  }

  /** The faults that the disk of `name` has from now on. */
  faultsOf(name: string): DiskFault[] {
    const faults = this.#diskFaults.get(name) ?? [];
    this.#diskFaults.set(name, faults);
    return faults;
  }

  /** The disk of `of`, with its faults, on which each ban is noticed. */
  store(of: string): Store {
    const store = faultyStore(this.disk(of), this.faultsOf(of));
    return {
      get: (name) => store.get(name),
      names: (prefix) => store.names(prefix),
      close: () => store.close(),
      swap: async (name, from, sealed) => {
        const done = await store.swap(name, from, sealed);
        if (name.startsWith("ban/")) this.banned.add(of);
        return done;
      },
    };
  }

  /** Lets one write of the schedule's faulty peer fail: that of a command's id, or one of a key. */
  failStore({ faulty, phase, nth }: Pick<Schedule, "faulty" | "phase" | "nth">): void {
    const fault: DiskFault = phase === "open"
      ? { on: "swap", name: /^command\//, nth: 1, then: "fail" }
      : { on: "swap", name: /^key\//, nth: nth + 2, then: "fail" };
    this.faultsOf(faulty).push(fault);
  }

  kill(name: string, restart: number | null): void {
    this.#clock.timer(0, () => {
      if (!this.#cluster.nodes.has(name)) return;
      this.#end(name);
      if (restart !== null) this.#restart(name, restart);
    });
  }

  #end(name: string): void {
    this.#cluster.kill(name);
    this.#options.died(name);
  }

  #restart(name: string, ms: number, before = () => Promise.resolve()): void {
    this.#restarting++;
    const boot = () => before().then(() => this.#cluster.boot(name)).finally(() => this.#restarting--);
    this.#clock.timer(ms, () => void boot());
  }

  /** Waits until every process that is to be started again runs, or for ten seconds. */
  async restarted(): Promise<void> {
    for (let waited = 0; this.#restarting > 0 && waited < 10_000; waited += 100) await this.#clock.pass(100);
  }

  goBack(name: string, ms: number, much: number): void {
    this.#restarting++; // so that `restarted` waits for it
    this.#clock.timer(ms, () => {
      this.#restarting--;
      this.#end(name);
      const disk = this.disk(name);
      const kept = this.#options.rollbacks.wentBack(disk, { much, now: this.#clock.monotonic() });
      this.#restart(name, 500, () => disk.goBack(kept));
    });
  }

  leap(name: string, ms: number): void {
    this.#options.leaps.leapt();
    this.#cluster.setClock(name, ms);
  }

  cutOff(name: string, ms: number): void {
    const peer = this.#cluster.peer(name);
    this.#clock.timer(0, () => this.#cluster.network.reachable((a, b) => a !== peer && b !== peer));
    this.#clock.timer(ms, () => this.#cluster.network.reachable(() => true));
  }

  alone(name: string, other: string, ms: number): void {
    const [one, two] = [this.#cluster.peer(name), this.#cluster.peer(other)];
    const lets = (a: PeerId, b: PeerId) => [a, b].includes(two) || (a !== one && b !== one);
    // The votes of the others are under way.
    this.#clock.timer(10, () => this.#cluster.network.reachable(lets));
    this.#clock.timer(ms, () => this.#cluster.network.reachable(() => true));
  }
}
