/**
 * Everything that a node of the demonstration has seen so far, and waiting until it has seen something.
 * @module
 */
import { isTerminal, type NodeEvent, type SessionEvent } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import type { QuorateNode } from "../../node/api.ts";

/** Time for the views of all peers to arrive by gossip, ms. */
export const gossipMs = 3_000;

/** Time for the peers to find each other, ms. */
const meetMs = 20_000;

export class Seen {
  readonly #node: QuorateNode;
  readonly #events: NodeEvent[] = [];
  #wake = () => {};

  constructor(node: QuorateNode) {
    this.#node = node;
  }

  /** Prints every event as one JSON line, until the node stops. */
  async read(): Promise<void> {
    for await (const event of this.#node.events({ replay: 1024 })) {
      console.log(JSON.stringify(event));
      this.#events.push(event);
      this.#wake();
    }
  }

  /** The last party of a session. */
  party(id: string): readonly PeerId[] {
    const opened = this.#events.filter((event) => event.type === "opened" || event.type === "proposed");
    return opened.findLast((event) => event.id === id)?.party ?? [];
  }

  /** The terminal event of a session in the view of `peer`. */
  end(id: string, peer: PeerId): SessionEvent | undefined {
    return this.#events.find((event): event is SessionEvent =>
      isTerminal(event) && event.id === id && event.peer === peer
    );
  }

  /** Resolves when a session is open in the view of `peer`. */
  opened(id: string, peer: PeerId): Promise<void> {
    const opened = () =>
      this.#events.some((event) => event.type === "opened" && event.id === id && event.peer === peer);
    return this.until(opened, gossipMs, "the session to open");
  }

  /** The number of forged frames that `peer` has dropped. */
  dropped(peer: PeerId): number {
    const counts = this.#events.map((event) =>
      event.type === "warning" && event.peer === peer && event.code === "unauthentic-frame" ? event.count : 0
    );
    return counts.reduce((a, b) => a + b, 0);
  }

  /** Resolves when each of `peers` is connected and has links to all others. */
  met(peers: readonly PeerId[]): Promise<void> {
    const met = () =>
      peers.every((peer) => {
        const status = this.#node.peers.get(peer);
        return status?.connected && status.links.length >= peers.length - 1;
      });
    return this.until(met, meetMs, "the peers to find each other");
  }

  /** Resolves when `holds` is true. @throws {Error} After `ms`, naming `what` was waited for. */
  async until(holds: () => boolean, ms: number, what: string): Promise<void> {
    const end = performance.now() + ms;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`waited ${ms / 1000} s for ${what}`);
      const next = new Promise<void>((resolve) => this.#wake = resolve);
      await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  }
}
