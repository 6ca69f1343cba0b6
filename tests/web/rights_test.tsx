import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import type { Right } from "../../web/node/node_port.ts";
import { primary } from "../../web/state/primary.ts";
import { mayAsk } from "../../web/state/rights.ts";
import { Misbehave } from "../../web/demo/misbehave.tsx";
import { Page } from "../../web/view/page.tsx";
import { me, page } from "./events.ts";
import { idleAct as act } from "./idle_act.ts";
import { stories, type Story } from "./stories.ts";

/** The page of a story, for a tab with these rights. */
function shown(story: Story, rights: readonly Right[]) {
  const state = page([...stories[story], { type: "here", self: me, rights }]);
  const markup = renderToString(
    <Page state={state} act={act} curves={["ed25519", "secp256k1"]} breakPanel={Misbehave} narrow={false} />,
  );
  const buttons = [...markup.matchAll(/<button[^>]*>(.*?)<\/button>/gs)].map(([, label]) =>
    label!.replace(/<[^>]+>/g, "").replace(/\s+/g, " ").trim()
  );
  return { state, buttons, text: markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ") };
}
const makes = /^(Create|New wallet|Add a key|Change and create)/;
const signs = /^(Sign |Sign$|Try again)/;

Deno.test("Page has no button that makes a key where its tab is no manager, in any story", () => {
  for (const story of Object.keys(stories) as Story[]) {
    for (const rights of [[], ["observer"], ["initiator"], ["holder"]] as const) {
      const { buttons, state } = shown(story, rights);
      assert.deepEqual(buttons.filter((label) => makes.test(label)), [], `${story}: ${rights}`);
      assert.notEqual(primary(state, true), "create", story);
    }
  }
  assert.match(shown("empty", ["initiator"]).text, /no right to make one \(“manager”\)/);
  assert.ok(shown("empty", ["manager"]).buttons.some((label) => makes.test(label)));
});

Deno.test("Page has no button that signs where its tab is no initiator, in any story", () => {
  let offered = 0;
  for (const story of Object.keys(stories) as Story[]) {
    for (const rights of [[], ["observer"], ["manager"], ["holder"]] as const) {
      const { buttons, state } = shown(story, rights);
      assert.deepEqual(buttons.filter((label) => signs.test(label)), [], `${story}: ${rights}`);
      assert.ok(!["sign", "break"].includes(primary(state, true)), story);
    }
    offered += shown(story, ["initiator", "manager"]).buttons.filter((label) => signs.test(label)).length;
  }
  assert.ok(offered > 5, `the same stories have ${offered} of them for whoever may`);
  assert.match(shown("done", ["manager"]).text, /no right to ask for signatures \(“initiator”\)/);
});

Deno.test("mayAsk() lets a manager make and change keys and an initiator sign, and nobody both by one right", () => {
  const kinds = ["generate", "reshare", "sign"] as const;
  const may = (right: Right) => kinds.filter((kind) => mayAsk([right], kind));
  assert.deepEqual([may("holder"), may("observer"), may("initiator"), may("manager")], [
    [],
    [],
    ["sign"],
    ["generate", "reshare"],
  ]);
});
