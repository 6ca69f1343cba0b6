/**
 * The page's transport, in one place: WebSockets to peers that can be dialled, WebRTC to other pages.
 * @module
 */
import type { Transport } from "../../mod.ts";
import { browserTransport } from "../../src/browser.ts";
import { browserWebRtc } from "../../src/browser_webrtc.ts";

export function pageTransport(): Transport {
  return browserTransport({ webrtc: browserWebRtc() });
}
