/**
 * The faults that the accessibility checker calls serious or critical, and ids that stand twice.
 * @module
 */
import axe from "axe-core";
import type { Page } from "playwright-core";

interface Axe {
  run(options: object): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}

/** Playwright's own world is not bound by the page's CSP. */
export async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run({}));
  return [
    ...violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`),
    ...(await page.evaluate(repeatedIds)).map((id) => `the id ${id} stands twice`),
  ];
}

/** Runs in the page. A label of a repeated id names the wrong field; the checker looks only at some attributes. */
export function repeatedIds(): string[] {
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
}
