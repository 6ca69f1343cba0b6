/**
 * The steps in which a tab is asked for approval. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { p2tr } from "@scure/btc-signer";
import * as libsecp256k1 from "tiny-secp256k1";
import { childKey } from "../mod.ts";
import { xOnly } from "../src/crypto/bip340/signature.ts";
import { type HolderPage, hostile, looksWell } from "./holder_page.ts";
import { agreesToKey, button, bytes } from "./holder_tab.ts";
import { ask, isGood } from "./holder_requests.ts";

/** Readable requests are shown and approved, for both schemes. */
export async function approves(holder: HolderPage): Promise<void> {
  const { stage, page, dialog, step } = holder;
  await step("what others ask is shown, and signed when it is approved", async () => {
    const message = bytes("pay 5 to Carol");
    const { result } = ask(stage, holder.tab, message, {
      note: "Payroll of November",
      reference: "invoice 7",
    });
    await dialog.waitFor();
    const text = await dialog.innerText();
    for (
      const part of [
        "Alice asks you to sign with “treasury”",
        "Alice's note",
        "“Payroll of November”",
        "Alice's reference",
        "“invoice 7”",
        "pay 5 to Carol",
        "Ed25519",
        "Alice and Ada",
      ]
    ) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    assert.match(text, /answered for \d+ s/);
    await looksWell(page, "approve");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    assert.ok(await dialog.isVisible(), "Escape decides nothing");
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H2");
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press("Tab");
      const where = await page.evaluate(() => document.activeElement?.closest("dialog, body")?.tagName);
      assert.ok(
        where === "DIALOG" || where === "BODY" || where === undefined,
        "focus stays in the dialog",
      );
    }
    await button(page, "Approve").click();
    await isGood(stage, message, await result);
    await dialog.waitFor({ state: "detached" });
    await page.getByText("Alice's note: “Payroll of November”").waitFor();
  });

  await step("of ECDSA it is shown the digest too, with its hash and the child", async () => {
    const message = bytes("pay 6 to Carol");
    const { result } = stage.alice.sign({
      wallet: "treasury",
      scheme: "ecdsa",
      message,
      hash: "keccak256",
      path: [0, 7],
      signers: [stage.alice.self, holder.tab],
    });
    await dialog.waitFor();
    const text = await dialog.innerText();
    for (
      const part of [
        "pay 6 to Carol",
        "Keccak-256",
        keccak_256(message).toHex(),
        "m/0/7",
        "ECDSA (secp256k1)",
      ]
    ) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    await button(page, "Approve").click();
    assert.equal((await result).bytes.length, 64);
  });
}

/** Unreadable requests need an act of their own, and a person can decline. */
export async function decides(holder: HolderPage): Promise<void> {
  const { stage, page, dialog, step } = holder;
  await step(
    "what cannot be read is approved by an act of its own, and nothing in the first second",
    async () => {
      const message = new Uint8Array(4_000).with(2_500, 1);
      const { result } = ask(stage, holder.tab, message);
      await dialog.waitFor();
      assert.ok(await button(page, "Approve what is not shown").isDisabled());
      assert.equal(await button(page, "Approve").count(), 0);
      assert.ok((await dialog.innerText()).includes(sha256(message).toHex()));
      await looksWell(page, "approve-unread");
      assert.ok(await button(page, "Approve what is not shown").isDisabled(), "still");
      await dialog.getByRole("checkbox", { name: /I have checked this hash elsewhere/ }).check();
      await button(page, "Approve what is not shown").click();
      await isGood(stage, message, await result);
      const readable = ask(stage, holder.tab, bytes("in the first second"));
      await dialog.waitFor();
      assert.ok(await button(page, "Approve").isDisabled());
      await button(page, "Decline").click();
      assert.equal(await readable.result, "declined: declined");
    },
  );

  await step("what is declined ends with that at whoever asked; what waits is asked next", async () => {
    const first = ask(stage, holder.tab, bytes("first"));
    await dialog.getByText("first", { exact: true }).waitFor();
    const second = ask(stage, holder.tab, Uint8Array.of(0x61, 0x1b, 0x62));
    await dialog.getByText("1 more waits").waitFor();
    await button(page, "Decline").click();
    assert.equal(await first.result, "declined: declined");
    await dialog.getByText("611b62", { exact: true }).waitFor(); // no text: there is a control character in it
    await button(page, "Decline").click();
    assert.equal(await second.result, "declined: declined");
  });
}

/** A rule of “always” covers the same peer and key until it is revoked. */
export async function keepsRules(holder: HolderPage): Promise<void> {
  const { stage, page, dialog, step } = holder;
  await step("“always” holds for the same peer and key, and hostile names stay text", async () => {
    const made = stage.alice.generateKey({ wallet: hostile, scheme: "ed25519", threshold: 2 });
    await dialog.waitFor();
    await looksWell(page, "approve-key");
    await agreesToKey(page);
    await made.result;
    await page.getByText("This tab holds shares of 3 keys").waitFor();
    const first = ask(stage, holder.tab, bytes(hostile), { wallet: hostile });
    await dialog.getByText(hostile, { exact: true }).waitFor();
    assert.equal(await page.locator("#app img, #app script, #app iframe").count(), 0);
    await button(page, /^Always/).click();
    await isGood(stage, bytes(hostile), await first.result, hostile);
    await page.getByRole("heading", { name: "Without asking you" }).waitFor();
    await isGood(
      stage,
      bytes("again"),
      await ask(stage, holder.tab, bytes("again"), { wallet: hostile }).result,
      hostile,
    );
    await page.getByText("Your rule approved: “again”.").first().waitFor();
    await page.getByText("Used once.").waitFor();
    await button(page, "Ask me again").click();
    const after = ask(stage, holder.tab, bytes("after the rule"), { wallet: hostile });
    await dialog.getByText("after the rule", { exact: true }).waitFor();
    await button(page, "Decline").click();
    assert.equal(await after.result, "declined: declined");
    const other = ask(stage, holder.tab, bytes("not this one"));
    await dialog.waitFor();
    await button(page, "Decline").click();
    assert.equal(await other.result, "declined: declined");
  });
}

/** It holds a share of a key for BIP-340, and is shown the Taproot output that signs. */
export async function approvesTaproot(holder: HolderPage): Promise<void> {
  const { stage, page, dialog, step } = holder;
  await step("of BIP-340 it is shown the Taproot output that signs, and its scripts", async () => {
    const made = stage.alice.generateKey({ wallet: "outputs", scheme: "bip340", threshold: 2 });
    await dialog.waitFor();
    await agreesToKey(page);
    const key = await made.result;
    await page.getByText("This tab holds shares of 4 keys").waitFor();

    const use = { message: sha256(bytes("a transaction")), path: [0, 3], merkleRoot: new Uint8Array() };
    const signers = [stage.alice.self, holder.tab];
    const { result } = stage.alice.sign({ wallet: "outputs", scheme: "bip340", ...use, signers });
    await dialog.waitFor();
    const text = await dialog.innerText();
    const address = p2tr(xOnly(childKey(key, use.path).publicKey)).address!;
    for (const part of [address, "only the key can spend it (BIP-86)", "m/0/3", "BIP-340 (Taproot, Nostr)"]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    // A transaction is signed by its hash, which nobody can read.
    await dialog.getByRole("checkbox", { name: /I have checked this hash elsewhere/ }).check();
    await button(page, "Approve what is not shown").click();
    const { bytes: signature, publicKey } = await result;
    assert.ok(libsecp256k1.verifySchnorr(use.message, publicKey, signature));
  });
}
