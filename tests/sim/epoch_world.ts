/**
 * A cluster in which one wallet is dealt anew, again and again: members come and go, something goes wrong in each
 * resharing, and signing goes on beside.
 * @module
 */
import type { Session } from "../../src/cluster/commands/handle.ts";
import type { ReshareRequest } from "../../src/cluster/records/key_name.ts";
import type { GroupKey } from "../../src/cluster/keys/group_key.ts";
import { isProtocolRound, sending } from "../../src/demo/cheats/cheat_wire.ts";
import { InputError } from "../../src/errors.ts";
import type { NodeEvent, Scheme } from "../../src/events.ts";
import { retryLast } from "../../src/limits.ts";
import type { Clock, Identity, Random, Vault } from "../../src/ports.ts";
import type { Signature } from "../../src/schemes/schemes.ts";
import type { AssembleOptions } from "../../src/node/options.ts";
import { verify } from "../../src/node/verify.ts";
import { releaseRound } from "../../src/session/control.ts";
import type { Arrival, Carried } from "../../src/transport/memory/memory.ts";
import { calm } from "./calm.ts";
import { type FaultName, isCheat } from "./cells.ts";
import { Cluster } from "./cluster.ts";
import { ConsentLedger } from "./consents.ts";
import { Draw } from "./draw.ts";
import { EpochDisks, holdersOn, latestOn } from "./epoch_disks.ts";
import {
  type EpochCell,
  epochCell,
  epochHolders,
  type EpochNow,
  type EpochPlan,
  epochPlan,
  peopleThinkOf,
  plannedOf,
  schemeOfLine,
} from "./epoch_plan.ts";
import { EpochWatch } from "./epoch_watch.ts";
import { arm, type Armed } from "./faults.ts";
import { sendingGos } from "./false_gos.ts";
import { stubIdentity } from "./identity.ts";
import { LeapWatch } from "./leap.ts";
import { Ledger } from "./ledger.ts";
import { Machines } from "./machines.ts";
import { Probe } from "./probe.ts";
import { say } from "./raw_asks.ts";
import { RollbackWatch, setRight } from "./rollback.ts";
import { console } from "./schedule.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { Tap } from "./tap.ts";
import { toyVerify } from "./toy_signing.ts";
import { toySharings, toyVault } from "./toy_vault.ts";
import { Views } from "./views.ts";
import { watchedVault } from "./watched_vault.ts";

const wallet = "line";
const encode = (text: string) => new TextEncoder().encode(text);
/** Virtual time in which everybody hears of a new epoch, and erases the one before, ms. */
const erasedMs = 60_000;

/** The cell of the n-th resharing in which something goes wrong, from 0. */
export type PickCell = (nth: number) => EpochCell;

/** How a command ended. */
export type Ended<T> = { gave: T } | { threw: unknown };
const ended = <T>(result: Promise<T>): Promise<Ended<T>> =>
  result.then((gave) => ({ gave }), (threw: unknown) => ({ threw }));

/** What came of one resharing. */
export interface EpochRan {
  readonly plan: EpochPlan;
  readonly id: string | null;
  readonly happened: boolean;
  readonly made: Ended<GroupKey> | null;
  readonly rival: Ended<GroupKey> | null;
  /** Of the wallet, while it was dealt anew. */
  readonly beside: Ended<Signature>;
  /** Of another wallet, at the same time. */
  readonly control: Ended<Signature>;
  /** Of the wallet, when all was over. */
  readonly after: Ended<Signature>;
  /** What is not as it was; null if everything is. */
  readonly healed: string | null;
  readonly lingering: string | null;
}

export class EpochWorld implements AsyncDisposable {
  readonly scheme: Scheme;
  readonly views = new Views();
  readonly ledger = new Ledger(false);
  readonly rollbacks = new RollbackWatch();
  readonly #sharings = toySharings();
  readonly #tap = new Tap();
  readonly #draw: Draw;
  /** The seed of all worlds, and that of this one. */
  readonly #ofAll: string;
  readonly #seed: string;
  readonly #pick: PickCell | null;
  readonly #machines: Machines;
  readonly consents: ConsentLedger;
  readonly watch: EpochWatch;
  #armed: Armed | null = null;
  #plan: EpochPlan | null = null;
  #id: string | null = null;
  cluster!: Cluster;

  private constructor(seed: string, readonly number: number, pick: PickCell | null) {
    this.#pick = pick;
    this.scheme = schemeOfLine(number);
    this.#ofAll = seed;
    this.#seed = `${seed} line ${number}`;
    this.#draw = new Draw(this.#seed);
    this.#machines = new Machines({
      cluster: () => this.cluster,
      died: (name) => this.#died(name),
      rollbacks: this.rollbacks,
      leaps: new LeapWatch(),
    });
    this.consents = new ConsentLedger(
      () => this.#clock,
      new Draw(`${this.#seed} people`),
      () => this.#plan !== null && peopleThinkOf(this.#plan),
      () => false,
      () => null,
      (name) => this.cluster.peer(name),
    );
    const identity = (name: string) => this.cluster.at(name)?.identity ?? this.#identities.get(name)!;
    this.watch = new EpochWatch(new EpochDisks((name) => this.#machines.disk(name), identity), epochHolders);
  }

  readonly #identities = new Map<string, Identity>();

  /** @param pick What goes wrong in every second resharing; null for what the seed draws. */
  static async start(seed: string, number: number, pick: PickCell | null = null): Promise<EpochWorld> {
    const world = new EpochWorld(seed, number, pick);
    await Cluster.start({
      made: (cluster) => world.cluster = cluster,
      seed: world.#seed,
      names: epochHolders,
      consoles: [console],
      identities: async (random, name) => {
        const identity = await stubIdentity(random, name);
        world.#identities.set(name, identity);
        return identity;
      },
      vault: (identity, random, clock) => world.#vault(identity, random, clock),
      carry: () => (carried) => world.#carry(carried),
      told: (name, event) => world.#told(name, event),
      store: (name) => world.#machines.store(name),
      node: (name) => world.#nodeOptions(name),
    });
    await world.#firstEpoch();
    return world;
  }

  get #clock() {
    return this.cluster.clock;
  }

  async #firstEpoch(): Promise<void> {
    const { node } = this.cluster.at(console);
    const members = this.#draw.shuffled(epochHolders).slice(0, 3).map((name) => this.cluster.peer(name));
    const all = epochHolders.map((name) => this.cluster.peer(name));
    const pair = { wallet: "pair", scheme: "ed25519", threshold: 2, members: all } as const;
    await this.#clock.until(node.generateKey(pair).result);
    const made = node.generateKey({ wallet, scheme: this.scheme, threshold: 2, members }).result;
    const { publicKey, chainCode } = await this.#clock.until(made);
    this.watch.key = { wallet, publicKey, chainCode };
    await this.#clock.pass(3_000);
  }

  #vault(identity: Identity, random: Random, clock: Clock): Vault {
    const name = () => this.cluster.nameOf(identity.peer);
    return watchedVault(toyVault(identity.peer, random, clock), {
      drew: (attempt, task) => {
        this.consents.drew(name(), () => this.#tap.idOf(attempt));
        this.watch.uses(name(), task, this.#tap.idOf(attempt));
      },
      used: (session, firstRound, task) => {
        const drewNothing = task.kind === "reshare" && task.share === null;
        if (!drewNothing) this.ledger.used(session, identity.peer, firstRound);
        this.watch.uses(name(), task, this.#tap.idOf(task.attempt));
      },
      firstRound: (honest) => this.#armed?.of === name() ? this.#armed.firstRound(honest) : honest,
    });
  }

  #nodeOptions(name: string): Partial<AssembleOptions> {
    const approve = this.consents.approve(name);
    return {
      transport: sendingGos(
        this.cluster.network.transport(),
        async (go, to) => this.#armed?.of === name ? await this.#armed.go(go, this.cluster.nameOf(to)) : [go],
      ),
      approve: async (request, options) => {
        const answer = await approve(request, options);
        if (answer === "accept" && request.kind === "reshare") {
          this.watch.accepted(name, request, request.id === this.#id ? this.#asked() : null);
        }
        return answer;
      },
      wrapWire: (wire, about) =>
        sending(this.#tap.wrap(wire, about), (said) => {
          const from = this.cluster.nameOf(wire.self);
          if (about.kind !== "ecdh" && isProtocolRound(said.round)) this.consents.sent(from, about.id);
          if (said.round === releaseRound) this.watch.releases(from, about.session);
          const named = { ...said, to: this.cluster.nameOf(said.to) };
          const cheat = this.#armed?.of === from ? this.#armed.say(named, about) : [named];
          return cheat.map((said) => ({ ...said, to: this.cluster.peer(said.to) }));
        }),
    };
  }

  /** What the schedule's command asks for. */
  #asked() {
    const { members, threshold, dealers, gone } = this.#plan!;
    return {
      members: this.#peers(members),
      threshold,
      dealers: this.#peers(dealers),
      gone: this.#peers(gone),
    };
  }

  #peers(names: readonly string[]) {
    return names.map((name) => this.cluster.peer(name));
  }

  #carry(carried: Carried): readonly Arrival[] {
    const soon = 1 + this.#draw.below(4_000) / 1_000;
    const frame = this.#tap.see(carried);
    const named = { ...frame, from: this.cluster.nameOf(frame.from), to: this.cluster.nameOf(frame.to) };
    return this.#armed?.carry(named, soon) ?? [{ bytes: carried.bytes, afterMs: soon }];
  }

  #told(name: string, event: NodeEvent): void {
    const now = this.#clock.monotonic();
    const own = "peer" in event && event.peer === this.cluster.peer(name);
    this.ledger.event(name, event, { own, now });
    if (!own) return;
    if (event.type === "contradiction") {
      this.watch.add("I4 blame", `${event.culprit} is said to contradict itself`);
    }
    this.rollbacks.told(name, event, (peer) => this.cluster.nameOf(peer));
    this.views.take(name, event, now);
    this.consents.told(name, this.cluster.peer(name), event);
    this.watch.told(name, event);
  }

  #died(name: string): void {
    this.views.died(name);
    this.consents.died(name);
    this.rollbacks.died(name);
    this.watch.died(name);
  }

  /** The latest epoch, as the disks have it. */
  async #now(): Promise<EpochNow & { row: Awaited<ReturnType<typeof latestOn>>[number] }> {
    const disks = await this.watch.look();
    const row = latestOn(disks, wallet)[0]!;
    const { members, threshold } = row.key!;
    const holding = holdersOn(disks, row.session.toHex());
    return { row, members: members.map((peer) => this.cluster.nameOf(peer)), threshold, holding };
  }

  #cell(nth: number): EpochCell {
    if (this.#pick !== null && nth % 2 === 0) return this.#pick(nth / 2);
    return epochCell(this.#ofAll, this.number, nth);
  }

  /** Runs the n-th resharing to its end and beyond. */
  async run(nth: number): Promise<EpochRan> {
    const now = await this.#now();
    const cell = this.#cell(nth);
    const plan = epochPlan(new Draw(`${this.#seed} ${nth}`), nth, cell, now);
    this.views.forget();
    this.consents.forget();
    this.rollbacks.forget();
    this.watch.cheat = isCheat({ fault: plan.fault as FaultName }) ? plan.faulty : null;
    if (plan.fault === "rollback") await this.#machines.disk(plan.faulty).mark();
    this.#plan = plan;
    this.#id = null;
    const planned = plannedOf(plan, this.scheme);
    this.#armed = arm(planned, this.#hands());
    if (plan.fault === "store") this.#failStore(plan);
    const begun = this.#begin(plan);
    const rival = plan.fault === "rival" ? this.#rival(plan) : null;
    const ends = { made: null as Ended<GroupKey> | null, rival: null as Ended<GroupKey> | null };
    void begun.then((made) => ends.made = made);
    void rival?.then((made) => ends.rival = made);
    const control = ended(this.#sign("pair", "ed25519", plan.control, `control ${nth}`));
    const beside = ended(this.#sign(wallet, this.scheme, plan.beside, `beside ${nth}`));
    let signed = 0;
    void control.finally(() => signed++);
    void beside.finally(() => signed++);
    const asker = this.cluster.nodes.get(plan.initiator);
    const over = () =>
      this.views.open().length === 0 && (ends.made !== null || asker?.life.over) &&
      (rival === null || ends.rival !== null) &&
      (signed === 2 || this.#dead(plan.control[0]) || this.#dead(plan.beside[0]!));
    for (let waited = 0; waited < 90_000 && !over(); waited += 100) {
      await this.#clock.pass(100);
      if (waited % 500 === 0) await this.watch.look();
    }
    const happened = this.#armed.happened || plan.fault === "store" || plan.fault === "none" ||
      plan.fault === "rival";
    this.#armed = null;
    this.#machines.faultsOf(plan.faulty).length = 0;
    const healed = await this.#heal(plan);
    const lingering = healed === null ? await this.#erased() : null;
    return {
      plan,
      id: this.#id,
      happened,
      ...ends,
      beside: await this.#clock.until(Promise.race([beside, dead(this.#clock)])),
      control: await this.#clock.until(Promise.race([control, dead(this.#clock)])),
      after: await this.#after(nth),
      healed,
      lingering,
    };
  }

  #dead(name: string): boolean {
    return this.cluster.nodes.get(name)?.life.over ?? true;
  }

  async #begin(plan: EpochPlan): Promise<Ended<GroupKey>> {
    return await this.#reshare(plan, this.#asked(), (id) => this.#id = id);
  }

  async #rival({ rival, threshold }: EpochPlan): Promise<Ended<GroupKey>> {
    const members = this.#peers(rival.members);
    return await this.#reshare(rival, { members, threshold: Math.min(threshold, members.length) }, () => {});
  }

  /** Asks for a resharing. A node may refuse at once what is not so any more. */
  async #reshare(
    { initiator }: Pick<EpochPlan, "initiator">,
    asked: Pick<ReshareRequest, "members" | "threshold" | "dealers" | "gone">,
    begun: (id: string) => void,
  ): Promise<Ended<GroupKey>> {
    let session: Session<GroupKey>;
    try {
      session = this.cluster.at(initiator).node.reshare({ wallet, scheme: this.scheme, ...asked });
    } catch (threw) {
      return { threw };
    }
    begun(session.id);
    this.watch.asked(initiator, session.id);
    return await ended(session.result);
  }

  async #sign(wallet: string, scheme: Scheme, names: readonly string[], text: string): Promise<Signature> {
    const request = { wallet, scheme, message: encode(text), signers: this.#peers(names) } as const;
    const { node } = this.cluster.at(names[0]!);
    const signature = await node.sign(request).result as Signature;
    if (wallet === "pair") return signature;
    const { key } = this.watch;
    const good = scheme === "ed25519"
      ? toyVerify(key.publicKey, encode(text), signature.bytes)
      : verify({ scheme, ...key }, { message: encode(text) }, signature);
    if (!good) this.watch.add("I24 same key", `what ${names} signed is of another key`);
    return signature;
  }

  async #after(nth: number): Promise<Ended<Signature>> {
    const { holding, threshold } = await this.#now();
    const names = this.#draw.shuffled(holding).slice(0, threshold);
    const after = await this.#clock.until(ended(this.#sign(wallet, this.scheme, names, `after ${nth}`)));
    for (let waited = 0; waited < 10_000 && this.views.open().length > 0; waited += 100) {
      await this.#clock.pass(100);
    }
    return after;
  }

  /** Brings everybody back. @returns Whatever is still wrong, or null. */
  async #heal(plan: EpochPlan): Promise<string | null> {
    const { cluster } = this;
    cluster.network.reachable(() => true);
    await this.#machines.restarted();
    for (const name of [...epochHolders, console]) if (!cluster.nodes.has(name)) await cluster.boot(name);
    if (plan.fault === "rollback") {
      const probe = new Probe(
        plan.faulty,
        true,
        plan.control,
        (by, names) =>
          this.#sign(
            "pair",
            "ed25519",
            names.includes(by) ? [by, ...names.filter((one) => one !== by)] : names,
            `probe ${plan.number}`,
          ),
      );
      this.watch.wentBack(plan.faulty);
      await setRight({ cluster, watch: this.rollbacks, probe, gaveUp: () => {} });
    }
    return await calm(cluster, this.views, retryLast + 6_000);
  }

  /** Waits until no share of a retired epoch is left. @returns What is left after all. */
  async #erased(): Promise<string | null> {
    for (let waited = 0;; waited += 1_000) {
      const lingering = await this.watch.lingering((peer) => this.cluster.nameOf(peer));
      if (lingering === null || waited >= erasedMs) return lingering;
      await this.#clock.pass(1_000);
    }
  }

  /** Lets one write of a key's row fail. */
  #failStore({ faulty, phase, nth }: EpochPlan): void {
    const first = { open: 1, release: 2, vote: 3 }[phase as "open" | "release" | "vote"];
    this.#machines.faultsOf(faulty).push({ on: "swap", name: /^key\//, nth: first + nth, then: "fail" });
  }

  #hands(): Parameters<typeof arm>[1] {
    const machines = this.#machines;
    return {
      cutOff: (name, ms) => machines.cutOff(name, ms),
      alone: (name, other, ms) => machines.alone(name, other, ms),
      kill: (name, ms) => machines.kill(name, ms),
      goBack: (name, ms, kept) => machines.goBack(name, ms, kept),
      leap: (name, ms) => machines.leap(name, ms),
      id: () => this.#id,
      peer: (name) => this.cluster.peer(name),
      identity: (name) => this.#identities.get(name)!,
      real: false,
      again: (from, to, frame) =>
        void say(this.cluster.at(from), this.cluster.peer(to), protocols.invite, frame),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    this.#sharings[Symbol.dispose]();
  }
}

/** Of a node that is gone: it never says how its command ended. */
async function dead(clock: Cluster["clock"]): Promise<{ threw: InputError }> {
  await clock.pass(0);
  return { threw: new InputError("node", "expected a running node, found none") };
}
