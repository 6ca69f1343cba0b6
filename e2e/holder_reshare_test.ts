/**
 * A tab without a share, in a real browser: it gets one of a key that there is, is asked about the next resharing, and
 * signs with what it has.
 * @module
 */
import assert from "node:assert/strict";
import { verify } from "../mod.ts";
import { looksWell } from "./holder_page.ts";
import { ask } from "./holder_requests.ts";
import { HolderStage } from "./holder_stage.ts";
import { button, bytes, isLetIn, withTab } from "./holder_tab.ts";
import { poll } from "./killed_process.ts";

Deno.test({
  name: "a tab is given a share of a key that there is, is asked about the next resharing, and signs",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    await using stage = await HolderStage.start();
    const { alice, bob } = stage;
    await poll("a link of the two", () => alice.peers.get(bob.self)?.link === "up");
    const name = { wallet: "treasury", scheme: "ed25519" } as const;
    const made = await alice.generateKey({ ...name, threshold: 2 }).result;
    await withTab(stage, async ({ page }) => {
      await page.goto(stage.holderLink());
      await isLetIn(stage, page, "Ada");
      const tab = stage.asked.at(-1)!.peer;
      await poll("links to the tab", () => [alice, bob].every((node) => node.peers.get(tab)?.link === "up"));

      await t.step("its own person gives it a share", async () => {
        await page.getByText("Epoch 1: held by Alice and Bob; any 2 sign.").waitFor();
        await button(page, "Give this tab a share…").click();
        await page.getByText("Ada: gets a share").waitFor();
        await looksWell(page, "reshare form");
        await button(page, "Reshare: 2 of 3").click();
        await page.getByText("Epoch 2: held by Alice, Bob, and Ada; any 2 sign.").waitFor();
        await page.getByText("This tab holds a share of one key.").waitFor();
        await page.getByText("The new share of “treasury” is in no backup").waitFor();
        await page.getByText("Epoch 1: erased by all 2.").waitFor();
        await looksWell(page, "reshared");
      });

      await t.step("it is asked about the next resharing, and shown what it means", async () => {
        const [now] = await alice.keys();
        assert.equal(now!.epoch, 2);
        const { result } = alice.reshare({
          ...name,
          threshold: 2,
          members: [alice.self, tab],
          note: "Bob leaves",
        });
        const dialog = page.getByRole("dialog");
        await dialog.waitFor();
        const text = await dialog.innerText();
        for (
          const part of [
            "Alice asks you to reshare “treasury”.",
            "2 → 3",
            "2 of 2; now 2 of 3",
            "Bob: erases its share when the others hold theirs",
            "“Bob leaves”",
            "This tab would get a new share, which is in no backup yet",
          ]
        ) assert.ok(text.includes(part), `${part} in ${text}`);
        assert.match(text, /(Alice and Ada|Ada and Alice): each gets a new share/); // in the order of their ids
        assert.equal(await dialog.getByRole("button", { name: /^Always/ }).count(), 0);
        await looksWell(page, "approve a resharing");
        await button(page, "Approve").click();
        const key = await result;
        assert.equal(key.epoch, 3);
        assert.deepEqual(key.publicKey, made.publicKey);
        await page.getByText("Epoch 3: held by Alice and Ada; any 2 sign.").waitFor();
        await page.getByText("You approved: the resharing of “treasury”.").waitFor();
        await page.getByText("Epoch 2: erased by all 3.").waitFor();
      });

      await t.step("it signs with its share of the third epoch, under the key of the first", async () => {
        const message = bytes("pay 5 to Carol");
        const { result } = ask(stage, tab, message);
        await button(page, "Approve").click();
        const signature = await result;
        assert.ok(typeof signature !== "string", `${signature}`);
        assert.ok(verify(made, { message }, signature));
      });

      await t.step("what it declines leaves the key as it was", async () => {
        const { result } = alice.reshare({ ...name, threshold: 2, members: [alice.self, bob.self, tab] });
        await page.getByRole("dialog").waitFor();
        await button(page, "Decline").click();
        await assert.rejects(result, /declined/);
        assert.equal((await alice.keys())[0]!.epoch, 3);
      });
    });
  },
});
