/**
 * The port to WebRTC, which is optional: its libraries are loaded by those who pass an implementation to their transport.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { Host } from "../../ports.ts";

/** WebRTC as a transport takes it: `webrtc()` in Deno and Node, `browserWebRtc()` in a browser. */
export interface WebRtc {
  /**
   * Opens WebRTC for one node.
   *
   * @param listen The multiaddrs that the node listens on, of WebRTC-direct and others.
   * @returns Null where the platform has no WebRTC.
   * @throws {InputError} `listen`, if a WebRTC-direct address cannot be listened on.
   * @throws {StoreError} If the node's certificate cannot be read or stored.
   */
  open(host: Pick<Host, "certificate">, listen: readonly string[]): Promise<OpenedWebRtc | null>;
}

/** WebRTC of one node. */
export interface OpenedWebRtc {
  /** Transports for the options of `createLibp2p`: WebRTC over relays, and WebRTC-direct. */
  readonly transports: readonly unknown[];
  /** Must be called once, when the node has stopped. */
  end(): void;
}

/** @throws {InputError} `webrtc`, if it is something else. */
export function checkWebRtc(webrtc: WebRtc | undefined): void {
  if (webrtc === undefined || typeof webrtc?.open === "function") return;
  throw new InputError("webrtc", `expected webrtc() or browserWebRtc(), found ${String(webrtc)}`);
}
