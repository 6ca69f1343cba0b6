/**
 * A real browser for tests: found, or fetched, or asked for in one sentence.
 * @module
 */
import { type Browser, chromium, type Page } from "playwright-core";
import { installDebian, isFile, onPath } from "./debian.ts";

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "chrome",
  "microsoft-edge",
];
const args = [
  "--no-sandbox", // as root there is none to be had; the pages are our own
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of a Chromium. @throws {Error} One sentence that says what to install. */
export async function findChromium(): Promise<string> {
  const given = Deno.env.get("CHROME_PATH");
  if (given) {
    if (await isFile(given)) return given;
    throw new Error(`Cannot use CHROME_PATH: expected a Chromium, found nothing at ${given}`);
  }
  const here = await found() ?? (await installDebian("chromium") ? await found() : null);
  if (here) return here;
  const own = chromium.executablePath();
  if (own && await isFile(own)) return own;
  throw new Error(
    "No Chromium was found: install one (Debian: `apt-get install chromium`), or set CHROME_PATH to its program.",
  );
}

async function found(): Promise<string | null> {
  const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  return await onPath(names) ?? (await isFile(mac) ? mac : null);
}

export interface PageOptions {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
  /** One that is open already; otherwise one is started and closed again. */
  browser?: Browser;
}

/** Starts a browser. Whoever opens it closes it. @param more Arguments of the program. */
export async function openBrowser(more: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({ executablePath: await findChromium(), args: [...args, ...more] });
}

/**
 * Opens `url` in a fresh context, so that nothing is left of any page before it.
 *
 * Motion is reduced: what is looked at stands still.
 */
export async function withPage<T>(
  url: string,
  options: PageOptions,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const browser = options.browser ?? await openBrowser();
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.colorScheme ?? "light",
    reducedMotion: "reduce",
  });
  try {
    const page = await context.newPage();
    await page.goto(url);
    return await use(page);
  } finally {
    await context.close();
    if (!options.browser) await browser.close();
  }
}
