/**
 * A cluster in which schedules run, one after the other: each asks for one session in which one thing goes wrong, and
 * for another that must not notice.
 * @module
 */
import { protocols } from "../../src/cluster/records/protocols.ts";
import { isProtocolRound, sending } from "../../src/demo/cheats/cheat_wire.ts";
import type { NodeEvent } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { retryLast } from "../../src/limits.ts";
import type { Clock, Identity, Random, Vault } from "../../src/ports.ts";
import { abortRecord, abortRound } from "../../src/session/control.ts";
import type { Arrival, Carried } from "../../src/transport/memory/memory.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { diffieHellman } from "../crypto/diffie_hellman.ts";
import { Asks, inputsOf } from "./asks.ts";
import { Cluster } from "./cluster.ts";
import { ConsentLedger } from "./consents.ts";
import { Draw } from "./draw.ts";
import { arm, type Armed, type Hands } from "./faults.ts";
import { sendingGos } from "./false_gos.ts";
import { Healing } from "./healing.ts";
import { inOrder, stubIdentity } from "./identity.ts";
import { LeapWatch } from "./leap.ts";
import { Ledger } from "./ledger.ts";
import { Machines } from "./machines.ts";
import { learns } from "./outcome_by_id.ts";
import { overheard } from "./overhearing.ts";
import type { Accusation } from "./proof.ts";
import type { Ran } from "./ran.ts";
import { say } from "./raw_asks.ts";
import { RollbackWatch } from "./rollback.ts";
import { saysNo } from "./says_no.ts";
import { console, holdersOf, isReal, peopleThink, type Schedule } from "./schedule.ts";
import { Screens } from "./screens.ts";
import { Streams } from "./streams.ts";
import { phaseOf, Tap } from "./tap.ts";
import { toyVault } from "./toy_vault.ts";
import { Views } from "./views.ts";
import { watchedVault } from "./watched_vault.ts";

export class World implements AsyncDisposable {
  readonly real: boolean;
  readonly holders: readonly string[];
  readonly views = new Views();
  readonly ledger: Ledger;
  readonly accusations: Accusation[] = [];
  readonly consents: ConsentLedger;
  readonly #screens = new Screens(() => this.cluster);
  readonly rollbacks = new RollbackWatch();
  readonly leaps = new LeapWatch();
  /** Keys, by scheme and wallet, of which there may be two: a proof of equivocation was told, or one was given up. */
  readonly excused = new Set<string>();
  readonly #tap = new Tap();
  readonly #draw: Draw;
  readonly #machines = new Machines({
    cluster: () => this.cluster,
    died: (name) => this.#died(name),
    rollbacks: this.rollbacks,
    leaps: this.leaps,
  });
  /** Names of the holders that have reported a ban which was not on disk. */
  readonly #early: string[] = [];
  readonly #contradicted: string[] = [];
  #armed: Armed | null = null;
  #id: string | null = null;
  /** Whether people think about the command of the schedule under way. */
  #thinking = false;
  /** The messages that it signs, in order. */
  #wanted: readonly Uint8Array[] = [];
  /** Whether its node knows nothing of the command that it signed. */
  #foreign = false;
  cluster!: Cluster;
  #asks!: Asks;
  #healing!: Healing;

  private constructor(seed: string, number: number) {
    this.real = isReal(number);
    this.holders = holdersOf(number);
    this.ledger = new Ledger(this.real);
    this.#draw = new Draw(`${seed} world ${number}`);
    this.consents = new ConsentLedger(
      () => this.#clock,
      new Draw(`${seed} people ${number}`),
      (id) => id === this.#id && this.#thinking,
      (id) => id === this.#id && this.#foreign,
      (id) => id === this.#id ? this.#wanted : null,
      (name) => this.cluster.peer(name),
    );
  }

  static async start(seed: string, number: number): Promise<World> {
    const world = new World(seed, number);
    await Cluster.start({
      made: (cluster) => world.cluster = cluster,
      seed: `${seed} ${number}`,
      names: world.holders,
      consoles: [console],
      identities: world.real ? inOrder([...world.holders, console]) : stubIdentity,
      vault: (identity, random, clock) => world.#vault(identity, random, clock),
      carry: () => (carried) => world.#carry(carried),
      told: (name, event) => world.#told(name, event),
      store: (name) => world.#machines.store(name),
      node: (name) => ({
        transport: sendingGos(
          world.cluster.network.transport(),
          async (go, to) =>
            world.#armed?.of === name ? await world.#armed.go(go, world.cluster.nameOf(to)) : [go],
        ),
        approve: world.consents.approve(name),
        wrapWire: (wire, about) =>
          sending(world.#tap.wrap(wire, about), (said) => {
            const from = world.cluster.nameOf(wire.self);
            if (about.kind !== "ecdh" && isProtocolRound(said.round)) world.consents.sent(from, about.id);
            if (phaseOf(about.kind, said.round) === "sign commit") world.ledger.committed(from, said.body);
            if (said.round === abortRound) world.#aborts(from, said.body);
            const named = { ...said, to: world.cluster.nameOf(said.to) };
            const cheat = world.#armed?.of === from ? world.#armed.say(named, about) : [named];
            return cheat.map((said) => ({ ...said, to: world.cluster.peer(said.to) }));
          }),
      }),
    });
    const { cluster, holders, real, views, rollbacks, leaps } = world;
    world.#asks = new Asks(cluster, world.#draw);
    world.#healing = new Healing({
      cluster,
      holders,
      real,
      views,
      rollbacks,
      leaps,
      machines: world.#machines,
      draw: world.#draw,
      excuse: (key) => world.excused.add(key),
      sign: (by, signers, text) => world.#asks.sign(by, signers, text),
    });
    for (const threshold of [2, 3]) await world.#asks.ready("ed25519", threshold);
    return world;
  }

  get #clock() {
    return this.cluster.clock;
  }

  /** The vault of a node: the product's own where the cryptography is real. */
  #vault(identity: Identity, random: Random, clock: Clock): Vault {
    const { peer } = identity;
    const name = () => this.cluster.nameOf(peer);
    const vault = this.real
      ? shareVault({ secrets: identity.secrets(), peer, random, clock, diffieHellman })
      : toyVault(peer, random, clock);
    return watchedVault(vault, {
      drew: (attempt) => this.consents.drew(name(), () => this.#tap.idOf(attempt)),
      used: (session, firstRound) => this.ledger.used(session, peer, firstRound),
      firstRound: (honest) => this.#armed?.of === name() ? this.#armed.firstRound(honest) : honest,
    });
  }

  #aborts(from: string, body: Uint8Array): void {
    const { code } = abortRecord.decode(body);
    if (code === "invalid-multiplication" && !this.#machines.banned.has(from)) this.#early.push(from);
  }

  #carry(carried: Carried): readonly Arrival[] {
    const soon = 1 + this.#draw.below(4_000) / 1_000;
    this.ledger.frame(carried.bytes);
    const frame = this.#tap.see(carried);
    const { nameOf } = this.cluster;
    const named = {
      ...frame,
      from: nameOf.call(this.cluster, frame.from),
      to: nameOf.call(this.cluster, frame.to),
    };
    // Garbage is the same each time.
    if (frame.phase.endsWith("accept") && this.#armed?.of !== named.from) this.ledger.accepted(carried.bytes);
    return this.#armed?.carry(named, soon) ?? [{ bytes: carried.bytes, afterMs: soon }];
  }

  #told(name: string, event: NodeEvent): void {
    const now = this.#clock.monotonic();
    const own = "peer" in event && event.peer === this.cluster.peer(name);
    this.ledger.event(name, event, { own, now });
    this.#screens.told(name, event);
    if (!own) return;
    if (event.type === "contradiction") {
      this.#contradicted.push(this.cluster.nameOf(event.culprit));
      this.excused.add(`${event.scheme} ${event.wallet}`);
    }
    const nameOf = (peer: PeerId) => this.cluster.nameOf(peer);
    this.rollbacks.told(name, event, nameOf);
    this.leaps.told(name, event, nameOf);
    this.views.take(name, event, now);
    this.consents.told(name, this.cluster.peer(name), event);
  }

  /** A process is gone: nothing more is expected of it. */
  #died(name: string): void {
    this.views.died(name);
    this.consents.died(name);
    this.rollbacks.died(name);
    this.#screens.died(name);
  }

  /** Everything that a fault of the schedule under way can do. */
  #hands(): Hands {
    const machines = this.#machines;
    return {
      cutOff: (name, ms) => machines.cutOff(name, ms),
      alone: (name, other, ms) => machines.alone(name, other, ms),
      kill: (name, ms) => machines.kill(name, ms),
      goBack: (name, ms, kept) => machines.goBack(name, ms, kept),
      leap: (name, ms) => machines.leap(name, ms),
      id: () => this.#id,
      peer: (name) => this.cluster.peer(name),
      identity: (name) => this.cluster.at(name).identity,
      real: this.real,
      again: (from, to, frame) =>
        void say(this.cluster.at(from), this.cluster.peer(to), protocols.invite, frame),
    };
  }

  /** Runs one schedule to its end and beyond: until everything is as it was before. */
  async run(schedule: Schedule): Promise<Ran> {
    if (schedule.kind === "sign") await this.#asks.ready(schedule.scheme, schedule.party.length);
    const startedAt = this.#clock.monotonic();
    this.views.forget();
    this.consents.forget();
    this.#screens.begin(schedule);
    this.rollbacks.forget();
    this.leaps.forget();
    if (schedule.fault === "rollback") await this.#machines.disk(schedule.faulty).mark();
    this.#thinking = peopleThink(schedule);
    this.#foreign = schedule.fault === "foreign";
    this.#wanted = inputsOf(schedule).map(({ message }) => message!);
    this.#id = null;
    this.#armed = arm(schedule, this.#hands());
    if (schedule.fault === "store") this.#machines.failStore(schedule);
    if (schedule.fault === "contradict-vote") saysNo(this.cluster.at(schedule.faulty));
    const session = this.#asks.begin(schedule, (id) => this.#id = id);
    if (session) this.#screens.asked(schedule, session.id, inputsOf(schedule));
    const ran: Ran = {
      schedule,
      id: this.#id,
      happened: false,
      settled: null,
      settledAt: startedAt,
      control: null,
      streams: session && new Streams(session),
      startedAt,
      healed: null,
      outcome: null,
      overheard: [],
      toldAgain: [],
      marks: new Map(),
      early: [],
      contradicted: [],
      screens: [],
    };
    const before = await this.#healing.lasting();
    this.#machines.banned.clear();
    session?.result.then((gave) => ran.settled = { gave }, (threw) => ran.settled = { threw })
      .finally(() => ran.settledAt = this.#clock.monotonic());
    const control = this.#asks.control(schedule).then(
      () => ran.control = this.#clock.monotonic() - startedAt,
      () => {},
    );
    let controlled = false;
    void control.finally(() => controlled = true);
    const asker = this.cluster.nodes.get(schedule.initiator);
    const over = () =>
      controlled && this.views.open().length === 0 &&
      (session === null || ran.settled !== null || asker?.life.over);
    for (let waited = 0; waited < 75_000 && !over(); waited += 100) await this.#clock.pass(100);
    ran.happened = this.#armed.happened || schedule.fault === "store";
    this.#armed = null;
    this.#machines.faultsOf(schedule.faulty).length = 0;
    if (schedule.fault === "contradict-vote") {
      // Until its victim has asked it; then it is honest again.
      await this.#clock.pass(retryLast);
      if (this.cluster.nodes.has(schedule.faulty)) this.cluster.kill(schedule.faulty);
      this.views.died(schedule.faulty);
    }
    const shown = await this.#shown(schedule);
    ran.healed = await this.#healing.heal(schedule);
    ran.screens = [
      ...shown,
      ...await this.#shown(schedule),
      ...this.#id === null ? [] : await this.#screens.pressed(schedule, this.#id),
    ];
    const initiator = this.cluster.nodes.get(schedule.initiator);
    if (initiator && this.#id !== null) {
      ran.outcome = await this.#clock.until(learns(initiator.node, this.#id));
      ran.toldAgain = await this.#clock.until(overheard(initiator, this.cluster.nodes, this.#id));
      const [other] = [...this.cluster.nodes].filter(([name]) => name !== schedule.initiator);
      if (other) ran.overheard = await this.#clock.until(overheard(other[1], this.cluster.nodes, this.#id));
    }
    ran.healed ??= await this.#healing.askAgain(schedule);
    ran.contradicted = this.#contradicted.splice(0);
    ran.early = this.#early.splice(0);
    ran.marks = await this.#healing.marks(before);
    ran.healed ??= await this.#healing.pardon(before, schedule);
    await ran.streams?.late();
    return ran;
  }

  async #shown(schedule: Schedule): Promise<string[]> {
    return this.#id === null ? [] : await this.#screens.wrong(schedule, this.#id);
  }

  /** `count` of `items`, drawn. */
  some<T>(items: readonly T[], count: number): T[] {
    return this.#draw.shuffled(items).slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}
