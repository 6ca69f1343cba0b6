import assert from "node:assert/strict";
import { missing, type Surroundings } from "../../web/floor.ts";

const good: Surroundings = { isSecureContext: true, indexedDB: {}, crypto };
const subtle = (generateKey: unknown) => ({ subtle: { generateKey } }) as Surroundings["crypto"];

Deno.test("missing() says what a browser lacks in one sentence, and which browsers have it", async () => {
  const refuses = subtle(() => Promise.reject(new DOMException("Ed25519", "NotSupportedError")));
  const lacking: [Partial<Surroundings>, RegExp][] = [
    [{ isSecureContext: false, crypto: {} }, /begins with https:\/\/ or/],
    [{ crypto: refuses! }, /cannot make Ed25519 keys.*Safari 17\.4, Firefox 140, Chrome or Edge 137/],
    [{ crypto: {} }, /cannot make Ed25519 keys/],
    [{ indexedDB: undefined }, /IndexedDB is off.*Safari 17\.4/],
    [{ indexedDB: null }, /IndexedDB is off/],
  ];
  for (const [lack, said] of lacking) {
    const sentence = await missing({ ...good, ...lack }, { keeps: true });
    assert.match(sentence ?? "nothing", said);
    assert.equal(sentence!.match(/\.(?= |$)/g)!.length, 1, `one sentence: ${sentence}`);
  }
});

Deno.test("missing() finds nothing where all is there, and no store is needed where nothing is kept", async () => {
  assert.equal(await missing(good, { keeps: true }), null);
  assert.equal(await missing({ ...good, indexedDB: undefined }, { keeps: false }), null);
});

Deno.test("missing() makes another key where a browser that can make them fails with one, as WebKitGTK does", async () => {
  let tried = 0;
  const failsAtFirst = subtle(() =>
    ++tried < 3 ? Promise.reject(new DOMException("", "OperationError")) : Promise.resolve({})
  );
  assert.equal(await missing({ ...good, crypto: failsAtFirst! }, { keeps: true }), null);
  assert.equal(tried, 3);
});
