/**
 * A cluster in which schedules run, one after the other: each asks for one session in which one thing goes wrong, and
 * for another that must not notice.
 * @module
 */
import { createHash } from "node:crypto";
import { protocols } from "../../src/cluster/context.ts";
import type { Curve, NodeEvent } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { retryLast } from "../../src/limits.ts";
import type { Store } from "../../src/ports.ts";
import { abortRecord, abortRound } from "../../src/session/control.ts";
import type { Arrival, Carried } from "../../src/transport/memory/memory.ts";

import type { GroupKey } from "../../src/cluster/keys/keys.ts";
import type { Session } from "../../src/cluster/commands/handle.ts";
import type { Signature } from "../../src/cluster/records/signing.ts";
import { type Fault as DiskFault, faultyStore } from "../store/fault_store.ts";
import type { Accusation } from "./proof.ts";
import { calm } from "./calm.ts";
import { ConsentLedger } from "./consents.ts";
import { Cluster } from "./cluster.ts";
import { Disk } from "./disk.ts";
import { Draw } from "./draw.ts";
import { arm, type Armed } from "./faults.ts";
import { inOrder, stubIdentity } from "./identity.ts";
import { console, curveOf, holdersOf, isReal, peopleThink, type Schedule, walletOf } from "./schedule.ts";
import { type Clean, lastingRows, marks, pardon } from "./pardon.ts";
import { leapOf, LeapWatch, putRight } from "./leap.ts";
import { askForeign, askForName, say } from "./raw_asks.ts";
import { Probe } from "./probe.ts";
import { RollbackWatch, setRight } from "./rollback.ts";
import { Screens } from "./screens.ts";
import { Streams } from "./streams.ts";
import { Tap } from "./tap.ts";
import { toyVault } from "./toy_vault.ts";
import { Views } from "./views.ts";
import { saysNo } from "./says_no.ts";
import { saying } from "../../src/demo/cheats/cheat_wire.ts";

/** Outcome of whoever asked. */
export type Settled = { gave: unknown } | { threw: unknown };

/** What came of one schedule. */
export interface Ran {
  schedule: Schedule;
  id: string | null;
  happened: boolean;
  settled: Settled | null;
  settledAt: number;
  /** Of the control session: how long it took, ms; null if it failed. */
  control: number | null;
  streams: Streams | null;
  startedAt: number;
  /** Everybody is here again, linked, with nothing pending and nothing left behind. */
  healed: string | null;
  /** What it has left on each holder's disk for good: `ban` or `pair` and whom, or a key's counted failures. */
  marks: ReadonlyMap<string, readonly string[]>;
  /** Who told of a ban that was not on disk. */
  early: readonly string[];
  /** Who was named for a yes and a no about one key. */
  contradicted: readonly string[];
  /** What a page showed that is not so, and buttons that led to nothing. */
  screens: readonly string[];
}

/** 16 bytes that a text decides. */
const sha256 = (text: string) => Uint8Array.from(createHash("sha256").update(text).digest()).slice(0, 16);
const message = (text: string) => new TextEncoder().encode(text);
/** Virtual time after which nothing waits any more, ms; where a key was pending, the next look at it. */
const quietMs = 6_000;

export class World implements AsyncDisposable {
  readonly real: boolean;
  readonly holders: readonly string[];
  readonly views = new Views();
  /** What anybody told of itself in the schedule under way, as lines. */
  readonly log: string[] = [];
  readonly #heard = createHash("sha256");
  /** Every frame, and every line: of real cryptography only. */
  readonly wire: Uint8Array[] = [];
  readonly told: string[] = [];
  readonly accusations: Accusation[] = [];
  readonly nonces = new Set<string>();
  readonly twice: string[] = [];
  readonly consents: ConsentLedger;
  readonly #screens = new Screens(() => this.cluster);
  readonly rollbacks = new RollbackWatch();
  readonly leaps = new LeapWatch();
  /** Keys, by curve and wallet, of which there may be two: a proof of equivocation was told, or one was given up. */
  readonly excused = new Set<string>();
  readonly #tap = new Tap();
  readonly #draw: Draw;
  readonly #disks = new Map<string, Disk>();
  readonly #diskFaults = new Map<string, DiskFault[]>();
  /** Who has a ban on disk, of the schedule under way; who has told of one sooner. */
  readonly #banned = new Set<string>();
  readonly #early: string[] = [];
  readonly #contradicted: string[] = [];
  #armed: Armed | null = null;
  #id: string | null = null;
  /** Whether people think about the command of the schedule under way. */
  #thinking = false;
  /** Whether its node knows nothing of the command that it signed. */
  #foreign = false;
  #restarting = 0;
  cluster!: Cluster;

  private constructor(seed: string, number: number) {
    this.real = isReal(number);
    this.holders = holdersOf(number);
    this.#draw = new Draw(`${seed} world ${number}`);
    this.consents = new ConsentLedger(
      () => this.#clock,
      new Draw(`${seed} people ${number}`),
      (id) => id === this.#id && this.#thinking,
      (id) => id === this.#id && this.#foreign,
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
      ...(world.real ? {} : { vault: (identity, random, clock) => toyVault(identity.peer, random, clock) }),
      carry: () => (carried) => world.#carry(carried),
      told: (name, event) => world.#told(name, event),
      store: (name) => world.#noting(name, faultyStore(world.#disk(name), world.#faultsOf(name))),
      node: (name) => ({
        approve: world.consents.approve(name),
        wrapWire: (wire, about) =>
          saying(world.#tap.wrap(wire, about), (said) => {
            const from = world.cluster.nameOf(wire.self);
            if (about.kind === "sign" && said.round === "commit") world.#nonce(about.id, from, said.body);
            if (said.round === abortRound) world.#aborts(from, said.body);
            const named = { ...said, to: world.cluster.nameOf(said.to) };
            const cheat = world.#armed?.of === from ? world.#armed.say(named, about) : [named];
            return cheat.map((said) => ({ ...said, to: world.cluster.peer(said.to) }));
          }),
      }),
    });
    for (const threshold of [2, 3]) await world.#ready("ed25519", threshold);
    return world;
  }

  /** Makes the key that so many sign with, if it is not there yet: one of ECDSA takes real cryptography seconds. */
  async #ready(curve: Curve, threshold: number): Promise<void> {
    const { node } = this.cluster.at(console);
    const wallet = walletOf(curve, threshold);
    if ((await node.keys()).some((key) => key.wallet === wallet)) return;
    await this.#clock.until(node.generateKey({ wallet, curve, threshold }).result);
    await this.#clock.pass(3_000);
  }

  /** SHA-256 of everything that anybody told or heard so far, in its order. */
  heard(): string {
    return this.#heard.copy().digest("hex");
  }

  get #clock() {
    return this.cluster.clock;
  }

  #disk(name: string): Disk {
    const disk = this.#disks.get(name) ?? new Disk(() => this.#clock.monotonic());
    this.#disks.set(name, disk);
    return disk;
  }

  #faultsOf(name: string): DiskFault[] {
    const faults = this.#diskFaults.get(name) ?? [];
    this.#diskFaults.set(name, faults);
    return faults;
  }

  /** A disk of which is known when a ban is on it. */
  #noting(of: string, store: Store): Store {
    return {
      get: (name) => store.get(name),
      names: (prefix) => store.names(prefix),
      close: () => store.close(),
      swap: async (name, from, sealed) => {
        const done = await store.swap(name, from, sealed);
        if (name.startsWith("ban/")) this.#banned.add(of);
        return done;
      },
    };
  }

  #aborts(from: string, body: Uint8Array): void {
    const { code } = abortRecord.decode(body);
    if (code === "invalid-multiplication" && !this.#banned.has(from)) this.#early.push(from);
  }

  /** The ledger: no nonce commitment is ever used twice. */
  #nonce(id: string, from: string, body: Uint8Array): void {
    const [nonce, use] = [body.toHex(), `${id} ${from}`];
    const line = `${nonce} ${use}`;
    if (this.nonces.has(nonce) && !this.nonces.has(line)) this.twice.push(use);
    this.nonces.add(nonce).add(line);
  }

  #carry(carried: Carried): readonly Arrival[] {
    const soon = 1 + this.#draw.below(4_000) / 1_000;
    if (this.real) this.wire.push(carried.bytes);
    const frame = this.#tap.see(carried);
    const { nameOf } = this.cluster;
    const named = {
      ...frame,
      from: nameOf.call(this.cluster, frame.from),
      to: nameOf.call(this.cluster, frame.to),
    };
    return this.#armed?.carry(named, soon) ?? [{ bytes: carried.bytes, afterMs: soon }];
  }

  #told(name: string, event: NodeEvent): void {
    const now = this.#clock.monotonic();
    const own = "peer" in event && event.peer === this.cluster.peer(name);
    const what = own || !("peer" in event) ? JSON.stringify(event) : `heard ${event.boot} ${event.seq}`;
    const line = `${now.toFixed(3)} ${name} ${what}`;
    this.#heard.update(line);
    if (this.real) this.told.push(what);
    this.#screens.told(name, event);
    if (!own) return;
    this.log.push(line);
    if (event.type === "contradiction") {
      this.#contradicted.push(this.cluster.nameOf(event.culprit));
      this.excused.add(`${event.curve} ${event.wallet}`);
    }
    const nameOf = (peer: PeerId) => this.cluster.nameOf(peer);
    this.rollbacks.told(name, event, nameOf);
    this.leaps.told(name, event, nameOf);
    this.views.take(name, event, now);
    this.consents.told(name, this.cluster.peer(name), event);
  }

  #kill(name: string, restart: number | null): void {
    this.#clock.timer(0, () => {
      if (!this.cluster.nodes.has(name)) return;
      this.#end(name);
      if (restart !== null) this.#restart(name, restart);
    });
  }

  #end(name: string): void {
    this.cluster.kill(name);
    this.views.died(name);
    this.consents.died(name);
    this.rollbacks.died(name);
    this.#screens.died(name);
  }

  #restart(name: string, ms: number, before = () => Promise.resolve()): void {
    this.#restarting++;
    const boot = () => before().then(() => this.cluster.boot(name)).finally(() => this.#restarting--);
    this.#clock.timer(ms, () => void boot());
  }

  #goBack(name: string, ms: number, much: number): void {
    this.#restarting++; // whoever heals waits for it
    this.#clock.timer(ms, () => {
      this.#restarting--;
      this.#end(name);
      const disk = this.#disk(name);
      const kept = this.rollbacks.wentBack(disk, { much, now: this.#clock.monotonic() });
      this.#restart(name, 500, () => disk.goBack(kept));
    });
  }

  #leap(name: string, ms: number): void {
    this.leaps.leapt();
    this.cluster.setClock(name, ms);
  }

  #cutOff(name: string, ms: number): void {
    const peer = this.cluster.peer(name);
    this.#clock.timer(0, () => this.cluster.network.reachable((a, b) => a !== peer && b !== peer));
    this.#clock.timer(ms, () => this.cluster.network.reachable(() => true));
  }

  #alone(name: string, other: string, ms: number): void {
    const [one, two] = [this.cluster.peer(name), this.cluster.peer(other)];
    const lets = (a: PeerId, b: PeerId) => [a, b].includes(two) || (a !== one && b !== one);
    // The votes of the others are under way.
    this.#clock.timer(10, () => this.cluster.network.reachable(lets));
    this.#clock.timer(ms, () => this.cluster.network.reachable(() => true));
  }

  /** Runs one schedule to its end and beyond: until everything is as it was before. */
  async run(schedule: Schedule): Promise<Ran> {
    if (schedule.kind === "sign") await this.#ready(curveOf(schedule), schedule.party.length);
    const startedAt = this.#clock.monotonic();
    this.views.forget();
    this.consents.forget();
    this.#screens.begin(schedule);
    this.rollbacks.forget();
    this.leaps.forget();
    if (schedule.fault === "rollback") await this.#disk(schedule.faulty).mark();
    this.#thinking = peopleThink(schedule);
    this.#foreign = schedule.fault === "foreign";
    this.#id = null;
    this.#armed = arm(schedule, {
      cutOff: (name, ms) => this.#cutOff(name, ms),
      alone: (name, other, ms) => this.#alone(name, other, ms),
      kill: (name, ms) => this.#kill(name, ms),
      goBack: (name, ms, kept) => this.#goBack(name, ms, kept),
      leap: (name, ms) => this.#leap(name, ms),
      id: () => this.#id,
      peer: (name) => this.cluster.peer(name),
      session: () => {
        const session = this.views.all().find((view) => view.id === this.#id && view.session)?.session;
        return session ? Uint8Array.fromHex(session) : null;
      },
      real: this.real,
      again: (from, to, frame) =>
        void say(this.cluster.at(from), this.cluster.peer(to), protocols.invite, frame),
    });
    if (schedule.fault === "store") this.#break(schedule);
    if (schedule.fault === "contradict-vote") saysNo(this.cluster.at(schedule.faulty));
    const session = this.#begin(schedule);
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
      marks: new Map(),
      early: [],
      contradicted: [],
      screens: [],
    };
    const before = new Map<string, Clean>();
    for (const name of this.holders) before.set(name, await lastingRows(this.cluster.at(name).store));
    this.#banned.clear();
    session?.result.then((gave) => ran.settled = { gave }, (threw) => ran.settled = { threw })
      .finally(() => ran.settledAt = this.#clock.monotonic());
    const control = this.#control(schedule).then(
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
    ran.happened = this.#armed.happened || this.#broke(schedule);
    this.#armed = null;
    this.#faultsOf(schedule.faulty).length = 0;
    if (schedule.fault === "contradict-vote") {
      // Until its victim has asked it; then it is honest again.
      await this.#clock.pass(retryLast);
      if (this.cluster.nodes.has(schedule.faulty)) this.cluster.kill(schedule.faulty);
      this.views.died(schedule.faulty);
    }
    const shown = await this.#shown(schedule);
    ran.healed = await this.#heal(schedule);
    ran.screens = [...shown, ...await this.#shown(schedule), ...await this.#pressed(schedule)];
    ran.healed ??= await this.#askAgain(schedule);
    ran.contradicted = this.#contradicted.splice(0);
    ran.early = this.#early.splice(0);
    ran.marks = await this.#marks(before);
    ran.healed ??= await this.#pardon(before, schedule);
    await ran.streams?.late();
    return ran;
  }

  #break({ faulty, phase, nth }: Schedule): void {
    const fault: DiskFault = phase === "open"
      ? { on: "swap", name: /^command\//, nth: 1, then: "fail" }
      : { on: "swap", name: /^key\//, nth: nth + 2, then: "fail" };
    this.#faultsOf(faulty).push(fault);
  }
  #broke({ fault }: Schedule): boolean {
    return fault === "store";
  }

  #begin(s: Schedule): Session | null {
    const { cluster } = this;
    const { node } = cluster.at(s.initiator);
    const party = s.party.map((name) => cluster.peer(name));
    if (s.kind === "ecdh") {
      cluster.network.cut(party[0]!, party[1]!);
      return null;
    }
    if (s.fault === "foreign") {
      const id = sha256(`${this.#draw.below(1 << 30)} foreign ${s.index}`);
      this.#id = id.toHex();
      void askForeign(cluster.at(s.initiator), this.#clock.now(), {
        id,
        wallet: walletOf("ed25519", party.length),
        signers: party,
        coordinator: cluster.peer(s.party.find((name) => name !== s.initiator)!),
        message: message(`schedule ${s.index}`),
      });
      return null;
    }
    const session: Session<GroupKey | Signature> = s.kind === "generate"
      ? node.generateKey({ wallet: `w${s.index}`, curve: curveOf(s), threshold: s.threshold, members: party })
      : node.sign({
        wallet: walletOf(curveOf(s), party.length),
        curve: curveOf(s),
        message: message(`schedule ${s.index}`),
        signers: party,
      });
    this.#id = session.id;
    this.#screens.asked(s, session.id, message(`schedule ${s.index}`));
    return session;
  }

  async #shown(schedule: Schedule): Promise<string[]> {
    return this.#id === null ? [] : await this.#screens.wrong(schedule, this.#id);
  }

  async #pressed(schedule: Schedule): Promise<string[]> {
    return this.#id === null ? [] : await this.#screens.pressed(schedule, this.#id);
  }

  async #control({ control, index }: Schedule): Promise<void> {
    await this.#sign(control[0], control, `control ${index}`);
  }

  #sign(by: string, names: readonly string[], text: string): Promise<Signature> {
    const signers = names.map((name) => this.cluster.peer(name));
    return this.cluster.at(by).node.sign({
      wallet: "pair",
      curve: "ed25519",
      message: message(text),
      signers,
    }).result;
  }

  /** Brings everybody back. @returns What is not as it should be. */
  async #heal(schedule: Schedule): Promise<string | null> {
    this.cluster.network.reachable(() => true);
    for (let waited = 0; this.#restarting > 0 && waited < 10_000; waited += 100) await this.#clock.pass(100);
    for (const name of [...this.holders, console]) {
      if (!this.cluster.nodes.has(name)) await this.cluster.boot(name);
    }
    const { fault, kind, faulty } = schedule;
    const patience = kind === "generate" ? retryLast + quietMs : quietMs;
    const { cluster, rollbacks, leaps } = this;
    const probe = new Probe(
      faulty,
      this.holders.includes(faulty),
      schedule.control,
      (by, signers) => this.#sign(by, signers, `after ${schedule.index}`),
    );
    if (fault === "rollback") {
      const gaveUp = (wallet: string) => this.excused.add(`${curveOf(schedule)} ${wallet}`);
      if (kind === "generate") rollbacks.lost.set(`w${schedule.index}`, faulty);
      await setRight({ cluster, watch: rollbacks, probe, gaveUp });
    }
    if (fault === "clock") await putRight({ cluster, watch: leaps, probe, leap: leapOf(schedule) });
    const wrong = await calm(cluster, this.views, patience);
    if (wrong !== null || (fault !== "rollback" && fault !== "clock")) return wrong;
    const codes = await this.#clock.until(probe.asks());
    return codes === null ? await calm(cluster, this.views, quietMs) : `${faulty} cannot sign: ${codes}`;
  }

  /**
   * After what is not seen from outside a manager asks for the name a second time: it is taken where anybody has a key of
   * it, and free where nobody has.
   */
  async #askAgain({ index, fault, kind, threshold, party, phase }: Schedule): Promise<string | null> {
    const curve = curveOf({ phase });
    if (kind !== "generate" || (fault !== "rollback" && fault !== "clock")) return null;
    if (this.real && curve === "secp256k1") return null; // takes seconds
    const members = party.map((name) => this.cluster.peer(name));
    const name = { wallet: `w${index}`, curve, id: sha256(`name ${index}`), threshold, members };
    const asker = this.cluster.at(console);
    void askForName(asker, this.#clock.now(), { ...name, coordinator: this.#draw.of(members) });
    await this.#clock.pass(3_000);
    return await calm(this.cluster, this.views, retryLast + quietMs);
  }

  /** What each holder's disk keeps of bans. That a key was generated, or a signature counted as failed, is no mark. */
  async #marks(before: ReadonlyMap<string, Clean>): Promise<Map<string, string[]>> {
    const all = new Map<string, string[]>();
    for (const [name, clean] of before) {
      const rows = await marks(this.cluster.at(name).store, clean);
      const keys = await this.#keys(name);
      const mine = rows.map((row) => row.split("/")).flatMap(([what, key, peer]) =>
        what === "ban" || (what === "pair" && keys.has(key!) && clean.has(`pair/${key}/${peer}`))
          ? [`${what} ${this.cluster.nameOf(peer!)}`]
          : []
      );
      all.set(name, mine.sort());
    }
    return all;
  }

  /** The keys that a holder signs with, by session in hex: with those that were given up go their pairs. */
  async #keys(name: string): Promise<ReadonlySet<string>> {
    const keys = await this.cluster.at(name).node.keys();
    return new Set(keys.filter(({ held }) => held).map(({ session }) => session));
  }

  /** What is for good would be in the way of all schedules after this. */
  async #pardon(before: ReadonlyMap<string, Clean>, schedule: Schedule): Promise<string | null> {
    const lasting = new Map<string, Clean>();
    for (const [name, clean] of before) {
      const { store } = this.cluster.at(name);
      const rows = await marks(store, clean);
      const keys = await this.#keys(name);
      const lasts = (row: string) =>
        !row.startsWith("pair/") || (clean.has(row) && keys.has(row.split("/")[1]!));
      if (rows.some(lasts)) lasting.set(name, clean);
    }
    const again = await pardon(this.cluster, lasting, (name) => this.views.died(name));
    return again.length > 0 ? await this.#heal(schedule) : null;
  }

  /** `count` of `items`, drawn. */
  some<T>(items: readonly T[], count: number): T[] {
    return this.#draw.shuffled(items).slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}
