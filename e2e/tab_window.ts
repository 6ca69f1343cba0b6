/**
 * A browser's window as a person has it: one tab is in front, the others are hidden. Not a test by itself.
 * @module
 */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { openBrowser } from "./chromium.ts";
import { freePort } from "./folders.ts";

export interface TabWindow extends AsyncDisposable {
  /** The whole browser, for more profiles. Pages in them are never hidden. */
  browser: Browser;
  /** The profile of the window. */
  context: BrowserContext;
  /** Another tab of it: brought to the front, it hides the rest. */
  other: Page;
}

/**
 * Opens a browser and its window. Chromium freezes hidden pages only, and Playwright 1.65.1 emulates focus for all pages
 * of its own, which keeps them visible; not so for those of a browser's first profile that it is connected to.
 */
export async function openWindow(): Promise<TabWindow> {
  const port = await freePort();
  const browser = await openBrowser([`--remote-debugging-port=${port}`]);
  try {
    const connected = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
    const context = connected.contexts()[0]!;
    const other = await context.newPage();
    return { browser, context, other, [Symbol.asyncDispose]: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
