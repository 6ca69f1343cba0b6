/**
 * The step in which a tab is asked for several signatures at once. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { verify } from "../mod.ts";
import { type HolderPage, hostile, looksWell } from "./holder_page.ts";
import { button, bytes } from "./holder_tab.ts";

/** It is shown every message of a batch, and gives all signatures by one act, or none. */
export async function approvesBatch({ stage, tab, page, dialog, step }: HolderPage): Promise<void> {
  const key = (await stage.alice.keys()).find(({ wallet, scheme }) =>
    wallet === "treasury" && scheme === "ed25519"
  )!;
  const about = { wallet: "treasury", scheme: "ed25519", signers: [stage.alice.self, tab] } as const;
  await step("of a batch every message is shown, and one yes signs all of them in order", async () => {
    const items = ["pay 5", "pay 6", hostile].map((text) => ({ message: bytes(text) }));
    const { result } = stage.alice.sign({ ...about, items });
    await dialog.getByText("Alice asks you to sign 3 messages with “treasury”.").waitFor();
    const list = dialog.getByRole("list", { name: "3 messages, in order" });
    assert.deepEqual(await list.locator(".message").allInnerTexts(), ["pay 5", "pay 6", hostile]);
    await looksWell(page, "approve-batch");
    await button(page, "Show the hashes of the messages").click();
    assert.equal(await list.getByText("SHA-256 of the whole message").count(), 3);
    await button(page, "Approve all 3").click();
    const signatures = await result;
    assert.deepEqual(items.map((item, i) => verify(key, item, signatures[i]!)), [true, true, true]);
    await page.getByText("You approved: 3 messages, the first “pay 5”.").first().waitFor();
  });

  await step("of 256 messages the last one is reached, and none is signed before that is said", async () => {
    const items = Array.from({ length: 256 }, (_, i) => ({ message: bytes(`pay ${i} to Carol`) }));
    const { result } = stage.alice.sign({ ...about, items });
    await dialog.getByText("Alice asks you to sign 256 messages with “treasury”.").waitFor();
    assert.equal(await dialog.getByRole("listitem").count(), 256);
    await dialog.getByText("pay 255 to Carol").scrollIntoViewIfNeeded();
    assert.ok(await button(page, "Approve all 256").isDisabled());
    await dialog.getByRole("checkbox", { name: "I have read all 256 messages, to the last." }).check();
    await button(page, "Approve all 256").click();
    const signatures = await result;
    assert.equal(signatures.filter((one, i) => verify(key, items[i]!, one)).length, 256);
  });
}
