/**
 * A whole cluster of the real code in one process, under virtual time and from one seed.
 * @module
 */
import "./one_thread.ts";
import { chacha20 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { NodeEvent } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { nobleIdentity } from "./identity.ts";
import { assembleNode } from "../../src/node/assemble.ts";
import type { AssembleOptions } from "../../src/node/options.ts";
import type { Clock, Identity, Random, Store, Vault } from "../../src/ports.ts";
import { type Roster, signRoster } from "../../src/cluster/roster/roster.ts";
import type { Right } from "../../src/cluster/records/rights.ts";
import { memoryStore } from "../../src/store/memory.ts";
import {
  type MemoryNetwork,
  memoryNetwork,
  type MemoryNetworkOptions,
} from "../../src/transport/memory/memory.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { diffieHellman } from "../crypto/diffie_hellman.ts";
import { VirtualClock } from "./clock.ts";
import { Life } from "./life.ts";

/** Deterministic bytes: ChaCha20 under a hash of the seed. */
export function seededRandom(seed: string): Random {
  const key = sha256(new TextEncoder().encode(seed));
  let counter = 0n;
  return (length) => {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setBigUint64(0, counter++);
    return chacha20(key, nonce, new Uint8Array(length));
  };
}

export interface ClusterOptions {
  seed?: string;
  /** Names of the holders; each may also ask for everything, unless `rights` says otherwise. */
  names?: readonly string[];
  /** Names of peers that hold nothing. */
  consoles?: readonly string[];
  /** What a peer may do, where that is not what it may by default. */
  rights?: Readonly<Record<string, readonly Right[]>>;
  carry?: (
    clock: VirtualClock,
    nameOf: (peer: PeerId) => string,
  ) => NonNullable<MemoryNetworkOptions["carry"]>;
  identities?: (random: Random, name: string) => Promise<Identity>;
  store?: (name: string) => Store;
  vault?: (identity: Identity, random: Random, clock: Clock) => Vault;
  node?: (name: string) => Partial<AssembleOptions>;
  /** Given the cluster before anything in it starts. */
  made?: (cluster: Cluster) => void;
  /** Told of every item that a node tells or hears, as it happens. */
  told?: (name: string, event: NodeEvent) => void;
}

/** A node with its network, which its public type does not show. */
export type AssembledNode = Awaited<ReturnType<typeof assembleNode>>;

export interface ClusterNode {
  name: string;
  peer: PeerId;
  node: AssembledNode;
  store: Store;
  identity: Identity;
  /** All that it has told and heard, in order. */
  events: NodeEvent[];
  reading: Promise<void>;
  life: Life;
}

export class Cluster implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly nodes = new Map<string, ClusterNode>();
  readonly network: MemoryNetwork;
  readonly random: Random;
  readonly #options: ClusterOptions;
  readonly #names = new Map<PeerId, string>();
  readonly #identities = new Map<string, Identity>();
  readonly #stores = new Map<string, Store>();
  readonly #ahead = new Map<string, number>();
  roster!: Roster;
  admin!: Identity;

  private constructor(options: ClusterOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed ?? "quorate");
    const carry = options.carry?.(this.clock, (peer) => this.nameOf(peer));
    this.network = memoryNetwork({ clock: this.clock, ...(carry ? { carry } : {}) });
  }

  /** Starts all nodes and waits until every link between holders is up. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(options);
    options.made?.(cluster);
    const { names = ["alice", "bob", "carol"], consoles = [], identities = nobleIdentity } = options;
    const all = [...names, ...consoles];
    cluster.admin = await identities(cluster.random, "admin");
    for (const name of all) {
      const identity = await identities(cluster.random, name);
      cluster.#identities.set(name, identity);
    }
    const peers = all.map((name) => ({
      peer: cluster.#identities.get(name)!.peer,
      name,
      addresses: [`/memory/${name}`],
      rights: options.rights?.[name] ??
        (names.includes(name)
          ? ["holder", "initiator", "manager"] as const
          : ["initiator", "manager", "observer"] as const),
    }));
    cluster.roster = await signRoster(cluster.admin, peers, null);
    for (const name of all) await cluster.boot(name);
    await cluster.linked();
    return cluster;
  }

  /** Starts one node, with the store it had. */
  async boot(name: string): Promise<ClusterNode> {
    const identity = this.#identities.get(name)!;
    const store = this.#stores.get(name) ?? this.#options.store?.(name) ?? memoryStore();
    this.#stores.set(name, store);
    const random = seededRandom(`${this.#options.seed ?? "quorate"} ${name} ${this.#boots++}`);
    const life = new Life(this.clock, () => this.#ahead.get(name) ?? 0);
    const vault = this.#options.vault?.(identity, random, life) ?? shareVault({
      secrets: identity.secrets(),
      peer: identity.peer,
      random,
      clock: life,
      diffieHellman,
    });
    const node = await assembleNode({
      identity,
      roster: this.roster,
      store: life.keeps(store),
      transport: this.network.transport(),
      clock: life,
      random,
      vault,
      approve: "roster",
      ...this.#options.node?.(name),
    });
    const events: NodeEvent[] = [];
    const reading = (async () => {
      for await (const event of node.events()) {
        if (life.over) return;
        events.push(event);
        this.#options.told?.(name, event);
      }
    })();
    const here = { name, peer: identity.peer, node, store, identity, events, reading, life };
    this.nodes.set(name, here);
    return here;
  }
  #boots = 0;

  /** Sets the wall clock of one machine: so many ms ahead of the right time, or behind it. It stays so over restarts. */
  setClock(name: string, ahead: number): void {
    this.#ahead.set(name, ahead);
  }

  at(name: string): ClusterNode {
    return this.nodes.get(name)!;
  }

  peer(name: string): PeerId {
    return this.#identities.get(name)!.peer;
  }

  nameOf(peer: PeerId): string {
    const known = this.#names.get(peer);
    if (known !== undefined) return known;
    const [name] = [...this.#identities].find(([, identity]) => identity.peer === peer) ?? ["stranger"];
    if (name !== "stranger") this.#names.set(peer, name);
    return name;
  }

  /** Waits until every running holder has a link to every other. */
  async linked(most = 60_000): Promise<void> {
    const holders = [...this.nodes.values()].filter(({ node, peer }) =>
      node.roster.peers.find((known) => known.peer === peer)?.rights.includes("holder")
    );
    const all = () =>
      holders.every((a) => holders.every((b) => a === b || a.node.peers.get(b.peer)?.link === "up"));
    for (let waited = 0; !all(); waited += 50) {
      if (waited > most) throw new Error("The holders did not find each other");
      await this.clock.pass(50);
    }
  }

  /** A node is gone from one moment to the next: nothing of it runs on, its store stays. */
  kill(name: string): void {
    const { peer, life } = this.at(name);
    life.end();
    this.network.kill(peer);
    this.nodes.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const nodes = [...this.nodes.values()];
    await this.clock.until(Promise.all(nodes.map(({ node }) => node.stop())));
    await Promise.all(nodes.map(({ reading }) => reading));
  }
}
