/**
 * A fix for WebRTC connections to a page that was closed. Chromium closes the SCTP transport at the other end
 * at once, but the connection keeps its state until ICE has received nothing for some 15 s, and
 * @libp2p/webrtc 6.0.33 looks at the connection only. Here a connection is closed as soon as its SCTP
 * transport is.
 * @module
 */

/** The used part of an `RTCPeerConnection`. */
interface Connection extends EventTarget {
  readonly connectionState: string;
  readonly sctp: (EventTarget & { readonly state: string }) | null;
  close(): void;
}

/** The used part of the class `RTCPeerConnection`. */
export interface ConnectionClass {
  prototype: { setRemoteDescription: (...description: never[]) => Promise<void> };
}

const changed = new WeakSet<object>();
const watched = new WeakSet<object>();

/** Patches the class, once. */
export function closesWithItsPeer(connection: ConnectionClass): void {
  if (changed.has(connection)) return;
  changed.add(connection);
  const { setRemoteDescription } = connection.prototype;
  // Both ends call this method before anything else can go over the connection.
  connection.prototype.setRemoteDescription = function (this: Connection, ...description) {
    this.addEventListener("connectionstatechange", () => watch(this));
    return setRemoteDescription.apply(this, description);
  };
}

function watch(connection: Connection): void {
  const { sctp } = connection;
  if (connection.connectionState !== "connected" || sctp === null || watched.has(sctp)) return;
  watched.add(sctp);
  sctp.addEventListener("statechange", () => {
    if (sctp.state !== "closed" || connection.connectionState === "closed") return;
    connection.close();
    connection.dispatchEvent(new Event("connectionstatechange")); // close() does not dispatch it
  });
}
