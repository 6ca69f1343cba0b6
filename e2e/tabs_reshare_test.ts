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

/** A signature takes about as long as a resharing: within this many, one ends while a resharing runs. */
const mostEpochs = 12;

async function reshares({ ada, ben, keys, peers }: Scene, scheme: "ed25519" | "ecdsa"): Promise<void> {
  const both = [ada.peer, ben.peer];
  const pair = { wallet: "pair", scheme, publicKey: await ben.generate("pair", scheme, 2, both) };
  const signing = signsOn((text) => ben.sign(keys.ed25519, text, peers));
  let meanwhile = 0;
  // One resharing may be over before a signature is.
  for (let epoch = 2; meanwhile === 0; epoch++) {
    assert.ok(epoch <= mostEpochs, "no signature was made before a resharing was over");
    const earlier = signing.count;
    const outcome = await ada.ask("outcome", await ada.ask("reshare", "pair", scheme, 2, both));
    meanwhile = signing.count - earlier;
    assert.ok("publicKey" in outcome, JSON.stringify(outcome));
    assert.equal(outcome.publicKey, pair.publicKey);
    for (const tab of [ada, ben]) {
      await poll(`${tab.name} to have its new share alone`, async () => {
        const key = (await tab.ask("keys")).find((key) => key.wallet === "pair" && key.scheme === scheme);
        return key?.epoch === epoch && key.state === "active" && !key.old;
      });
    }
  }
  await signing.stop();
  await ada.sign(pair, "with the new shares", both);
  await ben.sign(pair, "and again", both);
}

/** Signs one message after the other, until it is stopped. */
function signsOn(sign: (text: string) => Promise<unknown>) {
  const signing = { count: 0, isOver: false };
  const last = (async () => {
    for (; !signing.isOver; signing.count++) await sign(`message ${signing.count}`);
  })();
  return {
    get count() {
      return signing.count;
    },
    /** @throws What a signature failed with. */
    stop() {
      signing.isOver = true;
      return last;
    },
  };
}
