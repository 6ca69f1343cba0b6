/**
 * How this page reaches others: WebSockets to those that can be dialled, WebRTC to other pages. The one place that says
 * so.
 * @module
 */
import type { Transport } from "../../mod.ts";
import { browserTransport } from "../../src/browser.ts";

export function pageTransport(): Transport {
  return browserTransport();
}
