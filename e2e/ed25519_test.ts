/**
 * Chromium's WebCrypto behind our checks, on the signatures that verifiers differ about. Firefox and WebKit are not
 * wired in yet.
 * @module
 */
import assert from "node:assert/strict";
import { withPage } from "./chromium.ts";
import type { Ed25519Page } from "./programs/ed25519_page.ts";
import { serveBundle } from "./static.ts";

const programs = new URL("./programs/", import.meta.url);
declare const crafted: Ed25519Page;

Deno.test("Chromium judges ed25519-speccheck and our crafted signatures as Deno does, and takes no crafted R", async () => {
  await using site = await serveBundle(
    new URL("ed25519_page.ts", programs),
    new URL("ed25519_page.html", programs),
  );
  await withPage(site.url, {}, async (page) => {
    await page.waitForFunction(() => document.documentElement.dataset.ready !== undefined);
    assert.deepEqual(await page.evaluate(() => crafted.byWebCrypto()), []);
    assert.deepEqual(await page.evaluate(() => crafted.byNoble()), []);
    assert.equal(await page.evaluate(() => crafted.webCryptoTakesCraftedR()), false);
  });
});
