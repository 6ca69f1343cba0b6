/**
 * The page in a real browser, used: by hostile texts, which do not come alive, and by a person with a keyboard.
 * @module
 */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { hostile } from "../tests/web/hostile_stories.ts";
import { alien } from "./alien.ts";
import { openBrowser, withPage } from "./chromium.ts";
import { foldOut, overhang, serveStage } from "./page_stage.ts";
import type { Site } from "./static.ts";

Deno.test("the page, used", async (t) => {
  await using site = await serveStage();
  const browser = await openBrowser();

  await t.step(
    "fifty hostile names, wallets and messages are text, and nothing but what is served is loaded",
    () => staysText(site, browser),
  );
  await t.step(
    "the policy is in force: neither script, style nor markup from strings",
    () => enforcesPolicy(site, browser),
  );
  await t.step(
    "a message of several lines is typed, and signed as it was typed",
    () => signsLines(site, browser),
  );
  await t.step(
    "several messages are typed, one is removed, and the others are signed in order",
    () => signsSeveral(site, browser),
  );
  await t.step(
    "the keyboard alone creates, signs, breaks, recovers and checks",
    () => worksByKeyboard(site, browser),
  );

  await t.step(
    "the keyboard alone reshares a key without a lost holder, and takes another out of all keys",
    () => resharesByKeyboard(site, browser),
  );

  await browser.close();
});

/** Hostile names, wallets and messages stay text, and only served files are loaded. */
const staysText = ({ url }: Site, browser: Browser): Promise<void> =>
  withPage(url, { browser, width: 320 }, async (page) => {
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
      if (`${origin}/` !== url || !known) seen.push(`${request.method()} ${request.url()}`);
    });
    for (const [i, text] of hostile.entries()) {
      await page.goto(`${url}?hostile=${i}`);
      await page.locator(".session").first().waitFor();
      await foldOut(page);
      const elements = await page.evaluate(
        (alien) => [...document.querySelectorAll(alien)].map((one) => one.outerHTML),
        alien,
      );
      assert.deepEqual([...seen, ...elements], [], text);
      assert.equal(await overhang(page), 0, text);
    }
  });

/** The page runs neither script, style nor markup from strings. */
const enforcesPolicy = ({ url }: Site, browser: Browser): Promise<void> =>
  withPage(`${url}?story=done`, { browser }, async (page) => {
    await page.evaluate(async () => {
      const refused = new Set<string>();
      Object.assign(globalThis, { refused });
      addEventListener(
        "securitypolicyviolation",
        (event) => refused.add((event as SecurityPolicyViolationEvent).effectiveDirective),
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
    });
    for (const directive of ["connect-src", "require-trusted-types-for", "style-src-attr"]) {
      await page.waitForFunction(
        (directive) => (globalThis as unknown as { refused: Set<string> }).refused.has(directive),
        directive,
      );
    }
    assert.equal(await page.evaluate(() => "owned" in globalThis), false);
  });

/** A message of several lines is signed as it was typed. */
const signsLines = ({ url }: Site, browser: Browser): Promise<void> =>
  withPage(`${url}?live=5`, { browser }, async (page) => {
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

/** Several messages are signed together, each verified, by keyboard alone. */
const signsSeveral = ({ url }: Site, browser: Browser): Promise<void> =>
  withPage(`${url}?live=5`, { browser }, async (page) => {
    await page.getByRole("button", { name: "Create a 2-of-3 key" }).click();
    await page.getByText("3 of 3 hold a part").waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.getByLabel("Message").fill("one");
    for (const text of ["two", "three"]) {
      await page.getByRole("button", { name: "Add another message" }).press("Enter");
      await page.waitForFunction(() => document.activeElement?.matches("textarea"));
      await page.keyboard.type(text);
    }
    await page.getByLabel("Message 2").fill("");
    await page.getByRole("button", { name: "Sign 3 messages" }).press("Enter");
    await page.getByText("Message 2 is empty: fill it in, or remove it.").waitFor();
    await page.waitForFunction(() => document.activeElement?.matches("textarea[aria-invalid]"));
    await page.getByRole("button", { name: "Remove message 2" }).press("Enter");
    await page.waitForFunction(() => document.activeElement?.matches(".add"));
    assert.equal(await focused(), "Add another message");
    await page.getByRole("button", { name: "Sign 2 messages" }).press("Enter");
    await page.getByText("All 2 verified in this page by your browser's own Ed25519").waitFor();
    const signed = page.getByRole("list", { name: "The 2 signatures, in order" }).getByRole("listitem");
    assert.deepEqual(await signed.locator(".message").allInnerTexts(), ["one", "three"]);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download all 2 signatures" }).press("Enter");
    assert.equal((await download).suggestedFilename(), "signatures.json");
  });

/** The keyboard alone is enough. */
const worksByKeyboard = ({ url }: Site, browser: Browser): Promise<void> =>
  withPage(`${url}?live=5`, { browser }, async (page) => {
    const press = async (name: string | RegExp) => {
      const button = page.getByRole("button", { name }).first();
      await button.waitFor();
      await tabTo(page, button);
      await page.keyboard.press("Enter");
    };
    await press("Create a 2-of-3 key");
    await page.getByText("3 of 3 hold a part").waitFor();
    await page.waitForFunction(() => document.activeElement !== document.body); // focus is somewhere
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
    await page.getByText("Checked in this page: the signed messages prove it.").waitFor();
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

/** Holders are changed, and one is taken out of all keys, by keyboard alone. */
const resharesByKeyboard = ({ url }: Site, browser: Browser): Promise<void> =>
  withPage(`${url}?live=5`, { browser }, async (page) => {
    const hasFocus = (start: string) =>
      page.waitForFunction((start) => document.activeElement?.textContent?.startsWith(start), start);
    const press = async (name: string | RegExp, key = "Enter") => {
      const target = page.getByRole(key === "Enter" ? "button" : "checkbox", { name }).first();
      await target.waitFor();
      await tabTo(page, target);
      await page.keyboard.press(key);
    };
    await press("Create a 2-of-3 key");
    await page.getByText("Epoch 1: held by Alice, Bob, and Carol; any 2 sign.").waitFor();
    await press("Change holders…");
    await hasFocus("Reshare “treasury”"); // at the form
    await press("Carol", " ");
    const holders = page.getByRole("group", { name: "Holders from now on" });
    assert.equal(await holders.getByRole("checkbox", { name: "Carol" }).isChecked(), false);
    await page.getByText("Carol: takes part once more, and then erases its share").waitFor();
    const gone = page.getByRole("group", { name: "Gone: lost, or not to be asked" });
    await tabTo(page, gone.getByRole("checkbox", { name: "Carol" }));
    await page.keyboard.press(" ");
    await page.getByText("Carol: takes no part").waitFor();
    await press("Reshare: 2 of 2");
    await page.getByText("Epoch 2: held by Alice and Bob; any 2 sign.").waitFor();
    await page.getByText("Epoch 1: erased by 0 of 3").waitFor();
    await press("Add or remove holders…");
    await hasFocus("Take Alice out of all keys");
    await page.getByLabel("Who takes its place").selectOption({ label: "Carol" });
    await press("Reshare 1 key without Alice");
    await page.getByText("1 of 1 keys reshared").waitFor();
    await page.getByText("No key counts a share of Alice any more.").waitFor();
    await page.getByText("quorate roster remove").waitFor();
    await press("Close");
    await page.getByText("Epoch 3: held by Bob and Carol; any 2 sign.").waitFor();
    await press("Add or remove holders…");
    await hasFocus("Take Alice out of all keys");
    await page.getByLabel("Who leaves").selectOption({ label: "nobody" });
    await page.getByLabel("Who comes").selectOption({ label: "Alice" });
    await press("Reshare 1 key with Alice");
    await page.getByText("1 of 1 keys reshared").waitFor();
    await press("Close");
    await page.getByText("Epoch 4: held by Alice, Bob, and Carol; any 2 sign.").waitFor();
    const log = await page.getByRole("log").innerText();
    assert.deepEqual(log.split("\n").filter(Boolean), [
      "The key “treasury” was made.",
      "“treasury” was reshared: new shares, the same key.",
      "“treasury” was reshared: new shares, the same key.",
      "“treasury” was reshared: new shares, the same key.",
    ]);
  });

/** Presses Tab until the focus is there: what cannot be reached so is not there for everybody. */
async function tabTo(page: Page, target: ReturnType<Page["getByRole"]>): Promise<void> {
  for (let i = 0; i < 80; i++) {
    if (await target.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Cannot reach it by Tab");
}
