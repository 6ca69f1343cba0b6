/**
 * Every state of the page in a real browser: no accessibility fault, no sideways scroll.
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { serious } from "./axe.ts";
import { openBrowser, withPage } from "./chromium.ts";
import { foldOut, overhang, serveStage } from "./page_stage.ts";

/** What must look and read well: empty, running, done, the six cards, a dispute, misbehaving, joining. */
const states: Record<string, string> = {
  empty: "?story=empty",
  running: "?story=running",
  done: "?story=done",
  "again without Bob": "?story=recovered",
  "invalid-signature-share": "?story=forged",
  "signed, and somebody caught": "?story=caught",
  "round-timeout": "?story=silence",
  equivocation: "?story=equivocation",
  "invalid-multiplication": "?story=ban",
  "work under way": "?story=preparing",
  "a wallet with two keys": "?story=wallet",
  "ECDSA done": "?story=ecdsa",
  "key-frozen": "?story=frozen",
  "bans, a frozen key, and nobody left": "?story=refusing",
  "a key that this tab has frozen": "?story=refusing here",
  "wallet-pending": "?story=pending",
  "aborted-by-peer": "?story=hearsay",
  "a false accusation": "?story=accused",
  "no quorum may sign": "?story=stuck",
  "pair-quarantined": "?story=quarantined",
  declined: "?story=declined",
  "a locked holder": "?story=locked",
  "a person is being asked": "?story=asking",
  unanswered: "?story=unanswered",
  "views differ": "?story=differing",
  "misbehave open": "?story=armed",
  misbehaved: "?story=misbehaved",
  joining: "?join=",
  "not let in": "?join=used",
  "nobody answered": "?join=unanswered",
  "a batch": "?story=batch of 3",
  "256 signatures": "?story=batch of 256",
  "a batch under way": "?story=batch under way",
  "a batch with spoilt items": "?story=batch spoilt",
  "a batch with wrong signatures": "?story=batch with wrong signatures",
  "an ECDSA batch": "?story=batch of ECDSA",
  "a holder without a share": "?story=new holder",
  "a holder that was removed, whose share counts": "?story=removed holder",
  "a key in its second epoch": "?story=reshared",
  "a resharing of which a person is asked": "?story=reshare asking",
  "a resharing that failed": "?story=reshare failed",
  "a resharing that is not finished": "?story=reshare pending",
  "a key that was reshared twice": "?story=forked",
};

/** Requests for approval, of one item and of several. */
const questions: Record<string, string> = {
  "a message to approve": "?ask=text",
  "a batch to approve": "?ask=batch",
  "256 messages to approve": "?ask=batch of 256",
  "a batch of digests to approve": "?ask=batch of digests",
  "a hostile batch to approve": "?ask=hostile batch",
  "a resharing to approve": "?ask=reshare",
};

/** Forms that a button opens: the page, and the button. */
const forms: Record<string, readonly [query: string, button: string]> = {
  "the form that gives a holder a share": ["?story=new holder", "Give Dave a share…"],
  "the form without a cheater": ["?story=ban", "Reshare without Bob…"],
  "the form for a holder that was removed": ["?story=removed holder", "Add or remove holders…"],
  "the form for a holder that leaves": ["?story=new holder", "Add or remove holders…"],
};

/** Things to press that are smaller than a thumb. */
const smallTargets = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, select, input, summary, a:not(.skip)")]
      .filter((one) => one.checkVisibility())
      .map((one) => ({ one: one.closest("label.tick") ?? one }))
      .filter(({ one }) => one.getBoundingClientRect().height < 43.5)
      .map(({ one }) => one.outerHTML.slice(0, 120))
  );

/** Checks the page as it is, at three widths, folded out, in both schemes. */
async function looksGood(page: Page): Promise<void> {
  for (const width of [1280, 360, 320]) {
    await page.setViewportSize({ width, height: 900 });
    assert.equal(await overhang(page), 0, `${width} px`);
  }
  await foldOut(page);
  assert.equal(await overhang(page), 0, "folded out");
  assert.deepEqual(await smallTargets(page), []);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await serious(page), [], "dark, on a phone");
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  assert.deepEqual(await serious(page), [], "light, on a desk");
}

/** The buttons of a request are seen at once, and few steps away by keyboard; its last item can be scrolled to. */
async function decisionInReach(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 640 });
  const dialog = page.getByRole("dialog");
  assert.equal(await dialog.evaluate((one) => one.scrollWidth - one.clientWidth), 0, "the dialog's width");
  const decline = dialog.getByRole("button", { name: "Decline" });
  const inSight = (one: ReturnType<Page["locator"]>) =>
    one.evaluate((element) => {
      const { top, bottom, left } = element.getBoundingClientRect();
      return element.contains(document.elementFromPoint(left + 2, (top + bottom) / 2));
    });
  const last = dialog.getByRole("listitem").last();
  if (await last.count() > 0) {
    assert.ok(await inSight(decline), "before anything is scrolled");
    await last.scrollIntoViewIfNeeded();
    await dialog.evaluate((one) => one.scrollTo(0, one.scrollHeight));
    assert.ok(await inSight(decline), "at the end");
  }
  await dialog.locator("h2").focus();
  for (let i = 0; i < 8; i++) {
    if (await decline.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Cannot reach the decision by Tab");
}

Deno.test("the page", async (t) => {
  await using site = await serveStage();
  const browser = await openBrowser();

  for (const [name, query] of Object.entries(states)) {
    await t.step(
      `${name}: nothing serious in both schemes, no sideways scroll, targets for thumbs`,
      () =>
        withPage(site.url + query, { browser }, async (page) => {
          await page.locator("main h2").first().waitFor();
          await looksGood(page);
        }),
    );
  }
  for (const [name, [query, button]] of Object.entries(forms)) {
    await t.step(
      `${name}: nothing serious in both schemes, no sideways scroll, targets for thumbs`,
      () =>
        withPage(site.url + query, { browser }, async (page) => {
          await page.getByRole("button", { name: button }).first().click();
          await page.locator("form.action h2").waitFor();
          await looksGood(page);
        }),
    );
  }
  for (const [name, query] of Object.entries(questions)) {
    await t.step(
      `${name}: nothing serious in both schemes, no sideways scroll, the decision is in reach`,
      () =>
        withPage(site.url + query, { browser }, async (page) => {
          await page.locator("dialog h2").waitFor();
          await looksGood(page);
          await decisionInReach(page);
        }),
    );
  }

  await browser.close();
});
