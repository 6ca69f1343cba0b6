/**
 * The start of a libp2p node. The transports that carry its connections come from the platform's file.
 * @module
 */
import type { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import type { IdentifyResult } from "@libp2p/interface";
import type { ConnectionManagerInit } from "libp2p";
import { type ICryptoInterface, noise } from "@libp2p/noise";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import { InputError } from "../../errors.ts";
import { maxParties, streamWindow } from "../../limits.ts";
import type { Host, Network } from "../../ports.ts";
import { fence, gater } from "./gater.ts";
import type { OpenedWebRtc } from "../webrtc/webrtc.ts";
import { Gossip } from "./gossip.ts";
import { Libp2pNetwork } from "./network.ts";
import { Peers } from "./peers.ts";
import { answerPing, pingProtocol, pingStreams } from "./ping.ts";
import { hopProtocol, Reservations } from "./reservations.ts";

/** The part of a node that differs between Deno and browsers. */
export interface Platform {
  transports: NonNullable<Libp2pOptions["transports"]>;
  /** Multiaddrs. */
  listen?: readonly string[];
  /** Multiaddrs to announce instead of those listened on. */
  announce?: readonly string[];
  /** Multiaddrs of peers beside those in the roster, each with its peer id at the end. */
  known?: readonly string[];
  /** Whether the node can be reached over relays only. */
  reserve?: boolean;
  /** WebRTC, on which two peers that meet over a relay can agree; null: none. Ended with the node. */
  webrtc?: OpenedWebRtc | null;
  /** The ciphers of noise, if its own cannot be used. */
  crypto?: ICryptoInterface | undefined;
  /** The relay service, on a node over which others can be reached. */
  relay?: ReturnType<typeof circuitRelayServer>;
}

const connectionManager: ConnectionManagerInit = {
  // libp2p's default is five a second from one address. A cluster on one host, or behind one NAT, starts all
  // at once: 64 peers of a roster and some that try again. At a few ms a handshake, no address takes half of
  // this thread.
  inboundConnectionThreshold: 100,
  maxIncomingPendingConnections: 4 * maxParties,
  reconnectRetries: 0, // the cluster's dialler reconnects
};

/** Starts a node. @throws {InputError} `identity`, if its peer id is not that of its key. */
export async function startNode(host: Host, platform: Platform): Promise<Network> {
  try {
    return await start(host, platform);
  } catch (error) {
    platform.webrtc?.end();
    throw error;
  }
}

async function start(host: Host, platform: Platform): Promise<Network> {
  const privateKey = await generateKeyPairFromSeed("Ed25519", host.identity.secrets().peerSeed);
  const gossip = new Gossip(host);
  const open = new Set<string>();
  const peers: Peers = new Peers(
    host,
    (connection): Promise<IdentifyResult> => node.services.identify.identify(connection),
  );
  const reservations: Reservations = new Reservations(host, peers);
  peers.introduced = (peer) => {
    if (platform.reserve) reservations.introduced(peer);
    if (peers.serves(peer, hopProtocol)) host.changed(peer); // it is a way to others
  };
  const rtcTransports = (platform.webrtc?.transports ?? []) as Platform["transports"];
  const node = await createLibp2p({
    privateKey,
    addresses: { listen: [...platform.listen ?? []], announce: [...platform.announce ?? []] },
    transports: [...platform.transports, ...rtcTransports, reservations.transport],
    connectionEncrypters: [noise(platform.crypto ? { crypto: platform.crypto } : {})],
    streamMuxers: [
      yamux({ streamOptions: { initialStreamWindowSize: streamWindow, maxStreamWindowSize: streamWindow } }),
    ],
    connectionGater: gater(host),
    connectionManager,
    connectionMonitor: { enabled: false }, // Peers pings, and leaves strangers alone
    nodeInfo: { name: "quorate", userAgent: "quorate" },
    services: {
      fence: fence({ host, open, passed: (connection) => peers.greet(connection) }),
      identify: identify({ runOnConnectionOpen: false }), // not for strangers: see Peers
      pubsub: gossip.service,
      ...platform.relay ? { relay: platform.relay } : {},
    },
    start: false,
  });
  const self = node.peerId.toString();
  if (self !== host.identity.peer) {
    throw new InputError("identity", `expected the peer id of its key, ${self}, found ${host.identity.peer}`);
  }
  node.addEventListener("connection:open", ({ detail }) => peers.opened(detail));
  node.addEventListener("connection:close", ({ detail }) => peers.closed(detail));
  peers.start();
  try {
    await node.handle(pingProtocol, answerPing, {
      maxInboundStreams: pingStreams,
      runOnLimitedConnection: true,
    });
    await node.start();
  } catch (error) {
    reservations.stop();
    await peers.stop();
    throw error;
  }

  const { known = [], webrtc = null } = platform;
  const signals = webrtc !== null;
  const stopped = () => webrtc?.end();
  return new Libp2pNetwork({ host, node, peers, gossip, reservations, open, known, signals, stopped });
}
