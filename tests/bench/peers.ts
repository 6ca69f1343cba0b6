/**
 * The measured cluster: peers as processes, over WebSocket on loopback, each with its store in a folder.
 * @module
 */
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { TextLineStream } from "../../src/demo/lines.ts";
import { formatRoster, type RosterPeer, signRoster } from "../../src/cluster/roster/roster.ts";
import type { Right } from "../../src/cluster/records/rights.ts";
import type { PeerId } from "../../src/failure.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import type { Beginning, Name, Orders, Reply } from "./orders.ts";
import { delayingRelay, type Relay } from "./relay.ts";

export interface MeasuredPeer {
  readonly peer: PeerId;
  /** When it crashed, by the wall clock, ms. */
  readonly gone: Promise<number>;
  /** @throws {Error} What went wrong there. */
  tell<N extends Name>(name: N, order: Orders[N]["order"]): Promise<Orders[N]["answer"]>;
  /** SIGKILL. @returns When, by the wall clock, ms. */
  kill(): number;
}

export interface MeasuredCluster extends AsyncDisposable {
  /** Sorted by peer id, so that each is the lower of a pair with all after it. */
  readonly peers: readonly MeasuredPeer[];
  /** Those that hold no share. */
  readonly clients: readonly MeasuredPeer[];
}

export interface NetworkOptions {
  /** How long each byte is held up, one way, ms; read anew for each. Default: there is nothing between the peers. */
  delayMs?: () => number;
  /** The number of peers beside them that hold no share, and ask for signatures. Default: 0. */
  clients?: number;
}

/** Starts `count` peers and waits until all have links to all. */
export async function startPeers(
  count: number,
  { delayMs, clients = 0 }: NetworkOptions = {},
): Promise<MeasuredCluster> {
  const dir = await Deno.makeTempDir({ prefix: "quorate-bench-" });
  const made = (size: number) => Promise.all(Array.from({ length: size }, () => newIdentity(platformRandom)));
  const holders = (await made(count)).sort((a, b) => a.peer < b.peer ? -1 : 1);
  const identities = [...holders, ...await made(clients)];
  const members: RosterPeer[] = [];
  const relays: Relay[] = [];
  const listens: string[] = [];
  const address = (port: number) => `/ip4/127.0.0.1/tcp/${port}/ws`;
  for (const [i, { peer }] of identities.entries()) {
    const port = await freePort();
    listens.push(address(port));
    const relay = delayMs === undefined ? null : await delayingRelay(port, delayMs);
    if (relay) relays.push(relay);
    const addresses = [address(relay?.port ?? port)];
    const rights: Right[] = i < count ? ["holder", "initiator", "manager"] : ["initiator"];
    members.push({ peer, name: `peer ${i + 1}`, addresses, rights });
  }
  const roster = formatRoster(await signRoster(await newIdentity(platformRandom), members, null));
  const all = await Promise.all(identities.map(async (identity, i) => {
    const { peerSeed, storageKey } = identity.secrets();
    const folder = `${dir}/${i}`;
    await Deno.mkdir(folder);
    const listen = listens[i]!;
    return new PeerProcess(identity.peer, {
      dir: folder,
      peerSeed: peerSeed.toHex(),
      storageKey,
      roster,
      listen,
    });
  }));
  const stop = async () => {
    await Promise.all(all.map((peer) => peer.stop()));
    await Promise.all(relays.map((relay) => relay[Symbol.asyncDispose]()));
    await Deno.remove(dir, { recursive: true });
  };
  const peers = all.slice(0, count);
  try {
    await Promise.all(peers.map((peer) => peer.tell("linked", { count: count - 1 })));
    return { peers, clients: all.slice(count), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

class PeerProcess implements MeasuredPeer {
  readonly peer: PeerId;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #over: Promise<void>;
  readonly #ready = Promise.withResolvers<unknown>();
  readonly #gone = Promise.withResolvers<number>();
  #counted = 0;

  constructor(peer: PeerId, beginning: Beginning) {
    this.peer = peer;
    const program = fileURLToPath(new URL("./peer.ts", import.meta.url));
    const flags = (Deno.env.get("QUORATE_BENCH_FLAGS") ?? "").split(" ").filter(Boolean); // --cpu-prof …
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ...flags, program],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#calls.set(0, this.#ready);
    this.#over = this.#follow();
    void this.#say(beginning);
  }

  async #say(what: unknown): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
  }

  async #follow(): Promise<void> {
    for await (const line of this.#child.stdout.pipeThrough(new TextLineStream())) {
      const reply: Reply = JSON.parse(line);
      if ("gone" in reply) {
        this.#gone.resolve(reply.gone);
        continue;
      }
      const call = this.#calls.get(reply.call);
      this.#calls.delete(reply.call);
      if ("error" in reply) call?.reject(new Error(reply.error));
      else call?.resolve(reply.answer);
    }
    const { code } = await this.#child.status;
    for (const call of this.#calls.values()) call.reject(new Error(`A peer ended with exit code ${code}`));
  }

  get gone(): Promise<number> {
    return this.#gone.promise;
  }

  async tell<N extends Name>(name: N, order: Orders[N]["order"]): Promise<Orders[N]["answer"]> {
    await this.#ready.promise;
    const call = ++this.#counted;
    const settle = Promise.withResolvers<unknown>();
    this.#calls.set(call, settle);
    await this.#say({ call, name, order });
    return await settle.promise as Orders[N]["answer"];
  }

  kill(): number {
    const at = performance.timeOrigin + performance.now();
    this.#child.kill("SIGKILL");
    return at;
  }

  async stop(): Promise<void> {
    await this.#input.close().catch(() => {}); // that is what it waits for, unless it is gone already
    await this.#over;
  }
}

/** A port that is free at this moment: the roster must name it before anyone listens. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
