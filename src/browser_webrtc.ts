/**
 * The entry point of WebRTC for browsers, beside `@quorate/quorate/browser`: it lets a tab be reached by other tabs
 * directly. Its package is optional: whoever imports this installs `@libp2p/webrtc` too.
 *
 * ```ts ignore
 * browserTransport({ webrtc: browserWebRtc() });
 * ```
 * @module
 */
import "./platform/polyfills.ts";

export { browserWebRtc, type BrowserWebRtcOptions } from "./transport/webrtc/browser_webrtc.ts";
export type { OpenedWebRtc, WebRtc } from "./transport/webrtc/webrtc.ts";
