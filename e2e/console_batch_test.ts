/**
 * Several messages signed together by a real cluster, from the console in a real browser.
 * @module
 */
import assert from "node:assert/strict";
import { openBrowser } from "./chromium.ts";
import { startDemonstration, Tab } from "./console_story.ts";

Deno.test("console: several messages are signed in one session; who forges a share of one is named, with the item", async () => {
  await using demo = await startDemonstration();
  const browser = await openBrowser();
  try {
    const tab = await Tab.open(browser, demo.url);
    const { page } = tab;
    await tab.create();
    const watching = await Tab.open(browser, demo.url, 360);
    for (const text of ["two", "three"]) {
      await page.getByRole("button", { name: "Add another message" }).click();
      await page.getByRole("textbox", { name: /^Message/ }).last().fill(text);
    }
    await page.getByRole("button", { name: "Sign 3 messages" }).click();
    await tab.newest().getByText("✓ All 3 verified in this page by your browser's own Ed25519").waitFor();
    const signed = tab.newest().getByRole("list", { name: "The 3 signatures, in order" });
    assert.deepEqual(await signed.locator(".message").allInnerTexts(), ["hello threshold", "two", "three"]);

    await tab.arm("Bob", "send a forged share");
    await tab.sign();
    const card = tab.newest();
    await card.getByText(
      "Bob sent a signature share that does not verify. This concerns 1 of 3 items: no. 3.",
    )
      .waitFor();
    await card.getByText(/All 3 items count as possibly signed\./).waitFor();
    await card.getByText("✓ Checked in this page: the signed messages prove it.").waitFor();
    await tab.asExpected();
    await card.getByRole("button", { name: "Sign without Bob" }).click();
    await tab.newest().getByText("✓ All 3 verified").waitFor();

    await watching.newest().getByText("Sign 3 items with “treasury”").waitFor();
    assert.deepEqual(tab.complaints, []);
  } finally {
    await browser.close();
  }
});
