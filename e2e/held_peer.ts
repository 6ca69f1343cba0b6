/**
 * A peer in the test's own process, which tabs reach each other over, and which can hold a round open: whatever is to
 * happen in that round then has all the time. Not a test by itself.
 * @module
 */
import type { Roster } from "../src/cluster/roster/roster.ts";
import { sending } from "../src/demo/cheats/cheat_wire.ts";
import type { NodeEvent, SessionEvent } from "../src/events.ts";
import type { Admit } from "../mod.ts";
import type { Limits } from "../src/limits.ts";
import { assembleNode } from "../src/node/assemble.ts";
import type { QuorateNode } from "../src/node/api.ts";
import { platformClock, platformRandom } from "../src/platform/platform.ts";
import type { Identity, Store, Vault, Wire } from "../src/ports.ts";
import { orAborted } from "../src/session/deadline.ts";
import { memoryStore } from "../src/store/memory.ts";
import { webSockets } from "../src/transport/websocket.deno.ts";
import { workerVault } from "../src/worker/client.ts";
import { poll } from "./killed_process.ts";

/** What a held peer is started with. */
export interface HeldOptions {
  identity: Identity;
  roster: Roster;
  limits?: Partial<Limits>;
  admin?: Identity;
  admit?: Admit;
}

export class HeldPeer implements AsyncDisposable {
  readonly told: NodeEvent[] = [];
  readonly store: Store = memoryStore();
  #hush: { round: string; to: string | undefined } | null = null;
  #held: (() => void)[] = [];
  /** Resolves when what is held is said. */
  #said = Promise.withResolvers<void>();
  node!: QuorateNode;

  static async start({ identity, roster, ...more }: HeldOptions): Promise<HeldPeer> {
    const held = new HeldPeer();
    const { addresses } = roster.peers.find(({ peer }) => peer === identity.peer)!;
    held.node = await assembleNode({
      approve: "roster",
      identity,
      roster,
      store: held.store,
      transport: webSockets({ listen: [...addresses], relay: true }),
      clock: platformClock,
      random: platformRandom,
      vault: held.#vault(workerVault(identity.secrets(), identity.peer)),
      wrapWire: (wire) => held.#wire(wire),
      ...more,
    });
    void held.#follow();
    return held;
  }

  get peer(): string {
    return this.node.self;
  }

  async #follow(): Promise<void> {
    for await (const event of this.node.events()) {
      if ("peer" in event && event.peer === this.node.self) this.told.push(event);
    }
  }

  /** Withholds a signature for as long as its own share is held: a node that has its signature leaves. */
  #vault(vault: Vault): Vault {
    return {
      ...vault,
      draw: async (task) => {
        const drawn = await vault.draw(task);
        return {
          firstRound: drawn.firstRound,
          run: async (agreed, io) => {
            const outcome = await drawn.run(agreed, io);
            if (task.kind === "sign" && this.#hush !== null) await orAborted(this.#said.promise, io.signal);
            io.signal.throwIfAborted();
            return outcome;
          },
          [Symbol.dispose]: () => drawn[Symbol.dispose](),
        };
      },
    };
  }

  #wire(wire: Wire): Wire {
    return sending(wire, (said) => {
      const { round, to } = this.#hush ?? {};
      if (said.round !== round || (to !== undefined && said.to !== to)) return [said];
      this.#held.push(() => wire.send(said.to, said.round, said.body, said.audience));
      return [];
    });
  }

  /** From now on says nothing of that round, to anyone or to one peer, until it is let go. */
  hold(round: string, to?: string): void {
    this.#hush = { round, to };
    this.#said = Promise.withResolvers();
  }

  /** Waits until it has something of that round to say. */
  async holding(): Promise<void> {
    await poll(`something of ${this.#hush?.round} to be held`, () => this.#held.length > 0);
  }

  /** Says it now. */
  letGo(): void {
    this.#hush = null;
    for (const say of this.#held.splice(0)) say();
    this.#said.resolve();
  }

  /** What this peer has told of a command, once `isSo` holds of it. */
  async story(id: string, isSo: (story: readonly NodeEvent[]) => boolean): Promise<SessionEvent[]> {
    const story = () => this.told.filter((event): event is SessionEvent => "id" in event && event.id === id);
    await poll(`the held peer to tell more of ${id}`, () => isSo(story())).catch((error) => {
      throw new Error(`${error.message}; it told ${JSON.stringify(story())}`);
    });
    return story();
  }

  async linked(peers: readonly string[]): Promise<void> {
    await poll(
      "links of the held peer",
      () => peers.every((peer) => this.node.peers.get(peer)?.link === "up"),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node.stop();
  }
}
