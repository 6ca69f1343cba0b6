/**
 * A tab of any browser as its person uses it: what is there is looked for by what it says, and waited for. What drives
 * the browser is behind a small interface. Not a test by itself.
 * @module
 */

/** What to look for. Texts match as a whole; with `part`, a part of them is enough. */
export type Locator =
  | { button: string; part?: true }
  | { field: string; part?: true }
  | { text: string }
  | { selector: string };

/** An element in a page, as a browser's driver knows it. */
export interface DrivenElement {
  click(): Promise<void>;
  /** Types in the place of what is there. */
  fill(text: string): Promise<void>;
  /** Chooses a file. */
  attach(path: string): Promise<void>;
}

/** A function that runs in a page, on its own. What goes in and comes out is JSON. */
export type InPage<A extends unknown[], R> = (...args: A) => R | Promise<R>;

/** One tab of one browser. Whoever opens it disposes of it, and of the browser with it. */
export interface Driver extends AsyncDisposable {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs a function in the page. */
  run<A extends unknown[], R>(inPage: InPage<A, R>, ...args: A): Promise<R>;
  /** What `inPage` finds, or null. */
  find(
    inPage: (locator: Locator, ready: boolean) => Element | null,
    locator: Locator,
    ready: boolean,
  ): Promise<
    DrivenElement | null
  >;
  /** Where the browser puts what it downloads. */
  readonly downloads: string;
  /** What the page did wrong: errors that nobody caught, and what else the console shows as one. Null if nobody tells. */
  readonly complaints: readonly string[] | null;
}

const patience = 30_000;

export class DrivenTab {
  constructor(readonly driver: Driver) {}

  goto(url: string): Promise<void> {
    return this.driver.goto(url);
  }

  /** Waits until it is there. */
  async see(locator: Locator, ms = patience): Promise<void> {
    await this.#element(locator, false, ms);
  }

  /** Waits until it is gone. */
  async gone(locator: Locator): Promise<void> {
    await this.#until(`${JSON.stringify(locator)} to go`, async () => !await this.has(locator), patience);
  }

  async has(locator: Locator): Promise<boolean> {
    return await this.driver.find(locate, locator, false) !== null;
  }

  /** Waits until it can be pressed, and presses it. */
  async click(locator: Locator): Promise<void> {
    await (await this.#element(locator, true)).click();
  }

  async fill(locator: Locator, text: string): Promise<void> {
    await (await this.#element(locator, true)).fill(text);
  }

  async attach(locator: Locator, path: string): Promise<void> {
    await (await this.#element(locator, true)).attach(path);
  }

  /** The texts of all elements with this selector. */
  texts(selector: string): Promise<string[]> {
    return this.driver.run(
      (selector) => [...document.querySelectorAll(selector)].map((one) => (one as HTMLElement).innerText),
      selector,
    );
  }

  /** Presses what downloads a file. @returns Where it is, once it is whole. */
  async download(locator: Locator, name: string): Promise<string> {
    await this.click(locator);
    const path = `${this.driver.downloads}/${name}`;
    const size = async () => (await Deno.stat(path).catch(() => null))?.size ?? 0;
    let before = 0;
    await this.#until(`${path} to be whole`, async () => {
      const now = await size();
      const whole = now > 0 && now === before;
      before = now;
      return whole;
    }, patience);
    return path;
  }

  async #element(locator: Locator, ready: boolean, ms = patience): Promise<DrivenElement> {
    let found: DrivenElement | null = null;
    await this.#until(JSON.stringify(locator), async () => {
      found = await this.driver.find(locate, locator, ready);
      return found !== null;
    }, ms);
    return found!;
  }

  /** @throws {Error} With what the page says instead. */
  async #until(what: string, isSo: () => Promise<boolean>, ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (!await isSo()) {
      if (performance.now() > end) {
        const [there] = await this.texts("body");
        throw new Error(`Waited ${ms} ms for: ${what}. The page says: ${there}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** Runs in the page. Where a dialog is open, nothing else can be pressed. `ready`: only what takes input now. */
function locate(locator: Locator, ready: boolean): Element | null {
  const root = document.querySelector("dialog[open]") ?? document;
  const all = <E extends Element>(selector: string) =>
    [...root.querySelectorAll<E>(selector)].filter((one) => one.checkVisibility());
  const plain = (text: string | null) => (text ?? "").replace(/\s+/g, " ").trim();
  const says = (text: string | null, wanted: string) =>
    "part" in locator ? plain(text).includes(wanted) : plain(text) === wanted;
  const takesInput = (one: Element) => !ready || !(one as HTMLButtonElement).disabled;
  if ("button" in locator) {
    return all("button").find((one) => says(one.textContent, locator.button) && takesInput(one)) ?? null;
  }
  if ("field" in locator) {
    return all<HTMLInputElement>("input, textarea, select").find((one) =>
      [...one.labels ?? []].some((label) => says(label.textContent, locator.field)) && takesInput(one)
    ) ?? null;
  }
  if ("selector" in locator) return all(locator.selector).find(takesInput) ?? null;
  // The innermost: what is around it says it too.
  return all("*").findLast((one) => plain(one.textContent).includes(locator.text)) ?? null;
}
