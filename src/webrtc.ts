/**
 * The entry point of WebRTC for Deno and Node, beside `@quorate/quorate/server`. Its packages are optional: whoever imports
 * this installs `@libp2p/webrtc`, `node-datachannel` (native code), `@peculiar/x509` and `reflect-metadata` too.
 *
 * ```ts ignore
 * webSockets({ listen, webrtc: webrtc() });
 * ```
 * @module
 */
import "./platform/polyfills.ts";

export { webrtc } from "./transport/webrtc/native_webrtc.ts";
export type { OpenedWebRtc, WebRtc } from "./transport/webrtc/webrtc.ts";
