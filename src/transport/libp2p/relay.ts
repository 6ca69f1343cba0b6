/**
 * The relay service: peers that cannot be dialled are reached over this node, and negotiate a WebRTC
 * connection over it (libp2p's specification "circuit relay v2").
 * @module
 */
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import type { PeerId } from "@libp2p/interface";
import { maxParties } from "../../limits.ts";

/**
 * The most reservations at the same time. Only peers of the roster get one; but a reloaded tab may be a new
 * peer and leave its old reservation behind, so there is room for more than a cluster has.
 */
const maxReservations = 8 * maxParties;

/** The life of a reservation, ms. libp2p renews it 5 min before its end; that of a closed tab ends soon. */
const reservationTtl = 15 * 60_000;

/**
 * Bytes that one relayed connection may carry, both ways together. Signalling takes some 10 KiB, a link 1
 * KiB, a command at most 80 KiB, a signature of sixteen 100 KiB. There must be a limit: libp2p treats a
 * connection without one as direct, so that gossip would run over it and end with the relay.
 */
const dataLimit = 4n * 1024n * 1024n;

/**
 * The life of a relayed connection, ms: enough for a hundred negotiations of WebRTC, or for forty sessions.
 */
const durationLimit = 10 * 60_000;

/** The time for a request to the relay and for the other side to accept, ms. */
const hopTimeout = 10_000;

/** The most requests that one peer may have open: it dials each other peer once. */
const maxHopStreams = 4 * maxParties;

/** The reservation store of @libp2p/circuit-relay-v2 4.2.13, which its types do not declare. */
interface ReservationStore {
  reservations: {
    get(peer: PeerId): Reserved | undefined;
    delete(peer: PeerId): void;
    values(): Iterable<Reserved>;
  };
  reserve(peer: PeerId, ...rest: unknown[]): unknown;
  removeReservation(peer: PeerId): void;
  clear(): void;
}
interface Reserved {
  signal: { clear(): void };
}
type Service = ReturnType<typeof circuitRelayServer>;

const service = circuitRelayServer({
  hopTimeout,
  maxInboundHopStreams: maxHopStreams,
  maxOutboundStopStreams: maxHopStreams,
  reservations: {
    maxReservations,
    reservationTtl,
    defaultDataLimit: dataLimit,
    defaultDurationLimit: durationLimit,
  },
});

/** The relay service for libp2p's options. The gater decides which peers it serves. */
export const relayService: Service = (components) => {
  const relay = service(components);
  endTimers((relay as unknown as { reservationStore: ReservationStore }).reservationStore);
  return relay;
};

/**
 * Ends the timers of reservations. Each is an `AbortSignal.timeout`, which keeps a Deno process running while
 * anything listens to it. libp2p clears it neither when the reservation ends nor when the relay stops, and
 * cannot once it has been renewed (retimeable-signal 1.0.1): so a reservation that is renewed is made anew.
 */
function endTimers(store: ReservationStore): void {
  const { reserve, removeReservation, clear } = store;
  const end = (peer: PeerId) => {
    store.reservations.get(peer)?.signal.clear();
    store.reservations.delete(peer);
  };
  store.reserve = (peer, ...rest) => {
    end(peer);
    return reserve.call(store, peer, ...rest);
  };
  store.removeReservation = (peer) => {
    end(peer);
    removeReservation.call(store, peer);
  };
  store.clear = () => {
    for (const { signal } of store.reservations.values()) signal.clear();
    clear.call(store);
  };
}
