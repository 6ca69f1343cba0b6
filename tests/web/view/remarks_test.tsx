import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import type { Began } from "../../../src/events.ts";
import { remarksOn } from "../../../web/state/sessions.ts";
import type { State } from "../../../web/state/model.ts";
import { summarize } from "../../../web/state/summary.ts";
import { Create } from "../../../web/view/create.tsx";
import { reportOf } from "../../../web/view/session/report.tsx";
import { SessionItem } from "../../../web/view/session/session.tsx";
import { Sign } from "../../../web/view/sign.tsx";
import { alice, bob, carol, hex, key, page, peers, script, status } from "../events.ts";
import { idleAct as act } from "../idle_act.ts";
import { opened, signRounds, stories } from "../stories.ts";

const text = (markup: string) => markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
const remarks = { note: "Payroll of November", reference: "invoice 7" };

/** A session that Alice asked for, as the page of `self` has it; its own node was told the remarks. */
function heard(self: string, asker = alice): State {
  const t = script({ id: "a90c", initiator: asker });
  const events = opened(t, [self, bob], signRounds);
  const { attempt } = t.proposed(self, [self, bob]); // a member begins with the invite
  return page(
    events.map((event) =>
      event.type === "began" ? { ...event, ...remarks, peer: self, attempt } as Began : event
    ),
    {
      ...page([]),
      self,
      peers: new Map(peers).set(self, status("Ada")),
    },
  );
}

function item(state: State, answer: Parameters<typeof SessionItem>[0]["answer"] = null): string {
  const [session] = [...state.sessions.values()];
  return text(renderToString(
    <SessionItem
      {...{ state, act, session: session!, answer }}
      open
      narrow={false}
      main={false}
      onForm={() => {}}
    />,
  ));
}

Deno.test("SessionItem shows note and reference as the asker's, where this page's own node was given them", () => {
  const state = heard(carol);
  assert.match(item(state), /Alice's note: “Payroll of November” Alice's reference: “invoice 7”/);
  const [session] = [...state.sessions.values()];
  assert.equal(remarksOn(session!, alice).note, undefined, "no other peer's event counts");
});

Deno.test("SessionItem shows the remarks of this page's own request, and those that its person was asked about", () => {
  const own = page([{
    ...{ type: "requested", id: hex("a90c", 32), kind: "sign", wallet: "treasury", scheme: "ed25519" },
    request: { items: [{ message: new Uint8Array(1) }], ...remarks },
  }]);
  assert.match(item(own), /Your note: “Payroll of November” Your reference: “invoice 7”/);
  const plain = page(opened(script({ id: "a90c", initiator: alice }), [alice, bob], signRounds));
  assert.doesNotMatch(item(plain), /note|reference/);
  const answer = { about: null, sentence: "You declined: “pay 5”.", remarks: { note: "rent" } };
  assert.match(item(plain, answer), /Alice's note: “rent” You declined/);
});

Deno.test("Report has neither note nor reference: it is made to be passed on", () => {
  const state = heard(carol);
  const [session] = [...state.sessions.values()];
  const report = reportOf(session!, summarize(session!, state));
  assert.match(report, /"began"/);
  assert.doesNotMatch(report, /Payroll|invoice 7|"note"/);
});

Deno.test("Sign and Create have labelled fields for the remarks, folded away in the form for a signature", () => {
  const state = page(stories.done);
  const sign = renderToString(
    <Sign {...{ state, act, groupKey: key }} main="sign" narrow={false} onReshare={null} />,
  );
  assert.match(
    sign,
    /<details class="plain"><summary>Add a note or a reference<\/summary>.*<label[^>]*><span>Note for those who approve \(optional\)<\/span><input [^>]*maxlength="256"/,
  );
  assert.match(
    sign,
    /<label[^>]*><span>Reference: your own number for it \(optional\)<\/span><input [^>]*maxlength="64"/,
  );
  const create = renderToString(
    <Create
      {...{ state: page(stories.empty), act, schemes: ["ed25519"], defaults: {}, main: true }}
      onClose={() => {}}
      onRequested={() => {}}
    />,
  );
  assert.match(create, /<label[^>]*><span>Note for those who approve \(optional\)<\/span><input/);
  assert.doesNotMatch(create, /Reference/);
});
