/**
 * The steps in which a tab is locked, reloaded, backed up and restored. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { backupPassphrase, type HolderPage, looksWell, unlock, whileItSays } from "./holder_page.ts";
import { agreesToKey, button, bytes, fillKeeping } from "./holder_tab.ts";
import { ask, isGood, linked } from "./holder_requests.ts";

/** Locked, reloaded, and opened in a second tab. */
export async function locks(holder: HolderPage): Promise<void> {
  const { stage, page, context, step } = holder;
  await step(
    "locked it signs nothing; another passphrase does not open it, the right one does",
    async () => {
      await button(page, "Lock").click();
      await page.getByText("This tab is locked").waitFor();
      await looksWell(page, "locked");
      assert.equal(await ask(stage, holder.tab, bytes("locked")).result, "declined: store-locked");
      await unlock(page, "wrong horse battery");
      await page.getByRole("alert").getByText("That is not the passphrase.").waitFor();
      assert.equal(await page.getByText("This tab is locked").isVisible(), true);
      await unlock(page);
      await page.getByText("This tab holds shares of 4 keys").waitFor();
      const { result } = ask(stage, holder.tab, bytes("open"));
      await button(page, "Approve").click();
      await isGood(stage, bytes("open"), await result);
    },
  );

  await step("a reload needs the passphrase and no invitation", async () => {
    await page.reload();
    await page.getByText("Unlock this tab").waitFor();
    await looksWell(page, "unlock");
    await unlock(page, "wrong horse battery");
    await page.getByRole("alert").waitFor();
    await unlock(page);
    await page.getByText("This tab holds shares of 4 keys").waitFor();
    await linked(stage, holder.tab);
    const { result } = ask(stage, holder.tab, bytes("after a reload"));
    await button(page, "Approve").click();
    await isGood(stage, bytes("after a reload"), await result);
  });

  await step("a second tab does nothing until the first is closed", async () => {
    const second = await context.newPage();
    await second.goto(stage.url);
    await second.getByText("Another tab is this peer").waitFor();
    await looksWell(second, "elsewhere");
    assert.equal(await second.getByRole("button").count(), 0);
    await page.goto("about:blank");
    await second.getByText("Unlock this tab").waitFor();
    await second.close();
    await page.goto(stage.url);
    await unlock(page);
    await page.getByText("This tab holds shares of 4 keys").waitFor();
  });
}

/** A backup is made and read back. */
export async function backsUp(holder: HolderPage): Promise<void> {
  const { stage, page, step } = holder;
  await step("a backup counts when it was read back; the nag comes back with the next key", async () => {
    await button(page, "Make a backup…").click();
    const make = page.getByRole("form", { name: "Make a backup" });
    await make.getByLabel("Passphrase for the backup").fill("another horse");
    await make.getByLabel("The same once more").fill("another horse");
    await button(page, "Download a backup").click();
    await make.getByRole("alert").getByText("too easy to guess").waitFor();
    await make.getByLabel("Passphrase for the backup").fill(backupPassphrase);
    await make.getByLabel("The same once more").fill(backupPassphrase);
    const downloading = page.waitForEvent("download");
    const said = await whileItSays(page, "Encrypting…", () => button(page, "Download a backup").click());
    const download = await downloading;
    assert.ok(await said() >= 10, "the page goes on meanwhile");
    assert.equal(download.suggestedFilename(), "quorate-ada.age");
    holder.backup = await Deno.makeTempFile({ suffix: ".age" });
    await download.saveAs(holder.backup);
    assert.equal(await page.locator(".nag").count(), 1, "not read back yet");
    const back = page.getByRole("form", { name: "Read a backup back" });
    await back.getByLabel("Read it back: the file").setInputFiles(holder.backup);
    await back.getByLabel("Its passphrase").fill("wrong horse battery");
    await button(page, "Read it back").click();
    await back.getByRole("alert").waitFor();
    await back.getByLabel("Its passphrase").fill(backupPassphrase);
    await button(page, "Read it back").click();
    await back.getByText("every share in it is sound").waitFor();
    await page.locator(".nag").waitFor({ state: "detached" });
    await page.getByText("Every key of this tab is in it").waitFor();
    await looksWell(page, "settings");
    const made = stage.alice.generateKey({ wallet: "later", scheme: "ed25519", threshold: 2 });
    await agreesToKey(page);
    await made.result;
    await page.getByText("The share of “later” is in no backup").waitFor();
  });
}

/** The backup restores the tab after its storage is cleared; then it leaves. */
export async function isRestored(holder: HolderPage): Promise<void> {
  const { stage, page, context, step } = holder;
  await step("storage cleared, the backup makes the tab the same peer again, and it signs", async () => {
    await page.goto("about:blank");
    const devtools = await context.newCDPSession(page);
    await devtools.send("Storage.clearDataForOrigin", {
      origin: new URL(stage.url).origin,
      storageTypes: "all",
    });
    await page.goto(stage.url);
    await page.getByText("This tab can be a peer.").waitFor();
    await button(page, "Restore from a backup…").click();
    await looksWell(page, "restore");
    await page.getByLabel("The backup", { exact: true }).setInputFiles(holder.backup);
    await page.getByLabel("Passphrase of the backup").fill("wrong horse battery");
    await fillKeeping(page, "Ada again");
    await button(page, "Restore").click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Passphrase of the backup").fill(backupPassphrase);
    await button(page, "Restore").click();
    await page.getByText("Restored from the backup").waitFor();
    assert.equal(await page.locator('[data-restored="restored"]').count(), 4);
    await page.getByText("It lacks its share of “later”").waitFor();
    await looksWell(page, "restored");
    await linked(stage, holder.tab);
    const { result } = ask(stage, holder.tab, bytes("restored"));
    await button(page, "Approve").click();
    await isGood(stage, bytes("restored"), await result);
  });

  await step("who leaves types it, and nothing is kept", async () => {
    await page.getByText("This tab: its lock, its backup, its storage").click();
    await page.getByLabel("Type “forget my shares”").fill("forget");
    await button(page, "Forget this identity").click();
    await page.getByText("to confirm").waitFor();
    await page.getByLabel("Type “forget my shares”").fill("forget my shares");
    await button(page, "Forget this identity").click();
    await page.getByText("This tab can be a peer.").waitFor();
    const left = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    assert.deepEqual(left, ["quorate"]);
  });
}
