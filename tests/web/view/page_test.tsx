import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import type { Scheme } from "../../../src/events.ts";
import { initial } from "../../../web/state/model.ts";
import { threats } from "../../../web/view/about.tsx";
import { Create } from "../../../web/view/create.tsx";
import { Join } from "../../../web/view/join.tsx";
import { Misbehave } from "../../../web/demo/misbehave.tsx";
import { Page } from "../../../web/view/page.tsx";

import { preview } from "../../../web/text/preview.ts";
import { newestFirst } from "../../../web/state/primary.ts";
import { linesSentence } from "../../../web/view/message_fields.tsx";
import { askingSentence, timeLeft } from "../../../web/view/session/running.tsx";
import type { PeerStatus } from "../../../web/node/node_port.ts";
import type { Session } from "../../../web/state/sessions.ts";
import { alice, bob, carol, key, mallory, me, page, peers, script, status } from "../events.ts";
import { idleAct as act } from "../idle_act.ts";
import { hostile, hostileStory } from "../hostile_stories.ts";
import { stories, type Story } from "../stories.ts";
import { allSchemes } from "../../../web/text/schemes.ts";

function html(story: Story | ReturnType<typeof page>, narrow = false): string {
  const state = typeof story === "string" ? page(stories[story]) : story;
  return renderToString(
    <Page state={state} act={act} schemes={["ed25519", "ecdsa"]} breakPanel={Misbehave} narrow={narrow} />,
  );
}
const text = (markup: string) => markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

Deno.test("Page begins with one primary button and the sentence that explains it", () => {
  const markup = html("empty");
  assert.match(text(markup), /3 of 3 ready: quorate/);
  assert.match(
    text(markup),
    /Alice, Bob, and Carol will each hold a part\. No one ever holds the whole key\./,
  );
  assert.match(text(markup), /Create a 2-of-3 wallet “treasury”, Ed25519 and ECDSA: change…/);
});

Deno.test("Page makes a key for BIP-340 only if it is chosen", () => {
  const wallet = (schemes: readonly Scheme[]) =>
    text(renderToString(<Page state={page(stories.empty)} act={act} schemes={schemes} />));
  assert.match(wallet(allSchemes), /Create a 2-of-3 wallet “treasury”, Ed25519 and ECDSA: change…/);
  assert.match(wallet(["bip340"]), /Create a 2-of-3 key “treasury”, BIP-340 \(Taproot, Nostr\): change…/);

  const form = renderToString(
    <Create
      {...{ state: page(stories.empty), act, schemes: allSchemes, defaults: {}, main: true }}
      onClose={() => {}}
      onRequested={() => {}}
    />,
  );
  const offered = [...form.matchAll(/<option[^>]*value="[a-z][^"]*"[^>]*>([^<]*)/g)].map(([, name]) => name);
  assert.deepEqual(offered, [
    "Ed25519 and ECDSA",
    "Ed25519, ECDSA, and BIP-340",
    "Ed25519",
    "ECDSA (secp256k1)",
    "BIP-340 (Taproot, Nostr)",
  ]);
});

Deno.test("Page never has two primary buttons, in any story, wide or narrow", () => {
  for (const story of Object.keys(stories) as Story[]) {
    for (const narrow of [false, true]) {
      const count = html(story, narrow).match(/class="primary"/g)?.length ?? 0;
      assert.ok(count <= 1, `${story}: ${count}`);
    }
  }
});

Deno.test("Page never offers to break something as the primary act, after a signature neither", () => {
  for (const narrow of [false, true]) {
    assert.match(html("done", narrow), /class="primary"[^>]*>Sign a message</);
    assert.match(html("done", narrow), /class="plain"[^>]*>Arm Bob</);
  }
});

Deno.test("Page of a key that cannot sign with its shares offers one way out: to reshare it, without whoever was named most", () => {
  for (const narrow of [false, true]) {
    const markup = html("stuck", narrow);
    assert.match(markup, /class="primary"[^>]*>Reshare without Carol…</);
    assert.doesNotMatch(markup, /another wallet/);
  }
});

Deno.test("Page names both peers of a quarantined pair in the card itself", () => {
  const [card] = /<div class="card".*?<\/dl>/s.exec(html("quarantined"))!;
  assert.match(text(card!), /Alice does not sign with Bob for now\./);
});

Deno.test("Page shows a failure with the four answers, its code, and buttons that do it", () => {
  const shown = text(html("forged"));
  for (
    const part of [
      "Bob sent a signature share that does not verify.",
      "Who Bob, says Alice, who checked it.",
      "Is my key safe? Your key is safe.",
      "What now Alice and Carol can sign without Bob.",
      "Sign without Bob",
      "Try again",
      "✓ Checked in this page: the signed messages prove it.",
      "invalid-signature-share",
    ]
  ) assert.ok(shown.includes(part), part);
});

Deno.test("Page shows a signature with who verified it", () => {
  assert.match(text(html("done")), /✓ Verified in this page by your browser's own Ed25519/);
});

Deno.test("Page shows who was caught beside a signature that was made all the same", () => {
  const shown = text(html("caught"));
  assert.match(shown, /Sign “treasury” done, Bob caught/);
  assert.match(shown, /✓ Verified in this page/);
  assert.match(shown, /Bob sent a signature share that does not verify\./);
  assert.match(shown, /The signature was made all the same\./);
});

Deno.test("Page tells where a second try comes from", () => {
  const markup = html("recovered");
  assert.match(text(markup), /again without Bob, after 7f21…/);
  assert.ok(markup.includes(`href="#session=${script({ id: "7f21" }).key}"`));
});

Deno.test("Page puts the grid in a table with headers, and turns it where it is narrow", () => {
  const wide = html("forged");
  assert.match(wide, /<th scope="col">share<\/th>/);
  assert.match(wide, /<th scope="row">Bob<\/th>/);
  const turned = html("forged", true);
  assert.match(turned, /<th scope="row">share<\/th>/);
  assert.match(turned, /<th scope="col">Bob<\/th>/);
});

Deno.test("Page shows what was armed, what should be seen, and whether it was", () => {
  assert.match(text(html("armed")), /Armed: Bob will send a forged share, once\. Sign a message to see it\./);
  assert.match(text(html("armed")), /Sign with Bob and watch/);
  assert.match(text(html("misbehaved")), /as expected ✓/);
});

Deno.test("Page shows a wallet of two keys, and the addresses of the one that has them", () => {
  const shown = text(html("wallet"));
  assert.match(shown, /“treasury” Ed25519/);
  assert.match(shown, /“treasury” ECDSA/);
  // The generator of secp256k1 is the key of the secret 1: its addresses are known to all.
  const markup = html("wallet");
  assert.match(markup, /bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4/);
  assert.match(markup, /0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf/);
});

Deno.test("Page shows an ECDSA signature in all its forms, and under what it verifies", () => {
  const shown = text(html("ecdsa"));
  for (
    const part of [
      "Sign “treasury” ECDSA done",
      "✓ Verified in this page, under the key below",
      "Keccak-256 (Ethereum)",
      "DER 30440220",
      "For Ethereum 0x5ec9a901",
      "recovery id 1",
      "the key of “treasury”",
    ]
  ) assert.ok(shown.includes(part), part);
});

Deno.test("Page shows how far each peer is with a set-up, as bars that are not announced", () => {
  const markup = html("preparing");
  assert.match(text(markup), /Alice prepares pairs: 40 % Bob prepares pairs: 25 % Carol prepares pairs: 0 %/);
  assert.match(markup, /<progress[^>]*role="progressbar"[^>]*aria-valuenow="40"/);
  assert.doesNotMatch(page(stories.preparing).log.map(({ text }) => text).join(), /prepares/);
  assert.doesNotMatch(html("wallet"), /prepares pairs/);
});

Deno.test("Page says who refuses to sign with whom, since when, and who has frozen a key", () => {
  const shown = text(html("refusing"));
  assert.match(shown, /Alice refuses to sign with Bob for this key, since \d\d:\d\d\./);
  assert.match(shown, /Carol has frozen this key because several signatures/);
  assert.match(
    shown,
    /No 2 of its holders may sign together until that is done, or until the key is reshared\./,
  );
  assert.match(
    shown,
    /Reshare without Bob… The same on the command line quorate keys reshare treasury/,
  );
  assert.match(
    text(html("ban")),
    /Others can sign\. A ban ends when the key is reshared, without whoever may have cheated first of all/,
  );
  assert.match(
    text(html("quarantined")),
    /Alice does not sign with Bob for now with this key, .* Find out why, then have the pair released at Alice\./,
  );
  assert.match(text(html("quarantined")), /Others can sign meanwhile\./);
});

Deno.test("Page takes a message of several lines, and says how they are signed", () => {
  assert.match(html("created"), /<textarea[^>]*rows="1"[^>]*>hello threshold<\/textarea>/);
  assert.equal(
    linesSentence("a\nb\n"),
    "3 lines, 4 bytes. Every line end is signed as one line feed (\\n); choose “a file” for others.",
  );
});

Deno.test("Page shows in a session's own line what was to be signed, and what this tab's person said to it", () => {
  assert.match(text(html("done")), /Sign “treasury” done hello threshold/);
  const state = page(stories.done.filter(({ type }) => type !== "requested" && type !== "result"));
  const id = newestFirst(state)[0]!.id;
  const holder = {
    useAnswers: () => (of: Session) =>
      of.id === id
        ? { about: "“pay 5 to Carol”", sentence: "You approved: “pay 5 to Carol”.", remarks: {} }
        : null,
    useLocked: () => false,
    Top: () => null,
    Side: () => null,
  };
  const markup = renderToString(<Page state={state} act={act} schemes={["ed25519"]} holder={holder} />);
  assert.match(text(markup), /Sign “treasury” done “pay 5 to Carol” /);
  assert.match(
    text(markup),
    / You approved: “pay 5 to Carol”\. Signed\. Only the peer that asked received/,
  );
});

/** The page after all these peers are as `more` says. */
const with_ = (story: Story, more: Partial<PeerStatus>, but: readonly string[] = []) =>
  page([{
    type: "peers",
    peers: new Map([...peers].map(([peer, one]) => [peer, but.includes(peer) ? one : { ...one, ...more }])),
  }], page(stories[story]));
const away = { connected: false, link: "none" } as const;

Deno.test("Page offers to create or sign only where those who are needed are there, and says who is not", () => {
  const dead = (markup: string, name: string) => new RegExp(`aria-disabled="true"[^>]*>${name}`).test(markup);
  assert.ok(!dead(html("empty"), "Create a 2-of-3"));
  const nobody = html(with_("empty", away));
  assert.ok(dead(nobody, "Create a 2-of-3"));
  assert.match(text(nobody), /Nobody is here: Alice, Bob, and Carol cannot be reached\./);
  const some = html(with_("empty", { locked: true }, [alice, bob]));
  assert.ok(dead(some, "Create a 2-of-3"));
  assert.match(text(some), /All of them are needed: Carol is locked\./);
  assert.ok(!dead(html(with_("created", away, [alice, bob])), "Sign a message"));
  const one = html(with_("created", away, [alice]));
  assert.ok(dead(one, "Sign a message"));
  assert.match(text(one), /2 of its 3 holders are needed; only Alice is here\./);
  assert.match(text(html(with_("created", away))), /No holder of this key is here\./);
});

Deno.test("Page says of itself that it is offline, and blames nobody for it", () => {
  const offline = page([{ type: "online", online: false }], page(stories.created));
  const shown = text(html(offline));
  assert.match(shown, /This browser is offline: nobody can be reached from here/);
  assert.doesNotMatch(shown, /ready: quorate|\d ms|Alice ready/);
  assert.match(shown, /Alice unknown/);
  const t = script({ id: "0ff1" });
  const failed = page([
    {
      type: "requested",
      id: t.id,
      kind: "sign",
      wallet: "treasury",
      scheme: "ed25519",
      request: { items: [{ message: new Uint8Array(1) }] },
    },
    t.failed(me, "not-enough-peers", { phase: "inviting", missing: [alice] }),
  ], offline);
  const card = text(html(page([{ type: "online", online: true }], failed)));
  assert.match(
    card,
    /This browser was offline\. Who Nobody is blamed\. .* Try again when it is online\. Try again/,
  );
  assert.doesNotMatch(card, /Alice could not be reached|Sign without/);
});

Deno.test("Page counts who watches while it is connected, and no longer", () => {
  const watchers = (connected: boolean) =>
    page([{
      type: "peers",
      peers: new Map([...peers, [mallory, status("Console 2", { rights: ["observer"], connected })]]),
    }], page(stories.created));
  assert.match(text(html(watchers(true))), /1 other console is watching/);
  assert.doesNotMatch(text(html(watchers(false))), /watching/);
});

Deno.test("Page says whose person is being asked, and for how long, also to that person", () => {
  assert.match(text(html("asking")), /Carol is being asked whether to take part\./);
  const [session] = newestFirst(page(stories.asking));
  assert.equal(
    timeLeft(session!, 11_000),
    50_000 - 10,
    "a command of a minute, of which this page has heard for 10 s",
  );
  const nameOf = (peer: string) => peer === alice ? "Alice" : "Carol";
  const about = { nameOf, self: carol, left: 50_000 };
  assert.equal(
    askingSentence([alice, carol], about),
    "You are being asked: answer on this screen. Alice is being asked whether to take part. There are 50 s left to answer.",
  );
  assert.equal(
    askingSentence([carol], { ...about, left: 240_000 }),
    "You are being asked: answer on this screen. There are 4 minutes left to answer.",
  );
  const own = page([{ type: "self", self: carol, rights: ["holder"] }], page(stories.asking));
  assert.match(text(html(own)), /You are being asked: answer on this screen\./);
});

Deno.test("Page calls no key ready, and no holders quorate, where no quorum may sign, and advises nothing that cannot be done", () => {
  const markup = html("stuck");
  const shown = text(markup);
  assert.match(markup, /<li data-state="stuck"><button[^>]*>.*?ECDSA/);
  assert.match(shown, /cannot sign/);
  assert.match(shown, /3 of 3 ready: not quorate.*they must not sign together/);
  assert.match(
    shown,
    /What now No 2 of its holders may sign together with these shares again\. They can still reshare the key/,
  );
  assert.doesNotMatch(shown, /with another pair|Sign with Alice|Try again/);
  assert.match(markup, /<button type="submit" class="plain" aria-disabled[^>]*>Sign a message/);
});

Deno.test("Page offers to sign with a key of the other scheme in the same wallet", () => {
  assert.match(html("wallet"), new RegExp(`<option[^>]*value="${key.session}"`));
  assert.match(text(html("done")), /Add a key for ECDSA…/);
});

Deno.test("Page says on itself its version, source and licence, that it is unaudited, and its threat model in six sentences", () => {
  const shown = text(html("empty"));
  assert.match(shown, /Quorate unbuilt: unaudited/);
  for (const part of ["Version", "Source", "Licence MIT", "Unaudited. There has been no audit"]) {
    assert.ok(shown.includes(part), part);
  }
  assert.equal(threats.length, 6);
  for (const sentence of threats) {
    assert.ok(shown.includes(sentence), sentence);
    assert.match(sentence, /^[A-Z][^.]+\.$/, "one sentence");
  }
});

Deno.test("Page keeps warnings to one quiet line", () => {
  assert.match(text(html("misbehaved")), /47 frames were dropped: nobody in the roster signed them/);
});

Deno.test("Page without the demo's panel has nothing to break", () => {
  const state = page(stories.done);
  const markup = renderToString(<Page state={state} act={act} schemes={["ed25519", "ecdsa"]} />);
  assert.doesNotMatch(markup, /on purpose/);
});

Deno.test("Page says so while it waits for the first keys", () => {
  const markup = renderToString(
    <Page state={{ ...initial, self: "me" }} act={act} schemes={["ed25519", "ecdsa"]} />,
  );
  assert.match(text(markup), /Asking the peers for their keys…/);
});

Deno.test("Page shows hostile names, wallets and messages as text, and nothing of them as markup", () => {
  for (const bad of hostile) {
    const state = page(hostileStory(bad), initial);
    for (const narrow of [false, true]) {
      const markup = html(state, narrow);
      assert.doesNotMatch(
        markup,
        /<(script|img|iframe|object|embed|style|base|meta|link|template|math)\b/i,
        bad,
      );
      assert.doesNotMatch(markup, /[\u202A-\u202E\u2066\u2067\u200B-\u200F]|(?!\n)\p{Cc}/u, bad);
      assert.doesNotMatch(markup.replace(/"[^"]*"/g, '""'), /<[^>]*\s(style|on\w+)=/i, bad);
    }
  }
});

Deno.test("Join says what it does, and what went wrong, in words", () => {
  const joining = renderToString(
    <Join
      joining={{ state: "joining", step: { step: "connecting", names: ["Alice", "Bob", "Carol"] } }}
      onRetry={() => {}}
    />,
  );
  assert.match(text(joining), /Connecting to Alice, Bob, and Carol…/);
  const refused = renderToString(<Join joining={{ state: "refused", problem: "used" }} onRetry={() => {}} />);
  assert.match(text(refused), /This invitation has been used or withdrawn\./);
});

Deno.test("preview() scenarios text as text and anything else as hex", () => {
  assert.equal(preview(new TextEncoder().encode("hello\u202E")), "hello‹202E›");
  assert.equal(preview(new Uint8Array([255, 0])), "0xff00 (2 bytes)");
  assert.equal(preview(new Uint8Array()), "(empty)");
});
