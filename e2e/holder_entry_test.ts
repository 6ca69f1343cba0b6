/**
 * What a tab is offered that means it no good, in a real browser: invitations that let nobody in, and texts that would
 * be something else than text.
 * @module
 */
import assert from "node:assert/strict";
import type { Invitation } from "../mod.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { platformRandom } from "../src/platform/platform.ts";
import { checkKeyName } from "../src/cluster/records/key_name.ts";
import { InputError } from "../src/errors.ts";
import { hostile } from "../tests/web/hostile_stories.ts";
import { alien } from "./alien.ts";
import { HolderStage } from "./holder_stage.ts";
import { agreesToKey, button, bytes, fillKeeping, isLetIn, withTab } from "./holder_tab.ts";
import { poll } from "./killed_process.ts";

/** A key takes its person a second: every third hostile name here, all of them in `deno task tabs`. */
const everyNth = Deno.env.get("QUORATE_TABS") === "all" ? 1 : 3;

function isKeyName(wallet: string): boolean {
  try {
    checkKeyName({ wallet, scheme: "ed25519" });
    return true;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return false;
  }
}

Deno.test({
  name: "an invitation that was used, has expired or is forged lets nobody in, and the page says which it is",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    await using stage = await HolderStage.start();
    const within = ["Alice", "Bob", "Ada"];
    const spent = stage.invitation();
    stage.invitation(); // one that stays open: without any, Alice answers no stranger
    const refuses = async (invitation: Invitation, why: RegExp) => {
      await withTab(stage, async ({ page }) => {
        await page.goto(stage.holderLink(invitation));
        await fillKeeping(page, "Eve");
        await button(page, "Ask to be let in").click();
        assert.match(await page.getByRole("alert").innerText(), why);
        await button(page, "Ask to be let in").waitFor(); // she can try another
      });
      assert.deepEqual(stage.alice.roster.peers.map(({ name }) => name), within);
    };
    await t.step("Ada is let in with hers", () =>
      withTab(stage, async ({ page }) => {
        await page.goto(stage.holderLink(spent));
        await isLetIn(stage, page, "Ada");
      }));
    await t.step("the same once more", () => refuses(spent, /has been used or withdrawn/));
    await t.step("too late", async () => {
      const late = stage.invitation(1);
      await poll("its time to be over", () => stage.alice.invites().length === 1);
      await refuses(late, /has expired/);
    });
    await t.step("a token that nobody gave out", () => {
      return refuses({ ...stage.invitation(), token: platformRandom(16) }, /has been used or withdrawn/);
    });
    await t.step("one that no longer counts, at a peer that lets in nobody at this time", async () => {
      for (const { id } of stage.alice.invites()) stage.alice.revoke(id);
      await refuses(spent, /Nobody answered/);
    });
    await t.step("of a cluster that the peer behind it is not of", async () => {
      const { peer: cluster } = await newIdentity(platformRandom);
      const asked = stage.asked.length;
      within.push("Eve"); // to Alice she is welcome: it is Eve's page that refuses
      const tries = refuses({ ...stage.invitation(), cluster }, /Another cluster answered/);
      await poll("the question", () => stage.asked.length > asked);
      stage.decide("accept");
      await tries;
    });
  },
});

Deno.test({
  name:
    "fifty hostile messages, and wallets of such names, are text where a person is asked, and the page obeys none of them",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    assert.equal(hostile.length, 50);
    await using stage = await HolderStage.start();
    await withTab(stage, async ({ page, odd }) => {
      await page.goto(stage.holderLink());
      await isLetIn(stage, page, "Ada");
      const tab = stage.asked[0]!.peer;
      await poll("a link with the tab", () => stage.alice.peers.get(tab)?.link === "up");
      const dialog = page.getByRole("dialog");
      const members = [stage.alice.self, tab];
      const makeKey = async (wallet: string) => {
        const made = stage.alice.generateKey({ wallet, scheme: "ed25519", threshold: 2, members });
        await agreesToKey(page);
        await made.result;
        await dialog.waitFor({ state: "detached" });
        assert.equal(await page.locator(alien).count(), 0, wallet);
      };
      const plain = "treasury"; // some of the texts can be no wallet's name
      await makeKey(plain);
      for (const [i, text] of hostile.entries()) {
        const wallet = i % everyNth === 0 && isKeyName(text) ? text : plain;
        if (wallet !== plain) await makeKey(wallet);
        const { result } = stage.alice.sign({ wallet, scheme: "ed25519", message: bytes(text) });
        const refused = assert.rejects(result, { code: "declined" });
        await dialog.waitFor();
        await dialog.getByText("asks you to sign with").waitFor();
        assert.equal(await page.locator(alien).count(), 0, text);
        await button(page, "Decline").click();
        await refused;
        await dialog.waitFor({ state: "detached" });
        assert.deepEqual(odd, [], text);
      }
    });
  },
});
