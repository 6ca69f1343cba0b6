import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import { InputError, type NodeEvent, type RolledBack } from "../../mod.ts";
import { approvals } from "../../web/holder/approvals.ts";
import { holding, type HoldingNode } from "../../web/holder/holding.ts";
import { RolledBackBanner } from "../../web/holder/view/rolled_back.tsx";
import { Top } from "../../web/holder/view/slots.tsx";
import { initial } from "../../web/state/state.ts";
import { alice } from "./events.ts";

const text = (markup: string) => markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

/** A holder whose node says that its store has gone back. */
function goneBack(at: RolledBack | null, confirm: () => Promise<void> = () => Promise.resolve()) {
  let rolledBack = at;
  let events!: ReadableStreamDefaultController<NodeEvent>;
  const stream = new ReadableStream<NodeEvent>({ start: (controller) => void (events = controller) });
  const node = {
    locked: false,
    get rolledBack() {
      return rolledBack;
    },
    async confirmRestored() {
      await confirm();
      rolledBack = null;
    },
    events: () => stream,
    backupState: () => Promise.resolve({ at: 1, covered: [], uncovered: [] }),
  } as unknown as HoldingNode;
  const kept = { peer: alice, name: "Ada", lock: "passphrase" } as const;
  const storage = () => Promise.resolve({ persisted: true, usage: null, quota: null });
  const mine = holding(
    { node, kept, joined: false, restored: null } as unknown as Parameters<typeof holding>[0],
    {
      approvals: approvals(),
      persist: storage,
      storage,
      lockAfter: () => ({ [Symbol.dispose]() {} }),
      lockMinutes: { get: () => 5, set() {} },
    },
  );
  const page = () => renderToString(<Top state={initial} mine={mine.state} holding={mine} />);
  const tell = async (state: RolledBack | null) => {
    rolledBack = state;
    events.enqueue({
      ...{ peer: alice, boot: "b".repeat(16), seq: 1, at: 0, type: "rollback", other: alice },
      state: state ?? "over",
    });
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { mine, page, tell, end: () => events.close() };
}

Deno.test("A holder's page says that its store has gone back, for as long as that is so", async () => {
  const { page, tell, end } = goneBack(null);
  assert.doesNotMatch(page(), /rolled-back-title/);
  await tell("rolled-back");
  assert.match(text(page()), /What this browser keeps has gone back to an earlier state/);
  assert.match(page(), /role="alert" aria-labelledby="rolled-back-title"/);
  await tell("restored");
  assert.match(text(page()), /restored from a backup and takes part in nothing yet .* enough other holders/);
  await tell(null);
  assert.doesNotMatch(page(), /rolled-back-title/);
  end();
});

Deno.test("holding().confirmRestored() confirms, says what went wrong, and shows what the node then says", async () => {
  const good = goneBack("restored");
  assert.equal(await good.mine.confirmRestored(), null);
  assert.equal(good.mine.state.rolledBack, null);
  assert.doesNotMatch(good.page(), /rolled-back-title/);
  good.end();
  const bad = goneBack("rolled-back", () => Promise.reject(new InputError("node", "expected another")));
  assert.match((await bad.mine.confirmRestored())!.text, /expected another/);
  assert.equal(bad.mine.state.rolledBack, "rolled-back");
  bad.end();
});

Deno.test("RolledBackBanner has one button, which a locked tab does not let be pressed", () => {
  const shown = (locked: boolean) =>
    renderToString(
      <RolledBackBanner rolledBack="restored" locked={locked} onConfirm={() => Promise.resolve(null)} />,
    );
  assert.equal(shown(false).match(/<button/g)!.length, 1);
  assert.match(shown(false), /<button[^>]*aria-describedby="rolled-back-confirm"[^>]*>Use it as it is/);
  assert.doesNotMatch(shown(false), /disabled/);
  assert.match(shown(true), /<button[^>]*disabled/);
  assert.match(text(shown(true)), /Unlock this tab to say so/);
});
