/**
 * How this page reaches others. The one place that says so.
 * @module
 */
import type { Transport } from "../mod.ts";
import { webSocketsFromTab } from "../src/browser.ts";

export function pageTransport(): Transport {
  return webSocketsFromTab();
}
