/**
 * A tab that holds a share, in a real browser: in, asked, locked, reloaded, backed up, restored.
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { type GroupKey, type PeerId, type SessionError, verify } from "../mod.ts";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { authenticator } from "./authenticator.ts";
import { serious } from "./axe.ts";
import { HolderStage } from "./holder_stage.ts";
import { agreesToKey, button, bytes, fillKeeping, passphrase, withTab } from "./holder_tab.ts";
import { poll } from "./killed_peer.ts";

const backupPassphrase = "another horse staple";
const hostile = "<img src=x onerror=alert(1)>";
const pictures = Deno.env.get("HOLDER_PICTURES");

/** Nothing serious for those who listen, no sideways scroll, on a desk and on a phone. */
async function looksWell(page: Page, name: string): Promise<void> {
  for (const [width, scheme] of [[1280, "light"], [360, "dark"], [360, "light"]] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    const overhang = await page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth
    );
    assert.equal(overhang, 0, `${name}, ${width} px`);
    assert.deepEqual(await serious(page), [], `${name}, ${width} px, ${scheme}`);
    if (pictures && (scheme === "light")) {
      await page.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** How often the page gets to a timer of 20 ms while a button has this text. @returns Reads it, and counts no more. */
async function whileItSays(
  page: Page,
  text: string,
  act: () => Promise<void>,
): Promise<() => Promise<number>> {
  const counting = await page.evaluateHandle((text) => {
    const counted = { ticks: 0, timer: 0 };
    const says = () => [...document.querySelectorAll("button")].some((one) => one.textContent === text);
    counted.timer = setInterval(() => counted.ticks += says() ? 1 : 0, 20) as unknown as number;
    return counted;
  }, text);
  await act();
  return () =>
    counting.evaluate(({ timer, ticks }) => {
      clearInterval(timer);
      return ticks;
    });
}

async function unlock(page: Page, said = passphrase): Promise<void> {
  await page.getByLabel(/^Passphrase of “/).fill(said);
  await button(page, "Unlock").click();
}

/** Once Alice and Bob have links with the tab. */
const linked = (stage: HolderStage, tab: PeerId) =>
  poll(
    "links to the tab",
    () => [stage.alice, stage.bob].every((node) => node.peers.get(tab)?.link === "up"),
  );

/** Alice asks; the tab is one of the two that sign. */
function ask(stage: HolderStage, tab: PeerId, message: Uint8Array, wallet = "treasury") {
  const session = stage.alice.sign({ wallet, curve: "ed25519", message, signers: [stage.alice.self, tab] });
  const result = session.result.then(
    ({ bytes }) => bytes,
    (error: SessionError) => [error.code, ...error.claims.map(({ code }) => code)].join(": "),
  );
  return { result };
}

async function isGood(
  stage: HolderStage,
  message: Uint8Array,
  signature: Uint8Array | string,
  wallet = "treasury",
) {
  assert.ok(signature instanceof Uint8Array, `${signature}`);
  const key = (await stage.alice.keys()).find((key) =>
    key.wallet === wallet && key.curve === "ed25519"
  ) as GroupKey;
  assert.ok(verify(key, { message }, { curve: "ed25519", bytes: signature }));
}

Deno.test({
  name:
    "a tab joins by its words, holds a share, signs when its person says so, locks, comes back, and is restored",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    await using stage = await HolderStage.start(["Alice", hostile]);
    await withTab(stage, async ({ page, context, odd }) => {
      let tab = "" as PeerId;
      let backup = "";
      const dialog = page.getByRole("dialog");
      const step = async (name: string, run: () => Promise<void>) => {
        const passed = await t.step(name, async () => {
          try {
            await run();
          } catch (error) {
            if (pictures) await page.screenshot({ path: `${pictures}/failed.png`, fullPage: true });
            throw error;
          }
          assert.deepEqual(odd, []);
        });
        if (!passed) throw new Error(`stopped after: ${name}`);
      };

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
          const request = stage.asked.at(-1)!;
          const words = await page.getByRole("list", { name: "Four words" }).getByRole("listitem")
            .allInnerTexts();
          assert.deepEqual(words, [...request.words]);
          await looksWell(page, "asking");
          tab = request.peer;
          stage.decide("accept");
          await page.getByText("This tab holds no share yet. It can hold a share of keys made from now on.")
            .waitFor();
          assert.equal(new URL(page.url()).hash, "", "the invitation is no longer in the address");
          assert.equal(stage.alice.peers.get(tab)?.name, "Ada");
          await page.getByText(/No backup of “Ada”/).waitFor();
          await looksWell(page, "in");
        },
      );

      await step("it creates a wallet with itself among the holders, and is told to back it up", async () => {
        await linked(stage, tab);
        await button(page, "Create a 2-of-3 wallet").click();
        await page.getByText("This tab holds shares of 2 keys").waitFor({ timeout: 60_000 });
        await page.getByText("2 shares are in no backup").waitFor();
        const active = async () => (await stage.alice.keys()).filter(({ state }) => state === "active");
        await poll("both keys to be active", async () => (await active()).length === 2);
        const keys = await active();
        assert.deepEqual(keys.map(({ curve }) => curve).sort(), ["ed25519", "secp256k1"]);
        for (const { members } of keys) assert.ok(members.includes(tab));
      });

      await step("what others ask is shown, and signed when it is approved", async () => {
        const message = bytes("pay 5 to Carol");
        const { result } = ask(stage, tab, message);
        await dialog.waitFor();
        const text = await dialog.innerText();
        for (
          const part of [
            "Alice asks you to sign with “treasury”",
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
      });

      await step("of ECDSA it is shown the digest too, with its hash and the child", async () => {
        const message = bytes("pay 6 to Carol");
        const { result } = stage.alice.sign({
          wallet: "treasury",
          curve: "secp256k1",
          message,
          hash: "keccak256",
          path: [0, 7],
          signers: [stage.alice.self, tab],
        });
        await dialog.waitFor();
        const text = await dialog.innerText();
        for (
          const part of ["pay 6 to Carol", "Keccak-256", keccak_256(message).toHex(), "m/0/7", "secp256k1"]
        ) {
          assert.ok(text.includes(part), `${part} in ${text}`);
        }
        await button(page, "Approve").click();
        assert.equal((await result).bytes.length, 64);
      });

      await step(
        "what cannot be read is approved by an act of its own, and nothing in the first second",
        async () => {
          const message = new Uint8Array(4_000).with(2_500, 1);
          const { result } = ask(stage, tab, message);
          await dialog.waitFor();
          assert.ok(await button(page, "Approve what is not shown").isDisabled());
          assert.equal(await button(page, "Approve").count(), 0);
          assert.ok((await dialog.innerText()).includes(sha256(message).toHex()));
          await looksWell(page, "approve-unread");
          assert.ok(await button(page, "Approve what is not shown").isDisabled(), "still");
          await dialog.getByRole("checkbox", { name: /I have checked this hash elsewhere/ }).check();
          await button(page, "Approve what is not shown").click();
          await isGood(stage, message, await result);
          const readable = ask(stage, tab, bytes("in the first second"));
          await dialog.waitFor();
          assert.ok(await button(page, "Approve").isDisabled());
          await button(page, "Decline").click();
          assert.equal(await readable.result, "declined: declined");
        },
      );

      await step("what is declined ends with that at whoever asked; what waits is asked next", async () => {
        const first = ask(stage, tab, bytes("first"));
        await dialog.getByText("first", { exact: true }).waitFor();
        const second = ask(stage, tab, Uint8Array.of(0x61, 0x1b, 0x62));
        await dialog.getByText("1 more waits").waitFor();
        await button(page, "Decline").click();
        assert.equal(await first.result, "declined: declined");
        await dialog.getByText("611b62", { exact: true }).waitFor(); // no text: there is a control character in it
        await button(page, "Decline").click();
        assert.equal(await second.result, "declined: declined");
      });

      await step("“always” holds for the same peer and key, and hostile names stay text", async () => {
        const made = stage.alice.generateKey({ wallet: hostile, curve: "ed25519", threshold: 2 });
        await dialog.waitFor();
        await looksWell(page, "approve-key");
        await agreesToKey(page);
        await made.result;
        await page.getByText("This tab holds shares of 3 keys").waitFor();
        const first = ask(stage, tab, bytes(hostile), hostile);
        await dialog.getByText(hostile, { exact: true }).waitFor();
        assert.equal(await page.locator("#app img, #app script, #app iframe").count(), 0);
        await button(page, /^Always/).click();
        await isGood(stage, bytes(hostile), await first.result, hostile);
        await page.getByRole("heading", { name: "Without asking you" }).waitFor();
        await isGood(stage, bytes("again"), await ask(stage, tab, bytes("again"), hostile).result, hostile);
        await page.getByText("Your rule approved: “again”.").first().waitFor();
        await page.getByText("Used once.").waitFor();
        await button(page, "Ask me again").click();
        const after = ask(stage, tab, bytes("after the rule"), hostile);
        await dialog.getByText("after the rule", { exact: true }).waitFor();
        await button(page, "Decline").click();
        assert.equal(await after.result, "declined: declined");
        const other = ask(stage, tab, bytes("not this one"));
        await dialog.waitFor();
        await button(page, "Decline").click();
        assert.equal(await other.result, "declined: declined");
      });

      await step(
        "locked it signs nothing; another passphrase does not open it, the right one does",
        async () => {
          await button(page, "Lock").click();
          await page.getByText("This tab is locked").waitFor();
          await looksWell(page, "locked");
          assert.equal(await ask(stage, tab, bytes("locked")).result, "declined: store-locked");
          await unlock(page, "wrong horse battery");
          await page.getByRole("alert").getByText("That is not the passphrase.").waitFor();
          assert.equal(await page.getByText("This tab is locked").isVisible(), true);
          await unlock(page);
          await page.getByText("This tab holds shares of 3 keys").waitFor();
          const { result } = ask(stage, tab, bytes("open"));
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
        await page.getByText("This tab holds shares of 3 keys").waitFor();
        await linked(stage, tab);
        const { result } = ask(stage, tab, bytes("after a reload"));
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
        await page.getByText("This tab holds shares of 3 keys").waitFor();
      });

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
        backup = await Deno.makeTempFile({ suffix: ".age" });
        await download.saveAs(backup);
        assert.equal(await page.locator(".nag").count(), 1, "not read back yet");
        const back = page.getByRole("form", { name: "Read a backup back" });
        await back.getByLabel("Read it back: the file").setInputFiles(backup);
        await back.getByLabel("Its passphrase").fill("wrong horse battery");
        await button(page, "Read it back").click();
        await back.getByRole("alert").waitFor();
        await back.getByLabel("Its passphrase").fill(backupPassphrase);
        await button(page, "Read it back").click();
        await back.getByText("every share in it is sound").waitFor();
        await page.locator(".nag").waitFor({ state: "detached" });
        await page.getByText("Every key of this tab is in it").waitFor();
        await looksWell(page, "settings");
        const made = stage.alice.generateKey({ wallet: "later", curve: "ed25519", threshold: 2 });
        await agreesToKey(page);
        await made.result;
        await page.getByText("The share of “later” is in no backup").waitFor();
      });

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
        await page.getByLabel("The backup", { exact: true }).setInputFiles(backup);
        await page.getByLabel("Passphrase of the backup").fill("wrong horse battery");
        await fillKeeping(page, "Ada again");
        await button(page, "Restore").click();
        await page.getByRole("alert").waitFor();
        await page.getByLabel("Passphrase of the backup").fill(backupPassphrase);
        await button(page, "Restore").click();
        await page.getByText("Restored from the backup").waitFor();
        assert.equal(await page.locator('[data-restored="restored"]').count(), 3);
        await page.getByText("It has not its share of “later”").waitFor();
        await looksWell(page, "restored");
        await linked(stage, tab);
        const { result } = ask(stage, tab, bytes("restored"));
        await button(page, "Approve").click();
        await isGood(stage, bytes("restored"), await result);
      });

      await step("who leaves types it, and nothing is kept", async () => {
        await page.getByText("This tab: its lock, its backup, its storage").click();
        await page.getByLabel("Type “forget my shares”").fill("forget");
        await button(page, "Forget this identity").click();
        await page.getByText("to say that you mean it").waitFor();
        await page.getByLabel("Type “forget my shares”").fill("forget my shares");
        await button(page, "Forget this identity").click();
        await page.getByText("This tab can be a peer.").waitFor();
        const left = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
        assert.deepEqual(left, ["quorate"]);
      });
      await Deno.remove(backup);
    });
  },
});

Deno.test({
  name: "a tab is let in under a passkey and opened by it; a plain link watches, and keeps nothing",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using stage = await HolderStage.start();
    await withTab(stage, async ({ page, context }) => {
      await authenticator(await context.newCDPSession(page), { hasPrf: true });
      await page.goto(stage.watcherLink());
      await page.getByText("2 of 2 ready").waitFor();
      assert.equal(await page.getByText("This tab holds").count(), 0);
      assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
      await page.goto("about:blank");
      await page.goto(stage.holderLink());
      await page.getByLabel("Your name").fill("Ada");
      await page.getByLabel("A passkey").check();
      await button(page, "Ask to be let in").click();
      await page.getByText("Read these four words").waitFor();
      stage.decide("accept");
      await page.getByText("This tab holds no share yet").waitFor();
      await button(page, "Lock").click();
      await page.getByText("is locked with a passkey").waitFor();
      await button(page, "Unlock").click();
      await page.getByText("This tab holds no share yet").waitFor();
      await page.reload();
      await button(page, "Unlock").click();
      await page.getByText("This tab holds no share yet").waitFor();
    });
  },
});
