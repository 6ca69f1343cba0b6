/**
 * The WebCrypto of three browser engines behind our checks, on the signatures that verifiers differ about and the private
 * keys that one of them refuses.
 * @module
 */
import assert from "node:assert/strict";
import { browsers } from "./browsers.ts";
import { DrivenTab } from "./driven_tab.ts";
import type { Ed25519Page } from "./programs/ed25519_page.ts";
import { serveBundle } from "./static.ts";

const programs = new URL("./programs/", import.meta.url);
declare const crafted: Ed25519Page;

for (const [name, open] of Object.entries(browsers)) {
  Deno.test({
    name:
      `${name} judges ed25519-speccheck and our crafted signatures as Deno does, takes no crafted R, and uses every key`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using site = await serveBundle(
        new URL("ed25519_page.ts", programs),
        new URL("ed25519_page.html", programs),
      );
      await using driver = await open();
      const tab = new DrivenTab(driver);
      await tab.goto(site.url);
      await tab.see({ selector: "html[data-ready]" });
      assert.deepEqual(await driver.run(() => crafted.byWebCrypto()), []);
      assert.deepEqual(await driver.run(() => crafted.byNoble()), []);
      assert.equal(await driver.run(() => crafted.webCryptoTakesCraftedR()), false);
      assert.equal(await driver.run(() => crafted.usable()), 256);
    },
  });
}
