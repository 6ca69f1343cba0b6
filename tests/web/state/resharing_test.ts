import assert from "node:assert/strict";
import { advise } from "../../../web/state/advice.ts";
import {
  awayFrom,
  changeIn,
  goneOf,
  isForked,
  isNextEpoch,
  problemIn,
  requestOf,
  sameHolders,
  withHolder,
  withoutHolders,
  withReplaced,
} from "../../../web/state/resharing/choice.ts";
import { wayOut } from "../../../web/state/resharing/advice.ts";
import { adviceInputOf, findKey, madeKey, newestFirst } from "../../../web/state/primary.ts";
import { summarize } from "../../../web/state/summary.ts";
import { alice, bob, carol, ecdsaKey, hex, key, page, peers, reshared, status } from "../events.ts";
import { dave, daveIsHere, secondEpoch } from "../reshare_stories.ts";
import { stories, type Story } from "../stories.ts";

const state = page(daveIsHere);
const names = ({ members, threshold, gone }: ReturnType<typeof sameHolders>) => ({
  members,
  threshold,
  gone,
});

Deno.test("sameHolders(), withHolder(): the same threshold, in the roster's order", () => {
  const same = { members: [alice, bob, carol], threshold: 2, gone: [] };
  assert.deepEqual(names(sameHolders(key, state)), same);
  assert.deepEqual(names(withHolder(key, dave, state)), { ...same, members: [alice, bob, carol, dave] });
});

Deno.test("withoutHolders() leaves them out as gone, and takes others only as far as the threshold needs them", () => {
  assert.deepEqual(names(withoutHolders(key, [bob], state)), {
    members: [alice, carol],
    threshold: 2,
    gone: [bob],
  });
  const three = { ...key, threshold: 3 };
  assert.deepEqual(names(withoutHolders(three, [bob], state)), {
    members: [alice, carol, dave],
    threshold: 3,
    gone: [bob],
  });
  const few = page([]);
  assert.deepEqual(names(withoutHolders(three, [bob], few)), {
    members: [alice, carol],
    threshold: 2,
    gone: [bob],
  }, "nobody else is there: fewer sign");
});

Deno.test("withReplaced(): a lost device is gone, another holder takes its place, or nobody", () => {
  const lost = withReplaced(key, carol, { by: dave, lost: true, state });
  assert.deepEqual(names(lost), { members: [alice, bob, dave], threshold: 2, gone: [carol] });
  assert.deepEqual(changeIn(lost), { stays: [alice, bob], comes: [dave], leaves: [] });
  const leaving = withReplaced(key, carol, { by: null, lost: false, state });
  assert.deepEqual(names(leaving), { members: [alice, bob], threshold: 2, gone: [] });
  assert.deepEqual(changeIn(leaving).leaves, [carol]);
  const member = withReplaced(key, carol, { by: bob, lost: false, state });
  assert.deepEqual(member.members, [alice, bob], "a holder that has a share gets no second one");
});

Deno.test("goneOf() counts members that are no holders of the roster as gone, and nobody that gets a share", () => {
  const without = new Map([...peers].filter(([peer]) => peer !== bob));
  const members = [alice, carol];
  assert.deepEqual(goneOf({ key, members, gone: [] }, { peers: without }), [bob]);
  const observer = new Map(peers).set(bob, status("Bob", { rights: ["observer"] }));
  assert.deepEqual(goneOf({ key, members, gone: [] }, { peers: observer }), [bob]);
  assert.deepEqual(goneOf({ key, members, gone: [carol] }, { peers }), []);
});

Deno.test("awayFrom() is everyone who would take part and is not there; problemIn() wants as many shares as sign now", () => {
  const choice = withReplaced(key, carol, { by: dave, lost: false, state });
  assert.deepEqual(awayFrom(choice, state), [carol], "who leaves takes part once more");
  assert.deepEqual(awayFrom(withReplaced(key, carol, { by: dave, lost: true, state }), state), []);
  assert.equal(problemIn(choice), null);
  assert.equal(problemIn({ ...choice, members: [alice] })?.field, "members");
  const gone = problemIn({ ...choice, members: [alice, dave], gone: [bob, carol] });
  assert.deepEqual(gone, {
    field: "gone",
    message: "The shares of 2 holders are needed, and only 1 would take part.",
  });
  const { keyId, threshold } = requestOf(choice);
  assert.deepEqual([keyId, threshold], [key.session, 2]);
});

Deno.test("isForked() is two finished epochs of one key; a next epoch that is not finished is none", () => {
  const other = reshared(key, { session: hex("f02c") });
  const next = reshared(key, { session: hex("f02d"), state: "pending" });
  assert.equal(isForked(secondEpoch, { keys: [secondEpoch, other] }), true);
  assert.equal(isForked(key, { keys: [key, next] }), false);
  assert.equal(
    isForked(key, { keys: [key, { ...ecdsaKey, scheme: "ed25519" }] }),
    false,
    "two keys of a name",
  );
  assert.deepEqual([key, next, { ...key, state: "pending" } as const].map(isNextEpoch), [false, true, false]);
});

Deno.test("findKey() and selection follow a key into its next epoch; another wallet's new epoch changes nothing", () => {
  const after = page(stories.reshared);
  assert.equal(after.selected, secondEpoch.session);
  assert.equal(findKey({ wallet: null, scheme: null, keyId: key.session }, after)?.epoch, 2);
  const petty = { ...key, wallet: "petty cash", session: hex("9e77") };
  const both = page([...stories.created, { type: "keys", keys: [key, petty] }, {
    type: "select",
    key: key.session,
  }]);
  const moved = page([{ type: "keys", keys: [key, reshared(petty, { session: hex("9e78") })] }], both);
  assert.equal(moved.selected, key.session);
});

Deno.test("madeKey() of a resharing is its own epoch, and never the one before", () => {
  const made = (story: Story) => {
    const state = page(stories[story]);
    const [session] = newestFirst(state);
    return madeKey(session!, summarize(session!, state), state);
  };
  assert.equal(made("reshared")?.session, secondEpoch.session);
  assert.equal(made("reshare pending"), null);
  assert.equal(made("reshare failed"), null);
});

const advised = (story: Story, rights = page([]).rights) => {
  const state = { ...page(stories[story]), rights };
  const [session] = newestFirst(state);
  return advise(session!, summarize(session!, state), adviceInputOf(session!, state));
};

Deno.test("advise() after a resharing that failed: without whoever was caught, as gone, or the same again", () => {
  const [without, again, ...rest] = advised("reshare failed");
  assert.ok(without?.do === "holders");
  assert.equal(without.label, "Reshare without Bob…");
  assert.deepEqual(names(without.choice), { members: [alice, dave], threshold: 2, gone: [carol, bob] });
  assert.deepEqual(again, { do: "reshare", label: "Reshare again" });
  assert.deepEqual(rest, []);
  assert.deepEqual(advised("reshare pending"), [], "it finishes by itself");
  assert.deepEqual(advised("reshare failed", ["initiator"]), [], "only a manager");
});

Deno.test("advise() after a ban or a freeze ends with the resharing that ends it, for a manager", () => {
  const last = (story: Story) => advised(story).at(-1)?.label;
  assert.equal(last("ban"), "Reshare without Bob…");
  assert.equal(last("stuck"), "Reshare without Carol…");
  assert.equal(last("quarantined"), "Reshare without Bob…");
  assert.equal(last("frozen"), "Reshare the key…");
  assert.deepEqual(advised("ban", ["initiator"]).map((one) => one.do), ["sign"]);
});

Deno.test("wayOut() leaves out whoever was named most, as long as enough are left to deal", () => {
  const { choice } = wayOut(ecdsaKey, page(stories.stuck));
  assert.deepEqual(names(choice), { members: [alice, bob], threshold: 2, gone: [carol] });
});
