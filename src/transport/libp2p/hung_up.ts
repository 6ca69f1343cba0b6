/**
 * A page that goes closes its WebRTC connections, and Chromium tells the other end so: its SCTP transport is closed at
 * once. But its connection stays what it was until ICE has heard nothing for some 15 s, and @libp2p/webrtc 6.0.33 looks at
 * the connection only. Here a connection whose SCTP transport is closed is closed.
 * @module
 */

/** A connection, as far as it is used here. */
interface Connection extends EventTarget {
  readonly connectionState: string;
  readonly sctp: (EventTarget & { readonly state: string }) | null;
  close(): void;
}

/** The class, as a page has it. */
export interface ConnectionClass {
  prototype: { setRemoteDescription: (...description: never[]) => Promise<void> };
}

const changed = new WeakSet<object>();
const watched = new WeakSet<object>();

/** Changes the class, once. */
export function closesWithItsPeer(connection: ConnectionClass): void {
  if (changed.has(connection)) return;
  changed.add(connection);
  const { setRemoteDescription } = connection.prototype;
  // Both ends call it, before anything else can go over the connection.
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
    connection.dispatchEvent(new Event("connectionstatechange")); // of its own closing it says nothing
  });
}
