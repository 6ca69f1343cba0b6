/**
 * What a connection runs over, in words. Pure.
 * @module
 */

import type { Carrier } from "../../src/events.ts";

const kinds: Readonly<Record<Carrier["kind"], string>> = {
  websocket: "WebSocket",
  webrtc: "WebRTC, direct",
  "webrtc-direct": "WebRTC, direct",
  memory: "memory",
};

/** `WebRTC, direct · 3.0 ms`; empty where nothing is known. */
export function carrierWords(
  carrier: Pick<Carrier, "kind" | "relayed"> | null,
  latencyMs: number | null,
): string {
  const way = carrier === null ? [] : [carrier.relayed ? "relayed" : kinds[carrier.kind]];
  const time = latencyMs === null ? [] : [`${latencyMs.toFixed(latencyMs < 10 ? 1 : 0)} ms`];
  return [...way, ...time].join(" · ");
}
