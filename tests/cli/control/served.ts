/**
 * Two nodes in memory, and the control socket of the first. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { createNode, memoryStore, type QuorateNode, signRoster, type Transport } from "../../../mod.ts";
import { ControlConnection, type ReplyTakers } from "../../../src/cli/control/connection.ts";
import { valuesOf } from "../../../src/cli/control/lines.ts";
import type { Results } from "../../../src/cli/control/perform.ts";
import type { Method, RequestOf } from "../../../src/cli/control/requests.ts";
import { type ControlOptions, ControlServer } from "../../../src/cli/control/server.ts";
import type { Approval } from "../../../src/cluster/commands/consent/approval.ts";
import { newIdentity } from "../../../src/identity/identity.ts";
import { platformClock, platformRandom } from "../../../src/platform/platform.ts";
import { pause } from "../../../src/session/deadline.ts";
import { memoryNetwork } from "../../../src/transport/memory/memory.ts";

export const silent: ReplyTakers = { progress() {}, note() {}, event() {} };

/** A folder with a store's file in it, and a socket that is served. */
export class Served implements AsyncDisposable {
  readonly failed: [string | null, unknown][] = [];
  readonly dir: string;
  readonly store: string;
  control!: ControlServer;

  private constructor(dir: string) {
    this.dir = dir;
    this.store = `${dir}/shares.db`;
  }

  get socket(): string {
    return `${this.store}.sock`;
  }

  static async start(node: QuorateNode, options: Partial<ControlOptions> = {}): Promise<Served> {
    const served = new Served(await Deno.makeTempDir({ prefix: "quorate-control-" }));
    await Deno.writeTextFile(served.store, "");
    const failed = (method: string | null, error: unknown) => void served.failed.push([method, error]);
    served.control = await ControlServer.start({ node, store: served.store, failed, ...options });
    return served;
  }

  /** Makes one request over a connection of its own. */
  async ask<M extends Method>(
    request: RequestOf<M>,
    { takers = silent, signal = new AbortController().signal }: {
      takers?: ReplyTakers;
      signal?: AbortSignal;
    } = {},
  ): Promise<Results[M]> {
    using connection = await ControlConnection.open(this.store);
    assert.ok(connection, "the node answers");
    return await connection.request(request, takers, signal) as Results[M];
  }

  /** Sends lines as they are. @returns Everything that comes back. */
  async raw(text: string): Promise<Record<string, unknown>[]> {
    const socket = await this.connected();
    socket.write(text);
    const all: Record<string, unknown>[] = [];
    for await (const value of valuesOf(socket, 1_000_000)) all.push(value as Record<string, unknown>);
    socket.destroy();
    return all;
  }

  async connected(): Promise<Socket> {
    const socket = connect(this.socket);
    await new Promise((resolve) => socket.once("connect", resolve));
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.control.close();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** Alice, who has the admin key, and Bob. */
export class Pair implements AsyncDisposable {
  private constructor(
    readonly alice: QuorateNode,
    readonly bob: QuorateNode,
    /** A transport of the same network, for another peer. */
    readonly transport: () => Transport,
  ) {}

  /** @param approve Who decides at Bob. */
  static async start(approve: Approval = "roster"): Promise<Pair> {
    const admin = await newIdentity(platformRandom);
    const identities = await Promise.all(["Alice", "Bob"].map(() => newIdentity(platformRandom)));
    const peers = identities.map(({ peer }, i) => ({
      peer,
      name: ["Alice", "Bob"][i]!,
      addresses: [`/memory/${i}`],
      rights: ["holder", "initiator", "manager"] as const,
    }));
    const roster = await signRoster(admin, peers, null);
    const network = memoryNetwork({ clock: platformClock });
    const [alice, bob] = await Promise.all(identities.map((identity, i) =>
      createNode({
        approve: i === 0 ? "roster" : approve,
        ...(i === 0 && { admin }),
        identity,
        roster,
        store: memoryStore(),
        transport: network.transport(),
      })
    ));
    return new Pair(alice!, bob!, () => network.transport());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.alice.stop(), this.bob.stop()]);
    await pause(platformClock, 200); // a terminated worker's own operations end a little later
  }
}

/** A node that only has what a test gives it. */
export const partOfNode = (parts: Partial<QuorateNode>): QuorateNode =>
  ({
    self: "12D3KooWtest",
    peers: new Map(),
    bans: () => [],
    quarantines: () => [],
    ...parts,
  }) as QuorateNode;
