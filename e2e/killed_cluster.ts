/**
 * Three peers that can be killed, and a node in this process that asks them for keys.
 * @module
 */
import { type RosterPeer, signRoster } from "../src/cluster/roster/roster.ts";
import type { PeerId } from "../src/failure.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { assembleNode } from "../src/node/assemble.ts";
import type { QuorateNode } from "../src/node/api.ts";
import { platformClock, platformRandom } from "../src/platform/platform.ts";
import { memoryStore } from "../src/store/memory.ts";
import { webSockets } from "../src/transport/websocket.deno.ts";
import { workerVault } from "../src/worker/client.ts";
import { makeFolders, writeRoster } from "./folders.ts";
import { KilledClient } from "./killed_client.ts";
import { KilledPeer, type State } from "./killed_peer.ts";
import { poll } from "./killed_process.ts";

/** Three of them, in the order of their peer ids: the first coordinates what this process asks for. */
export class KilledCluster implements AsyncDisposable {
  private constructor(
    readonly dir: string,
    readonly peers: readonly [KilledPeer, KilledPeer, KilledPeer],
    /** In this process: initiator, and the one with the admin key. */
    readonly node: QuorateNode,
    /** A client that holds no share, and may ask for signatures; it runs only if a test starts it. */
    readonly client: KilledClient,
    /** Peers of the roster that are only there to be taken out of it. */
    readonly spare: readonly PeerId[],
  ) {}

  /** Makes the folders; no process is started yet. */
  static async make(): Promise<KilledCluster> {
    const dir = await Deno.makeTempDir({ prefix: "quorate-killed-" });
    const random = platformRandom;
    const folders = await makeFolders(dir, ["a", "b", "c"]);
    const [identity, admin, ...others] = await Promise.all([1, 2, 3, 4].map(() => newIdentity(random)));
    const consoles = [identity!, ...others].map(({ peer }, i): RosterPeer => ({
      peer,
      name: `console ${i}`,
      addresses: [],
      rights: ["initiator", "manager", "observer"],
    }));
    const [client] = await makeFolders(dir, ["client"]);
    const asking: RosterPeer = { ...client!.entry, addresses: [], rights: ["initiator"] };
    const holders = folders.map(({ entry }) => entry);
    const roster = await signRoster(admin!, [...holders, asking, ...consoles], null);
    await writeRoster([...folders, client!], roster);
    const node = await assembleNode({
      approve: "roster",
      identity: identity!,
      roster,
      admin: admin!,
      store: memoryStore(),
      transport: webSockets({ listen: [] }),
      clock: platformClock,
      random,
      vault: workerVault(identity!.secrets(), identity!.peer),
    });
    const roles = ["coordinator", "member", "other"];
    const peers = folders.toSorted((a, b) => a.entry.peer < b.entry.peer ? -1 : 1)
      .map(({ entry, path }, i) => new KilledPeer(roles[i]!, entry.peer, path));
    const [first, second, third] = peers as [KilledPeer, KilledPeer, KilledPeer];
    const spare = others.map(({ peer }) => peer);
    return new KilledCluster(dir, [first, second, third], node, new KilledClient(client!.path), spare);
  }

  /** Everyone runs, is connected to this process, and has links to both others. */
  async met(): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.ready()));
    const linked = async () => (await this.states()).every(({ links }) => links.length === 2);
    const here = () => this.peers.every(({ peer }) => this.node.peers.get(peer)?.connected);
    await poll("the peers to find each other", async () => here() && await linked());
  }

  states(): Promise<State[]> {
    return Promise.all(this.peers.map((peer) => peer.state()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node.stop();
    await Promise.all([this.client, ...this.peers].map((process) => process.stop()));
    await Deno.remove(this.dir, { recursive: true });
  }
}
