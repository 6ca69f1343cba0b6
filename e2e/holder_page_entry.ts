/**
 * The steps in which a tab joins the cluster and makes its wallet. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { type HolderPage, looksWell, unlock } from "./holder_page.ts";
import { button, fillKeeping, passphrase } from "./holder_tab.ts";
import { linked } from "./holder_requests.ts";
import { poll } from "./killed_process.ts";

/** In with four words, after a wrong invitation, weak passphrases and a refusal. */
export async function enters(holder: HolderPage): Promise<void> {
  const { stage, page, step } = holder;
  await step("with nothing kept it explains itself", async () => {
    await page.goto(stage.url);
    await page.getByText("This tab can be a peer.").waitFor();
    await looksWell(page, "welcome");
    await page.getByLabel("Invitation").fill("nonsense");
    await button(page, "Go on").click();
    await page.getByRole("alert").waitFor();
  });

  await step(
    "a link asks for a name and a lock, and refuses a short or mistyped passphrase",
    async () => {
      await page.getByLabel("Invitation").fill(stage.holderLink());
      await button(page, "Go on").click();
      await looksWell(page, "enrol");
      await page.getByLabel("Your name").fill("Ada");
      await page.getByLabel("Passphrase", { exact: true }).fill("short");
      await page.getByLabel("The same once more").fill("short");
      await button(page, "Ask to be let in").click();
      await page.getByRole("alert").getByText("at least 8").waitFor();
      await page.getByLabel("Passphrase", { exact: true }).fill("password1");
      await button(page, "Ask to be let in").click();
      await page.getByRole("alert").getByText("too easy to guess").waitFor();
      await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
      await button(page, "Ask to be let in").click();
      await page.getByRole("alert").getByText("not the same").waitFor();
    },
  );

  await step(
    "who was turned away is told so, and asks again with another invitation, as the same peer",
    async () => {
      await fillKeeping(page, "Ada");
      await button(page, "Ask to be let in").click();
      await page.getByText("Read these four words").waitFor();
      stage.decide("decline");
      await page.getByText("said no").waitFor();
      assert.equal(await page.getByLabel("Your name").inputValue(), "Ada", "what was typed is kept");
      await page.goto(stage.holderLink());
      await page.getByText("Unlock this tab").waitFor();
    },
  );

  await step(
    "the four words are those that the inviter sees; then it is in, and says that it holds nothing",
    async () => {
      await unlock(page);
      await page.getByText("Read these four words").waitFor();
      const words = await page.getByRole("list", { name: "Four words" }).getByRole("listitem")
        .allInnerTexts();
      const asksWith = () => stage.asked.at(-1)!.words.join() === words.join();
      await poll(`the inviter to be asked with ${words.join()}`, asksWith);
      const request = stage.asked.at(-1)!;
      await looksWell(page, "asking");
      holder.tab = request.peer;
      stage.decide("accept");
      await page.getByText("This tab holds no share yet.")
        .waitFor();
      assert.equal(new URL(page.url()).hash, "", "the invitation is no longer in the address");
      assert.equal(stage.alice.peers.get(holder.tab)?.name, "Ada");
      await page.getByText(/No backup of “Ada”/).waitFor();
      await looksWell(page, "in");
    },
  );
}

/** Both keys are made, with the tab among their holders. */
export async function makesWallet(holder: HolderPage): Promise<void> {
  const { stage, page, step } = holder;
  await step("it creates a wallet with itself among the holders, and is told to back it up", async () => {
    await linked(stage, holder.tab);
    await button(page, "Create a 2-of-3 wallet").click();
    await page.getByText("This tab holds shares of 2 keys").waitFor({ timeout: 60_000 });
    await page.getByText("2 shares are in no backup").waitFor();
    const active = async () => (await stage.alice.keys()).filter(({ state }) => state === "active");
    await poll("both keys to be active", async () => (await active()).length === 2);
    const keys = await active();
    assert.deepEqual(keys.map(({ scheme }) => scheme).sort(), ["ecdsa", "ed25519"]);
    for (const { members } of keys) assert.ok(members.includes(holder.tab));
  });
}
