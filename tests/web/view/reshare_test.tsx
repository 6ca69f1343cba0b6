import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import type { State } from "../../../web/state/model.ts";
import { sameHolders, withHolder, withReplaced } from "../../../web/state/resharing/choice.ts";
import { reshareCommand } from "../../../web/text/resharing.ts";
import { epochSentence } from "../../../web/view/reshare/epochs.tsx";
import { ReshareForm } from "../../../web/view/reshare/form.tsx";
import { Leaving } from "../../../web/view/reshare/leaving.tsx";
import { Page } from "../../../web/view/page.tsx";
import { alice, bob, carol, key, me, page, peers } from "../events.ts";
import { idleAct as act } from "../idle_act.ts";
import { dave, daveIsHere, secondEpoch } from "../reshare_stories.ts";
import { stories } from "../stories.ts";

const text = (markup: string) => markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
const nothing = () => {};
const html = (state: State) =>
  renderToString(<Page state={state} act={act} schemes={["ed25519", "ecdsa"]} narrow={false} />);
const form = (from: Parameters<typeof ReshareForm>[0]["from"], state: State) =>
  renderToString(
    <ReshareForm state={state} act={act} from={from} main onClose={nothing} onRequested={nothing} />,
  );
const here = page([...stories.created, ...daveIsHere]);

Deno.test("Page offers a manager to change the holders of the selected key, and to give a share to whoever has none", () => {
  const markup = html(here);
  assert.match(markup, />Change holders…</);
  assert.match(text(markup), /Give Dave a share…/);
  assert.match(text(markup), /Add or remove holders…/);
  const watching = text(html({ ...here, rights: ["initiator", "observer"] }));
  assert.doesNotMatch(watching, /Change holders|Give Dave|remove holders/);
  const own = text(html({ ...here, self: dave }));
  assert.match(own, /Give this tab a share…/);
});

Deno.test("ReshareForm shows what would change, wants everyone who takes part, and names the command that does the same", () => {
  const markup = form(withReplaced(key, carol, { by: dave, lost: true, state: here }), here);
  const said = text(markup);
  for (
    const part of [
      "Reshare “treasury” for Ed25519: the key and its addresses stay.",
      "Stays Alice and Bob: each gets a new share",
      "Comes Dave: gets a share",
      "Gone Carol: takes no part",
      "Needed to sign 2 of 3, as now",
      "if it fails, they stay.",
      "quorate keys reshare treasury --scheme ed25519 --members Alice,Bob,Dave --threshold 2 --gone Carol",
    ]
  ) assert.ok(said.includes(part), `${part} in ${said}`);
  assert.match(markup, /<button type="submit" class="primary" aria-disabled="false">Reshare: 2 of 3</);
  const away = form(withHolder(key, dave, here), here);
  assert.match(away, /aria-disabled="true"/);
  assert.match(
    text(away),
    /needed: Carol is away\. Take the tick from whoever is lost, and mark it as gone\./,
  );
  const offline = text(form(withHolder(key, dave, here), { ...here, online: false }));
  assert.match(offline, /This browser is offline\./);
});

Deno.test("ReshareForm warns where fewer are enough than now, and where every holder is needed", () => {
  const three = { ...key, threshold: 3 };
  const falls = text(form({ ...sameHolders(three, here), threshold: 2 }, here));
  assert.match(falls, /falls from 3 of 3 to 2 of 3 Fewer are enough than now\./);
  const all = text(form({ ...sameHolders(three, here) }, here));
  assert.match(all, /3 of 3, as now Every one of them is needed/);
  const few = text(form({ ...sameHolders(key, here), members: [alice, dave], gone: [bob, carol] }, here));
  assert.match(few, /The shares of 2 holders are needed, and only 1 would take part\./);
});

Deno.test("Leaving names each key of the leaver, until when its share counts, and the roster's change only at the end", () => {
  const show = (state: State) =>
    text(renderToString(<Leaving state={state} act={act} main onClose={nothing} />));
  const before = show(here);
  assert.match(before, /Take Carol out of all keys/, "whoever is away comes first");
  assert.match(before, /“treasury” Ed25519: to do, 2 of 2; now 2 of 3/);
  assert.match(
    before,
    /Until a key is reshared, the share of Carol counts like any other\. After that, enough old/,
  );
  assert.match(before, /Reshare 1 key without Carol/);
  assert.match(before, /not here: Carol\. If the device of Carol is lost, say so above\./);
  assert.doesNotMatch(before, /roster remove/);
  const after = show(page(stories.reshared));
  assert.match(after, /No key counts a share of Carol any more\./);
  assert.match(after, new RegExp(`quorate roster remove ${carol} --admin admin\\.age --out roster`));
  assert.doesNotMatch(after, /Reshare \d/);
});

Deno.test("Page names a holder that was removed while its share counts, and Leaving takes it out without asking it", () => {
  const removed = page(stories["removed holder"]);
  const markup = text(html(removed));
  assert.match(markup, /Not a holder any more, but its share still counts: 12D3…CcT7\./);
  assert.doesNotMatch(text(html(here)), /still counts/);
  const leaving = renderToString(<Leaving state={removed} act={act} main onClose={nothing} />);
  const said = text(leaving);
  assert.match(said, /Take 12D3…CcT7 out of all keys/);
  assert.match(said, /Who leaves nobody 12D3…CcT7 Alice Bob Dave Who takes its place nobody Alice Bob Dave/);
  assert.doesNotMatch(said, /device is lost|not here/, "it is not asked");
  assert.match(leaving, /<button type="submit" class="primary" aria-disabled="false">Reshare 1 key without/);
  const { gone, members } = withReplaced(key, carol, { by: null, lost: false, state: removed });
  assert.deepEqual([gone, members], [[carol], [alice, bob]]);
});

Deno.test("withReplaced() without a leaver gives one holder more a share, and calls nobody gone", () => {
  const { gone, members, threshold } = withReplaced(key, null, { by: dave, lost: true, state: here });
  assert.deepEqual([gone, members, threshold], [[], [alice, bob, carol, dave], 2]);
});

Deno.test("Page shows the epoch of a key, who has to erase still, what erasing reaches, and the bans of the past", () => {
  const said = text(html(page(stories.reshared)));
  assert.match(said, /Epoch 2: held by Alice, Bob, and Dave; any 2 sign\./);
  assert.match(said, /Epoch 1: erased by 2 of 3; Carol is away, or has not said so\./);
  assert.match(
    said,
    /Erasing reaches the live store only: enough old backups of one epoch are still the whole key\./,
  );
  assert.match(
    said,
    /Held by Alice, Bob, and Dave, since epoch 2\. The key and its addresses are the same\./,
  );
  const past = { ...secondEpoch.past[0]!, banned: [bob] };
  const ban = {
    wallet: "treasury",
    scheme: "ed25519",
    keyId: key.session,
    by: alice,
    other: bob,
    at: 0,
  } as const;
  const banned = page([
    ...stories.reshared,
    { type: "keys", keys: [{ ...secondEpoch, past: [past] }] },
  ]);
  const history = text(html({ ...banned, bans: [ban] }));
  assert.match(history, /In it, Console refused to sign with Bob\. In it, Alice refused to sign with Bob\./);
  assert.doesNotMatch(history, /Alice refuses to sign with Bob/, "a ban ends with its epoch");
});

Deno.test("epochSentence() tells who is away from who has not said so", () => {
  const [past] = secondEpoch.past;
  const said = (erased: readonly string[], state = here) => epochSentence({ ...past!, erased }, state);
  assert.equal(said([alice, bob, carol]), "Epoch 1: erased by all 3.");
  assert.equal(
    said([]),
    "Epoch 1: erased by 0 of 3; Carol is away, or has not said so; Alice and Bob have not said so yet.",
  );
  assert.equal(said([alice, carol], page([])), "Epoch 1: erased by 2 of 3; Bob has not said so yet.");
});

Deno.test("Page shows a next epoch that is not finished as such, and a fork with what to do", () => {
  const pending = text(html(page(stories["reshare pending"])));
  assert.match(pending, /epoch 2, not finished/);
  assert.match(
    pending,
    /Epoch 2 is for Alice, Bob, and Dave\. Until all of them have confirmed it, the key signs with epoch 1\./,
  );
  assert.match(pending, /The new shares of “treasury” are not finished: Dave did not confirm\./);
  assert.match(pending, /Your key is safe, and its addresses stay\./);
  assert.match(pending, /Epoch 2 is not finished yet: sign with the one before\./);
  assert.doesNotMatch(pending, /finished by itself in the meantime|erased by/);
  const forked = text(html(page(stories.forked)));
  assert.match(forked, /Epoch 1 was reshared twice\. .* Move what the key holds to a new wallet/);
  assert.doesNotMatch(forked, /gave their word|never does/, "nobody is accused");
});

Deno.test("Page tells the two sides of a fork apart where one is chosen to sign with; one key of a scheme needs no more", () => {
  const choices = (state: State) =>
    [...html(state).matchAll(/<option[^>]*>(Ed25519[^<]*)<\/option>/g)].map(([, name]) => name);
  assert.deepEqual(
    choices(page(stories.forked)),
    ["Ed25519, epoch 2, id e90c…", "Ed25519, epoch 2, id f02c…"],
  );
  assert.deepEqual(choices(page(stories.wallet)), ["Ed25519"]);
});

Deno.test("ReshareForm names the session of a forked key in the command, which is refused without", () => {
  const state = page(stories.forked);
  for (const one of state.keys!) {
    const said = text(form(sameHolders(one, state), state));
    assert.ok(said.includes(`quorate keys reshare treasury --scheme ed25519 --key ${one.session} --m`), said);
  }
  assert.doesNotMatch(text(form(sameHolders(key, here), here)), /--key/);
});

Deno.test("reshareCommand() quotes what a shell would split, and names peers by their ids then", () => {
  const choice = {
    key: { wallet: "it's mine", scheme: "ed25519" },
    members: [alice, bob],
    threshold: 2,
    gone: [me],
  };
  const nameOf = (peer: string) => peer === bob ? "Bob B. $(x)" : peers.get(peer)!.name;
  assert.equal(
    reshareCommand(choice, nameOf),
    `quorate keys reshare 'it'\\''s mine' --scheme ed25519 --members Alice,${bob} --threshold 2 --gone Console`,
  );
});
