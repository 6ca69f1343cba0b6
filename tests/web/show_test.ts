import assert from "node:assert/strict";
import { failures } from "../../src/failure.ts";
import { cheats } from "../../web/demo/cheats.ts";
import { warningCount } from "../../web/state/model.ts";
import { primary } from "../../web/state/primary.ts";
import { verdict } from "../../web/state/scenario.ts";
import { summarize } from "../../web/state/summary.ts";
import { alice, bob, carol, hex, mallory, page, told, warning } from "./events.ts";
import { stories } from "./stories.ts";

function judged(state: ReturnType<typeof page>) {
  const show = state.shows.at(-1)!;
  const session = show.session === null ? undefined : state.sessions.get(show.session);
  return verdict(show, session ? summarize(session, state) : null, warningCount(state));
}
const arm = (id: string, peer: string | null, from = page(stories.done)) =>
  page([
    {
      type: "show-arming",
      show: {
        id: 7,
        peer,
        will: "",
        see: "",
        expect: cheats.find((one) => one.id === id)!.expect(peer ?? ""),
      },
    },
    { type: "show-armed", id: 7 },
  ], from);
const party = [alice, bob];
const opened = (t: ReturnType<typeof told>, of = party) =>
  of.map((peer) => t.opened(peer, of, ["commit", "share"]));

Deno.test("a show plays in the next session of its kind that its peer is in, once", () => {
  const other = told({ id: "1111" });
  const armed = arm("forged-share", bob);
  const without = page(opened(other, [alice, carol]), armed);
  assert.equal(without.shows.at(-1)?.state, "armed");
  const t = told({ id: "2222" });
  const played = page(opened(t), without);
  assert.deepEqual([played.shows.at(-1)?.state, played.shows.at(-1)?.session], ["played", t.key]);
  const next = page(opened(told({ id: "3333" })), played);
  assert.equal(next.shows.at(-1)?.session, t.key);
});

Deno.test("verdict() is as expected when exactly the right peer is named with the right code", () => {
  const t = told({ id: "2222" });
  const state = page([
    ...opened(t),
    t.failed(alice, "invalid-signature-share", { culprits: [bob], evidence: hex("aa") }),
  ], arm("forged-share", bob));
  assert.equal(judged(state), "as expected");
});

Deno.test("verdict() waits for the honest, not for the one who cheats", () => {
  const t = told({ id: "2222" });
  const state = page([...opened(t), t.failed(bob, "internal")], arm("forged-share", bob));
  assert.equal(judged(state), "waiting");
  const ended = page([t.failed(alice, "internal")], state);
  assert.equal(judged(ended), "not as expected");
});

Deno.test("verdict() is not as expected when somebody else is named, or one too many", () => {
  const trio = [alice, bob, carol];
  const t = told({ id: "2222", kind: "generate" });
  const base = page(trio.map((peer) => t.opened(peer, trio, ["commit"])), arm("two-stories", bob));
  const wrong = (culprits: string[]) =>
    page(
      [alice, carol].map((peer) => t.failed(peer, "equivocation", { culprits, evidence: hex("aa") })),
      base,
    );
  assert.equal(judged(wrong([bob])), "as expected");
  assert.equal(
    judged(page([
      t.failed(alice, "equivocation", { culprits: [carol], evidence: hex("aa") }),
      t.failed(carol, "equivocation", { culprits: [alice], evidence: hex("aa") }),
    ], base)),
    "not as expected",
  );
});

Deno.test("verdict() of a false accusation wants the card to tell it as the word of whoever made it", () => {
  const t = told({ id: "2222" });
  const base = page(
    [bob, carol].map((peer) => t.opened(peer, [bob, carol], ["commit"])),
    arm("false-accusation", bob),
  );
  const heard = (by: string) =>
    page([
      t.failed(carol, "aborted-by-peer", {
        claims: [{ by, code: "invalid-signature-share", peers: [carol] }],
      }),
    ], base);
  assert.equal(judged(heard(bob)), "as expected");
  assert.equal(judged(heard(alice)), "not as expected");
});

Deno.test("verdict() of junk from a stranger wants a signature and a warning that counts it", () => {
  const t = told({ id: "2222" });
  const done = page([...opened(t), t.done(alice), t.done(bob)], arm("forged-frames", null));
  assert.equal(judged(done), "waiting");
  assert.equal(judged(page([warning(alice, 900, { via: mallory, count: 1000 })], done)), "as expected");
});

Deno.test("a show that is refused says so and is over", () => {
  const state = page([{ type: "show-refused", id: 7, problem: "No." }], arm("silence", bob));
  assert.deepEqual([state.shows.at(-1)?.state, state.shows.at(-1)?.problem], ["refused", "No."]);
});

Deno.test("cheats: three end in success, the others in codes whose family fits whom they name", () => {
  const outcomes = cheats.map((cheat) => cheat.expect(bob));
  assert.equal(outcomes.filter(({ outcome }) => outcome === "done").length, 3);
  for (const { outcome, culprits, missing } of outcomes) {
    if (outcome === "done") continue;
    for (const code of outcome) {
      assert.equal(failures[code].names === "culprits", culprits.length > 0);
      assert.equal(failures[code].names === "missing", missing.length > 0);
    }
  }
});

Deno.test("primary() goes from create to sign to break, and asks for a way back in between", () => {
  const at = (story: keyof typeof stories) => primary(page(stories[story]), true);
  assert.equal(at("empty"), "create");
  assert.equal(at("created"), "sign");
  assert.equal(at("done"), "break");
  assert.equal(at("armed"), "sign");
  assert.equal(at("forged"), "recover");
  assert.equal(at("recovered"), "break");
  assert.equal(primary(page(stories.done), false), "sign");
});
