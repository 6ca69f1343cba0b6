import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import { newestFirst } from "../../../web/state/primary.ts";
import { itemCount } from "../../../web/state/sessions.ts";
import { summarize } from "../../../web/state/summary.ts";
import { grid } from "../../../web/state/timeline.ts";
import { signatureLines, signaturesFile } from "../../../web/text/signatures_file.ts";
import { MessageFields } from "../../../web/view/message_fields.tsx";
import { Page } from "../../../web/view/page.tsx";
import { alice, bob, me, page, script } from "../events.ts";
import { idleAct as act } from "../idle_act.ts";
import { hostile, hostileStory } from "../hostile_stories.ts";
import { stories, type Story } from "../stories.ts";

const html = (story: Story | ReturnType<typeof page>) =>
  renderToString(
    <Page
      state={typeof story === "string" ? page(stories[story]) : story}
      act={act}
      schemes={["ed25519", "ecdsa"]}
    />,
  );
const text = (markup: string) => markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

Deno.test("Page says in a batch's line, log and rounds how many items it has, also for one that another peer asked for", () => {
  for (const [story, count] of [["batch of 3", 3], ["batch of another", 50], ["batch spoilt", 50]] as const) {
    const shown = text(html(story));
    assert.match(shown, new RegExp(`Sign ${count} items with “treasury”`), story);
    assert.match(shown, new RegExp(`Each message of a round is about all ${count} items\\.`), story);
  }
  const { log } = page(stories["batch of 3"]);
  assert.equal(log.at(-1)!.text, "Signed 3 items with “treasury”.");
  assert.match(text(html("batch of another")), /Only the peer that asked received the 50 signatures\./);
  assert.doesNotMatch(text(html("done")), /items/);
});

Deno.test("itemCount() believes this page's own request, then its own node, then others", () => {
  const t = script({ id: "c0de" });
  const began = (peer: string, items?: number) =>
    t.by(peer, { type: "began", deadline: t.deadline, ...(items && { items }) }, { attempt: null });
  const count = (actions: Parameters<typeof page>[0]) => itemCount(newestFirst(page(actions))[0]!, me);
  assert.equal(count([began(alice)]), 1);
  assert.equal(count([began(alice, 50)]), 50);
  assert.equal(count([began(alice, 50), began(me, 3)]), 3);
  const request = { items: [{ message: new Uint8Array(1) }] };
  const own = {
    type: "requested",
    id: t.id,
    kind: "sign",
    wallet: "treasury",
    scheme: "ed25519",
    request,
  } as const;
  assert.equal(count([own, began(alice, 50)]), 1);
});

Deno.test("Page shows the signatures of a batch in order, with one verdict, and buttons to copy each and all", () => {
  const markup = html("batch of 3");
  const shown = text(markup);
  assert.match(
    shown,
    /3 items, in the order of the request ✓ All 3 verified in this page by your browser's own Ed25519/,
  );
  assert.match(shown, /Pay 5 EUR to account 7000\. and 2 more/);
  assert.match(
    shown,
    /1 of 3 Pay 5 EUR.*a90c17f4a90c17f4.* 2 of 3 Pay 42 EUR.*a90c17f5.* 3 of 3 Pay 79 EUR.*a90c17f6/,
  );
  for (const what of ["all 3 signatures", "signature 1", "signature 3"]) {
    assert.ok(markup.includes(`>${what}</span>`), what);
  }
  assert.match(shown, /Copy all.*Download all 3 signatures with their items as JSON/);
  assert.match(markup, /<ol class="items scrolled" role="list" aria-label="The 3 signatures, in order">/);
});

Deno.test("Page folds the signatures of a large batch, and shows every one", () => {
  const markup = html("batch of 256");
  assert.match(markup, /<details class="plain"><summary>The 256 signatures/);
  assert.equal(markup.split('<li class="item"').length, 257);
  assert.match(html("batch of 3"), /<details class="plain" open>/);
});

Deno.test("Page says which signatures of a batch are wrong, in one sentence and at each of them", () => {
  const shown = text(html("batch with wrong signatures"));
  assert.match(shown, /✗ This page finds that signature 2 of 3 is wrong\. Do not use any of them\./);
  assert.equal(shown.split("✗ This signature is wrong.").length, 2);
});

Deno.test("Page shows an ECDSA batch under the key that they verify under, with each signature's other forms", () => {
  const shown = text(html("batch of ECDSA"));
  assert.match(shown, /✓ All 3 verified in this page .*Hash SHA-256 Verify under the key of “treasury”/);
  assert.equal(shown.split("Other forms").length, 4);
  assert.match(shown, /Copy the DER form of signature 3/);
});

Deno.test("Page shows how far each signer of a batch is", () => {
  const shown = text(html("batch under way"));
  assert.match(shown, /Each signer computes its part of 50 signatures\./);
  assert.match(shown, /Alice computes signatures: 40 % Carol computes signatures: 25 %/);
});

Deno.test("Page says of a failed batch which items are spoilt, and that all of them may have been signed", () => {
  const shown = text(html("batch spoilt"));
  assert.match(
    shown,
    /Bob sent a signature share that does not verify\. This concerns 2 of 50 items: no\. 4 and 17\./,
  );
  assert.match(shown, /nothing was changed\. All 50 items count as possibly signed\./);
  const state = page(stories["batch spoilt"]);
  const session = newestFirst(state)[0]!;
  const { columns, rows } = grid(session, summarize(session, state), {
    holders: [alice, bob],
    viewer: state,
  });
  const cell = rows.find(({ peer }) => peer === bob)!.cells[columns.indexOf("share")]!;
  assert.equal(cell.word, "2 items are wrong");
});

Deno.test("Page of a batch with hostile texts shows them as text", () => {
  for (const evil of hostile) {
    const markup = html(page(hostileStory(evil)));
    assert.doesNotMatch(markup, /<(script|img|iframe|object|style)[\s>]/i, evil);
    assert.doesNotMatch(text(markup), /[\u202e\u200b\u2066]/, evil);
    assert.match(text(markup), /256 of 256 signatures are wrong/);
  }
});

Deno.test("MessageFields offers another message up to the most that the key signs, and marks the one that is refused", () => {
  const fields = (texts: readonly string[], most: number, field = "") =>
    renderToString(
      <MessageFields
        {...{ format: "text", texts, files: [], most, refusal: field ? { field, message: "wrong" } : null }}
        onTexts={() => {}}
        onFiles={() => {}}
      />,
    );
  const one = fields(["a"], 256);
  assert.match(text(one), /Message a Add another message/);
  assert.doesNotMatch(one, /Remove/);
  assert.doesNotMatch(fields(["a"], 1), /Add another/);
  const three = fields(["a", "b", "c"], 256, "items[1].message");
  assert.match(text(three), /Message 1.*Remove message 1.*Message 3.*All 3 are signed together, or none\./);
  assert.match(three, /aria-invalid[^>]*>b<\/textarea>/);
  assert.equal(three.match(/aria-invalid/g)!.length, 1);
  const full = fields(["a", "b"], 2);
  assert.match(full, /aria-disabled="true"[^>]*>Add another message/);
  assert.match(text(full), /This key signs at most 2 together\./);
});

Deno.test("signaturesFile() has every item with its signature in hex, and signatureLines() one a line", () => {
  const [session] = newestFirst(page(stories["batch of ECDSA"]));
  const { items } = session!.request!;
  const { signatures } = session!.outcome!;
  const saved = JSON.parse(signaturesFile(items!.map((item) => ({ ...item, path: [0, 7] })), signatures));
  assert.deepEqual(saved.map(({ item }: { item: number }) => item), [1, 2, 3]);
  assert.deepEqual([saved[1].message, saved[1].hash, saved[1].path, saved[1].signature, saved[1].scheme], [
    items![1]!.message!.toHex(),
    "sha256",
    "0/7",
    signatures[1]!.bytes.toHex(),
    "ecdsa",
  ]);
  assert.equal(signatureLines(signatures), signatures.map(({ bytes }) => bytes.toHex()).join("\n"));
});
