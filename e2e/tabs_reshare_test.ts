/**
 * Two tabs reshare a key of theirs between themselves, and sign with another one all the while.
 * @module
 */
import assert from "node:assert/strict";
import { poll } from "./killed_process.ts";
import { type Scene, withScene } from "./tab_scene.ts";

Deno.test({
  name: "Chromium: two tabs reshare a key between themselves while signing goes on",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: (t) =>
    withScene(async (scene) => {
      for (const scheme of ["ed25519", "ecdsa"] as const) {
        assert.ok(await t.step(`for ${scheme}`, () => reshares(scene, scheme)));
      }
    }),
});

async function reshares({ ada, ben, keys, peers }: Scene, scheme: "ed25519" | "ecdsa"): Promise<void> {
  const both = [ada.peer, ben.peer];
  const pair = { wallet: "pair", scheme, publicKey: await ben.generate("pair", scheme, 2, both) };
  const over = new AbortController();
  const signing = signsUntil(over.signal, (text) => ben.sign(keys.ed25519, text, peers));
  const outcome = await ada.ask("outcome", await ada.ask("reshare", "pair", scheme, 2, both));
  over.abort();
  assert.ok("publicKey" in outcome, JSON.stringify(outcome));
  assert.equal(outcome.publicKey, pair.publicKey);
  assert.ok(await signing > 0, "signatures were made meanwhile");
  for (const tab of [ada, ben]) {
    await poll(`${tab.name} to have its new share alone`, async () => {
      const key = (await tab.ask("keys")).find((key) => key.wallet === "pair" && key.scheme === scheme);
      return key?.epoch === 2 && key.state === "active" && !key.old;
    });
  }
  await ada.sign(pair, "with the new shares", both);
  await ben.sign(pair, "and again", both);
}

/** Signs one message after the other. @returns How many, once it is over. */
async function signsUntil(over: AbortSignal, sign: (text: string) => Promise<unknown>): Promise<number> {
  let signed = 0;
  do {
    await sign(`message ${signed}`);
    signed++;
  } while (!over.aborted);
  return signed;
}
