/**
 * Takes the pictures in `docs/screenshots/`: `deno run -A e2e/screenshots.ts [story…]`.
 * @module
 */
import { fileURLToPath } from "node:url";
import { openBrowser, withPage } from "./chromium.ts";
import { serveBundle } from "./static.ts";

const folder = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const web = new URL("../web/", import.meta.url);
const stage = new URL("../tests/web/stage.tsx", import.meta.url);

/** Picture by picture: what the page is told. */
const pictures: Record<string, string> = {
  empty: "?story=empty",
  running: "?story=running",
  done: "?story=done",
  forged: "?story=forged",
  caught: "?story=caught",
  recovered: "?story=recovered",
  silence: "?story=silence",
  unanswered: "?story=unanswered",
  declined: "?story=declined",
  locked: "?story=locked",
  crash: "?story=crash",
  equivocation: "?story=equivocation",
  ban: "?story=ban",
  stuck: "?story=stuck",
  quarantined: "?story=quarantined",
  preparing: "?story=preparing",
  wallet: "?story=wallet",
  ecdsa: "?story=ecdsa",
  frozen: "?story=frozen",
  refusing: "?story=refusing",
  pending: "?story=pending",
  hearsay: "?story=hearsay",
  accused: "?story=accused",
  differing: "?story=differing",
  misbehaved: "?story=misbehaved",
  batch: "?story=batch of 3",
  "batch-large": "?story=batch of 256",
  "batch-running": "?story=batch under way",
  "batch-spoilt": "?story=batch spoilt",
  "batch-ecdsa": "?story=batch of ECDSA",
  join: "?join=",
  refused: "?join=used",
  ask: "?ask=text",
  "ask-long": "?ask=long",
  "ask-digest": "?ask=digest",
  "ask-batch": "?ask=batch",
  "ask-batch-large": "?ask=batch of 256",
  "ask-batch-digests": "?ask=batch of digests",
  "ask-reshare": "?ask=reshare",
  "new-holder": "?story=new holder",
  reshared: "?story=reshared",
  "reshare-asking": "?story=reshare asking",
  "reshare-failed": "?story=reshare failed",
  "reshare-pending": "?story=reshare pending",
  forked: "?story=forked",
  "reshare-form": "?story=new holder",
  "reshare-without": "?story=ban",
  leaving: "?story=new holder",
  welcome: "?door=welcome",
  words: "?door=words",
  "wrong-passphrase": "?door=wrong",
  "not-let-in": "?door=declined",
};

/** The buttons that are pressed before the picture is taken. */
const pressed: Readonly<Record<string, string>> = {
  "reshare-form": "Give Dave a share…",
  "reshare-without": "Reshare without Bob…",
  leaving: "Add or remove holders…",
};

if (import.meta.main) {
  const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(pictures);
  await Deno.mkdir(folder, { recursive: true });
  await using site = await serveBundle(stage, new URL("demo/index.html", web));
  const browser = await openBrowser();
  for (const name of wanted) {
    for (const width of [1280, 360]) {
      for (const colorScheme of ["light", "dark"] as const) {
        await withPage(
          site.url + pictures[name],
          { browser, width, height: 800, colorScheme },
          async (page) => {
            await page.locator("h1, h2").first().waitFor();
            const button = pressed[name];
            if (button !== undefined) {
              await page.getByRole("button", { name: button }).first().click();
              await page.locator("form.action").waitFor();
            }
            if (name === "running") await page.locator(".running progress").waitFor();
            await page.screenshot({ path: `${folder}${name}-${width}-${colorScheme}.png`, fullPage: true });
          },
        );
      }
    }
  }
  await browser.close();
}
