import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import type { State } from "../../../web/state/model.ts";
import { Page } from "../../../web/view/page.tsx";
import { bob, carol, ecdsaKey, page, peers, status } from "../events.ts";
import { idleAct as act } from "../idle_act.ts";
import { stories } from "../stories.ts";

const html = (state: State) =>
  renderToString(<Page state={state} act={act} schemes={["ed25519", "ecdsa"]} narrow={false} />);
const text = (state: State) => html(state).replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

Deno.test("Page lets the person at a tab end its own freeze, pause and quarantine, and nobody else's", () => {
  const here = page(stories["refusing here"]);
  const said = text(here);
  assert.match(said, /Carol has frozen this key because several signatures did not verify/);
  assert.match(said, /This tab reshares this key no more today because somebody cheated three times\./);
  assert.match(said, /Let this tab use the key again… Only once you know why/);
  assert.match(html(here), /<button type="button" class="plain small">Use the key again<\/button>/);
  assert.match(html(here), /<button type="button" class="plain small">Use the key with Bob again<\/button>/);
  for (const other of [{ ...here, self: bob }, page(stories.frozen), page(stories.quarantined)]) {
    assert.doesNotMatch(text({ ...other, keys: [ecdsaKey] }), /Let this tab/);
  }
});

Deno.test("Page offers a paused key for signing, and only to go on with its resharing", () => {
  const paused = { ...ecdsaKey, paused: true };
  const said = text({ ...page(stories["refusing here"]), keys: [paused], quarantines: [] });
  assert.match(said, /This tab reshares this key no more today/);
  assert.match(said, /Let this tab use the key again…/);
  assert.doesNotMatch(said, /has frozen this key|may sign together/);
});

Deno.test("Page of a locked tab does not let whoever is there end what it refuses", () => {
  const here = page(stories["refusing here"]);
  const locked = new Map(peers).set(carol, status("Carol", { locked: true }));
  assert.doesNotMatch(text({ ...here, peers: locked }), /Let this tab/);
});
