/**
 * The page of a holder in Chromium, as the steps of its story share it. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import type { BrowserContext, Locator, Page } from "playwright-core";
import type { PeerId } from "../mod.ts";
import { serious } from "./axe.ts";
import type { HolderStage } from "./holder_stage.ts";
import type { Step } from "./holder_story.ts";
import { button, type Opened, passphrase } from "./holder_tab.ts";

export const backupPassphrase = "another horse staple";
export const hostile = "<img src=x onerror=alert(1)>";
const pictures = Deno.env.get("HOLDER_PICTURES");

/** A tab and what its story knows of it so far. */
export interface HolderPage {
  stage: HolderStage;
  page: Page;
  context: BrowserContext;
  /** The dialog of a request. */
  dialog: Locator;
  /** Runs a step, after which the page must not have done anything odd. */
  step: Step;
  /** The tab's peer id, once it has joined. */
  tab: PeerId;
  /** The path of its backup, once there is one. */
  backup: string;
}

/** @param step Runs the steps of the test. */
export function holderPage(stage: HolderStage, { page, context, odd }: Opened, step: Step): HolderPage {
  const checked: Step = (name, run) =>
    step(name, async () => {
      try {
        await run();
      } catch (error) {
        if (pictures) await page.screenshot({ path: `${pictures}/failed.png`, fullPage: true });
        throw error;
      }
      assert.deepEqual(odd, []);
    });
  return {
    stage,
    page,
    context,
    dialog: page.getByRole("dialog"),
    step: checked,
    tab: "" as PeerId,
    backup: "",
  };
}

/** Fails on a serious accessibility fault or a sideways scroll, on a desk and on a phone. */
export async function looksWell(page: Page, name: string): Promise<void> {
  for (const [width, scheme] of [[1280, "light"], [360, "dark"], [360, "light"]] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    const overhang = await page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth
    );
    assert.equal(overhang, 0, `${name}, ${width} px`);
    assert.deepEqual(await serious(page), [], `${name}, ${width} px, ${scheme}`);
    if (pictures && (scheme === "light")) {
      await page.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Counts the ticks of a timer of 20 ms while a button has this text. @returns A function that ends the count and returns it. */
export async function whileItSays(
  page: Page,
  text: string,
  act: () => Promise<void>,
): Promise<() => Promise<number>> {
  const counting = await page.evaluateHandle((text) => {
    const counted = { ticks: 0, timer: 0 };
    const says = () => [...document.querySelectorAll("button")].some((one) => one.textContent === text);
    counted.timer = setInterval(() => counted.ticks += says() ? 1 : 0, 20) as unknown as number;
    return counted;
  }, text);
  await act();
  return () =>
    counting.evaluate(({ timer, ticks }) => {
      clearInterval(timer);
      return ticks;
    });
}

export async function unlock(page: Page, typed = passphrase): Promise<void> {
  await page.getByLabel(/^Passphrase of “/).fill(typed);
  await button(page, "Unlock").click();
}
