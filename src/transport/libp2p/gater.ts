/**
 * The gater, which decides who may connect, and the fence, which limits what strangers can use.
 *
 * A stranger is a connected peer that the host does not admit. It can join the cluster while it is connected,
 * so its status is not stored here: the host is asked each time.
 * @module
 */
import type {
  Connection,
  ConnectionGater,
  MultiaddrConnection,
  StreamHandler,
  StreamHandlerOptions,
} from "@libp2p/interface";
import { strangerMs } from "../../limits.ts";
import type { Host } from "../../ports.ts";
import { originOf } from "./origin.ts";
import { pingProtocol } from "./ping.ts";

/** The protocols of the streams that libp2p opens by itself on every new connection. */
const automatic = new Set(["/ipfs/id/1.0.0", pingProtocol]);

/** The most such streams that an honest stranger opens before it has joined or must leave. */
const automaticStreams = 4;

/**
 * A gater that admits the host's peers, and as many strangers as the host has room for: each for
 * {@linkcode strangerMs}, or while it waits for a person. Strangers of one address get at most half of the
 * places, so that they cannot keep everybody else out.
 */
export function gater(host: Host): ConnectionGater {
  const strangers = new Map<MultiaddrConnection, string>();
  const crowd = () =>
    [...strangers].filter(([, peer]) => !host.admits(peer)).map(([connection]) => connection);
  const isFull = ({ remoteAddr }: MultiaddrConnection) => {
    const [places, here] = [host.strangers(), crowd()];
    if (here.length >= places) return true;
    const origin = originOf(remoteAddr);
    if (origin === null) return false;
    return here.filter((one) => originOf(one.remoteAddr) === origin).length >= Math.ceil(places / 2);
  };
  const ours = (...ids: { toString(): string }[]) => ids.every((id) => host.admits(id.toString()));
  return {
    denyDialMultiaddr: () => false, // in a browser libp2p would refuse loopback
    denyDialPeer: (peer) => !host.admits(peer.toString()),
    denyOutboundEncryptedConnection: (peer) => !host.admits(peer.toString()),
    // Only members may come over a relay, and only over a relay that is a member: a stranger that joins dials
    // directly.
    denyInboundRelayedConnection: (relay, peer) => !ours(relay, peer),
    // This node relays for members only, on both sides.
    denyInboundRelayReservation: (peer) => !ours(peer),
    denyOutboundRelayedConnection: (source, destination) => !ours(source, destination),
    denyInboundEncryptedConnection(id, connection) {
      const peer = id.toString();
      if (host.admits(peer)) return false;
      if (isFull(connection)) {
        host.dropped("unauthentic-frame", peer);
        return true;
      }
      strangers.set(connection, peer);
      const look = () => {
        if (host.admits(peer)) strangers.delete(connection);
        else if (host.waits?.(peer)) timer = setTimeout(look, strangerMs);
        else connection.abort(new Error("A stranger's time is over"));
      };
      let timer = setTimeout(look, strangerMs);
      connection.addEventListener("close", () => {
        clearTimeout(timer);
        strangers.delete(connection);
      });
      return false;
    },
  };
}

/** The options of {@linkcode fence}. */
export interface FenceOptions {
  host: Host;
  /** The protocols that a stranger may use; grows while the node runs. */
  open: ReadonlySet<string>;
  /** Called with the connection of each incoming stream of a peer that the host admits. */
  passed: (connection: Connection) => void;
}

/** The registry of stream handlers, of libp2p and all its services. */
interface Registrar {
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>;
}

/**
 * A libp2p service that guards every handler of the node, libp2p's own included: a stranger's stream for
 * anything but an open protocol is reset before a byte is read. It must be the first of the services.
 *
 * libp2p's stream middleware would not do: libp2p 3.3.11 appends the handler to the registered list itself
 * with every inbound stream, so that the second stream is handled twice.
 */
export function fence({ host, open, passed }: FenceOptions): (node: { registrar: Registrar }) => object {
  const excused = new WeakMap<object, number>();
  function guard(protocol: string, handler: StreamHandler): StreamHandler {
    return (stream, connection) => {
      const peer = connection.remotePeer.toString();
      if (host.admits(peer)) passed(connection);
      else if (!open.has(protocol)) {
        stream.abort(new Error(`Not for strangers: ${protocol}`));
        const count = excused.get(connection) ?? 0;
        if (automatic.has(protocol) && (count < automaticStreams || host.waits?.(peer))) {
          excused.set(connection, count + 1);
        } else host.dropped("unauthentic-frame", peer);
        return;
      }
      return handler(stream, connection);
    };
  }
  return ({ registrar }) => {
    const handle = registrar.handle.bind(registrar);
    registrar.handle = (protocol, handler, options) => handle(protocol, guard(protocol, handler), options);
    return {};
  };
}
