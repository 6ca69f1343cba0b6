/**
 * A control socket that is served, and a client of it. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import type { QuorateNode } from "../../../mod.ts";
import { ControlConnection, type ReplyTakers } from "../../../src/cli/control/connection.ts";
import { valuesOf } from "../../../src/cli/control/lines.ts";
import type { Results } from "../../../src/cli/control/perform.ts";
import type { Method, RequestOf } from "../../../src/cli/control/requests.ts";
import { type ControlOptions, ControlServer } from "../../../src/cli/control/server.ts";

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

/** A node that only has what a test gives it. */
export const partOfNode = (parts: Partial<QuorateNode>): QuorateNode =>
  ({
    self: "12D3KooWtest",
    peers: new Map(),
    bans: () => [],
    quarantines: () => [],
    ...parts,
  }) as QuorateNode;
