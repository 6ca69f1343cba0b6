/**
 * What must hold after a peer was killed while a key was dealt anew: everyone has the key in the same epoch, the one
 * before or the one after, with the same public key; every quorum signs; and it can be dealt anew again.
 * @module
 */
import assert from "node:assert/strict";
import type { KeyName } from "../src/cluster/records/key_name.ts";
import { SessionError } from "../src/errors.ts";
import type { Scheme } from "../src/events.ts";
import type { PeerId } from "../src/failure.ts";
import type { KilledPeer, ShownKey, State } from "./killed_peer.ts";
import { poll } from "./killed_process.ts";
import type { Kills, MadeKey } from "./kills.ts";
import type { Point } from "./programs/stopping_points.ts";

/**
 * The part of the peer that is killed in the resharing: `refresh`: it deals and stays, as everyone does; `staying`: it
 * stays, and the others deal; `handing`: it leaves, and the others deal; `leaving`: it leaves, and is one of the dealers;
 * `joining`: it gets a share of a key of which it never had one.
 */
export type Dealing = "refresh" | "staying" | "handing" | "leaving" | "joining";

/** A kill: in which resharing, of a key of which scheme, and where. */
export interface Kill {
  readonly dealing: Dealing;
  readonly scheme: Scheme;
  readonly point: Point;
}

/** A key that is dealt anew again and again. */
interface DealtKey extends MadeKey {
  /** The epoch that everyone was last seen in. */
  epoch: number;
}

const leaves = (dealing: Dealing): boolean => dealing === "handing" || dealing === "leaving";

/** The peers of a resharing. */
interface Peers {
  members: PeerId[];
  dealers?: PeerId[];
}

const threshold = 2;

/** The points after which the others can never come to an end without the peer, which says no: the epoch stays. */
const early: ReadonlySet<Point> = new Set([
  ...["before command seen", "after command seen", "before opened", "after opened"] as const,
  ...["before parent", "after parent", "before pair", "after pair"] as const,
  ...["before released", "after released", "before the release", "after one release"] as const,
  ...["before PENDING", "before no", "after no", "before given up", "after given up"] as const,
]);
/** The points at which all votes have come: there is a new epoch. */
const late: ReadonlySet<Point> = new Set([
  ...["before ACTIVE", "after ACTIVE", "before outcome", "after outcome"] as const,
  ...["before known", "after known", "before erased", "after erased"] as const,
  ...["before pair erased", "after pair erased"] as const,
]);

/** Kills peers of a cluster while its keys are dealt anew. */
export class ReshareKills {
  /** The keys of which all three have shares, one of a scheme. */
  readonly #shared = new Map<Scheme, DealtKey>();
  #made = 0;

  constructor(readonly kills: Kills) {}

  /** Kills, starts again, and looks at what is left. */
  async survives(victim: KilledPeer, kill: Kill): Promise<void> {
    const { kills } = this;
    const { dealing, point } = kill;
    const dealt = await this.#keyFor(victim, kill);
    const failed = await this.#killed(
      victim,
      kill,
      () => this.#reshare(dealt, this.#peersOf(dealing, victim)),
    );
    victim.start();
    await kills.cluster.met();
    const key = await this.#agreed(dealt);
    const possible = [
      ...late.has(point) || failed === null ? [] : [dealt.epoch],
      ...early.has(point) ? [] : [dealt.epoch + 1],
    ];
    assert.ok(
      possible.includes(key.epoch),
      `epoch ${key.epoch}, expected ${possible.join(" or ") || "a failure"}`,
    );
    await this.#signs(dealt, key);
    await this.#again(dealt);
    dealt.epoch = key.epoch + 1;
    const next = await this.#agreed(dealt);
    assert.equal(next.epoch, dealt.epoch);
    kills.nobodyIsBlamed();
  }

  /** The key that is to be dealt anew: one that the others have made, or the one of all. */
  async #keyFor(victim: KilledPeer, { dealing, scheme }: Kill): Promise<DealtKey> {
    await this.kills.cluster.met();
    if (dealing === "joining") return await this.#make(scheme, this.#others(victim));
    const key = this.#shared.get(scheme) ?? await this.#make(scheme, this.#all());
    this.#shared.set(scheme, key);
    return key;
  }

  async #make(scheme: Scheme, members: PeerId[]): Promise<DealtKey> {
    const name = { wallet: `treasury ${++this.#made}`, scheme };
    const { publicKey } = await this.kills.cluster.node.generateKey({ ...name, threshold, members }).result;
    const key = { ...name, publicKey: publicKey.toHex(), epoch: 1 };
    await this.#agreed(key);
    return key;
  }

  /** Has a peer killed at a point of what `act` begins. It is not started again. @returns What came of `act`. */
  async #killed<T>(victim: KilledPeer, kill: Kill, act: () => Promise<T>): Promise<T> {
    const { kills } = this;
    const { point } = kill;
    switch (point) {
      case "before no":
      case "after no": {
        // It has no share when it comes back, and says so before it is asked.
        const result = await kills.during(victim, "before PENDING", act);
        victim.start(point);
        await victim.killAt(point);
        return result;
      }
      case "before given up":
      case "after given up":
        return await this.#killedGivingUp(victim, kill, act);
      default:
        return await kills.during(victim, point, act);
    }
  }

  /** Another is killed before its share is on disk, and says no when it comes back: so the victim gives up its own. */
  async #killedGivingUp<T>(
    victim: KilledPeer,
    { dealing, point }: Kill,
    act: () => Promise<T>,
  ): Promise<T> {
    const other = this.kills.cluster.peers.find((one) => one !== victim)!;
    const waiting = leaves(dealing) ? "released" : "pending";
    await victim.arm(point);
    await other.arm("before PENDING");
    const acting = act();
    await other.standsAt("before PENDING");
    await poll(`${victim.name} to wait for votes`, async () => {
      return (await victim.state()).rows.some(({ state }) => state === waiting);
    });
    await other.killAt("before PENDING");
    other.start();
    await victim.killAt(point);
    return await acting;
  }

  /** Every quorum of the epoch that everyone is in signs. */
  async #signs(dealt: DealtKey, { members }: ShownKey): Promise<void> {
    const able = this.kills.cluster.peers.filter(({ peer }) => members.includes(peer));
    for (const [i, one] of able.entries()) {
      for (const other of able.slice(i + 1)) await this.kills.signs(dealt, [one, other]);
    }
  }

  /** The key can be dealt anew once more. Whoever does not answer in time, because the machine is slow, is asked again. */
  async #again(dealt: DealtKey): Promise<void> {
    await poll("the key to be dealt anew again", async () => {
      const failed = await this.#reshare(dealt, { members: this.#all() });
      if (failed?.code !== "not-enough-peers") assert.equal(failed, null, "it can be dealt anew again");
      return failed === null;
    });
  }

  #all = (): PeerId[] => this.kills.cluster.peers.map(({ peer }) => peer);
  #others = ({ peer }: KilledPeer): PeerId[] => this.#all().filter((one) => one !== peer);

  #peersOf(dealing: Dealing, victim: KilledPeer): Peers {
    const others = this.#others(victim);
    switch (dealing) {
      case "refresh":
        return { members: this.#all(), dealers: [victim.peer, others[0]!] };
      case "staying":
      case "joining":
        return { members: this.#all(), dealers: others };
      case "handing":
        return { members: others, dealers: others };
      case "leaving":
        return { members: others, dealers: [victim.peer, others[0]!] };
      default:
        return dealing satisfies never;
    }
  }

  /** Deals the key anew. Whatever comes of it. @returns What went wrong, if anything did. */
  async #reshare({ wallet, scheme, publicKey }: DealtKey, peers: Peers): Promise<SessionError | null> {
    const session = this.kills.cluster.node.reshare({ wallet, scheme, threshold, ...peers });
    try {
      assert.equal((await session.result).publicKey.toHex(), publicKey);
      return null;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return error;
    }
  }

  /** Waits until nothing is undecided at anybody, and everyone has the key in the same epoch. @returns The key. */
  async #agreed(dealt: DealtKey): Promise<ShownKey> {
    const { cluster } = this.kills;
    let states: State[] = [];
    let here: string[] = [];
    const isAgreed = async () => {
      states = await cluster.states();
      here = (await cluster.node.keys()).filter(isOf(dealt)).map(({ session }) => session);
      const first = states[0]!.keys.find(isOf(dealt));
      return first !== undefined && here.length === 1 && here[0] === first.session &&
        states.every((state, i) => isSettled(state, first, cluster.peers[i]!.peer));
    };
    try {
      await poll("everyone to have the key in the same epoch", isAgreed);
    } catch (cause) {
      throw new Error(`no agreement: ${JSON.stringify({ here, states })}`, { cause });
    }
    const key = states[0]!.keys.find(isOf(dealt))!;
    assert.equal(key.publicKey, dealt.publicKey, "the key stays");
    return key;
  }
}

const isOf = ({ wallet, scheme }: KeyName) => (one: { wallet: string; scheme: Scheme | null }) =>
  one.wallet === wallet && one.scheme === scheme;

/**
 * Whether a peer has this key and no other of its name, has a share of it if it is a member, and has no other share of it
 * at all; and whether it has the pairs of its shares, and no others.
 */
function isSettled(state: State, shown: ShownKey, peer: PeerId): boolean {
  const [key, ...more] = state.keys.filter(isOf(shown));
  const held = shown.members.includes(peer);
  const rows = state.rows.filter(isOf(shown));
  const inState = (...names: string[]) => rows.filter(({ state }) => names.includes(state));
  return key !== undefined && more.length === 0 && key.session === shown.session && key.state === "active" &&
    key.held === held && inState("active").length === Number(held) &&
    inState("pending", "released").length === 0 &&
    state.rows.every(({ pairs, pairsDue }) => pairs === pairsDue);
}
