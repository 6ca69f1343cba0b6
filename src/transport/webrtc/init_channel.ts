/**
 * A fix of a race in @libp2p/webrtc 6.0.33.
 *
 * The answering side closes the data channel "init" as soon as it appears. If that happens before the
 * dialling side has checked it, the dialling side waits for an "open" that has passed, and the dial fails
 * after six seconds: one first dial in five between two tabs. Here only the side that made the channel closes
 * it.
 * @module
 */

/** The classes of WebRTC, of a page or of node-datachannel. */
export interface WebRtcClasses {
  connection: { prototype: { createDataChannel: (label: string, options?: never) => object } };
  channel: { prototype: { label: string; close: () => void } };
}

const label = "init";
const closed = new WeakSet<object>();

/** Patches both classes, once. */
export function onlyItsMakerClosesInit({ connection, channel }: WebRtcClasses): void {
  if (closed.has(connection)) return;
  closed.add(connection);
  const own = new WeakSet<object>();
  const { createDataChannel } = connection.prototype;
  connection.prototype.createDataChannel = function (...init) {
    const made = createDataChannel.apply(this, init);
    own.add(made);
    return made;
  };
  const { close } = channel.prototype;
  channel.prototype.close = function () {
    if (this.label !== label || own.has(this)) close.call(this);
  };
}
