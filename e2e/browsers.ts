/**
 * The browsers of three engines in which the tests run. Not a test by itself.
 * @module
 */
import { findChromium } from "./chromium.ts";
import { chromiumTab } from "./chromium_tab.ts";
import type { Driver } from "./driven_tab.ts";
import { findFirefox, firefoxTab } from "./firefox_tab.ts";
import { findWebKit, webKitTab } from "./webkit_tab.ts";

export const browsers: Readonly<Record<"Chromium" | "Firefox" | "WebKitGTK", () => Promise<Driver>>> = {
  Chromium: chromiumTab,
  Firefox: firefoxTab,
  WebKitGTK: webKitTab,
};

/** Finds or fetches all of them, one after the other: so does Debian's installer. @throws {Error} What to install. */
export async function findBrowsers(): Promise<void> {
  await findChromium();
  await findFirefox();
  await findWebKit();
}
