import assert from "node:assert/strict";
import { advise } from "../../../web/state/advice.ts";
import { cardText, proofText } from "../../../web/text/card.ts";
import { adviceInputOf, madeKey, newestFirst } from "../../../web/state/primary.ts";
import { namer } from "../../../web/text/names.ts";
import { summarize } from "../../../web/state/summary.ts";
import type { Action } from "../../../web/state/reduce.ts";
import { alice, bob, carol, ecdsaKey, hex, key, page } from "../events.ts";
import { stories, type Story } from "../stories.ts";

function card(story: Story, more: Parameters<typeof page>[0] = []) {
  const state = page([...stories[story], ...more]);
  const session = newestFirst(state)[0]!;
  const summary = summarize(session, state);
  const nameOf = namer(state.peers);
  const made = madeKey(session, summary, state) !== null;
  return {
    ...cardText({ ...summary, failure: summary.failure! }, nameOf, { made }),
    buttons: advise(session, summary, adviceInputOf(session, state)),
    session: session.key,
  };
}
const labels = (story: Story) => card(story).buttons.map(({ label }) => label);

Deno.test("cardText() of a forged share names who sent it and who checked it", () => {
  const { what, who, key, differ } = card("forged");
  assert.equal(what, "Bob sent a signature share that does not verify.");
  assert.deepEqual(who, [
    "Bob, says Alice, who checked it. The messages are signed, so anyone can check it.",
  ]);
  assert.match(key, /^Your key is safe/);
  assert.deepEqual(differ, []);
});

Deno.test("advise() after a forged share: without Bob, with those who are left", () => {
  const [first] = card("forged").buttons;
  assert.deepEqual(first, { do: "sign", label: "Sign without Bob", signers: [alice, carol], without: [bob] });
  assert.deepEqual(labels("forged"), ["Sign without Bob", "Try again"]);
});

Deno.test("cardText() and advise() of silence blame nobody and offer both ways on", () => {
  const { what, who } = card("silence");
  assert.equal(what, "Carol did not answer in time in round “share”.");
  assert.deepEqual(who, ["Nobody is blamed: silence proves nothing."]);
  assert.deepEqual(labels("silence"), ["Sign with Alice and Bob", "Try again with Carol"]);
});

Deno.test("cardText() and advise() of a person who said nothing: not away, not to blame, and asked again", () => {
  const { what, who, next } = card("unanswered");
  assert.equal(what, "Carol did not say yes or no in time.");
  assert.deepEqual(who, ["Nobody is blamed: silence proves nothing."]);
  assert.match(next, /^Ask Carol to look at the screen/);
  assert.deepEqual(labels("unanswered"), ["Try again", "Sign with Alice and Bob"]);
});

/** The card of a story as Carol's own page shows it. */
function hers(story: Story) {
  const state = page(stories[story]);
  const summary = summarize(newestFirst(state)[0]!, state);
  return cardText({ ...summary, failure: summary.failure! }, namer(state.peers), { self: carol });
}

Deno.test("cardText() of a person who said nothing names the coordinator's person too, and speaks to its own reader", () => {
  const { what } = card("both unanswered");
  assert.equal(what, "Alice and Carol did not say yes or no in time.");
  const own = hers("unanswered");
  assert.equal(own.what, "You did not say yes or no in time.");
  assert.equal(own.next, "Whoever asked can ask again. Answer on this screen in time.");
  assert.equal(hers("both unanswered").what.includes("Alice and you did not say"), true);
});

Deno.test("cardText() of a no and of a lock say whose it is and what to do, and speak to their own reader", () => {
  const { what, who, next } = card("declined");
  assert.deepEqual([what, next], ["Carol said no.", "Ask Carol why, or choose other peers."]);
  assert.deepEqual(who, ["Nobody is blamed: everyone may say no."]);
  assert.deepEqual([hers("declined").what, hers("declined").next], [
    "You said no.",
    "Nothing to do. Whoever asked can ask again.",
  ]);
  assert.equal(card("locked").what, "The shares of Carol are locked.");
  assert.match(card("locked").next, /^Ask the person at Carol to unlock them, then try again/);
  assert.equal(hers("locked").what, "The shares of this peer are locked.");
  assert.match(hers("locked").next, /^Unlock them with the passphrase or passkey/);
});

Deno.test("cardText() and advise() of two stories never make another wallet in passing", () => {
  const { who, key, buttons } = card("equivocation");
  assert.ok(who.includes("Alice and Carol found it independently."));
  assert.match(key, /^No key was made/);
  assert.deepEqual(buttons, [
    { do: "generate", label: "Create again" },
    { do: "form", label: "Create a 2-of-2 key without Bob…", members: [alice, carol], threshold: 2 },
  ]);
});

Deno.test("cardText() and advise() of a ban: the pair never again, another pair at once", () => {
  const { who, key, buttons } = card("ban");
  assert.match(
    who[0]!,
    /^Bob, says Alice, who checked it\. Nobody else can check it, so it is the word of Alice\.$/,
  );
  assert.match(
    key,
    /as long as Alice and Bob do not use the present shares together again, and Alice will not\./,
  );
  assert.deepEqual(buttons, [{
    do: "sign",
    label: "Sign with Alice and Carol",
    signers: [alice, carol],
    without: [bob],
  }, {
    do: "holders",
    label: "Reshare without Bob…",
    choice: { key: ecdsaKey, members: [alice, carol], threshold: 2, gone: [bob] },
  }]);
});

Deno.test("cardText() and advise() of a pending key: nothing to press", () => {
  const { what, next } = card("pending");
  assert.equal(what, "The new shares of “treasury” are not finished: Carol did not confirm.");
  assert.match(next, /^Nothing to press/);
  assert.deepEqual(labels("pending"), []);
});

Deno.test("cardText() and advise() of a key that was made all the same: use it, and nothing to press", () => {
  const { key: safety, next } = card("pending", [{ type: "keys", keys: [{ ...key, session: hex("9e4d") }] }]);
  assert.equal(safety, "A key of this name was made, and all its members have confirmed it.");
  assert.equal(next, "Nothing to do: use it.");
});

Deno.test("advise() offers no second key of a name that has one", () => {
  const other: Action = { type: "keys", keys: [{ ...key, session: hex("07e4") }] };
  assert.deepEqual(card("equivocation", [{ type: "keys", keys: [] }]).buttons.map(({ do: what }) => what), [
    "generate",
    "form",
  ]);
  assert.deepEqual(card("equivocation", [other]).buttons, []);
});

Deno.test("cardText() and advise() of hearsay: try again first", () => {
  const { what, who } = card("hearsay");
  assert.equal(what, "Carol ended the session, accusing Bob.");
  assert.match(
    who[0]!,
    /^Carol told Alice: Bob sent a .*the word of Carol alone\. Nobody is blamed\.$/,
  );
  assert.equal(who.length, 2);
  assert.deepEqual(labels("hearsay"), ["Try again"]);
});

Deno.test("cardText() and advise() of a false accusation name accuser and accused, whoever is heard first", () => {
  for (const story of ["accused", "accuser"] as const) {
    const { what, who, next, differ } = card(story);
    assert.equal(what, "Bob ended the session, accusing Carol.", story);
    assert.deepEqual(who, [
      "Bob told Carol: Carol sent a signature share that does not verify. No proof came with " +
      "it, so it is the word of Bob alone. Nobody is blamed.",
      "But Bob's own report of this session does not contain that accusation.",
    ]);
    assert.equal(next, "Try again. If it repeats, look at the nodes of Bob and Carol.");
    assert.deepEqual(labels(story), ["Try again"], "nobody is signed without on a bare word");
    assert.deepEqual(differ, []);
  }
});

Deno.test("cardText() and advise() of no more than that somebody ended it name nobody", () => {
  const story = stories.accuser.filter((action) => !(action.type === "failed" && action.peer === carol));
  const state = page(story);
  const session = newestFirst(state)[0]!;
  const summary = summarize(session, state);
  const { what, who } = cardText({ ...summary, failure: summary.failure! }, namer(state.peers));
  assert.equal(what, "A peer ended the session; its reason is not known here yet.");
  assert.doesNotMatch([what, ...who].join(" "), /Carol ended|Bob ended/);
  const buttons = advise(session, summary, adviceInputOf(session, state));
  assert.deepEqual(buttons.map(({ label }) => label), ["Try again"]);
});

Deno.test("cardText() of a dispute names no culprit in its headline and lists what each says", () => {
  const { what, differ } = card("differing");
  assert.equal(what, "The peers name different culprits.");
  assert.deepEqual(differ, [
    "Alice says: Bob dealt a share that does not match its commitments.",
    "Bob says: Alice dealt a share that does not match its commitments.",
  ]);
  assert.deepEqual(labels("differing"), ["Create again"]);
});

Deno.test("cardText() takes a refuted accusation back", () => {
  const { session } = card("forged");
  const { what, who, buttons } = card("forged", [{ type: "proof", session, by: alice, proof: "not-proven" }]);
  assert.equal(what, "Alice ended the session, accusing Bob.");
  assert.ok(who.some((line) => line.includes("the word of Alice alone")));
  assert.equal(buttons[0]?.label, "Try again");
});

Deno.test("proofText() never says that something is not proven which is only not here", () => {
  assert.match(proofText(undefined, "Alice"), /^Alice says .* not fetched them yet\.$/);
  assert.match(proofText("not-fetched", "Alice"), /^Not checked: Alice/);
  assert.match(proofText("not-proven", "Alice"), /do not prove it/);
});

Deno.test("cardText() and advise() of signed messages that this page has not checked: an accusation, and nobody is left out", () => {
  const { session } = card("forged");
  for (const proof of ["looking", "not-fetched", "unknown"] as const) {
    const { what, who, next, buttons } = card("forged", [{ type: "proof", session, by: alice, proof }]);
    assert.equal(what, "Alice accuses Bob.");
    assert.deepEqual(who.slice(0, 2), [
      "Alice says: Bob sent a signature share that does not verify.",
      "Nobody is blamed until this page has checked it.",
    ]);
    assert.equal(next, "Try again.");
    assert.deepEqual(buttons.map(({ label }) => label), ["Try again"]);
  }
});

Deno.test("cardText() cleans what travels in events", () => {
  const t = stories.silence.map((action) =>
    action.type === "failed" ? { ...action, round: "com\u202Emit" } : action
  );
  const state = page(t);
  const summary = summarize(newestFirst(state)[0]!, state);
  const { what } = cardText({ ...summary, failure: summary.failure! }, namer(state.peers));
  assert.equal(what, "Carol did not answer in time in round “com‹202E›mit”.");
});

Deno.test("advise() has nothing to offer for what another console asked", () => {
  const state = page(stories.forged.filter(({ type }) => type !== "requested"));
  const session = newestFirst(state)[0]!;
  assert.deepEqual(advise(session, summarize(session, state), adviceInputOf(session, state)), []);
});
