/**
 * A tab whose storage is lost is replaced: in another profile its person joins anew, gets shares of the same keys, and
 * signs. The shares of the lost tab are worth nothing from then on.
 * @module
 */
import assert from "node:assert/strict";
import { browsers } from "./browsers.ts";
import { DrivenTab } from "./driven_tab.ts";
import { HolderStage } from "./holder_stage.ts";
import { HolderStory, stepsOf } from "./holder_story.ts";
import { poll } from "./killed_process.ts";

Deno.test({
  name:
    "Chromium: a tab that is lost is replaced by a new one, which holds shares of the same keys and signs",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    await using stage = await HolderStage.start();
    const step = stepsOf(t);
    const lost = await losesItsTab(stage, step);
    await using driver = await browsers.Chromium();
    const story = new HolderStory(stage, new DrivenTab(driver));
    await story.enters(step);
    assert.notEqual(story.peer, lost);
    await story.replaces(step, lost);
    await story.signs(step);
    await step("whoever stays has erased its share of the epoch before", async () => {
      const keys = () => Promise.all([stage.alice, stage.bob].map((node) => node.keys()));
      await poll(
        "the old shares to be erased",
        async () =>
          (await keys()).flat().every(({ epoch, past }) => epoch === 2 && past.every(({ held }) => !held)),
      );
    });
    assert.deepEqual(driver.complaints, []);
  },
});

/** @returns The peer of a tab that has made both keys, and is gone with its profile. */
async function losesItsTab(stage: HolderStage, step: ReturnType<typeof stepsOf>): Promise<string> {
  await using driver = await browsers.Chromium();
  const story = new HolderStory(stage, new DrivenTab(driver));
  await story.joins(step);
  return story.peer;
}
