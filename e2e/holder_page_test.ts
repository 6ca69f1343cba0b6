/**
 * A tab that holds a share, in a real browser: in, asked, locked, reloaded, backed up, restored.
 * @module
 */
import assert from "node:assert/strict";
import { authenticator } from "./authenticator.ts";
import { holderPage, hostile } from "./holder_page.ts";
import { enters, makesWallet } from "./holder_page_entry.ts";
import { approvesBatch } from "./holder_page_batch.ts";
import { backsUp, isRestored, locks } from "./holder_page_keeping.ts";
import { approves, approvesTaproot, decides, keepsRules } from "./holder_page_requests.ts";
import { HolderStage } from "./holder_stage.ts";
import { stepsOf } from "./holder_story.ts";
import { button, withTab } from "./holder_tab.ts";

Deno.test({
  name:
    "a tab joins by its words, holds a share, signs when its person says so, locks, comes back, and is restored",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    await using stage = await HolderStage.start(["Alice", hostile]);
    await withTab(stage, async (opened) => {
      const holder = holderPage(stage, opened, stepsOf(t));
      const parts = [
        enters,
        makesWallet,
        approves,
        approvesBatch,
        decides,
        keepsRules,
        approvesTaproot,
        locks,
        backsUp,
        isRestored,
      ];
      for (const part of parts) await part(holder);
      await Deno.remove(holder.backup);
    });
  },
});

Deno.test({
  name: "a tab is let in under a passkey and opened by it; a plain link watches, and keeps nothing",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using stage = await HolderStage.start();
    await withTab(stage, async ({ page, context }) => {
      await authenticator(await context.newCDPSession(page), { hasPrf: true });
      await page.goto(stage.watcherLink());
      await page.getByText("2 of 2 ready").waitFor();
      assert.equal(await page.getByText("This tab holds").count(), 0);
      assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
      await page.goto("about:blank");
      await page.goto(stage.holderLink());
      await page.getByLabel("Your name").fill("Ada");
      await page.getByLabel("A passkey").check();
      await button(page, "Ask to be let in").click();
      await page.getByText("Read these four words").waitFor();
      stage.decide("accept");
      await page.getByText("This tab holds no share yet").waitFor();
      await button(page, "Lock").click();
      await page.getByText("is locked with a passkey").waitFor();
      await button(page, "Unlock").click();
      await page.getByText("This tab holds no share yet").waitFor();
      await page.reload();
      await button(page, "Unlock").click();
      await page.getByText("This tab holds no share yet").waitFor();
    });
  },
});
