/**
 * Every state of the page in a real browser: no accessibility fault, no sideways scroll, nothing hostile comes alive.
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { hostile } from "../tests/web/stories.ts";
import { alien } from "./alien.ts";
import { serious } from "./axe.ts";
import { openBrowser, withPage } from "./chromium.ts";
import { serveBundle } from "./static.ts";

const web = new URL("../web/", import.meta.url);
const stage = new URL("../tests/web/stage.tsx", import.meta.url);

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
  "wallet-pending": "?story=pending",
  "aborted-by-peer": "?story=hearsay",
  "a false accusation": "?story=accused",
  "no quorum may sign": "?story=stuck",
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
};

/** How many pixels the page is wider than its window. */
const overhang = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Things to press that are smaller than a thumb. */
const smallTargets = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, select, input, summary, a:not(.skip)")]
      .filter((one) => one.checkVisibility())
      .map((one) => ({ one: one.closest("label.tick") ?? one }))
      .filter(({ one }) => one.getBoundingClientRect().height < 43.5)
      .map(({ one }) => one.outerHTML.slice(0, 120))
  );

/** Folds everything out, so that nothing is looked over. */
const foldOut = (page: Page) =>
  page.evaluate(() => document.querySelectorAll("details").forEach((one) => one.open = true));

Deno.test("the page", async (t) => {
  await using site = await serveBundle(stage, new URL("demo/index.html", web));
  const browser = await openBrowser();

  for (const [name, query] of Object.entries(states)) {
    await t.step(
      `${name}: nothing serious in both schemes, no sideways scroll, targets for thumbs`,
      () =>
        withPage(site.url + query, { browser }, async (page) => {
          await page.locator("main h2").first().waitFor();
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
        }),
    );
  }

  await t.step(
    "fifty hostile names, wallets and messages are text, and nothing but what is served is loaded",
    () =>
      withPage(site.url, { browser, width: 320 }, async (page) => {
        assert.equal(hostile.length, 50);
        const seen: string[] = [];
        await page.addInitScript(() => {
          addEventListener(
            "securitypolicyviolation",
            (event) => console.error(`CSP ${(event as SecurityPolicyViolationEvent).violatedDirective}`),
          );
        });
        page.on("dialog", (dialog) => {
          seen.push(`dialog ${dialog.message()}`);
          void dialog.dismiss();
        });
        page.on("console", (message) => message.type() === "error" && seen.push(message.text()));
        page.on("pageerror", (error) => seen.push(String(error)));
        page.on("request", (request) => {
          const { origin, pathname } = new URL(request.url());
          const known = /^\/(|app\.js|style\.css|icon\.svg)$/.test(pathname) &&
            request.method() === "GET";
          if (`${origin}/` !== site.url || !known) seen.push(`${request.method()} ${request.url()}`);
        });
        for (const [i, text] of hostile.entries()) {
          await page.goto(`${site.url}?hostile=${i}`);
          await page.locator(".session").first().waitFor();
          await foldOut(page);
          const elements = await page.evaluate(
            (alien) => [...document.querySelectorAll(alien)].map((one) => one.outerHTML),
            alien,
          );
          assert.deepEqual([...seen, ...elements], [], text);
          assert.equal(await overhang(page), 0, text);
        }
      }),
  );

  await t.step("the policy is in force: neither script, style nor markup from strings", async () => {
    await withPage(`${site.url}?story=done`, { browser }, async (page) => {
      const outcomes = await page.evaluate(async () => {
        const refused: string[] = [];
        addEventListener(
          "securitypolicyviolation",
          (event) => refused.push((event as SecurityPolicyViolationEvent).effectiveDirective),
        );
        try {
          document.body.innerHTML = "<b>x</b>";
        } catch { /* that is what should happen */ }
        const script = document.createElement("script");
        try {
          script.textContent = "globalThis.owned = true";
          document.body.append(script);
        } catch { /* likewise */ }
        document.body.setAttribute("style", "color: red");
        await fetch("/style.css").catch(() => {});
        await new Promise((done) => setTimeout(done, 50));
        return { refused: [...new Set(refused)].sort(), owned: "owned" in globalThis };
      });
      assert.equal(outcomes.owned, false);
      for (const directive of ["connect-src", "require-trusted-types-for", "style-src-attr"]) {
        assert.ok(outcomes.refused.includes(directive), `${directive} in ${outcomes.refused}`);
      }
    });
  });

  await t.step("a message of several lines is typed, and signed as it was typed", async () => {
    await withPage(`${site.url}?live=5`, { browser }, async (page) => {
      await page.getByRole("button", { name: "Create a 2-of-3 key" }).click();
      await page.getByText("3 of 3 hold a part").waitFor();
      const message = page.getByLabel("Message");
      await message.fill("");
      await message.pressSequentially("Sign in");
      await message.press("Enter");
      await message.pressSequentially("Nonce: 7");
      await page.getByText("2 lines, 16 bytes. Every line end is signed as one line feed").waitFor();
      await message.press("Control+Enter");
      await page.getByText("Verified in this page by your browser's own Ed25519").waitFor();
      await page.locator("dd .message", { hasText: "Sign in ↵ Nonce: 7" }).waitFor();
    });
  });

  await t.step("the keyboard alone creates, signs, breaks, recovers and checks", async () => {
    await withPage(`${site.url}?live=5`, { browser }, async (page) => {
      const press = async (name: string | RegExp) => {
        const button = page.getByRole("button", { name }).first();
        await button.waitFor();
        await tabTo(page, button);
        await page.keyboard.press("Enter");
      };
      await press("Create a 2-of-3 key");
      await page.getByText("3 of 3 hold a part").waitFor();
      assert.equal(
        await page.evaluate(() => document.activeElement !== document.body),
        true,
        "focus went to nowhere",
      );
      await press("Sign a message");
      await page.getByText("Verified in this page by your browser's own Ed25519").waitFor();
      await press("Arm Bob");
      await page.getByText("Armed: Bob will send a forged share, once.").waitFor();
      await press("Sign with Bob and watch");
      await page.getByText("Bob sent a signature share that does not verify.").first().waitFor();
      assert.equal(
        await page.evaluate(() => document.activeElement?.textContent),
        "Sign a message",
        "focus was moved",
      );
      await page.getByText("as expected ✓").first().waitFor();
      await page.getByText("Checked in this page: the signed messages show it.").waitFor();
      await press("Sign without Bob");
      await page.getByText("again without Bob, after").waitFor();
      const link = page.getByRole("link", { name: /^51ee|^a90c/ }).first();
      await tabTo(page, link);
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement?.matches(".session[data-status=failed] .fold"));
      const log = await page.getByRole("log").innerText();
      assert.deepEqual(log.split("\n").filter(Boolean), [
        "The key “treasury” was made.",
        "Signed with “treasury”.",
        "Bob sent a signature share that does not verify.",
        "Signed with “treasury”.",
      ]);
    });
  });

  await browser.close();
});

/** Presses Tab until the focus is there: what cannot be reached so is not there for everybody. */
async function tabTo(page: Page, target: ReturnType<Page["getByRole"]>): Promise<void> {
  for (let i = 0; i < 80; i++) {
    if (await target.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Cannot reach it by Tab");
}
