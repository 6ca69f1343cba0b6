import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import type { ApprovalRequest } from "../../../mod.ts";
import type { Scheme } from "../../../src/events.ts";
import { carrierWords } from "../../../web/text/carrier.ts";
import type { EntryState } from "../../../web/holder/entry.ts";
import type { Rule } from "../../../web/holder/approvals.ts";
import { Rules, ruleSentence } from "../../../web/holder/view/rules.tsx";
import { ApproveDialog } from "../../../web/holder/view/approve.tsx";
import { type EntryActs, EntryPage } from "../../../web/holder/view/entry.tsx";
import { backupSentence, storageSentence } from "../../../web/holder/view/settings.tsx";
import { holdsSentence, reachSentence } from "../../../web/holder/view/slots.tsx";
import { alice, bob, carol, ecdsaKey, key, me, peers } from "../events.ts";
import { hostile } from "../hostile_stories.ts";

const nothing = () => Promise.resolve();
const acts: EntryActs = {
  entry: {
    choose: nothing,
    enrol: nothing,
    giveUp() {},
    startOver: nothing,
    unlock: nothing,
    restore: nothing,
    wantRestore: nothing,
  },
  measure: () => Promise.resolve(null),
  follow() {},
};
const page = (state: EntryState) => renderToString(<EntryPage state={state} acts={acts} />);
const text = (markup: string) => markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
const kept = { peer: alice, name: "Ada", lock: "passphrase" } as const;

Deno.test("EntryPage shows one thing to do at each step, and no second primary button", () => {
  const states: [EntryState, RegExp][] = [
    [{ at: "looking" }, /Looking for an identity in this browser/],
    [{ at: "welcome", problem: null }, /It keeps nothing yet.*Hold a share in this tab.*Watch only/],
    [{ at: "choose", kept: [{ ...kept, cluster: bob }] }, /Ada, in cluster/],
    [{ at: "enrol", name: "", busy: false, problem: null }, /A passphrase.*A passkey.*Ask to be let in/],
    [{ at: "asking", words: ["zoo", "abandon", "ability", "able"] }, /zoo +abandon +ability +able/],
    [{ at: "unlock", kept, admitted: true, busy: true, problem: null }, /Passphrase of “Ada”.*Unlocking…/],
    [
      { at: "unlock", kept: { ...kept, lock: "passkey" }, admitted: false, busy: false, problem: null },
      /with a passkey.*has not been let in yet.*Start over/,
    ],
    [{ at: "elsewhere", kept }, /“Ada” is open in another tab.*does nothing until the other is closed/],
    [{ at: "restore", busy: false, problem: { field: "backup", text: "no backup" } }, /no backup.*Restore/],
  ];
  for (const [state, expected] of states) {
    const markup = page(state);
    assert.match(text(markup), expected, state.at);
    assert.match(text(markup), /unaudited.*Licence MIT/, `${state.at}: it says what it is`);
    assert.ok((markup.match(/class="primary"/g)?.length ?? 0) <= 1, state.at);
  }
});

Deno.test("EntryPage and ApproveDialog show hostile names, wallets and messages as text", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  for (const evil of hostile) {
    const door = page({
      at: "unlock",
      kept: { ...kept, name: evil },
      admitted: true,
      busy: false,
      problem: null,
    });
    const request = {
      kind: "sign",
      keyId: "0badc0de".repeat(8),
      id: "00",
      messageHash: null,
      wallet: evil,
      scheme: "ed25519",
      initiator: alice,
      note: evil,
      reference: evil,
      message: bytes(evil),
      digest: null,
      hash: null,
      path: [],
      options: {},
      publicKey: new Uint8Array(33),
      party: [alice, bob],
      expires: Date.now() + 1_000,
    } as const;
    const named = new Map(peers).set(alice, { ...peers.get(alice)!, name: evil });
    const asked = renderToString(
      <ApproveDialog asks={[{ id: 1, request }]} peers={named} onAnswer={() => {}} />,
    );
    for (const markup of [door, asked]) {
      assert.doesNotMatch(markup, /<(script|img|iframe|object|style|a)[\s>]/i, evil);
      assert.doesNotMatch(text(markup), /\u202e/, evil);
    }
  }
});

Deno.test("ApproveDialog says who asks for what, and whom besides, in the roster's order", () => {
  const request = {
    kind: "sign",
    keyId: "0badc0de".repeat(8),
    id: "00",
    messageHash: null,
    wallet: "treasury",
    scheme: "ecdsa",
    initiator: bob,
    note: "Payroll of November",
    reference: "invoice 7",
    message: null,
    digest: new Uint8Array(32),
    hash: "sha256",
    path: [3],
    options: {},
    publicKey: new Uint8Array(33),
    party: [carol, alice],
    expires: Date.now() + 30_500,
  } as const;
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
  const request = {
    kind: "sign",
    keyId: key.session,
    id: "00",
    messageHash: null,
    wallet: "treasury",
    scheme: "ed25519",
    initiator: me,
    note: "",
    reference: "",
    message: new TextEncoder().encode("pay 5"),
    digest: null,
    hash: null,
    path: [],
    options: {},
    publicKey: new Uint8Array(33),
    party: [alice, bob],
    expires: Date.now() + 30_500,
  } as const;
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
  const request = {
    kind: "sign",
    keyId: "0badc0de".repeat(8),
    id: "00".repeat(16),
    wallet: "treasury",
    scheme: "ed25519",
    initiator: bob,
    note: "",
    reference: "",
    message: new Uint8Array(4_000),
    messageHash: new Uint8Array(32).fill(0xab),
    digest: null,
    hash: null,
    path: [],
    options: {},
    publicKey: new Uint8Array(33),
    party: [alice, bob],
    expires: Date.now() + 30_500,
  } as const;
  const shown = (request: ApprovalRequest) =>
    renderToString(<ApproveDialog asks={[{ id: 1, request }]} peers={peers} onAnswer={() => {}} />);
  const buttons = (markup: string) =>
    [...markup.matchAll(/<button([^>]*)>(.*?)<\/button>/g)].map(([, attributes, label]) => ({
      label: label!.trim().split(" ")[0],
      primary: attributes!.includes('class="primary"'),
      dead: attributes!.includes("disabled"),
    }));
  const blind = shown(request);
  assert.match(text(blind), /SHA-256 of the whole message (ab){32}/);
  assert.match(text(blind), /I have checked this hash elsewhere/);
  assert.match(blind, /<label[^>]*><input type="checkbox"\/>/);
  assert.deepEqual(buttons(blind), [
    { label: "Decline", primary: true, dead: false },
    { label: "Approve", primary: false, dead: true },
    { label: "Always", primary: false, dead: true },
  ]);
  const readable = shown({ ...request, message: new TextEncoder().encode("pay 5") });
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

Deno.test("holdsSentence() counts what is stored, and names the keys whose share is not", () => {
  const backup = { at: null, covered: [], uncovered: [] };
  const held = (uncovered: { wallet: string; scheme: Scheme }[] = [], rules: Rule[] = []) => ({
    backup: { ...backup, uncovered },
    rules,
  });
  const mine = { ...key, members: [me, bob] };
  const other = { ...ecdsaKey, members: [me, bob], wallet: "later" };
  assert.match(holdsSentence({ keys: [], self: me }, held()), /^This tab holds no share yet\. It can hold/);
  assert.match(holdsSentence({ keys: [key], self: me }, held()), /holds no share yet.*from now on\.$/);
  const one = held([{ wallet: key.wallet, scheme: key.scheme }]);
  assert.match(holdsSentence({ keys: [mine], self: me }, one), /a share of one key.*you approve\.$/);
  assert.match(holdsSentence({ keys: [mine, other], self: me }, one), /lacks its share of “later”/);
});

Deno.test("A holder's page shows each rule in force beside the sentence that it is an exception of, and takes it back", () => {
  const about = { kind: "sign", initiator: bob, scheme: "ed25519", wallet: "treasury" } as const;
  const rule: Rule = { id: 7, about, readable: true, used: 2 };
  const nameOf = (peer: string) => peers.get(peer)!.name;
  assert.equal(
    ruleSentence(rule, nameOf),
    "This tab will sign with “treasury” (Ed25519) whatever Bob asks, if it can be read, until the page is closed. " +
      "Used 2 times.",
  );
  const uncovered = [{ wallet: key.wallet, scheme: key.scheme }];
  const mine = { backup: { at: null, covered: [], uncovered }, rules: [rule] };
  assert.match(
    holdsSentence({ keys: [], self: me }, mine),
    /until you approve, except by your rules below\./,
  );
  const shown = renderToString(<Rules rules={[rule]} nameOf={nameOf} onForget={() => {}} />);
  assert.match(text(shown), /Without asking you .*Ask me again/);
  assert.equal(renderToString(<Rules rules={[]} nameOf={nameOf} onForget={() => {}} />), "");
});

Deno.test("backupSentence() and storageSentence() say what is not safe", () => {
  const treasury = { wallet: "treasury", scheme: "ed25519" } as const;
  assert.match(
    backupSentence({ backup: { at: null, covered: [], uncovered: [treasury] } }),
    /No backup.*“treasury”/,
  );
  assert.match(
    backupSentence({ backup: { at: 1, covered: [treasury], uncovered: [] } }),
    /Every key of this tab is in it/,
  );
  assert.match(storageSentence({ persisted: false, usage: 1, quota: 100 }), /not promised.*private window/);
  assert.match(storageSentence({ persisted: false, usage: 95, quota: 100 }), /almost full/);
  assert.match(storageSentence({ persisted: true, usage: 1, quota: 100 }), /has promised to keep/);
  assert.match(
    storageSentence({ persisted: false, usage: null, quota: null }),
    /does not report its storage/,
  );
});

Deno.test("reachSentence() and carrierWords() say how a tab is reached", () => {
  const nameOf = (peer: string) => peer === alice ? "Alice" : "Bob";
  assert.match(reachSentence([{ relay: alice, state: "reserved" }], nameOf), /through Alice\.$/);
  assert.match(reachSentence([{ relay: bob, state: "retrying" }], nameOf), /asking Bob/);
  assert.match(reachSentence([], nameOf), /cannot reach this one: no peer/);
  assert.equal(carrierWords({ kind: "webrtc", relayed: false }, 3), "WebRTC, direct · 3.0 ms");
  assert.equal(carrierWords({ kind: "websocket", relayed: true }, 31.4), "relayed · 31 ms");
  assert.equal(carrierWords({ kind: "websocket", relayed: false }, null), "WebSocket");
  assert.equal(carrierWords(null, null), "");
});
