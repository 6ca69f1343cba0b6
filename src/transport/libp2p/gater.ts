/**
 * Who may connect, and what a stranger reaches.
 *
 * A stranger is a connected peer that the host does not admit. It can become one of us while it is connected (it joins),
 * so nothing here remembers what it was: the host is asked again each time.
 * @module
 */
import type {
  Connection,
  ConnectionGater,
  MultiaddrConnection,
  StreamHandler,
  StreamHandlerOptions,
} from "@libp2p/interface";
import { joinMs } from "../../limits.ts";
import type { Host } from "../../ports.ts";
import { originOf } from "./origin.ts";
import { pingProtocol } from "./ping.ts";

/** Streams that libp2p opens by itself on every new connection: no sign of anything. */
const habits = new Set(["/ipfs/id/1.0.0", pingProtocol]);

/** So many of them an honest stranger opens until it has joined or has to go. */
const habitualStreams = 4;

/**
 * Lets in whom the host admits, and as many strangers as it has room for, each for {@linkcode joinMs} or while it waits.
 * Those of one address get half of the places: whoever fills them keeps nobody else out.
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
    // Over a relay come ours only, and only over one of ours: a stranger that wants to join connects by itself.
    denyInboundRelayedConnection: (relay, peer) => !ours(relay, peer),
    // As a relay: for ours only, on both sides.
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
        else if (host.waits?.(peer)) timer = setTimeout(look, joinMs);
        else connection.abort(new Error("A stranger's time is over"));
      };
      let timer = setTimeout(look, joinMs);
      connection.addEventListener("close", () => {
        clearTimeout(timer);
        strangers.delete(connection);
      });
      return false;
    },
  };
}

/** What a {@linkcode fence} is told. */
export interface FenceOptions {
  host: Host;
  /** The protocols that a stranger may use; grows while the node runs. */
  open: ReadonlySet<string>;
  /** A stream of a peer that the host admits came in. */
  passed: (connection: Connection) => void;
}

/** Where libp2p and all its services leave their handlers. */
interface Registrar {
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>;
}

/**
 * A libp2p service that stands before every handler of the node, libp2p's own included: streams of strangers for
 * anything but an open protocol are reset before a byte is read. Has to be the first of the services.
 *
 * Not libp2p's stream middleware: libp2p 3.3.11 appends the handler to the registered list itself with every inbound
 * stream, so that the second stream is handled twice.
 */
export function fence({ host, open, passed }: FenceOptions): (node: { registrar: Registrar }) => object {
  const excused = new WeakMap<object, number>();
  function guard(protocol: string, handler: StreamHandler): StreamHandler {
    return (stream, connection) => {
      const peer = connection.remotePeer.toString();
      if (host.admits(peer)) passed(connection);
      else if (!open.has(protocol)) {
        stream.abort(new Error(`Not for strangers: ${protocol}`));
        const seen = excused.get(connection) ?? 0;
        if (habits.has(protocol) && (seen < habitualStreams || host.waits?.(peer))) {
          excused.set(connection, seen + 1);
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
