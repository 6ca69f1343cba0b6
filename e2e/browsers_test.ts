/**
 * One story in the browsers of three engines, by drivers of three kinds. Chromium has it in `holder_page_test.ts`, in
 * more detail; there, and not here, are:
 *
 * - errors in the page's console: WebKit's driver does not tell of them;
 * - passkeys: neither WebDriver BiDi in Firefox nor WebKit's driver has an authenticator;
 * - a look at the accessibility tree, at two widths and in two colour schemes;
 * - WebRTC: WebKitGTK as Debian builds it has none, and here Firefox too reaches its peers by WebSockets;
 * - cleared storage, and a restore into it: only Chromium's driver clears an origin's storage.
 * @module
 */
import assert from "node:assert/strict";
import { browsers } from "./browsers.ts";
import { DrivenTab } from "./driven_tab.ts";
import { HolderStage } from "./holder_stage.ts";
import { HolderStory, stepsOf } from "./holder_story.ts";

for (const name of ["Firefox", "WebKitGTK"] as const) {
  Deno.test({
    name: `${name}: a tab joins, makes both keys, signs, refuses, is locked, and is backed up`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(t) {
      await using stage = await HolderStage.start();
      await using driver = await browsers[name]();
      const story = new HolderStory(stage, new DrivenTab(driver));
      const step = stepsOf(t);
      await story.joins(step);
      await story.signs(step);
      await story.lives(step);
      assert.deepEqual(driver.complaints, name === "WebKitGTK" ? null : []);
    },
  });
}
