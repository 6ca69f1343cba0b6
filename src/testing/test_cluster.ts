/**
 * A cluster of real nodes in one process, for other people's tests.
 * @module
 */
import type { Right } from "../cluster/records/rights.ts";
import { type Roster, signRoster } from "../cluster/roster/roster.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { newIdentity } from "../identity/identity.ts";
import { maxParties } from "../limits.ts";
import { assembleNode } from "../node/assemble.ts";
import type { QuorateNode } from "../node/api.ts";
import { noVault } from "../node/create.ts";
import type { NodeOptions } from "../node/options.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import type { Clock, Identity, Store } from "../ports.ts";
import { memoryStore } from "../store/memory.ts";
import { type MemoryNetwork, memoryNetwork } from "../transport/memory/memory.ts";
import { shareVault } from "../worker/vault.ts";
import { countOperations } from "./pending_operations.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** The options of {@linkcode testCluster}. */
export interface TestClusterOptions {
  /** The number of peers that hold nothing and may ask for everything, after the holders: 0 to 16. Default 0. */
  clients?: number;
  /**
   * The clock of all nodes. Default: the platform's. With a {@linkcode VirtualClock} no time passes by itself: wait with
   * its `until`.
   */
  clock?: Clock;
  /** More options of a node, such as `approve`; by default a node says yes to whatever the roster allows. */
  node?: (name: string) => Partial<Pick<NodeOptions, "approve" | "limits" | "admin" | "admit">>;
}

/** One peer of a {@linkcode TestCluster}. */
export interface TestPeer {
  /** Its name in the roster: `holder 1`, …, `client 1`, … */
  readonly name: string;
  /** Its id. */
  readonly peer: PeerId;
  /** Its two keys. */
  readonly identity: Identity;
  /** Its records, which outlive its node. */
  readonly store: Store;
  /** Its node; after {@linkcode TestCluster.kill} a stopped one, until {@linkcode TestCluster.restart}. */
  readonly node: QuorateNode;
}

/** Nodes that are connected in memory. Disposing of it stops them all. */
export interface TestCluster extends AsyncDisposable {
  /** The holders, then the clients. */
  readonly peers: readonly TestPeer[];
  /** The roster that they started with. */
  readonly roster: Roster;
  /** The admin key of the roster. */
  readonly admin: Identity;
  /** The network, to cut connections. */
  readonly network: MemoryNetwork;
  /** Takes a peer off the network without a farewell, and stops its node; its store stays. */
  kill(peer: TestPeer): Promise<void>;
  /** Starts the node of a killed peer again, with the store it had, and waits until it is connected. */
  restart(peer: TestPeer): Promise<void>;
}

/** The time between two looks at whether nodes are connected, ms. */
const lookEveryMs = 20;

/**
 * Starts `holders` nodes that may hold shares and ask for everything, in this thread and without a disk or a socket, and
 * waits until all are connected. The nodes are real, and so is their cryptography.
 *
 * @param holders 2 to 16.
 * @throws {InputError} `holders` or `clients`
 */
export async function testCluster(
  holders: number,
  { clients = 0, clock = platformClock, node = () => ({}) }: TestClusterOptions = {},
): Promise<TestCluster> {
  checkCount("holders", holders, 2, maxParties);
  checkCount("clients", clients, 0, maxParties);
  if (clock instanceof VirtualClock) countOperations();
  const network = memoryNetwork({ clock });
  const admin = await newIdentity(platformRandom);
  const seats = await Promise.all([
    ...names("holder", holders).map((name) => seat(name, ["holder", "initiator", "manager"])),
    ...names("client", clients).map((name) => seat(name, ["initiator", "manager", "observer"])),
  ]);
  const roster = await signRoster(admin, seats.map(({ entry }) => entry), null);
  const start = ({ entry: { name, rights }, identity, store }: Seat) =>
    assembleNode({
      approve: "roster",
      ...node(name),
      identity,
      roster,
      store: { ...store, close: () => Promise.resolve() }, // it outlives the node
      transport: network.transport(),
      clock,
      random: platformRandom,
      vault: rights.includes("holder")
        ? shareVault({ secrets: identity.secrets(), peer: identity.peer, random: platformRandom, clock })
        : noVault(),
    });
  const wait = (ms: number) =>
    clock instanceof VirtualClock
      ? clock.pass(ms)
      : new Promise<void>((resolve) => void clock.timer(ms, resolve));
  const settled = <T>(promise: Promise<T>) => clock instanceof VirtualClock ? clock.until(promise) : promise;

  const peers: (TestPeer & { node: QuorateNode })[] = [];
  const running = new Set<TestPeer>();
  async function connected(): Promise<void> {
    while (!allConnected([...running])) await wait(lookEveryMs);
  }
  for (const one of seats) {
    const { identity, store, entry: { name } } = one;
    const peer = { name, peer: identity.peer, identity, store, node: await start(one) };
    peers.push(peer);
    running.add(peer);
  }
  await connected();
  const stop = ({ node }: TestPeer) => node.stop();
  return {
    peers,
    roster,
    admin,
    network,
    async kill(peer) {
      network.kill(peer.peer);
      running.delete(peer);
      await settled(stop(peer));
    },
    async restart(peer) {
      const place = peers.findIndex((one) => one === peer);
      peers[place]!.node = await start(seats[place]!);
      running.add(peer);
      await connected();
    },
    async [Symbol.asyncDispose]() {
      await settled(Promise.all([...running].map(stop)));
    },
  };
}

/** A place in the roster, and what its node starts with. */
interface Seat {
  entry: Roster["peers"][number];
  identity: Identity;
  store: Store;
}

async function seat(name: string, rights: readonly Right[]): Promise<Seat> {
  const identity = await newIdentity(platformRandom);
  const { peer } = identity;
  return { entry: { peer, name, addresses: [`/memory/${peer}`], rights }, identity, store: memoryStore() };
}

const names = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind} ${i + 1}`);

/** Whether each has a connection to each other one, and a link where both are holders. */
function allConnected(peers: readonly TestPeer[]): boolean {
  const holds = ({ name }: TestPeer) => name.startsWith("holder");
  return peers.every((one) =>
    peers.every((other) => {
      if (one === other) return true;
      const status = one.node.peers.get(other.peer);
      return holds(one) && holds(other) ? status?.link === "up" : status?.connected === true;
    })
  );
}

/** @throws {InputError} */
function checkCount(field: string, found: number, least: number, most: number): void {
  if (Number.isInteger(found) && found >= least && found <= most) return;
  throw new InputError(field, `expected ${least} to ${most}, found ${found}`);
}
