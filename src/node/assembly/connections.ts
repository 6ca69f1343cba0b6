/**
 * The connections of a node: what follows when a peer connects or disconnects, when its carrier changes, and
 * when the roster changes.
 * @module
 */
import type { LinkKeys } from "../../cluster/links/link_keys.ts";
import type { Dialler } from "../../cluster/links/dialler.ts";
import type { Sync } from "../../cluster/keys/sync/sync.ts";
import type { Admission } from "../../cluster/roster/admission/admission.ts";
import type { Roster } from "../../cluster/roster/roster.ts";
import type { PeerId } from "../../failure.ts";
import type { Host, Network, Transport } from "../../ports.ts";
import { storedTlsCertificate } from "../tls_certificate.ts";
import type { NodeRecords } from "./records.ts";

/** The callbacks of a {@linkcode Host} that need the node's parts. */
type Callbacks =
  & Pick<Host, "strangers" | "connected" | "disconnected" | "changed">
  & Required<Pick<Host, "waits">>
  & { reservation(): void };

/** The callbacks before the parts exist. Once they exist, the node meets the peers that are connected. */
const ignored: Callbacks = {
  strangers: () => 0,
  waits: () => false,
  connected: () => {},
  disconnected: () => {},
  changed: () => {},
  reservation: () => {},
};

/** A network that has started. `serve` hands over its callbacks, once there is something to answer them. */
export interface StartedNetwork {
  readonly network: Network;
  serve(callbacks: Callbacks): void;
}

/** Starts the transport. @throws {InputError} For an address that cannot be listened on. */
export async function startNetwork(
  transport: Transport,
  identity: Host["identity"],
  { rows, eventLog, rosterStore }: NodeRecords,
): Promise<StartedNetwork> {
  let callbacks = ignored;
  const network = await transport.start({
    identity,
    admits: (peer) => rosterStore.peer(identity.peer) !== undefined && rosterStore.peer(peer) !== undefined,
    strangers: () => callbacks.strangers(),
    waits: (peer) => callbacks.waits(peer),
    certificate: storedTlsCertificate(rows, (change) => eventLog.emit({ type: "certificate", ...change })),
    connected: (peer) => callbacks.connected(peer),
    disconnected: (peer) => callbacks.disconnected(peer),
    changed: (peer) => callbacks.changed(peer),
    reservation: (reservation) => {
      eventLog.emit({ type: "reservation", ...reservation });
      callbacks.reservation();
    },
    dropped: (code, via) => eventLog.warn(code, via),
  });
  return { network, serve: (given) => callbacks = given };
}

/** The parts that follow the connections. */
export interface ConnectionsOptions {
  readonly self: PeerId;
  readonly network: Network;
  readonly records: Pick<NodeRecords, "rosterStore" | "eventLog">;
  readonly links: Pick<LinkKeys, "connected" | "disconnected">;
  readonly sync: Pick<Sync, "meet" | "roster" | "farewell">;
  readonly dialler: Pick<Dialler, "connected" | "disconnected" | "changed" | "look">;
  readonly admission: Pick<Admission, "strangers" | "waits"> | null;
}

export class Connections implements Callbacks {
  readonly #options: ConnectionsOptions;
  /** Peers of the roster that are connected. */
  readonly #connected = new Set<PeerId>();
  /** The carrier of each connected peer, as JSON. */
  readonly #carriers = new Map<PeerId, string>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  strangers(): number {
    return this.#options.admission?.strangers() ?? 0;
  }

  waits(peer: PeerId): boolean {
    return this.#options.admission?.waits(peer) ?? false;
  }

  connected(peer: PeerId): void {
    const { records: { rosterStore, eventLog }, dialler, links, sync } = this.#options;
    if (this.#connected.has(peer) || !rosterStore.peer(peer)) return;
    this.#connected.add(peer);
    eventLog.emit({ type: "peer", other: peer, state: "here" });
    dialler.connected(peer);
    links.connected(peer);
    void sync.meet(peer);
  }

  disconnected(peer: PeerId): void {
    const { records: { eventLog }, dialler, links } = this.#options;
    if (this.#connected.delete(peer)) eventLog.emit({ type: "peer", other: peer, state: "gone" });
    links.disconnected(peer);
    dialler.disconnected(peer);
  }

  changed(peer: PeerId): void {
    const { records: { rosterStore, eventLog }, network, dialler } = this.#options;
    const carrier = network.carrier(peer);
    const now = JSON.stringify(carrier);
    if (now !== (this.#carriers.get(peer) ?? "null")) {
      if (carrier) this.#carriers.set(peer, now);
      else this.#carriers.delete(peer);
      if (rosterStore.peer(peer)) eventLog.emit({ type: "carrier", other: peer, carrier });
    }
    dialler.changed(peer);
  }

  reservation(): void {
    this.#options.dialler.look();
  }

  /** Meets the peers that connected before the parts existed. */
  meetAll(): void {
    for (const peer of this.#options.network.connected()) {
      this.connected(peer);
      this.changed(peer);
    }
  }

  /** Meets the new peers of the roster in force, and hangs up on those that are no longer in it. */
  rosterChanged(before: Roster): void {
    const { records: { rosterStore }, network, sync, dialler } = this.#options;
    dialler.look();
    for (const peer of network.connected()) {
      if (rosterStore.peer(peer) && this.#isMember()) {
        this.connected(peer);
        this.changed(peer);
        void sync.roster(peer);
      } else if (before.peers.some((known) => known.peer === peer)) void this.#hangUp(peer);
    }
  }

  /** Whether this node is in the roster in force. */
  #isMember(): boolean {
    const { records: { rosterStore }, self } = this.#options;
    return rosterStore.peer(self) !== undefined;
  }

  /** Hangs up on a peer: this node or that one is no longer in the roster. */
  async #hangUp(peer: PeerId): Promise<void> {
    const { records: { rosterStore }, network, sync } = this.#options;
    if (this.#isMember()) await sync.farewell(peer);
    if (!this.#isMember() || !rosterStore.peer(peer)) await network.disconnect(peer);
  }
}
