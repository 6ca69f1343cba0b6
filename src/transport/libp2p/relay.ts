/**
 * Being a relay: others that cannot be dialled are reached over this node, and agree over it on a better way (circuit
 * relay v2, libp2p's specification; WebRTC's signalling runs over it).
 * @module
 */
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import type { PeerId } from "@libp2p/interface";
import { maxParties } from "../../limits.ts";

/**
 * Reservations at the same time. Only peers of the roster get one; a tab that was reloaded may be another peer and leave
 * its old one behind, so there is room for more than a cluster has.
 */
const maxReservations = 8 * maxParties;

/** A reservation lasts 15 min unless renewed: libp2p renews it 5 min before its end, and those of closed tabs go soon. */
const reservationTtl = 15 * 60_000;

/**
 * Bytes that one relayed connection may carry both ways: signalling is some 10 KiB, a link 1 KiB, a command at most
 * 80 KiB, a signature of sixteen 100 KiB. The limit must exist: without one the connection counts as a full one, and
 * gossip runs over it and ends with the relay.
 */
const dataLimit = 4n * 1024n * 1024n;

/** A relayed connection lasts so long: a hundred negotiations of something better, or forty sessions. */
const durationLimit = 10 * 60_000;

/** To say what is wanted of the relay, and for the other side to take it. */
const hopTimeout = 10_000;

/** Requests that one peer may have open at the same time: it dials each of the others once. */
const maxHopStreams = 4 * maxParties;

/** What is used of @libp2p/circuit-relay-v2 4.2.13 beside its public face: its book of those who may be reached. */
interface Book {
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

/** The service for libp2p's options. Whom it serves the gater says. */
export const relayService: Service = (components) => {
  const relay = service(components);
  endTimers((relay as unknown as { reservationStore: Book }).reservationStore);
  return relay;
};

/**
 * A reservation's timer is an `AbortSignal.timeout`, which keeps a Deno process running for as long as somebody listens.
 * libp2p lets go of it neither when the reservation goes nor when the relay stops, and can no longer once it has been
 * renewed (retimeable-signal 1.0.1): so one that is renewed is made anew.
 */
function endTimers(book: Book): void {
  const { reserve, removeReservation, clear } = book;
  const end = (peer: PeerId) => {
    book.reservations.get(peer)?.signal.clear();
    book.reservations.delete(peer);
  };
  book.reserve = (peer, ...rest) => {
    end(peer);
    return reserve.call(book, peer, ...rest);
  };
  book.removeReservation = (peer) => {
    end(peer);
    removeReservation.call(book, peer);
  };
  book.clear = () => {
    for (const { signal } of book.reservations.values()) signal.clear();
    clear.call(book);
  };
}
