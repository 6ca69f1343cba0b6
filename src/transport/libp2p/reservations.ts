/**
 * The relays over which this node can be reached: every connected member that serves as a relay is asked for
 * a reservation, and asked again when that ends.
 * @module
 */
import { circuitRelayTransport, type CircuitRelayTransportComponents } from "@libp2p/circuit-relay-v2";
import type { Transport } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import type { Reservation } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { retryFirst, retryLast } from "../../limits.ts";
import type { Host } from "../../ports.ts";
import type { Peers } from "./peers.ts";

/** The protocol of a relay: reservations, and connections to peers that have one. */
export const hopProtocol = "/libp2p/circuit/relay/0.2.0/hop";

/**
 * The used part of @libp2p/circuit-relay-v2 4.2.13 that its types do not declare: its store renews
 * reservations.
 */
interface Circuit extends Transport {
  reservationStore: {
    addRelay(relay: ReturnType<typeof peerIdFromString>, type: "configured"): Promise<unknown>;
    addEventListener(
      type: "relay:removed",
      listener: (event: CustomEvent<{ relay: { toString(): string } }>) => void,
    ): void;
  };
}

/** A filter that makes libp2p's own search for relays find none: it would interfere with this one. */
const nobody = { has: () => true, add: () => {}, remove: () => {} };

/** The relays of one node. */
export class Reservations {
  readonly #host: Host;
  readonly #peers: Peers;
  readonly #states = new Map<PeerId, Reservation["state"]>();
  readonly #failures = new Map<PeerId, number>();
  readonly #timers = new Map<PeerId, ReturnType<typeof setTimeout>>();
  #circuit: Circuit | null = null;
  #stopped = false;

  constructor(host: Host, peers: Peers) {
    this.#host = host;
    this.#peers = peers;
  }

  /** The transport for libp2p's options. */
  readonly transport = (components: CircuitRelayTransportComponents): Transport => {
    const circuit = circuitRelayTransport({ discoveryFilter: nobody })(components) as Circuit;
    circuit.reservationStore.addEventListener("relay:removed", ({ detail }) => {
      const relay = detail.relay.toString();
      if (!this.#states.has(relay)) return;
      this.#enter(relay, "retrying");
      this.#later(relay);
    });
    return this.#circuit = circuit;
  };

  all(): readonly Reservation[] {
    return [...this.#states].map(([relay, state]) => ({ relay, state }));
  }

  /** Asks the peer for a reservation if it is a relay. For {@linkcode Peers.introduced}. */
  introduced(peer: PeerId): void {
    if (this.#isRelay(peer) && this.#states.get(peer) !== "reserved" && !this.#timers.has(peer)) {
      void this.#reserve(peer);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Whether a peer is a relay with a direct connection: relays behind relays do not count. */
  #isRelay(peer: PeerId): boolean {
    const connection = this.#peers.best(peer);
    return connection !== null && !connection.limits && this.#peers.serves(peer, hopProtocol);
  }

  async #reserve(relay: PeerId): Promise<void> {
    this.#timers.delete(relay);
    if (this.#stopped || !this.#circuit) return;
    if (!this.#host.admits(relay)) return void this.#states.delete(relay);
    if (!this.#isRelay(relay)) return; // it will be introduced again when it is back
    try {
      await this.#circuit.reservationStore.addRelay(peerIdFromString(relay), "configured");
      this.#failures.delete(relay);
      this.#enter(relay, "reserved");
    } catch {
      // It refused, or it is gone. Both mean: ask again later.
      this.#enter(relay, "retrying");
      this.#later(relay);
    }
  }

  #later(relay: PeerId): void {
    if (this.#stopped || this.#timers.has(relay)) return;
    const failures = (this.#failures.get(relay) ?? 0) + 1;
    this.#failures.set(relay, failures);
    const ms = Math.min(retryLast, retryFirst * 2 ** (failures - 1));
    this.#timers.set(relay, setTimeout(() => void this.#reserve(relay), ms));
  }

  #enter(relay: PeerId, state: Reservation["state"]): void {
    if (this.#stopped || this.#states.get(relay) === state) return;
    this.#states.set(relay, state);
    this.#host.reservation({ relay, state });
  }
}
