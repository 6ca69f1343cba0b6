/**
 * A tab of Firefox, driven by puppeteer over WebDriver BiDi. Not a test by itself.
 * @module
 */
import puppeteer, { type ElementHandle } from "puppeteer-core";
import { installDebian, onPath } from "./debian.ts";
import type { DrivenElement, Driver } from "./driven_tab.ts";

const names = ["firefox-esr", "firefox"];

/** The path of a Firefox. @throws {Error} One sentence that says what to install. */
export async function findFirefox(): Promise<string> {
  const here = await onPath(names) ?? (await installDebian("firefox-esr") ? await onPath(names) : null);
  if (here) return here;
  throw new Error("No Firefox was found: install one (Debian: `apt-get install firefox-esr`).");
}

export async function firefoxTab(): Promise<Driver> {
  const downloads = await Deno.makeTempDir({ prefix: "quorate-downloads-" });
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: await findFirefox(),
    extraPrefsFirefox: {
      "browser.download.folderList": 2, // the folder named next
      "browser.download.dir": downloads,
      "browser.download.alwaysOpenPanel": false,
    },
  });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  return {
    downloads,
    complaints,
    goto: async (url) => void await page.goto(url),
    reload: async () => void await page.reload(),
    run: (inPage, ...args) => page.evaluate(`(${inPage})(...${JSON.stringify(args)})`) as Promise<never>,
    async find(inPage, ...args) {
      const handle = await page.evaluateHandle(`(${inPage})(...${JSON.stringify(args)})`);
      const element = handle.asElement() as ElementHandle<HTMLInputElement> | null;
      return element && {
        click: () => element.click(),
        async fill(text) {
          await element.evaluate((field) => {
            field.focus();
            field.select();
          });
          await page.keyboard.type(text);
        },
        attach: (path) => element.uploadFile(path),
      } satisfies DrivenElement;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await Deno.remove(downloads, { recursive: true });
    },
  };
}
