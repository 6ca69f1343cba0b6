/**
 * A page of the built site in a real browser, and what its person does with it. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { openBrowser } from "./chromium.ts";
import type { HolderStage } from "./holder_stage.ts";

export const passphrase = "correct horse battery";
export const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

export interface Opened {
  page: Page;
  context: BrowserContext;
  /** What the page must not do: dialogs, errors, requests to others, violations of its policy. */
  odd: string[];
}

/** Opens a browser of its own for `use`; fails if the page did anything that it must not do. */
export async function withTab(stage: HolderStage, use: (opened: Opened) => Promise<void>): Promise<void> {
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({ reducedMotion: "reduce", acceptDownloads: true });
    const odd: string[] = [];
    context.on("request", (request) => {
      if (!request.url().startsWith(stage.url) && !request.url().startsWith("blob:")) odd.push(request.url());
    });
    context.on("dialog", (dialog) => {
      odd.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    context.on("console", (message) => message.type() === "error" && odd.push(message.text()));
    context.on("weberror", (error) => odd.push(String(error.error())));
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await use({ page, context, odd });
    assert.deepEqual(odd, []);
  } finally {
    await browser.close();
  }
}

export const button = (page: Page, name: string | RegExp) =>
  page.getByRole("button", { name, exact: typeof name === "string" });

/** Its person says yes to a share of the new key that somebody asks for. */
export async function agreesToKey(page: Page): Promise<void> {
  await page.getByRole("dialog").getByText("asks you to hold a share of a new key").waitFor();
  await button(page, "Approve").click();
}

/** Fills in the form of who wants to be let in. */
export async function fillKeeping(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByLabel("The same once more").fill(passphrase);
}

/** Asks to be let in, is let in, and holds no share yet. */
export async function isLetIn(stage: HolderStage, page: Page, name: string): Promise<void> {
  await fillKeeping(page, name);
  await button(page, "Ask to be let in").click();
  await page.getByText("Read these four words").waitFor();
  stage.decide("accept");
  await page.getByText("This tab holds no share yet").waitFor();
}
