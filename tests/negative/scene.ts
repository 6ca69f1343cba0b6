/**
 * A cluster in which any peer can be told to cheat. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { type Adversary, adversary } from "../../src/demo/cheats/adversary.ts";
import type { Cheat } from "../../src/demo/cheats/cheat_wire.ts";
import {
  type Failure,
  isTerminal,
  type NodeEvent,
  type Scheme,
  type SessionEvent,
} from "../../src/events.ts";
import type { SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { checkEvidence, type Proof } from "../../src/node/evidence.ts";
import type { BatchRequest, GroupKey, ItemInput, Session, Signature, SignRequest } from "../../mod.ts";
import type { AssembleOptions } from "../../src/node/options.ts";
import type { QuorateNode } from "../../src/node/api.ts";
import type { Identity } from "../../src/ports.ts";
import type { MemoryNetworkOptions } from "../../src/transport/memory/memory.ts";
import { diffieHellman } from "../crypto/diffie_hellman.ts";
import { type AssembledNode, Cluster, type ClusterNode, type ClusterOptions } from "../sim/cluster.ts";
import type { VirtualClock } from "../sim/clock.ts";
import { nobleIdentity } from "../sim/identity.ts";
import { shareVault } from "../../src/worker/vault.ts";

export const hello = new TextEncoder().encode("hello threshold");

/** How a session ended for whoever asked, and how each peer saw it. */
export interface Seen<T = unknown> {
  id: string;
  value: T | null;
  error: SessionError | null;
  /** That peer's own view, in order. */
  view(name: string): SessionEvent[];
}

export interface SceneOptions extends ClusterOptions {
  /** Of the key “treasury” that is there from the start; default none is. */
  threshold?: number;
  /** Of that key, and of all that is made and signed unless said otherwise; default ed25519. */
  scheme?: Scheme;
  /** Who cheats from the start, in links too. */
  armed?: Readonly<Record<string, Cheat>>;
  /** Options of a node, given what the scene has. */
  more?: (name: string, scene: { clock: VirtualClock; admin: Identity }) => Partial<AssembleOptions>;
}

const once: NonNullable<MemoryNetworkOptions["carry"]> = ({ bytes }) => [{ bytes, afterMs: 0 }];

export class Scene implements AsyncDisposable {
  readonly #everyone = new Map<string, ClusterNode>();
  #made = 0;
  key!: GroupKey;

  private constructor(
    readonly cluster: Cluster,
    readonly names: readonly string[],
    readonly adversaries: ReadonlyMap<string, Adversary>,
    readonly scheme: Scheme,
  ) {}

  static async start(
    { threshold, scheme = "ed25519", armed = {}, more, ...options }: SceneOptions = {},
  ): Promise<Scene> {
    const { names = ["alice", "bob", "carol"], identities = nobleIdentity } = options;
    const adversaries = new Map<string, Adversary>();
    const nameOf = new Map<PeerId, string>();
    const had: { clock?: VirtualClock; admin?: Identity; cluster?: Cluster } = {};
    const adversaryAt = (name: string): Adversary => {
      const cheater = adversaries.get(name) ??
        adversary(had.clock!, { exit: () => had.cluster!.kill(name) });
      if (!adversaries.has(name) && armed[name]) cheater.arm(armed[name]);
      adversaries.set(name, cheater);
      return cheater;
    };
    const cluster = await Cluster.start({
      ...options,
      names,
      carry(clock, nameOf) {
        had.clock = clock;
        return options.carry?.(clock, nameOf) ?? once;
      },
      async identities(random, name) {
        const identity = await identities(random, name);
        if (name === "admin") had.admin = identity;
        nameOf.set(identity.peer, name);
        return identity;
      },
      vault(identity, random, clock) {
        const secrets = { secrets: identity.secrets(), peer: identity.peer };
        const vault = options.vault?.(identity, random, clock) ??
          shareVault({ ...secrets, random, clock, diffieHellman });
        return adversaryAt(nameOf.get(identity.peer)!).wrapVault(vault);
      },
      node: (name) => ({
        wrapWire: (wire, about) => adversaryAt(name).wrapWire(wire, about),
        ...options.node?.(name),
        ...more?.(name, { clock: had.clock!, admin: had.admin! }),
      }),
    });
    had.cluster = cluster;
    const scene = new Scene(cluster, names, adversaries, scheme);
    if (threshold !== undefined) scene.key = (await scene.generate("treasury", threshold)).value!;
    if (threshold !== undefined && (options.consoles ?? []).length > 0) await scene.known("treasury");
    return scene;
  }

  get clock(): VirtualClock {
    return this.cluster.clock;
  }

  node(name: string): AssembledNode {
    return this.cluster.at(name).node;
  }

  peer(name: string): PeerId {
    return this.cluster.peer(name);
  }

  nameOf(peer: PeerId): string {
    return this.cluster.nameOf(peer);
  }

  /** The names in the order of their peer ids: that of every party, and of who opens whose streams. */
  inOrder(names: readonly string[] = this.names): string[] {
    return [...names].sort((a, b) => this.peer(a) < this.peer(b) ? -1 : 1);
  }

  /** Makes a peer cheat in its next session that gives it the chance. */
  arm(name: string, cheat: Cheat, options?: { once?: boolean }): Adversary {
    const cheater = this.adversaries.get(name)!;
    cheater.arm(cheat, options);
    return cheater;
  }

  generate(
    wallet = `wallet ${++this.#made}`,
    threshold = 2,
    { by = this.names[0]!, members = this.names }: { by?: string; members?: readonly string[] } = {},
  ): Promise<Seen<GroupKey>> {
    const peers = members.map((name) => this.peer(name));
    return this.watch(() =>
      this.node(by).generateKey({ wallet, scheme: this.scheme, threshold, members: peers })
    );
  }

  /** Deals “treasury” anew. */
  reshare(
    members: readonly string[],
    { by = this.names[0]!, threshold = 2, gone, dealers, wallet = "treasury" }: {
      by?: string;
      threshold?: number;
      gone?: readonly string[];
      dealers?: readonly string[];
      wallet?: string;
    } = {},
  ): Promise<Seen<GroupKey>> {
    const peers = (names: readonly string[]) => names.map((name) => this.peer(name));
    return this.watch(() =>
      this.node(by).reshare({
        wallet,
        scheme: this.scheme,
        threshold,
        members: peers(members),
        ...(gone && { gone: peers(gone) }),
        ...(dealers && { dealers: peers(dealers) }),
      })
    );
  }

  sign(
    signers: readonly string[],
    { by = signers[0]!, message = hello, wallet = "treasury", ...more }: Partial<SignRequest> & {
      by?: string;
      message?: Uint8Array;
    } = {},
  ): Promise<Seen<Signature>> {
    const peers = signers.map((name) => this.peer(name));
    const request = { wallet, scheme: this.scheme, message, signers: peers, ...more } as SignRequest;
    return this.watch(() => this.node(by).sign(request));
  }

  /** The same for a batch. */
  signBatch(
    signers: readonly string[],
    items: readonly ItemInput[],
    { by = signers[0]!, ...more }: Partial<BatchRequest> & { by?: string } = {},
  ): Promise<Seen<Signature[]>> {
    const peers = signers.map((name) => this.peer(name));
    const request = {
      wallet: "treasury",
      scheme: this.scheme,
      signers: peers,
      items,
      ...more,
    } as BatchRequest;
    return this.watch(() => this.node(by).sign(request));
  }

  /** Begins a session and waits until whoever asked, and every peer in it that is still there, knows how it ended. */
  async watch<T>(begin: () => Session<T>): Promise<Seen<T>> {
    for (const [name, node] of this.cluster.nodes) this.#everyone.set(name, node);
    const { id, result } = begin();
    let value: T | null = null;
    let error: SessionError | null = null;
    try {
      value = await this.clock.until(result);
    } catch (thrown) {
      error = thrown as SessionError;
    }
    const view = (name: string) => this.view(name, id);
    const open = (name: string) => view(name).length > 0 && !view(name).some(isTerminal);
    for (let waited = 0; [...this.cluster.nodes.keys()].some(open); waited += 100) {
      assert.ok(waited < 60_000, `Still not over: ${[...this.cluster.nodes.keys()].filter(open)}`);
      await this.clock.pass(100);
    }
    await this.clock.pass(500); // whoever tells something after the end is heard
    return { id, value, error, view };
  }

  /** What its own evidence shows of a failure, to who knows nothing but that and perhaps what was to be signed. */
  async proof(failure: Failure, known: Parameters<typeof checkEvidence>[2] = {}): Promise<Proof> {
    return await checkEvidence(failure, await this.evidence(failure), known);
  }

  /** As the peer has it that tells of the failure. */
  async evidence(failure: Failure): Promise<Uint8Array | null> {
    return await this.everyone(this.nameOf(failure.peer)).node.evidence(failure);
  }

  /** Waits until every running node knows of a key: who holds no share of it learns of it a little later. */
  async known(wallet: string): Promise<void> {
    const knows = async (node: QuorateNode) => (await node.keys()).some((key) => key.wallet === wallet);
    for (let waited = 0; waited < 10_000; waited += 250) {
      const all = await Promise.all([...this.cluster.nodes.values()].map(({ node }) => knows(node)));
      if (all.every(Boolean)) return;
      await this.clock.pass(250);
    }
  }

  view(name: string, id: string): SessionEvent[] {
    const { events, peer } = this.everyone(name);
    return events.filter((event: NodeEvent): event is SessionEvent =>
      "attempt" in event && event.id === id && event.peer === peer
    );
  }

  /** A peer, running or gone. */
  everyone(name: string): ClusterNode {
    return this.cluster.nodes.get(name) ?? this.#everyone.get(name)!;
  }

  /** The state of a wallet's key at a node: `none` if the node does not know it. */
  async keyState(name: string, wallet: string): Promise<string> {
    const keys = await this.node(name).keys();
    return keys.find((key) => key.wallet === wallet)?.state ?? "none";
  }

  /** The states of a wallet's key that a node has emitted, in order. */
  keyStates(name: string, wallet: string): string[] {
    const { events, peer } = this.everyone(name);
    return events.flatMap((event) =>
      event.type === "key" && event.peer === peer && event.wallet === wallet ? [event.state] : []
    );
  }

  /** What a peer has on disk of keys: name, version and sealed bytes. */
  async rows(name: string): Promise<Record<string, string>> {
    const { store } = this.everyone(name);
    const rows: Record<string, string> = {};
    for (const row of await store.names("key/")) {
      const { version, sealed } = (await store.get(row))!;
      rows[row] = `${version} ${sealed.toHex()}`;
    }
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}
