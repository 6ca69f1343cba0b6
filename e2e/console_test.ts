import assert from "node:assert/strict";
import { openBrowser } from "./chromium.ts";
import { startDemonstration, Tab } from "./console_story.ts";

Deno.test("console: creates a key, signs, names who forged a share, and signs without it", async () => {
  await using demo = await startDemonstration();
  const browser = await openBrowser();
  try {
    const tab = await Tab.open(browser, demo.url);
    await tab.create();
    await tab.sign();
    await tab.verified();

    await tab.arm("Bob", "send a forged share");
    await tab.sign();
    const card = tab.newest();
    await card.getByText("Bob sent a signature share that does not verify.").waitFor();
    await card.getByText(/Your key is safe/).waitFor();
    await card.getByText("invalid-signature-share").first().waitFor();
    await tab.asExpected();
    await card.getByRole("button", { name: /Check it here/ }).click();
    await card.getByText("✓ Checked in this page: the signed messages show it.").waitFor();
    await card.getByRole("button", { name: "Sign without Bob" }).click();
    await tab.verified();

    // Every request is for a static file of this page, by GET; all else went over libp2p.
    for (const { method, url } of tab.requests) {
      assert.equal(method, "GET", url);
      assert.match(url, new RegExp(`^${demo.origin}/($|demo\\.html|demo\\.js|style\\.css|icon\\.svg|#)`));
    }
    assert.deepEqual(tab.complaints, []);
  } finally {
    await browser.close();
  }
});

Deno.test("console: what should end well ends well: slow, an old message, a stranger's frames", async () => {
  await using demo = await startDemonstration();
  const browser = await openBrowser();
  try {
    const tab = await Tab.open(browser, demo.url);
    await tab.create();
    for (const [who, cheat] of [["Carol", "be slow, but in time"], ["Bob", "copy an old message"]] as const) {
      await tab.arm(who, cheat);
      await tab.sign();
      await tab.verified();
      await tab.asExpected();
    }
    await tab.arm("A stranger", "send 1,000 forged frames");
    await tab.sign();
    await tab.verified();
    await tab.page.getByRole("contentinfo").getByText(/dropped/).first().waitFor();
    assert.deepEqual(tab.complaints, []);
  } finally {
    await browser.close();
  }
});

Deno.test("console: the link opened twice gives two consoles, and both sign", async () => {
  await using demo = await startDemonstration();
  const browser = await openBrowser();
  try {
    const [one, two] = [await Tab.open(browser, demo.url), await Tab.open(browser, demo.url, 360)];
    await one.create();
    await two.page.getByRole("button", { name: /^Sign/ }).first().waitFor();
    await two.sign();
    await two.verified();
    await one.sign();
    await one.verified();
    const wide = await two.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} px too wide at 360 px`);
  } finally {
    await browser.close();
  }
});

/** Both have found it; or, on a slow machine, one has, and shown the other before its own check was through. */
const bothViews = /(Alice and Carol|Carol and Alice) found it|(Alice|Carol) was told/;

Deno.test("console: the views of Bob and Carol stay when Alice's process is killed after a failure", async () => {
  await using demo = await startDemonstration();
  const browser = await openBrowser();
  try {
    const tab = await Tab.open(browser, demo.url);
    await tab.create();
    await tab.arm("Bob", "tell two stories");
    await tab.page.getByRole("button", { name: "Create a 2-of-3 key" }).click();
    const card = tab.newest();
    await card.getByText("Bob told two stories in one round.").waitFor();
    await card.getByText(bothViews).first().waitFor();
    demo.cluster.peers.find(({ name }) => name === "Alice")!.kill();
    await tab.page.getByText(/2 of 3 ready/).waitFor();
    await card.getByText("Bob told two stories in one round.").waitFor();
    await card.getByText(bothViews).first().waitFor();
    await demo.cluster.back("Alice");
    await tab.page.getByText(/3 of 3 ready/).waitFor();
  } finally {
    await browser.close();
  }
});
