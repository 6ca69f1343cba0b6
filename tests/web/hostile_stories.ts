/**
 * Hostile texts, and the story of a page on which everything with a name has such a text.
 * @module
 */
import type { Action } from "../../web/state/reduce.ts";
import { alice, bob, carol, key, links, mallory, me, peers, script, status, warning } from "./events.ts";
import { opened, signature, signRounds, verified } from "./stories.ts";

const rtl = "\u202E";
/** Fifty hostile texts for the name of a peer or a wallet, or for a message. */
export const hostile: readonly string[] = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<iframe srcdoc='<script>alert(1)</script>'>",
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  "</title><script>alert(1)</script>",
  "</textarea><script>alert(1)</script>",
  "</style><script>alert(1)</script>",
  "<style>*{display:none}</style>",
  "<base href=//evil.example>",
  "<meta http-equiv=refresh content='0;url=//evil.example'>",
  "<link rel=stylesheet href=//evil.example/x.css>",
  "<form action=//evil.example><input>",
  "<a href=javascript:alert(1)>click</a>",
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "<details open ontoggle=alert(1)>",
  "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  "<object data=javascript:alert(1)>",
  "<embed src=//evil.example>",
  "<template><script>alert(1)</script></template>",
  "{{constructor.constructor('alert(1)')()}}",
  "${alert(1)}",
  "`-alert(1)-`",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "\u0000\u0001\u0002",
  "\u001b[31mred\u001b[0m",
  "a\r\nSet-Cookie: x=1",
  `${rtl}gnp.exe`,
  `Alice${rtl}boB`,
  "\u2066Alice\u2069",
  "\u200b\u200c\u200d\ufeff",
  "\u061cAlice",
  "A\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308",
  "\ud800",
  "\udfff\ud800",
  "\u{e0041}\u{e0042}",
  "שלום",
  "مرحبا",
  "👩‍👩‍👧‍👦".repeat(5),
  "W".repeat(64),
  "i".repeat(64),
  "漢".repeat(64),
  "",
  " ",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
];

/** A page on which everything that has a name is named `text`. */
export function hostileStory(text: string): readonly Action[] {
  const wallet = text || "empty";
  const named = new Map(
    [...peers].map(([peer, one], i) => [peer, { ...one, name: i < 3 ? text : one.name }]),
  );
  named.set(mallory, status(text, { rights: ["observer"] }));
  const t = script({ id: "bad0", wallet });
  const party = [alice, bob];
  return [
    { type: "self", self: me, rights: ["initiator", "manager", "observer"] },
    { type: "peers", peers: named },
    ...links,
    { type: "keys", keys: [{ ...key, wallet }] },
    {
      type: "requested",
      id: t.id,
      kind: "sign",
      wallet,
      scheme: "ed25519",
      request: {
        items: [{ message: new TextEncoder().encode(text) }],
        note: text.repeat(4),
        reference: text,
      },
    },
    { type: "cheating-peers", peers: [alice, bob, carol] },
    ...opened(t, party, [text.slice(0, 24), "share"]),
    t.begun(alice, text.slice(0, 24)),
    t.failed(alice, "invalid-signature-share", {
      round: text.slice(0, 24),
      culprits: [bob],
      evidence: text,
    }),
    warning(alice, 900, { via: text, count: 3 }),
    { type: "linked", session: t.key },
    ...signedAs(text, wallet),
    ...batchAs(text, wallet),
  ];
}

/** A batch of 256 items, all with that text; its failure claims to know more items than there are. */
function batchAs(text: string, wallet: string): Action[] {
  const [t, failing] = [script({ id: "bad2", wallet }), script({ id: "bad3", wallet })];
  const items = Array.from({ length: 256 }, () => ({ message: new TextEncoder().encode(text.repeat(3)) }));
  const spoilt = Array.from({ length: 256 }, (_, i) => i);
  const requested = (id: string): Action => ({
    type: "requested",
    id,
    kind: "sign",
    wallet,
    scheme: "ed25519",
    request: { items },
  });
  return [
    requested(t.id),
    ...opened(t, [alice, carol], signRounds),
    t.done(alice),
    {
      type: "result",
      id: t.id,
      outcome: { signatures: items.map(() => signature), verified: { is: "wrong", wrong: spoilt } },
    },
    { type: "unfold", session: t.key, open: true },
    requested(failing.id),
    ...opened(failing, [alice, bob], signRounds),
    failing.failed(alice, "invalid-signature-share", {
      round: "share",
      culprits: [bob],
      evidence: text,
      items: 2,
      spoilt,
    }),
    { type: "unfold", session: failing.key, open: true },
  ];
}

function signedAs(text: string, wallet: string): Action[] {
  const t = script({ id: "bad1", wallet });
  return [
    {
      type: "requested",
      id: t.id,
      kind: "sign",
      wallet,
      scheme: "ed25519",
      request: {
        items: [{ message: new TextEncoder().encode(text) }],
        note: text.repeat(4),
        reference: text,
      },
    },
    ...opened(t, [alice, carol], signRounds),
    t.done(alice),
    { type: "result", id: t.id, outcome: { signatures: [signature], verified } },
    { type: "unfold", session: t.key, open: true },
  ];
}
