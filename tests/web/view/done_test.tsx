import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import { newestFirst } from "../../../web/state/primary.ts";
import { summarize } from "../../../web/state/summary.ts";
import { Done } from "../../../web/view/session/done.tsx";
import { page } from "../events.ts";
import { idleAct } from "../idle_act.ts";
import { stories, verified } from "../stories.ts";

/** The sentence under “Verifies under” for a BIP-340 signature. */
function verifiesUnder(root: Uint8Array | null, path: readonly number[]): string {
  const state = page(stories.ecdsa);
  const session = newestFirst(state).find(({ outcome }) => outcome?.signatures.length === 1)!;
  const publicKey = Uint8Array.fromHex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  const signature = { scheme: "bip340" as const, bytes: new Uint8Array(64), publicKey };
  const item = { message: new TextEncoder().encode("hello"), merkleRoot: root, path };
  const signed = {
    ...session,
    scheme: "bip340" as const,
    request: { items: [item] },
    outcome: { signatures: [signature], verified },
  };
  const summary = summarize(session, state);
  const markup = renderToString(<Done state={state} act={idleAct} session={signed} summary={summary} />);
  return markup.match(/Verifies under<\/dt><dd><p>([^<]*)/)![1]!;
}

Deno.test("Done names the Taproot output, and not the key, as what a signature for it verifies under", () => {
  assert.equal(verifiesUnder(null, []), "the key of “treasury”");
  assert.equal(verifiesUnder(null, [0, 7]), "the child 0/7 of “treasury”");
  assert.equal(verifiesUnder(new Uint8Array(), []), "the Taproot output of the key of “treasury”");
  assert.equal(
    verifiesUnder(new Uint8Array(32), [0, 7]),
    "the Taproot output of the child 0/7 of “treasury”",
  );
});
