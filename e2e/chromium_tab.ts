/**
 * A tab of Chromium, driven by playwright. Not a test by itself.
 * @module
 */
import type { ElementHandle } from "playwright-core";
import { openBrowser } from "./chromium.ts";
import type { DrivenElement, Driver } from "./driven_tab.ts";

export async function chromiumTab(): Promise<Driver> {
  const downloads = await Deno.makeTempDir({ prefix: "quorate-downloads-" });
  const browser = await openBrowser();
  const page = await (await browser.newContext({ acceptDownloads: true })).newPage();
  page.on("download", (download) => void download.saveAs(`${downloads}/${download.suggestedFilename()}`));
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  return {
    downloads,
    complaints,
    goto: async (url) => void await page.goto(url),
    reload: async () => void await page.reload(),
    run: (inPage, ...args) => page.evaluate(`(${inPage})(...${JSON.stringify(args)})`),
    async find(inPage, ...args) {
      const handle = await page.evaluateHandle(`(${inPage})(...${JSON.stringify(args)})`);
      const element = handle.asElement() as ElementHandle<HTMLElement> | null;
      return element && {
        click: () => element.click(),
        fill: (text) => element.fill(text),
        attach: (path) => element.setInputFiles(path),
      } satisfies DrivenElement;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await Deno.remove(downloads, { recursive: true });
    },
  };
}
