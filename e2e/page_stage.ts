/**
 * The page with scripted stories in the place of a cluster, served; and how it is looked at. Not a test by itself.
 * @module
 */
import type { Page } from "playwright-core";
import { serveBundle, type Site } from "./static.ts";

const web = new URL("../web/", import.meta.url);
const stage = new URL("../tests/web/stage.tsx", import.meta.url);

/** Serves it: the query says which story. */
export const serveStage = (): Promise<Site> => serveBundle(stage, new URL("demo/index.html", web));

/** How many pixels the page is wider than its window. */
export const overhang = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Folds everything out, so that nothing is looked over. */
export const foldOut = (page: Page) =>
  page.evaluate(() => document.querySelectorAll("details").forEach((one) => one.open = true));
