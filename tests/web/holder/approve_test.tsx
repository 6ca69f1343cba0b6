import assert from "node:assert/strict";
import { sha256 } from "@noble/hashes/sha2.js";
import { renderToString } from "preact-render-to-string";
import type { ApprovalRequest, RequestedItem } from "../../../mod.ts";
import { ApproveDialog } from "../../../web/holder/view/approve.tsx";
import { alice, bob, carol, key, mallory, me, peers } from "../events.ts";
import { hostile } from "../hostile_stories.ts";
import { bytes, requestFor, reshareRequest } from "./requests.ts";

const text = (markup: string) => markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

/** The buttons of a dialog: the first word of each, and its state. */
const buttons = (markup: string) =>
  [...markup.matchAll(/<button([^>]*)>(.*?)<\/button>/g)].map(([, attributes, label]) => ({
    label: label!.trim().split(" ")[0],
    primary: attributes!.includes('class="primary"'),
    dead: attributes!.includes("disabled"),
  }));

Deno.test("ApproveDialog says who asks for what, and whom besides, in the roster's order", () => {
  const item = { digest: new Uint8Array(32), hash: "sha256", path: [3] } as const;
  const request = requestFor([item], {
    scheme: "ecdsa",
    initiator: bob,
    note: "Payroll of November",
    reference: "invoice 7",
    party: [carol, alice],
  });
  const asks = [1, 2, 3].map((id) => ({ id, request }));
  const said = text(renderToString(<ApproveDialog asks={asks} peers={peers} onAnswer={() => {}} />));
  for (
    const part of [
      "Bob asks you to sign with “treasury”.",
      "ECDSA (secp256k1)",
      "0badc0de…",
      "Digest (SHA-256",
      "m/3",
      "Alice and Carol",
      "Bob's note “Payroll of November” Bob's reference “invoice 7” The asker's own words: nothing has checked",
      "2 more wait.",
    ]
  ) assert.ok(said.includes(part), `${part} in ${said}`);
  const without = asks.map((ask) => ({ ...ask, request: { ...request, note: "", reference: "" } }));
  const less = text(renderToString(<ApproveDialog asks={without} peers={peers} onAnswer={() => {}} />));
  assert.doesNotMatch(less, /note|reference|words/);
});

Deno.test("ApproveDialog says of whoever holds no share of the key that it does not, and how names that look alike differ", () => {
  const request = requestFor([{ message: bytes("pay 5") }], { keyId: key.session, initiator: me });
  const alike = new Map(peers).set(me, { ...peers.get(me)!, name: "\u0410lice" });
  const said = (initiator: string) =>
    text(
      renderToString(
        <ApproveDialog
          asks={[{ id: 1, request: { ...request, initiator } }]}
          peers={alike}
          keys={[key]}
          onAnswer={() => {}}
        />,
      ),
    );
  assert.match(said(me), /\u0410lice \(12D3…\w+\) asks you to sign with “treasury”\./);
  assert.match(said(me), /, who holds no share of this key/);
  assert.doesNotMatch(said(bob), /who holds no share/);
});

Deno.test("ApproveDialog: what cannot be read takes an act of its own, its first button declines, and none is live when it opens", () => {
  const request = requestFor([{ message: new Uint8Array(4_000) }], { initiator: bob });
  const shown = (request: ApprovalRequest) =>
    renderToString(<ApproveDialog asks={[{ id: 1, request }]} peers={peers} onAnswer={() => {}} />);
  const blind = shown(request);
  assert.match(
    text(blind),
    new RegExp(`SHA-256 of the whole message ${sha256(new Uint8Array(4_000)).toHex()}`),
  );
  assert.match(text(blind), /I have checked this hash elsewhere/);
  assert.match(blind, /<label[^>]*><input type="checkbox"\/>/);
  assert.deepEqual(buttons(blind), [
    { label: "Decline", primary: true, dead: false },
    { label: "Approve", primary: false, dead: true },
    { label: "Always", primary: false, dead: true },
  ]);
  const readable = shown(requestFor([{ message: bytes("pay 5") }], { initiator: bob }));
  assert.doesNotMatch(readable, /checkbox/);
  assert.deepEqual(buttons(readable), [
    { label: "Approve", primary: true, dead: true },
    { label: "Decline", primary: false, dead: false },
    { label: "Always", primary: false, dead: true },
  ]);
});

Deno.test("ApproveDialog says who asks for a new key, of which kind, with whom, and how many would sign", () => {
  const request = {
    kind: "generate",
    id: "00".repeat(16),
    wallet: "savings",
    scheme: "ecdsa",
    initiator: bob,
    note: "",
    reference: "",
    threshold: 2,
    party: [alice, bob, carol],
    expires: Date.now() + 30_500,
  } as const;
  const said = text(
    renderToString(<ApproveDialog asks={[{ id: 1, request }]} peers={peers} onAnswer={() => {}} />),
  );
  for (
    const part of [
      "Bob asks you to hold a share of a new key, “savings”.",
      "ECDSA (secp256k1)",
      "How many sign 2 of 3",
      "Who would hold shares Alice, Bob, and Carol",
      "Nothing is signed by this.",
    ]
  ) assert.ok(said.includes(part), `${part} in ${said}`);
});

/** The dialog for a batch of Bob's. */
const batch = (items: readonly Partial<RequestedItem>[], part = {}) =>
  renderToString(
    <ApproveDialog
      asks={[{ id: 1, request: requestFor(items, { initiator: bob, ...part }) }]}
      peers={peers}
      onAnswer={() => {}}
    />,
  );

Deno.test("ApproveDialog says of a batch how many, shows every item, and what is the same for all of them once", () => {
  const items = ["pay 5", "pay 6", "pay 7"].map((one) => ({
    message: bytes(one),
    digest: sha256(bytes(one)),
    hash: "sha256" as const,
    path: [0, 7],
  }));
  const markup = batch(items, { scheme: "ecdsa" });
  const said = text(markup);
  assert.match(said, /Bob asks you to sign 3 messages with “treasury”\./);
  assert.match(said, /3 messages, in order/);
  assert.equal(said.split("m/0/7").length, 2, "the child key is said once");
  assert.match(markup, /<ol class="items" role="list" aria-labelledby="items-title">/);
  assert.equal(markup.split('<li class="item">').length, 4);
  assert.match(said, /1 of 3 pay 5 2 of 3 pay 6 3 of 3 pay 7/);
  assert.doesNotMatch(said, /SHA-256 of the whole/, "until somebody wants to see the hashes");
  assert.match(markup, /<button[^>]*aria-pressed="false"[^>]*>Show the hashes/);
  assert.deepEqual(buttons(markup).slice(1), [
    { label: "Approve", primary: true, dead: true },
    { label: "Decline", primary: false, dead: false },
    { label: "Always", primary: false, dead: true },
  ]);
  assert.match(said, /Approve all 3/);
});

Deno.test("ApproveDialog shows all of 256 items, none in a box of its own, and wants a word that they were read", () => {
  const markup = batch(Array.from({ length: 256 }, (_, i) => ({ message: bytes(`pay ${i}`) })));
  const said = text(markup);
  for (let i = 0; i < 256; i++) assert.ok(said.includes(`${i + 1} of 256 pay ${i} `), `item ${i + 1}`);
  assert.equal(markup.match(/tabindex="0"/gi), null, "buttons are a few steps away by keyboard");
  assert.match(said, /I have read all 256 messages, to the last\./);
  assert.deepEqual(buttons(markup).slice(1), [
    { label: "Decline", primary: true, dead: false },
    { label: "Approve", primary: false, dead: true },
    { label: "Always", primary: false, dead: true },
  ]);
});

Deno.test("ApproveDialog shows digests and bytes of a batch with their hashes, and says that they cannot be read here", () => {
  const digests = [1, 2].map((byte) => ({ digest: new Uint8Array(32).fill(byte), hash: "sha256" as const }));
  const said = text(batch(digests, { scheme: "ecdsa" }));
  assert.match(said, /Bob asks you to sign 2 digests with/);
  assert.match(
    said,
    /Each: Digest \(SHA-256, by the word of whoever asks; this tab was not given the message\)/,
  );
  assert.match(said, /1 of 2 (01){32} 2 of 2 (02){32}/);
  assert.match(said, /I have checked these 2 digests elsewhere: not all/);
  assert.match(said, /Approve what is not shown/);
  const unknown = text(
    batch(digests.map((one) => ({ ...one, hash: "other" as const })), { scheme: "ecdsa" }),
  );
  assert.match(
    unknown,
    /Each: Digest \(made by another hash, which is not known here, by the word of whoever asks;/,
  );
  const mixed = text(batch([{ message: bytes("pay 5") }, { message: Uint8Array.of(255) }]));
  const hash = sha256(Uint8Array.of(255)).toHex();
  assert.match(
    mixed,
    new RegExp(`1 of 2 Message pay 5 2 of 2 Message in hex ff SHA-256 of the whole message ${hash}`),
  );
});

Deno.test("ApproveDialog shows the hostile texts of a batch as text", () => {
  const markup = batch(hostile.map((evil) => ({ message: bytes(evil) })));
  assert.doesNotMatch(markup, /<(script|img|iframe|object|style|a)[\s>]/i);
  assert.doesNotMatch(text(markup), /[\u202e\u200b\u2066]/);
  assert.equal(markup.split('<li class="item">').length, hostile.length + 1);
});

const reshareAsked = (part: Parameters<typeof reshareRequest>[0], self = alice) =>
  renderToString(
    <ApproveDialog
      asks={[{ id: 1, request: reshareRequest(part) }]}
      peers={peers}
      self={self}
      onAnswer={() => {}}
    />,
  );

Deno.test("ApproveDialog says of a resharing that the key stays, who leaves, comes and stays, and what it means for this tab", () => {
  const markup = reshareAsked({ members: [alice, me], dealers: [alice, bob], gone: [carol] });
  const said = text(markup);
  for (
    const part of [
      "Bob asks you to reshare “treasury”.",
      "id 0badc0de…",
      "Epoch 1 → 2",
      "How many sign 2 of 2; now 2 of 3",
      "Who stays Alice: gets a new share",
      "Who comes Console: gets a share",
      "Who leaves Bob: erases its share when the others hold theirs",
      "Who is gone Carol: takes no part, lost or not to be asked",
      "Whose shares are used Alice and Bob",
      "the key and its addresses stay. This tab would get a new share, which is in no backup yet",
    ]
  ) assert.ok(said.includes(part), `${part} in ${said}`);
  assert.doesNotMatch(said, /Who would|problem|Bans/);
  assert.deepEqual(buttons(markup), [
    { label: "Approve", primary: true, dead: true },
    { label: "Decline", primary: false, dead: false },
  ], "no rule covers a resharing");
  const party = { members: [alice, me], dealers: [alice, bob], gone: [carol] };
  assert.match(text(reshareAsked(party, bob)), /This tab would hold no share any more/);
  assert.match(text(reshareAsked(party, me)), /This tab would be one of its holders/);
});

Deno.test("ApproveDialog warns of a threshold that falls, and of a cheater that stays and gets a new guess", () => {
  const quiet = text(reshareAsked({}));
  assert.match(quiet, /How many sign 2 of 3, as now/);
  assert.doesNotMatch(quiet, /Fewer|guess|Who (leaves|comes|is gone)/);
  const before = { threshold: 3, members: [alice, bob, carol] };
  const falls = text(reshareAsked({ before }));
  assert.match(falls, /falls from 3 of 3 to 2 of 3/);
  assert.match(falls, /Fewer will be enough: 2 of the new holders can sign, where now it takes 3\./);
  const leaves = {
    before: { threshold: 2, members: [alice, bob, carol] },
    members: [alice, me],
    dealers: [alice],
  };
  const one = text(reshareAsked({ ...leaves, gone: [carol] }));
  assert.doesNotMatch(one, /enough to sign|Half/);
  const two = text(reshareAsked({ ...leaves, gone: [bob, carol] }));
  assert.match(two, /are enough to sign with the shares that they have: Bob and Carol\./);
  assert.match(two, /Half of the holders now take no part: they could give the key to others/);
  const rises = text(reshareAsked({ threshold: 3 }));
  assert.match(rises, /rises from 2 of 3 to 3 of 3/);
  assert.doesNotMatch(rises, /Fewer/);
  const ban = { kind: "ban", by: alice, other: bob } as const;
  const stays = text(reshareAsked({ refusals: [ban] }));
  assert.match(stays, /Bans that end this node refuses Bob/);
  assert.match(
    stays,
    /Bob failed a security check by this node, and would stay\. .* a resharing without Bob first\./,
  );
  assert.doesNotMatch(text(reshareAsked({ refusals: [ban], members: [alice, carol] })), /guess/);
  const newcomer = { members: [alice, bob, me], refusals: [ban], frozen: true };
  const told = text(reshareAsked(newcomer, me));
  assert.match(told, /Bans that end Alice refuses Bob Freeze that ends of this node/);
  assert.match(told, /Bob failed a security check by Alice, as that says, and would stay\. Whoever cheated/);
  assert.doesNotMatch(
    text(reshareAsked({ ...newcomer, members: [alice, me] }, me)),
    /Both would stay/,
    "Bob leaves",
  );
  const quarantined = text(reshareAsked({ refusals: [{ ...ban, kind: "quarantine", by: carol }] }));
  assert.match(quarantined, /Quarantines that end Carol refuses Bob/);
  assert.match(
    text(reshareAsked({ members: [me, mallory] })),
    /None of those who hold the key now keeps a share/,
  );
});
