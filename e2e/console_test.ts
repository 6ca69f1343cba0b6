import assert from "node:assert/strict";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { recover } from "tiny-secp256k1";
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
    await card.getByText("✓ Checked in this page: the signed messages prove it.").waitFor();
    await card.getByRole("button", { name: "Sign without Bob" }).click();
    await tab.verified();

    // Every request is for a static file of this page, by GET; all else went over libp2p.
    for (const { method, url } of tab.requests) {
      assert.equal(method, "GET", url);
      assert.match(
        url,
        new RegExp(
          `^${demo.origin}/($|app\\.[0-9a-f]+\\.js|style\\.[0-9a-f]+\\.css|icon\\.[0-9a-f]+\\.svg|#)`,
        ),
      );
    }
    assert.deepEqual(tab.complaints, []);
  } finally {
    await browser.close();
  }
});

/** What Ethereum makes of 65 bytes: the address of whoever signed, in small letters. */
function recovered(digest: Uint8Array, ethereum: Uint8Array): string {
  const key = recover(digest, ethereum.slice(0, 64), ethereum[64]! - 27 as 0 | 1, false);
  assert.ok(key);
  return `0x${keccak_256(key.slice(1)).slice(-20).toHex()}`;
}

Deno.test("console: creates both keys of a wallet, signs with ECDSA, parts who tampered, and signs with others", async () => {
  await using demo = await startDemonstration();
  const browser = await openBrowser();
  try {
    const tab = await Tab.open(browser, demo.url);
    const { page } = tab;
    await tab.create("both");
    const bars = page.getByRole("progressbar", { name: /prepares pairs: \d+ %/ });
    await bars.first().waitFor();
    assert.equal(await bars.count(), 3, "one bar a peer");
    await page.getByText(/^The key “treasury”, ECDSA was made\.$/).waitFor({ state: "attached" });
    await tab.select("ECDSA");
    const wallets = page.getByRole("region", { name: "Wallets" });
    const address = await wallets.locator("code[title^='0x']").getAttribute("title");
    assert.match(
      await wallets.locator("code[title^='bc1']").getAttribute("title") ?? "",
      /^bc1q[0-9a-z]{38}$/,
    );

    await page.getByRole("combobox", { name: "Hash" }).selectOption({ label: "Keccak-256 (Ethereum)" });
    await tab.sign();
    await tab.verified();
    const digest = keccak_256(new TextEncoder().encode("hello threshold"));
    const form = await tab.newest().getByText(/^0x[0-9a-f]{130}$/).innerText();
    assert.equal(recovered(digest, Uint8Array.fromHex(form.slice(2))), address?.toLowerCase());

    // A child signs under a key of its own, and its address is shown.
    await page.getByText("Sign with a child of this key").click();
    await page.getByRole("textbox", { name: /^Path/ }).fill("0/5");
    await tab.sign();
    await tab.verified();
    const child = await tab.newest().getByText(/^0x[0-9a-f]{130}$/).innerText();
    const shown = await tab.newest().locator("code[title^='0x']").getAttribute("title");
    assert.equal(recovered(digest, Uint8Array.fromHex(child.slice(2))), shown?.toLowerCase());
    assert.notEqual(shown, address);
    await page.getByRole("textbox", { name: /^Path/ }).fill("");

    await tab.arm("Bob", "tamper with the multiplication");
    await tab.sign();
    const card = tab.newest();
    const verdict = card.getByText(
      /^Bob failed a security check by (Alice|Carol) that must never be repeated\.$/,
    );
    await verdict.waitFor();
    const finder = /check by (\w+)/.exec(await verdict.innerText())![1]!; // whoever was drawn to sign with Bob
    await card.getByText(`as long as ${finder} and Bob do not use the present shares together again`)
      .waitFor();
    await tab.asExpected();
    await wallets.getByText(`${finder} refuses to sign with Bob`).waitFor();
    await card.getByRole("button", { name: "Sign with Alice and Carol" }).click();
    await tab.verified();
    assert.deepEqual(tab.complaints, []);

    // Whoever opens the page later is told of the ban too, and is not offered that pair.
    const later = await Tab.open(browser, demo.url, 360);
    await later.page.getByRole("button", { name: /ECDSA/ }).click();
    await later.page.getByText(`${finder} refuses to sign with Bob`).waitFor();
    await later.arm("Bob", "send a forged share");
    await later.sign();
    const other = finder === "Alice" ? "Carol" : "Alice";
    await later.newest().getByText(`says ${other}, who checked it`).waitFor();
    await later.asExpected();
  } finally {
    await browser.close();
  }
});

Deno.test("console: creates a key for BIP-340, signs, names who forged a share, and shows its addresses", async () => {
  await using demo = await startDemonstration();
  const browser = await openBrowser();
  try {
    const tab = await Tab.open(browser, demo.url);
    await tab.create("BIP-340 (Taproot, Nostr)");
    await tab.sign();
    await tab.verified();
    const wallets = tab.page.getByRole("region", { name: "Wallets" });
    await wallets.locator("code[title^='bc1p']").first().waitFor();
    await wallets.locator("code[title^='npub1']").first().waitFor();

    await tab.arm("Bob", "send a forged share");
    await tab.sign();
    const card = tab.newest();
    await card.getByText("Bob sent a signature share that does not verify.").waitFor();
    await tab.asExpected();
    await card.getByText("✓ Checked in this page: the signed messages prove it.").waitFor();
    await card.getByRole("button", { name: "Sign without Bob" }).click();
    await tab.verified();
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

Deno.test("console: a false accusation names accuser and accused, and advises against neither; a link to a session is good after a reload", async () => {
  await using demo = await startDemonstration();
  const browser = await openBrowser();
  try {
    const tab = await Tab.open(browser, demo.url);
    const { page } = tab;
    await tab.create();
    for (let i = 0; i < 3; i++) {
      await page.getByRole("combobox", { name: "Who" }).selectOption({ label: "Bob" });
      await tab.arm("Bob", await page.locator("option", { hasText: /^accuse/ }).innerText());
      await tab.sign();
      const card = tab.newest();
      const what = card.getByText(/^Bob ended the session, accusing (Alice|Carol)\.$/);
      await what.waitFor();
      await tab.asExpected();
      const accused = /accusing (\w+)/.exec(await what.innerText())![1]!;
      await card.getByText(`Bob told ${accused}: ${accused} sent a signature share`).waitFor();
      assert.equal(await card.getByRole("button", { name: /^Sign with/ }).count(), 0);
      await card.getByRole("button", { name: "Try again" }).click();
      await tab.verified();
    }
    await tab.newest().getByText("Details").click();
    await tab.newest().getByRole("link", { name: "Link to this session" }).click();
    await page.waitForFunction(() => location.hash.includes("&session="));
    await page.reload();
    await page.getByText(/3 of 3 ready/).waitFor();
    assert.equal(await page.getByText("This page needs an invitation.").count(), 0);
    await page.goBack();
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

/**
 * Both have found it; or, on a slow machine, one has, and shown the other before its own check was through; or whoever was
 * told the other story has found first that it is false.
 */
const bothViews = /(Alice and Carol|Carol and Alice) found it|(Alice|Carol) (was told|says: Bob)/;

Deno.test("console: the views of Bob and Carol stay when Alice's process is killed after a failure", async () => {
  await using demo = await startDemonstration();
  const browser = await openBrowser();
  try {
    const tab = await Tab.open(browser, demo.url);
    await tab.create();
    await tab.arm("Bob", "send contradictions");
    await tab.page.getByRole("button", { name: "Create a 2-of-3 key" }).click();
    const card = tab.newest();
    await card.getByText("Bob signed two contradicting messages.", { exact: true }).waitFor();
    await card.getByText(bothViews).first().waitFor();
    demo.cluster.peers.find(({ name }) => name === "Alice")!.kill();
    await tab.page.getByText(/2 of 3 ready/).waitFor();
    await card.getByText("Bob signed two contradicting messages.", { exact: true }).waitFor();
    await card.getByText(bothViews).first().waitFor();
    await demo.cluster.back("Alice");
    await tab.page.getByText(/3 of 3 ready/).waitFor();
  } finally {
    await browser.close();
  }
});
