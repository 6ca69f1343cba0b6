/**
 * The demonstration, with shares in tabs: one browser, its two names for this machine, two peers.
 * @module
 */
import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { startCluster } from "../src/demo/cluster.ts";
import { servePage } from "../src/demo/page_server.ts";
import { openBrowser } from "./chromium.ts";

const passphrase = "correct horse battery";

async function join(context: BrowserContext, url: string, name: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  const bare = new URL(url).hostname === "127.0.0.1";
  assert.equal(await page.getByLabel(/^A passkey/).isDisabled(), bare, "a passkey belongs to a name");
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByLabel("The same once more").fill(passphrase);
  await page.getByRole("button", { name: "Ask to be let in" }).click();
  await page.getByText("This tab holds no share yet.").waitFor();
  return page;
}

Deno.test({
  name: "demo: two tabs of one browser and a process hold shares of a wallet; the two tabs sign alone",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const dir = await Deno.makeTempDir({ prefix: "quorate-e2e-" });
    const asked: string[] = [];
    await using cluster = await startCluster({
      peers: 2,
      dir,
      log: () => {},
      admit: ({ name, words }) => {
        asked.push(`${name} ${words.length}`);
        return Promise.resolve("accept");
      },
    });
    await using server = await servePage({ port: 0 });
    const link = (host: string) => `http://${host}:${server.port}/hold/#hold=${cluster.holderInvitation}`;
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ reducedMotion: "reduce" });
      const ada = await join(context, link("localhost"), "Ada");
      const ben = await join(context, link("127.0.0.1"), "Ben");
      assert.deepEqual(asked, ["Ada 4", "Ben 4"]);

      // Four hold shares by default; here three do: both tabs, and Alice.
      await ada.getByRole("button", { name: /change…/ }).click();
      await ada.getByRole("checkbox", { name: "Ben" }).waitFor();
      await ada.getByRole("checkbox", { name: "Bob" }).uncheck();
      await ada.getByText(/4 of 4 ready|3 of 3 ready/).waitFor();
      await ada.getByRole("button", { name: "Create a 2-of-3 wallet" }).click();
      await ben.bringToFront();
      for (const curve of ["Ed25519", "ECDSA"]) {
        await ben.getByRole("dialog").getByText(new RegExp(`on ${curve}`)).waitFor();
        await ben.getByRole("button", { name: "Approve" }).click();
      }
      for (const page of [ada, ben]) {
        await page.getByText("This tab holds shares of 2 keys").waitFor({ timeout: 60_000 });
      }

      // Ada asks; Ben is asked.
      for (const curve of ["Ed25519", "ECDSA"]) {
        await ada.getByRole("combobox", { name: "Key" }).selectOption({ label: curve });
        await ada.bringToFront();
        const signers = ada.getByRole("group", { name: "Signers" });
        await signers.getByRole("radio", { name: "choose" }).check();
        await signers.getByRole("checkbox", { name: "Alice" }).setChecked(false);
        for (const name of ["Ada", "Ben"]) await signers.getByRole("checkbox", { name }).setChecked(true);
        await ada.getByRole("button", { name: /^Sign/ }).first().click();
        const dialog = ben.getByRole("dialog");
        await ben.bringToFront();
        await dialog.getByText("Ada asks you to sign with “treasury”").waitFor();
        await ben.getByRole("button", { name: "Approve" }).click();
        const newest = ada.getByRole("region", { name: "Sessions" }).getByRole("article").first();
        await newest.getByText(/✓ Verified in this page/).waitFor();
      }
      await ada.getByText(/WebRTC/).first().waitFor();
    } finally {
      await browser.close();
      await Deno.remove(dir, { recursive: true });
    }
  },
});
