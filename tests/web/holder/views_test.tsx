import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import type { Scheme } from "../../../src/events.ts";
import { carrierWords } from "../../../web/text/carrier.ts";
import type { EntryState } from "../../../web/holder/entry.ts";
import type { Rule } from "../../../web/holder/approvals.ts";
import { Rules, ruleSentence } from "../../../web/holder/view/rules.tsx";
import { ApproveDialog } from "../../../web/holder/view/approve.tsx";
import { type EntryActs, EntryPage } from "../../../web/holder/view/entry.tsx";
import { backupSentence, storageSentence } from "../../../web/holder/view/settings.tsx";
import { holdsSentence, nagSentence, reachSentence } from "../../../web/holder/view/slots.tsx";
import { alice, bob, ecdsaKey, key, me, peers } from "../events.ts";
import { hostile } from "../hostile_stories.ts";
import { bytes, requestFor } from "./requests.ts";

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
  for (const evil of hostile) {
    const door = page({
      at: "unlock",
      kept: { ...kept, name: evil },
      admitted: true,
      busy: false,
      problem: null,
    });
    const request = requestFor([{ message: bytes(evil) }], { wallet: evil, note: evil, reference: evil });
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

Deno.test("holdsSentence() counts what is stored, and names the keys whose share is not", () => {
  const backup = { at: null, covered: [], uncovered: [] };
  const held = (uncovered: { wallet: string; scheme: Scheme }[] = [], rules: Rule[] = []) => ({
    backup: { ...backup, uncovered },
    rules,
  });
  const mine = { ...key, members: [me, bob] };
  const other = { ...ecdsaKey, members: [me, bob], wallet: "later" };
  assert.match(
    holdsSentence({ keys: [], self: me }, held()),
    /^This tab holds no share yet\. It can be given one/,
  );
  assert.match(holdsSentence({ keys: [key], self: me }, held()), /holds no share yet.*among its holders\.$/);
  const one = held([{ wallet: key.wallet, scheme: key.scheme }]);
  assert.match(holdsSentence({ keys: [mine], self: me }, one), /a share of one key.*you approve\.$/);
  assert.match(holdsSentence({ keys: [mine, other], self: me }, one), /lacks its share of “later”/);
  const name = { wallet: key.wallet, scheme: key.scheme };
  const beside = { backup: { at: 1, covered: [name], uncovered: [name] }, rules: [] };
  assert.match(holdsSentence({ keys: [mine], self: me }, beside), /a share of one key/, "of two epochs");
});

Deno.test("nagSentence() counts a new epoch's share as in no backup, and says what older backups are worth", () => {
  const name = { wallet: key.wallet, scheme: key.scheme };
  const mine = { kept: { peer: me, name: "Ada", lock: "passphrase" as const }, backup: null };
  const said = (epoch: number, uncovered: typeof name[], at: number | null = 1) =>
    nagSentence({ keys: [{ ...key, epoch }] }, { ...mine, backup: { at, covered: [], uncovered } });
  assert.equal(said(1, []), null);
  assert.equal(said(1, [], null), "No backup of “Ada” has been read back yet.");
  assert.match(said(1, [name])!, /^The share of “treasury” is in no backup\. /);
  assert.match(
    said(2, [name])!,
    /^The new share of “treasury” is in no backup, and backups from before epoch 2 are of no use for it\./,
  );
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
