import assert from "node:assert/strict";
import { holdersOf, newestFirst } from "../../../web/state/primary.ts";
import { summarize } from "../../../web/state/summary.ts";
import { grid, waitingFor } from "../../../web/state/timeline.ts";
import { alice, bob, carol, page, script } from "../events.ts";
import { stories, type Story } from "../stories.ts";

function drawn(story: Story | ReturnType<typeof page>) {
  const state = typeof story === "string" ? page(stories[story]) : story;
  const session = newestFirst(state)[0]!;
  const made = grid(session, summarize(session, state), {
    holders: holdersOf(session, state),
    viewer: state,
  });
  return {
    columns: made.columns,
    rows: new Map(made.rows.map(({ peer, cells }) => [peer, cells.map(({ word }) => word)])),
  };
}

Deno.test("grid() of a signature: every step done, and who was not chosen", () => {
  const { columns, rows } = drawn("done");
  assert.deepEqual(columns, ["invite", "open", "share"]);
  assert.deepEqual(rows.get(alice), ["done", "done", "done"]);
  assert.deepEqual(rows.get(bob), []);
});

Deno.test("grid() puts a forged share where it was sent, and calls nobody else's work wrong", () => {
  const { rows } = drawn("forged");
  assert.deepEqual(rows.get(bob), ["done", "done", "does not verify"]);
  assert.deepEqual(rows.get(alice), ["done", "done", "stopped here"]);
});

Deno.test("grid() shows silence as no answer, never as a fault", () => {
  const { rows } = drawn("silence");
  assert.deepEqual(rows.get(carol), ["done", "done", "no answer"]);
});

Deno.test("grid() of a pending key: on disk here, not confirmed there", () => {
  const { columns, rows } = drawn("pending");
  assert.equal(columns.at(-1), "votes");
  assert.equal(rows.get(alice)?.at(-1), "on disk");
  assert.equal(rows.get(carol)?.at(-1), "not confirmed");
});

Deno.test("grid() of a session under way fills cell by cell", () => {
  const { rows } = drawn("running");
  assert.deepEqual(rows.get(alice), ["done", "done", "done"]);
  assert.deepEqual(rows.get(bob), ["done", "done", "under way"]);
});

Deno.test("grid() does not paint a mere word as a finding", () => {
  const t = script({ id: "fa15" });
  const party = [alice, bob];
  const { rows } = drawn(page([
    ...party.map((peer) => t.opened(peer, party, ["share"])),
    t.failed(bob, "invalid-signature-share", { culprits: [alice], round: "share" }),
  ]));
  assert.equal(rows.get(alice)?.at(-1), "not reached");
});

Deno.test("grid() has words for a session that nobody has opened yet", () => {
  const t = script({ id: "7f21" });
  const { rows } = drawn(
    page([t.proposed(alice, [alice, bob]), t.by(alice, { type: "asking", other: bob })]),
  );
  assert.deepEqual(rows.get(alice), ["under way", "not yet"]);
  assert.deepEqual(rows.get(bob), ["being asked", "not yet"]);
});

Deno.test("waitingFor() says who is awaited, in which round, by whose word, and for how long at most", () => {
  const state = page(stories.running);
  const session = newestFirst(state)[0]!;
  const wait = waitingFor(summarize(session, state), state.self);
  assert.deepEqual(wait, { round: "share", by: alice, missing: [bob], ms: 5_000 });
});
