/**
 * The page and its worker in a browser of the floor: Chromium without what is newer. And below the floor: a sentence.
 * @module
 */
import assert from "node:assert/strict";
import { openBrowser } from "./chromium.ts";
import { chromiumTab } from "./chromium_tab.ts";
import { DrivenTab } from "./driven_tab.ts";
import { HolderStage } from "./holder_stage.ts";
import { HolderStory, stepsOf } from "./holder_story.ts";
import { serveSite } from "./served_site.ts";

const older = await Deno.readTextFile(new URL("../tests/site/older_browser.js", import.meta.url));

/** Says, from the worker to the page, what is missing there. */
const report = `{
  const missing = [
    !("dispose" in Symbol),
    !("fromHex" in Uint8Array),
    !("take" in Object.getPrototypeOf(Object.getPrototypeOf([].values()))),
    !(Symbol.asyncIterator in ReadableStream.prototype),
    !("RTCPeerConnection" in globalThis),
  ];
  const channel = new BroadcastChannel("older browser");
  if ("document" in globalThis) {
    globalThis.missing = { page: missing, worker: [] };
    channel.onmessage = ({ data }) => globalThis.missing.worker = data;
  } else channel.postMessage(missing);
}`;
declare const missing: { page: boolean[]; worker: boolean[] };

for (const webRtc of [true, false]) {
  Deno.test({
    name: `a browser of the floor, ${
      webRtc ? "with" : "without"
    } WebRTC: a tab joins, makes both keys and signs`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(t) {
      const without = webRtc ? "" : "delete globalThis.RTCPeerConnection; delete globalThis.RTCDataChannel;";
      await using stage = await HolderStage.start(undefined, `${older}${without}${report}`);
      await using driver = await chromiumTab();
      const story = new HolderStory(stage, new DrivenTab(driver));
      const step = stepsOf(t);
      await story.joins(step);
      await story.signs(step);
      if (webRtc) await story.lives(step);
      assert.deepEqual(driver.complaints, []);
      const seen = await driver.run(() => missing);
      assert.deepEqual(seen.page, [true, true, true, true, !webRtc], "in the page");
      assert.deepEqual(seen.worker, [true, true, true, true, true], "in the worker, which never had WebRTC");
    },
  });
}

const host = "quorate.example";
const below: readonly [lack: string, before: string, address: string, says: RegExp][] = [
  [
    "Ed25519",
    'crypto.subtle.generateKey = () => Promise.reject(new DOMException("", "NotSupportedError"));',
    "localhost",
    /^This browser cannot make Ed25519 keys.*Safari 17\.4, Firefox 140, Chrome or Edge 137/,
  ],
  [
    "IndexedDB",
    'Object.defineProperty(globalThis, "indexedDB", { value: undefined });',
    "localhost",
    /IndexedDB is off/,
  ],
  ["a secure address", "", host, /begins with https:\/\//],
  ["the language", "this is no JavaScript;", "localhost", /this browser is too old: use Safari 17\.4/],
];

Deno.test({
  name: "a browser below the floor, or at an address without cryptography, is told so in the page",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const browser = await openBrowser([`--host-resolver-rules=MAP ${host} 127.0.0.1`]);
    try {
      for (const [lack, before, address, says] of below) {
        await t.step(`it lacks ${lack}`, async () => {
          await using site = await serveSite(before);
          const page = await browser.newPage();
          await page.goto(`http://${address}:${site.port}/`);
          await page.getByText(says).waitFor();
          await page.close();
        });
      }
    } finally {
      await browser.close();
    }
  },
});
