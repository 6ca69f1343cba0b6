/**
 * A demonstration in a real browser: three peers as processes, the page from its server, and a hand that uses the page
 * by roles and names, as a person or a screen reader would.
 * @module
 */
import type { Browser, Page } from "playwright-core";
import { type DemoCluster, startCluster } from "../src/demo/cluster.ts";
import { servePage } from "../src/demo/page_server.ts";

/** A signature after this long is none, ms: two busy cores. */
const patience = 20_000;

export interface Demo extends AsyncDisposable {
  readonly cluster: DemoCluster;
  /** The link that a person is given. */
  readonly url: string;
  readonly origin: string;
}

export async function startDemonstration(): Promise<Demo> {
  const dir = await Deno.makeTempDir({ prefix: "quorate-e2e-" });
  const cluster = await startCluster({ peers: 3, dir, log: () => {} });
  const page = await servePage({ port: 0 });
  const origin = `http://127.0.0.1:${page.port}`;
  return {
    cluster,
    origin,
    url: `${origin}/#${cluster.invitation}`,
    async [Symbol.asyncDispose]() {
      await page[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** One tab, and everything that it asked for, said or complained of. */
export class Tab {
  readonly page: Page;
  readonly requests: { method: string; url: string }[] = [];
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(patience);
    page.on("request", (request) => this.requests.push({ method: request.method(), url: request.url() }));
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, width = 1280): Promise<Tab> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
    const tab = new Tab(await context.newPage());
    await tab.page.goto(url);
    await tab.page.getByText(/3 of 3 ready/).waitFor();
    return tab;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** The newest session of the list. */
  newest() {
    return this.page.getByRole("region", { name: "Sessions" }).getByRole("article").first();
  }

  /** Both keys of a wallet; or, given so, one. */
  async create(which: "both" | "Ed25519" | "ECDSA (secp256k1)" = "Ed25519"): Promise<void> {
    if (which !== "both") {
      await this.page.getByRole("button", { name: /change…/ }).click();
      await this.page.getByRole("combobox", { name: "Signs with" }).selectOption({ label: which });
    }
    await this.page.getByRole("button", { name: /^Create a 2-of-3/ }).click();
    await this.page.getByRole("button", { name: /^Sign/ }).first().waitFor();
  }

  /** Works with this key of the wallet at hand. */
  async select(curve: "Ed25519" | "ECDSA"): Promise<void> {
    await this.page.getByRole("combobox", { name: "Key" }).selectOption({ label: curve });
  }

  /** Presses the one button that signs, whatever it says at this moment. */
  async sign(): Promise<void> {
    const before = await this.page.getByRole("region", { name: "Sessions" }).getByRole("article").count();
    await this.page.getByRole("button", { name: /^Sign (a message|with|and watch)/ }).click();
    await this.page.waitForFunction(
      (count) => document.querySelectorAll("article").length > count,
      before,
    );
  }

  async verified(): Promise<void> {
    await this.newest().getByText(/✓ Verified in this page/).waitFor();
  }

  /** Completes the sentence “… will … in the next signing” and arms it. */
  async arm(who: string, cheat: string): Promise<void> {
    await this.page.getByRole("combobox", { name: "Who" }).selectOption({ label: who });
    const what = this.page.getByRole("combobox", { name: "does what" });
    if (await what.count() > 0) await what.selectOption({ label: cheat });
    await this.page.getByRole("button", { name: /^(Arm|Send|Let)/ }).click();
  }

  /** Whether what happened was what the panel had said. */
  async asExpected(): Promise<void> {
    await this.page.getByText(/as expected/i).first().waitFor();
    if (await this.page.getByText(/not as expected/i).count() > 0) throw new Error("not as expected");
  }
}
