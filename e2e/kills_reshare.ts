/**
 * What must hold after a peer was killed while a key was dealt anew: everyone has the key in the same epoch, the one
 * before or the one after, with the same public key; every quorum signs; and it can be dealt anew again.
 * @module
 */
import assert from "node:assert/strict";
import { SessionError } from "../src/errors.ts";
import type { PeerId } from "../src/failure.ts";
import type { KilledPeer, ShownKey, State } from "./killed_peer.ts";
import { poll } from "./killed_process.ts";
import type { Kills } from "./kills.ts";
import type { Point } from "./programs/stopping_points.ts";

/**
 * How the key is dealt: `refresh`: all three stay; `handing`: the one that is killed leaves, and the others deal;
 * `leaving`: it leaves, and is one of the dealers.
 */
export type Dealing = "refresh" | "handing" | "leaving";

/** A kill: which resharing, and where. */
export type Kill = readonly [Dealing, Point];

const wallet = "treasury";
const scheme = "ed25519";
const threshold = 2;

/** The points after which the others can never come to an end without the peer, which says no: the epoch stays. */
const early: ReadonlySet<Point> = new Set([
  ...["before command seen", "after command seen", "before opened", "after opened"] as const,
  ...["before released", "after released", "before the release", "after one release"] as const,
  "before PENDING",
]);
/** The points at which all votes have come: there is a new epoch. */
const late: ReadonlySet<Point> = new Set([
  ...["before ACTIVE", "after ACTIVE", "before outcome", "after outcome"] as const,
  ...["before known", "after known", "before erased", "after erased"] as const,
]);

/** Kills peers of a cluster while its one key is dealt anew. */
export class ReshareKills {
  #publicKey = "";
  /** The epoch that everyone was last seen in. */
  #epoch = 1;

  constructor(readonly kills: Kills) {}

  /** The key, at all three. */
  async begin(): Promise<void> {
    await this.kills.cluster.met();
    assert.equal(await this.kills.generate(wallet), null);
    this.#publicKey = (await this.#agreed()).publicKey;
  }

  /** Kills, starts again, and looks at what is left. */
  async survives(victim: KilledPeer, [dealing, point]: Kill): Promise<void> {
    const { kills } = this;
    const before = this.#epoch;
    const failed = await kills.during(victim, point, () => this.#reshare(this.#peersOf(dealing, victim)));
    victim.start();
    await kills.cluster.met();
    const key = await this.#agreed();
    const possible = [
      ...late.has(point) || failed === null ? [] : [before],
      ...early.has(point) ? [] : [before + 1],
    ];
    assert.ok(
      possible.includes(key.epoch),
      `epoch ${key.epoch}, expected ${possible.join(" or ") || "a failure"}`,
    );
    await this.#signs(key);
    await this.#again();
    this.#epoch = key.epoch + 1;
    const next = await this.#agreed();
    assert.equal(next.epoch, this.#epoch);
    kills.nobodyIsBlamed();
  }

  /** Every quorum of the epoch that everyone is in signs. */
  async #signs({ members }: ShownKey): Promise<void> {
    const able = this.kills.cluster.peers.filter(({ peer }) => members.includes(peer));
    for (const [i, one] of able.entries()) {
      for (const other of able.slice(i + 1)) await this.kills.signs(wallet, this.#publicKey, [one, other]);
    }
  }

  /** The key can be dealt anew once more. Whoever does not answer in time, because the machine is slow, is asked again. */
  async #again(): Promise<void> {
    await poll("the key to be dealt anew again", async () => {
      const failed = await this.#reshare({ members: this.#all() });
      if (failed?.code !== "not-enough-peers") assert.equal(failed, null, "it can be dealt anew again");
      return failed === null;
    });
  }

  #all = (): PeerId[] => this.kills.cluster.peers.map(({ peer }) => peer);

  #peersOf(dealing: Dealing, { peer }: KilledPeer): { members: PeerId[]; dealers?: PeerId[] } {
    const others = this.#all().filter((one) => one !== peer);
    switch (dealing) {
      case "refresh":
        return { members: this.#all(), dealers: [peer, others[0]!] };
      case "handing":
        return { members: others, dealers: others };
      case "leaving":
        return { members: others, dealers: [peer, others[0]!] };
      default:
        return dealing satisfies never;
    }
  }

  /** Deals the key anew. Whatever comes of it. @returns What went wrong, if anything did. */
  async #reshare(peers: { members: PeerId[]; dealers?: PeerId[] }): Promise<SessionError | null> {
    const session = this.kills.cluster.node.reshare({ wallet, scheme, threshold, ...peers });
    try {
      assert.equal((await session.result).publicKey.toHex(), this.#publicKey);
      return null;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return error;
    }
  }

  /** Waits until nothing is undecided at anybody, and everyone has the key in the same epoch. @returns The key. */
  async #agreed(): Promise<ShownKey> {
    const { cluster } = this.kills;
    let states: State[] = [];
    let here: string[] = [];
    const isAgreed = async () => {
      states = await cluster.states();
      here = (await cluster.node.keys()).map(({ session }) => session);
      const [first] = ofWallet(states[0]!);
      return first !== undefined && here.length === 1 &&
        states.every((state, i) =>
          isSettled(state, first, cluster.peers[i]!.peer) && here[0] === first.session
        );
    };
    try {
      await poll("everyone to have the key in the same epoch", isAgreed);
    } catch (cause) {
      throw new Error(`no agreement: ${JSON.stringify({ here, states })}`, { cause });
    }
    const [key] = ofWallet(states[0]!);
    if (this.#publicKey) assert.equal(key!.publicKey, this.#publicKey, "the key stays");
    return key!;
  }
}

const ofWallet = (state: State) => state.keys.filter((key) => key.wallet === wallet);

/** Whether a peer has this key and no other, has a share of it if it is a member, and has no other share at all. */
function isSettled(state: State, { session, members }: ShownKey, peer: PeerId): boolean {
  const [key, ...more] = ofWallet(state);
  const held = members.includes(peer);
  const inState = (...names: string[]) => state.rows.filter(({ state }) => names.includes(state));
  return key !== undefined && more.length === 0 && key.session === session && key.state === "active" &&
    key.held === held && inState("active").length === Number(held) &&
    inState("pending", "released").length === 0;
}
