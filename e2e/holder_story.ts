/**
 * One person's story in a tab of any browser: in by four words, keys made, a signature asked for and given, one refused,
 * locked, backed up. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import type { GroupKey, PeerId } from "../mod.ts";
import { repeatedIds } from "./axe.ts";
import type { DrivenTab, Locator } from "./driven_tab.ts";
import { ask, isGood, linked } from "./holder_requests.ts";
import type { HolderStage } from "./holder_stage.ts";
import { bytes, passphrase } from "./holder_tab.ts";
import { poll } from "./killed_process.ts";

const backupPassphrase = "walnut bridge seven lantern";
const wallet = "treasury";

/** Where things are in the page: the one place of this story that knows. */
const at = {
  name: { field: "Your name", part: true },
  passphrase: { field: "Passphrase" },
  passphraseAgain: { field: "The same once more" },
  join: { button: "Ask to be let in" },
  words: { selector: "ol[aria-label='Four words']" },
  isIn: { text: "This tab holds no share yet" },
  create: { button: "Create a 2-of-3 wallet" },
  holdsTwo: { text: "This tab holds shares of 2 keys" },
  approve: { button: "Approve" },
  decline: { button: "Decline" },
  dialog: { selector: "dialog[open]" },
  declined: { selector: ".card[data-code='declined']" },
  lock: { button: "Lock" },
  locked: { text: "This tab is locked" },
  unlocking: { field: "Passphrase of “", part: true },
  unlock: { button: "Unlock" },
  wrong: { selector: "[role='alert']" },
  makeBackup: { button: "Make a backup…" },
  backupPassphrase: { field: "Passphrase for the backup" },
  download: { button: "Download a backup" },
  backupFile: { field: "Read it back: the file" },
  itsPassphrase: { field: "Its passphrase" },
  readBack: { button: "Read it back" },
  sound: { text: "every share in it is sound" },
} as const satisfies Record<string, Locator>;

/** Runs a part of the story under its name. */
export type Step = (name: string, run: () => Promise<void>) => Promise<void>;

/** The steps of a test: nothing comes after one that failed. */
export const stepsOf = (t: Deno.TestContext): Step => async (name, run) => {
  if (!await t.step(name, run)) throw new Error(`stopped after: ${name}`);
};

export class HolderStory {
  #peer = "" as PeerId;

  constructor(private readonly stage: HolderStage, private readonly tab: DrivenTab) {}

  /** The tab's peer, once it has asked to be let in. */
  get peer(): PeerId {
    return this.#peer;
  }

  /** In with four words, and both keys made. */
  async joins(step: Step): Promise<void> {
    const { tab } = this;
    await this.enters(step);
    await step("it makes a key for Ed25519 and one for ECDSA", async () => {
      await tab.click(at.create);
      await tab.see(at.holdsTwo, 120_000);
      const keys = await this.#keys();
      assert.deepEqual(keys.map(({ scheme }) => scheme).sort(), ["ecdsa", "ed25519"]);
      for (const { members } of keys) assert.ok(members.includes(this.#peer));
    });
  }

  /** In with four words. */
  async enters(step: Step): Promise<void> {
    const { stage, tab } = this;
    await step("it joins with the four words that the inviter sees", async () => {
      await tab.goto(stage.holderLink());
      await tab.fill(at.name, "Ada");
      await tab.fill(at.passphrase, passphrase);
      await tab.fill(at.passphraseAgain, passphrase);
      await tab.click(at.join);
      await tab.see(at.words);
      await poll("Alice to be asked", () => stage.asked.length > 0);
      const request = stage.asked.at(-1)!;
      assert.deepEqual(await tab.texts(`${at.words.selector} > li`), [...request.words]);
      this.#peer = request.peer;
      stage.decide("accept");
      await tab.see(at.isIn);
      await linked(this.stage, this.#peer);
    });
  }

  /** Both keys are dealt anew, to this tab in the place of one that is lost; its person approves each. */
  async replaces(step: Step, lost: PeerId): Promise<void> {
    const { stage: { alice, bob }, tab } = this;
    const before = await this.#keys();
    for (const { scheme, publicKey, chainCode } of before) {
      await step(`it gets a share of the ${scheme} key in the place of the tab that is lost`, async () => {
        const members = [alice.self, bob.self, this.#peer];
        const { result } = alice.reshare({ wallet, scheme, members, threshold: 2, gone: [lost] });
        await tab.see({ text: wallet });
        await tab.click(at.approve);
        const key = await result;
        assert.deepEqual([key.epoch, key.publicKey, key.chainCode], [2, publicKey, chainCode]);
        assert.ok(key.members.includes(this.#peer) && !key.members.includes(lost));
        await tab.gone(at.dialog);
      });
    }
    await step("it holds shares of both keys", () => tab.see(at.holdsTwo));
  }

  /** What Alice asks is shown, approved and signed, with both keys. */
  async signs(step: Step): Promise<void> {
    for (const scheme of ["ed25519", "ecdsa"] as const) {
      await step(`it is shown what to sign with ${scheme}, and signs when its person approves`, async () => {
        const message = `pay 5 to Carol, ${scheme}`;
        const result = this.#asked(scheme, message);
        await this.tab.see({ text: message });
        await this.tab.click(at.approve);
        assert.equal(await result, "good");
        await this.tab.gone(at.dialog);
      });
    }
  }

  /** Refused, locked, backed up. */
  async lives(step: Step): Promise<void> {
    const { tab } = this;
    await step("what its person declines fails, with a card that says so", async () => {
      const result = this.#asked("ed25519", "not this");
      await tab.click(at.decline);
      assert.equal(await result, "declined: declined");
      await tab.see(at.declined);
    });
    await step("locked it signs nothing; only the right passphrase opens it", async () => {
      await tab.click(at.lock);
      await tab.see(at.locked);
      assert.equal(await this.#asked("ed25519", "locked"), "declined: store-locked");
      await tab.fill(at.unlocking, "wrong horse battery");
      await tab.click(at.unlock);
      await tab.see(at.wrong);
      await this.#unlocks();
    });
    await step("a backup is downloaded and read back", async () => {
      await tab.click(at.makeBackup);
      assert.deepEqual(await tab.driver.run(repeatedIds), [], "every label names its own field");
      await tab.fill(at.backupPassphrase, backupPassphrase);
      await tab.fill(at.passphraseAgain, backupPassphrase);
      const file = await tab.download(at.download, "quorate-ada.age");
      await tab.attach(at.backupFile, file);
      await tab.fill(at.itsPassphrase, backupPassphrase);
      await tab.click(at.readBack);
      await tab.see(at.sound);
    });
    await step("after a reload it needs its passphrase and no invitation, and signs", async () => {
      await tab.driver.reload();
      await this.#unlocks();
      await linked(this.stage, this.#peer);
      const result = this.#asked("ed25519", "after a reload");
      await tab.click(at.approve);
      assert.equal(await result, "good");
    });
  }

  async #unlocks(): Promise<void> {
    await this.tab.fill(at.unlocking, passphrase);
    await this.tab.click(at.unlock);
    await this.tab.see(at.holdsTwo);
  }

  async #keys(): Promise<GroupKey[]> {
    const active = async () => (await this.stage.alice.keys()).filter(({ state }) => state === "active");
    await poll("both keys to be active", async () => (await active()).length === 2);
    return await active();
  }

  /** Alice asks for a signature by herself and the tab. @returns `good`, or the codes of the failure. */
  async #asked(scheme: "ed25519" | "ecdsa", text: string): Promise<string> {
    const message = bytes(text);
    const result = await ask(this.stage, this.#peer, message, { wallet, scheme }).result;
    if (typeof result === "string") return result;
    await isGood(this.stage, message, result, wallet);
    return "good";
  }
}
