/**
 * Being a relay: others that cannot be dialled are reached over this node, and agree over it on a better way (circuit
 * relay v2, libp2p's specification; WebRTC's signalling runs over it).
 * @module
 */
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import { maxParties } from "../limits.ts";

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

/** The service for libp2p's options. Whom it serves the gater says. */
export const relayService = circuitRelayServer({
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
